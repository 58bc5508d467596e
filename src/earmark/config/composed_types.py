"""The types of settings as OmegaConf checks them while it composes.

They are classes of this module, and not made when they are needed: what a worker process returns
holds them, and a class that is pickled with its fields would replace these fields when it is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING as UNSET
from dataclasses import field, fields, make_dataclass
from typing import Any, get_type_hints

from omegaconf import MISSING

from earmark.config.partial_settings import WHERE_TAKEN
from earmark.config.schema import ConcurrencyConfig, RunConfig, SamplingConfig

Field = tuple[str, Any, Any]  # name, type and default


def _types_of(
    kind: type, name: str, *, groups: Mapping[type, type], more: Sequence[Field] = ()
) -> type:
    """A class of this module with the fields of a record: the types of plain values, and a mapping
    for each group but those given.
    """
    hints = get_type_hints(kind)
    typed: list[Field] = []
    for one in fields(kind):
        hint = hints[one.name]
        if hint in groups:
            typed.append((one.name, groups[hint], MISSING))
        elif isinstance(hint, type) and hint.__module__ == RunConfig.__module__:
            typed.append((one.name, dict[str, Any], MISSING))
        else:
            typed.append((one.name, hint, MISSING if one.default is UNSET else one.default))
    made = make_dataclass(name, [*typed, *more])
    made.__module__ = __name__  # it is pickled by its name
    return made


Sampling = _types_of(SamplingConfig, "Sampling", groups={})
Concurrency = _types_of(ConcurrencyConfig, "Concurrency", groups={})
Run = _types_of(
    RunConfig,
    "Run",
    groups={SamplingConfig: Sampling, ConcurrencyConfig: Concurrency},
    more=[(WHERE_TAKEN, dict[str, Any], field(default_factory=dict))],
)
