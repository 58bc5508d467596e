"""Source text -> syntax tree, or the reason why there is none, whatever the text is.

Nothing is executed. Nesting too deep for the parser, or a character that it cannot hold, is a
reason like any other and never another exception.
"""

import ast
import threading
import warnings
from dataclasses import dataclass

# Characters: above what 64k tokens hold, and below what costs the parser gigabytes.
MAX_SOURCE = 400_000
# Warning filters belong to the whole process: one thread at a time may change them.
_FILTERS_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Why a text is not Python; `line` counts from 1, and is 0 when no line is to blame."""

    reason: str
    line: int = 0


def parse(source: str) -> ast.Module | Unparsable:
    """The tree of a text that Python would begin to run, else the reason in words."""
    if len(source) > MAX_SOURCE:
        return Unparsable(
            f"the program must have at most {MAX_SOURCE} characters, has {len(source)}"
        )
    try:
        tree = _compiled(source)
    except SyntaxError as error:
        return Unparsable(error.msg or "invalid syntax", error.lineno or 0)
    except (RecursionError, MemoryError):
        return Unparsable("the program is nested too deeply")
    except (ValueError, OverflowError) as error:
        return Unparsable(f"the program holds what Python cannot read ({type(error).__name__})")
    return tree


def _compiled(source: str) -> ast.Module:
    """The tree, also compiled: that finds what the grammar admits, such as a stray return."""
    with _FILTERS_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source, filename="program.py")
        except SystemError:
            # CPython counts the depth of all threads' trees together (python/cpython 106905), so
            # that a tree made elsewhere at the same moment fails this one. It is made again.
            tree = ast.parse(source, filename="program.py")
        compile(tree, "program.py", "exec", dont_inherit=True)
    return tree
