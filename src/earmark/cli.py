"""The entry point: a first word without `=` or `-` is a command, everything else is Hydra's.

An EarmarkError becomes one line on stderr, never a traceback; Ctrl-C says how to go on. What takes
time to import is imported inside `main`, where Ctrl-C is answered already.
"""

import errno
import gc
import importlib
import io
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NoReturn

HELP = """earmark: how much do text-only language models know about sound?

  earmark -m model=a,b tier=notes,speech strategy=zero_shot,few_shot temperature=0,0.7
                                  a sweep: every combination is a run; the same line again runs
                                  only what is missing
  earmark experiment=NAME         a sweep from conf/experiment/: {experiments}
  earmark COMMAND --help          {commands}
  earmark --config-dir FOLDER …   with configuration files of your own (docs/extending.md)
  earmark --hydra-help            Hydra's own flags

Settings (GROUP=NAME picks a file of conf/GROUP/; any value inside can be set: strategy.shots=2):
{groups}
  {settings}
"""
GROUPS = (
    *("model", "tier", "strategy", "prompt", "sandbox", "embedder", "fad_embedder", "metric"),
    *("reference", "tracking"),
)
SETTINGS = (
    "temperature samples seed name sampling.top_p sampling.max_tokens sampling.reasoning_effort\n"
    "  check_determinism budget_usd asking replay dry_run"
)
INTERRUPTED = (
    "interrupted; what was finished is saved. The same line again does only what is missing."
)
# Python 3.11 leaves such files, and fails to import them ever after.
CUT_SHORT = (
    "a file that Python compiled is cut short, as a full disk leaves it; delete them all by "
    f"`find {shlex.quote(sys.prefix)} -name '*.pyc' -delete`, then start the same line again"
)
LAYOUT = "\n\t"
# The libraries of a sweep make half a million objects that stay: Python need not look through them
# for garbage as often as it would.
COLLECT_AFTER_OBJECTS = 50_000
# Products of numpy are small here: threads of OpenBLAS would wait for each other, and the number of
# processors would decide the last digits of sums. What is set already holds.
BLAS_THREADS = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}
SHOW_CURSOR = "\x1b[?25h"  # the progress display hides it


def commands() -> list[str]:
    """The small commands: one module each in earmark.commands; parts of one begin with _."""
    from earmark.paths import PACKAGE

    return sorted(path.stem for path in (PACKAGE / "commands").glob("[a-z]*.py"))


def help_text() -> str:
    """What `earmark --help` prints."""
    from earmark.paths import conf_files

    def names(group: str) -> str:
        return " ".join(path.stem for path in conf_files(f"{group}/*.yaml"))

    groups = "\n".join(f"  {group + '=':16}{names(group)}" for group in GROUPS)
    return HELP.format(
        experiments=names("experiment"),
        commands=" ".join(commands()),
        groups=groups,
        settings=SETTINGS,
    )


