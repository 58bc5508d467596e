"""Source text -> syntax tree, or why not: whatever the text is.

In: any string. Out: a tree, or an Unparsable. Nothing is executed, and neither a nest too deep for
the parser nor a character that it cannot hold escapes as another exception.
"""

import ast
import threading
import warnings
from dataclasses import dataclass

LONGEST_SOURCE = (
    400_000  # characters: above what 64k tokens hold, and below what costs the parser gigabytes
)
_QUIET = (
    threading.Lock()
)  # the warning filters are the whole process's: one thread at a time may turn them


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Why a text is no Python; `line` counts from 1, 0 when it is the whole."""

    reason: str
    line: int = 0


def parse(source: str) -> ast.Module | Unparsable:
    """The tree of a text that Python would begin to run, else the reason in words."""
    if len(source) > LONGEST_SOURCE:
        return Unparsable(f"the program has {len(source)} characters, more than {LONGEST_SOURCE}")
    try:
        with _QUIET, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, filename="program.py")
            compile(
                tree, "program.py", "exec", dont_inherit=True
            )  # finds what the grammar admits: a stray return, a second nonlocal
    except SyntaxError as error:
        return Unparsable(error.msg or "invalid syntax", error.lineno or 0)
    except (RecursionError, MemoryError):
        return Unparsable("the program is nested too deeply")
    except (ValueError, OverflowError) as error:
        return Unparsable(f"the program holds what Python cannot read ({type(error).__name__})")
    return tree
