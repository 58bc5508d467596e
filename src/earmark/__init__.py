"""earmark: how much do text-only language models know about sound?

In: nothing. Out: the package version, and a sweep as a table for notebooks. It imports no heavy library: `import earmark` stays silent
and fast.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__version__ = "0.1.0"


def load_attempts(sweep: "str | Path") -> Any:  # a pandas.DataFrame; pandas ships no types
    """The attempts of a sweep as a pandas frame, one row each; columns: docs/export.md.

    Args:
        sweep: a name under multirun/, or a sweep's folder.
    """
    return _exporting("load_attempts", sweep)


def load_runs(sweep: "str | Path") -> Any:  # a pandas.DataFrame; pandas ships no types
    """The finished runs of a sweep as a pandas frame, one row each; `sweep` as in load_attempts."""
    return _exporting("load_runs", sweep)


def _exporting(name: str, sweep: "str | Path") -> Any:  # as above
    from importlib import (
        import_module,  # by name: the top of the package may know no layer above it
    )

    return getattr(import_module("earmark.report.export"), name)(sweep)
