"""A setting for some choices of a swept group: `model=expert,gpt_4o model.retries=1`.

Hydra would refuse it for the choices that lack it. It is handed to Hydra under a setting of its
own, and each run takes over what its choice has.
"""

from collections.abc import Mapping
from typing import Any

from earmark.records import Json

WHERE_TAKEN = "where_taken"


def taken_over(plain: Mapping[str, Any]) -> Json:
    """The configuration with what WHERE_TAKEN holds, as far as its groups have such settings.

    Args:
        plain: in the shape of the YAML files.
    """
    groups = dict(plain)
    for name, settings in (groups.pop(WHERE_TAKEN, None) or {}).items():
        groups[name] = _merged(groups[name], settings)
    return groups


def _merged(node: Any, settings: Any) -> Any:  # noqa: ANN401  JSON
    if not isinstance(node, Mapping) or not isinstance(settings, Mapping):
        return settings
    kept = {key: _merged(node[key], value) for key, value in settings.items() if key in node}
    return {**node, **kept}
