"""Runs one program as `python program.py` would, in the process that calls.

Everything that Python does at exit is done, except tearing the interpreter down. Nothing is
confined here.
"""

from __future__ import annotations

import atexit
import builtins
import gc
import os
import sys

from earmark.sandbox.inside.native import compile_source

TYPE_CHECKING = False  # `typing` costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType, TracebackType

NAME = "program.py"
LEGACY_GENERATORS = ("random", "numpy.random")


class _SourceLoader:
    """Gives tracebacks the lines of a program that lies in no file."""

    def __init__(self, source: bytes) -> None:
        self.text = source.decode("utf-8", "replace")

    def get_source(self, _: str) -> str:
        """The program, by whatever name."""
        return self.text


class _SeedingFinder:
    """Seeds a legacy generator as soon as it is imported.

    To import it here, only to seed it, would cost a cold start more than most programs.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the other finders find, made to seed what it loads; None for all other names."""
        if name not in LEGACY_GENERATORS:
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        specs = (finder.find_spec(name, path, target) for finder in others)
        if (spec := next(filter(None, specs), None)) and spec.loader:
            spec.loader.exec_module = _then_seed(spec.loader.exec_module)  # type: ignore[method-assign,assignment]  # of this one spec
        return spec


def _then_seed(load: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
    def load_and_seed(module: ModuleType) -> None:
        load(module)
        module.seed(0)

    return load_and_seed


def seed() -> None:
    """Seed the legacy generators, now or when they are imported.

    A generator made by default_rng() is not reached: it takes its seed from the kernel.
    """
    for name in LEGACY_GENERATORS:
        if name in sys.modules:
            sys.modules[name].seed(0)
    sys.meta_path.insert(0, _SeedingFinder())


def run(source: bytes) -> int:
    """Run to the end; the exit code. A traceback has the program's own line numbers."""
    _open_streams()
    _add_site_builtins()
    folder = os.getcwd()
    main = type(sys)("__main__")
    main.__dict__.update(
        __file__=f"{folder}/{NAME}",
        __builtins__=builtins,
        __annotations__={},
        __cached__=None,
        __loader__=_SourceLoader(source),
    )
    sys.path.insert(0, folder)
    sys.modules["__main__"], sys.argv = main, [NAME]
    code = _execute(source, main)
    return _run_exit_steps(main, code)


def _open_streams() -> None:
    """Streams that know what they are: those of the worker remember /dev/null, which can seek."""
    import io

    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old = getattr(sys, name)
        raw = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
        raw.name = f"<{name}>"
        buffer = io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw)
        stream = io.TextIOWrapper(
            buffer,
            encoding=old.encoding,
            errors=old.errors,
            line_buffering=number == 2,
            write_through=number == 2,
        )
        stream.mode = raw.mode[0]  # type: ignore[misc]  # as the interpreter sets it
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _add_site_builtins() -> None:
    """exit, quit and help, which `site` adds; a worker starts without it."""
    import _sitebuiltins

    end_of_input = "Ctrl-D (i.e. EOF)"
    builtins.exit = _sitebuiltins.Quitter("exit", end_of_input)
    builtins.quit = _sitebuiltins.Quitter("quit", end_of_input)
    builtins.help = _sitebuiltins._Helper()


def _execute(source: bytes, main: ModuleType) -> int:
    try:
        exec(compile_source(source, NAME), main.__dict__)  # noqa: S102  # this is the sandbox
    except SystemExit as request:
        return _exit_code(request.code)
    except BaseException as error:  # noqa: BLE001  # whatever the program raises is the program's
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
    """Print an exception as the interpreter would, without the sandbox's own frames.

    A hook that the program installed may itself raise anything, and nothing of that gets out.
    """
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename != NAME:
        trace = trace.tb_next
    error = error.with_traceback(trace)
    has_own_hook = sys.excepthook is not sys.__excepthook__
    first = sys.excepthook if has_own_hook else _print_with_lines
    for hook in (first, sys.__excepthook__):
        try:
            hook(type(error), error, error.__traceback__)
            break
        except BaseException:  # noqa: BLE001, S112  # the next hook is simpler and needs no import
            continue


def _print_with_lines(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print with source lines; the interpreter's own hook looks for them in files only."""
    import traceback

    traceback.print_exception(kind, error, trace)


def _run_exit_steps(main: ModuleType, code: int) -> int:
    """What the interpreter does at exit: join threads, run exit handlers, close what is open."""
    try:
        if threading := sys.modules.get("threading"):
            threading._shutdown()
        atexit._run_exitfuncs()
    except SystemExit as request:
        code = _exit_code(request.code)
    except BaseException as error:  # noqa: BLE001  # what an exit handler raises is the program's too
        _report(error)
    for step in (main.__dict__.clear, gc.collect, _flush):
        try:
            step()
        except BaseException:  # noqa: BLE001, S112  # finalizers may raise, streams may be closed
            continue
    return code


def _flush() -> None:
    try:
        sys.stdout.flush()
    finally:
        sys.stderr.flush()


def exit_at_once(code: int) -> None:
    """End the process without tearing the interpreter down, which costs more than most programs."""
    os._exit(code)
