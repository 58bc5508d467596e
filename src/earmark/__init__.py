"""How much do text-only language models know about sound?

`load_attempts` and `load_runs` give a sweep to a notebook. Importing this package loads no heavy
library: they are imported by what needs them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__version__ = "0.1.0"


def load_attempts(sweep: "str | Path") -> Any:  # noqa: ANN401  # a pandas.DataFrame; pandas ships no types
    """The attempts of a sweep as a pandas frame, one row each; columns: docs/export.md.

    Args:
        sweep: a name under multirun/, or a sweep's folder.
    """
    return _exporting("load_attempts", sweep)


def load_runs(sweep: "str | Path") -> Any:  # noqa: ANN401  # a pandas.DataFrame; pandas ships no types
    """The finished runs of a sweep as a pandas frame, one row each; `sweep` as in load_attempts."""
    return _exporting("load_runs", sweep)


def _exporting(name: str, sweep: "str | Path") -> Any:  # noqa: ANN401  # as above
    # By name, because the top of the package may import no layer above it.
    from importlib import import_module

    return getattr(import_module("earmark.report.export"), name)(sweep)