def entry() -> int:
    """`main` as a process of its own, which tunes Python for it."""
    gc.set_threshold(COLLECT_AFTER_OBJECTS)
    if not BLAS_THREADS & os.environ.keys():
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
    code = main()
    gc.freeze()  # the process ends: nothing is left to be collected
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line. Returns the exit code; Ctrl-C ends the process with 130."""
    words = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal of another encoding shows ? for ±, and no sweep ends in a traceback.
        sys.stdout.reconfigure(errors="replace")
    with _leave_when_interrupted():
        return _run(words)


def _run(words: list[str]) -> int:
    from earmark.sweep.finished import print_again

    try:
        _check_home()
        words = _own_conf(words)
        if _is_line(words) and print_again(words):
            return 0
        return _dispatch(words)
    except BrokenPipeError:
        # The reader of our output has left: say no more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # of a file that a library writes: ours say so themselves
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        from earmark.errors import printable

        what = printable(f"{error.filename or 'a file'}: cannot be written ({error.strerror})")
        print(f"earmark: {what}; make room, then start the same line again", file=sys.stderr)
        return 1
    except EOFError as error:
        if "marshal" not in str(error):
            raise
        print(f"earmark: {CUT_SHORT}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # of a command that has to end something first
        _leave()
    except Exception as error:
        from earmark.errors import EarmarkError, printable

        if not isinstance(error, EarmarkError):
            raise
        print(f"earmark: {printable(str(error), keep=LAYOUT)}", file=sys.stderr)
        return 1


def _check_home() -> None:
    if os.path.expanduser("~") == "~":  # as in a container; MLflow cannot be imported then
        from earmark.errors import ConfigError

        rule = "HOME must name a folder, and this user has none"
        raise ConfigError(f"{rule}; set HOME to a folder that you may write to")


@contextmanager
def _leave_when_interrupted() -> Iterator[None]:
    """Leave from the signal itself: libraries would turn an exception into another, or wait.

    A sweep loses nothing when it is killed, and whatever it started ends with it.
    """
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(*_: object) -> NoReturn:
    """End here and now: calls under way may hang for minutes, so no thread is waited for."""
    with suppress(OSError):  # stderr may be closed: that must not keep us
        os.write(2, f"{SHOW_CURSOR if os.isatty(2) else ''}\nearmark: {INTERRUPTED}\n".encode())
    os._exit(130)


def _own_conf(words: list[str]) -> list[str]:
    """The words without `--config-dir FOLDER`, which adds the user's own configuration files."""
    from earmark import paths

    rest: list[str] = []
    following = iter(words)
    for word in following:
        flag, equals, value = word.partition("=")
        if flag not in ("--config-dir", "-cd"):
            rest.append(word)
            continue
        folder = value if equals else next(following, "")
        if not folder or not os.path.isdir(folder):
            from earmark.errors import ConfigError

            rule = "must be followed by a folder of configuration files"
            raise ConfigError(f"{flag}: {rule}, got {folder!r}; see docs/extending.md")
        os.environ[paths.OWN_CONF] = os.path.abspath(folder)
    if own := paths.own_conf():
        for path in sorted(own.rglob("*.yaml")):
            if (paths.conf() / (name := path.relative_to(own))).is_file():
                from earmark.errors import ConfigError

                rule = f"earmark has a file {name} of its own"
                raise ConfigError(f"{path}: {rule}; give yours another name")
    return rest


def _dispatch(words: list[str]) -> int:
    from earmark.audio.numba_folder import choose_folder

    choose_folder()
    if not words or words[0] in ("-h", "--help", "help"):
        print(help_text(), end="")
        return 0
    if words[0] == "--version":
        from earmark import __version__

        print(f"earmark {__version__}")
        return 0
    if not _is_line(words):
        return _command(words[0], words[1:])
    _begin_store(words)
    from earmark.sweep.launch import launch

    return launch(words)


def _begin_store(words: Sequence[str]) -> None:
    """Begin the process that imports MLflow, which takes longer than all before the first attempt.

    A line that turns out to be wrong, or to need no store, ends it again.
    """
    settings = dict(word.partition("=")[::2] for word in words if not word.startswith("-"))
    if settings.get("tracking") != "none" and "dry_run" not in settings:
        from earmark.sweep.store_process import begin

        begin()


def _is_line(words: Sequence[str]) -> bool:
    """Settings or Hydra's flags, not a command."""
    return bool(words) and (words[0].startswith("-") or "=" in words[0])


def _command(name: str, rest: list[str]) -> int:
    from earmark.errors import ConfigError, choose_from

    if name not in commands():
        hint = f"{choose_from(name, commands())}, or give settings such as model=expert"
        raise ConfigError(f"unknown command {name!r}; {hint}")
    code = importlib.import_module(f"earmark.commands.{name}").main(rest)
    return int(code)


if __name__ == "__main__":
    raise SystemExit(entry())
