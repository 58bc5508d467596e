"""One program, run as `python program.py` would run it, in the process that calls.

In: source bytes. Out: an exit code, after everything that Python does at exit except tearing itself down. It confines nothing.
"""

from __future__ import annotations

import atexit
import builtins
import gc
import os
import sys

from earmark.sandbox.inside.native import compiled

TYPE_CHECKING = False  # typing costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType, TracebackType

NAME = "program.py"
LEGACY = ("random", "numpy.random")


class _Source:
    """The loader of a program that lies in no file: where tracebacks find its lines."""

    def __init__(self, source: bytes) -> None:
        self.text = source.decode("utf-8", "replace")

    def get_source(self, _: str) -> str:
        """The program, by whatever name."""
        return self.text


class _Seeding:
    """Seeds a legacy generator as soon as its module is there. Importing it to seed it would cost a cold start more than most programs."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the other finders find, made to seed what it loads; None for all other names."""
        if name not in LEGACY:
            return None
        specs = (
            finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self
        )
        if (spec := next(filter(None, specs), None)) and spec.loader:
            spec.loader.exec_module = _seeded(spec.loader.exec_module)  # type: ignore[method-assign,assignment]  # of this one spec
        return spec


def _seeded(load: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
    def load_and_seed(module: ModuleType) -> None:
        load(module)
        module.seed(0)

    return load_and_seed


def seed() -> None:
    """Start the legacy generators from a known state, now or when they are imported. A generator made by default_rng() is not reached."""
    for name in LEGACY:
        if name in sys.modules:
            sys.modules[name].seed(0)
    sys.meta_path.insert(0, _Seeding())


def run(source: bytes) -> int:
    """Run to the end and return the exit code; what goes wrong is printed to stderr in the program's own line numbers."""
    main = type(sys)("__main__")
    main.__dict__.update(
        __file__=NAME, __builtins__=builtins, __annotations__={}, __loader__=_Source(source)
    )
    sys.modules["__main__"], sys.argv = main, [NAME]
    code = _guarded(source, main)
    return _leave(main, code)


def _guarded(source: bytes, main: ModuleType) -> int:
    try:
        exec(compiled(source, NAME), main.__dict__)  # this is the sandbox
    except SystemExit as wanted:
        return _exit_code(wanted.code)
    except BaseException as error:  # whatever the program raises is the program's
        _report(error)
        return 1
    return 0


def _exit_code(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def _report(error: BaseException) -> None:
    """Print as the interpreter would, less our own frames; a hook of the program's own may do anything: nothing of it is let through."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename != NAME:
        trace = trace.tb_next
    error = error.with_traceback(trace)
    own = sys.excepthook is not sys.__excepthook__
    for hook in (sys.excepthook if own else _print_with_lines, sys.__excepthook__):
        try:
            hook(type(error), error, error.__traceback__)
            break
        except (
            BaseException
        ):  # the next one is simpler; the last one needs no import, memory or descriptor
            continue


def _print_with_lines(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """The interpreter's own hook looks for lines in files alone."""
    import traceback

    traceback.print_exception(kind, error, trace)


def _leave(main: ModuleType, code: int) -> int:
    """What the interpreter does at exit: join threads, run exit handlers, close what the program left open."""
    try:
        if threading := sys.modules.get("threading"):
            threading._shutdown()
        atexit._run_exitfuncs()
    except SystemExit as wanted:
        code = _exit_code(wanted.code)
    except BaseException as error:  # as above
        _report(error)
    for step in (main.__dict__.clear, gc.collect, _flush):
        try:
            step()
        except (
            BaseException
        ):  # a program's own finalizers may raise, and its streams may be closed or replaced
            continue
    return code


def _flush() -> None:
    try:
        sys.stdout.flush()
    finally:
        sys.stderr.flush()


def leave_at_once(code: int) -> None:
    """End the process without tearing the interpreter down, which would cost more than most programs."""
    os._exit(code)
