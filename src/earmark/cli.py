"""The entry point: a first word without `=` or `-` is a command, all else is Hydra's.

In: the command line. Out: an exit code. An EarmarkError becomes one line on stderr, never a traceback; Ctrl-C says how to go on.
What takes time to import is imported inside `main`, where Ctrl-C is answered already.
"""

import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NoReturn

HELP = """earmark: how much do text-only language models know about sound?

  earmark -m model=a,b tier=notes,environment,speech strategy=zero_shot,few_shot temperature=0,0.7
                                  a sweep: every combination is a run; the same line again does only what is missing
  earmark experiment=NAME         a recorded sweep from conf/experiment/: {experiments}
  earmark COMMAND --help          one of: {commands}
  earmark --hydra-help            Hydra's own flags

Settings (GROUP=NAME picks a file of conf/GROUP/; any value inside can be set, as in strategy.shots=2):
{groups}
  temperature samples seed name sampling.top_p sampling.max_tokens sampling.reasoning_effort max_turns twice budget_usd replay dry_run
"""
GROUPS = (
    "model",
    "tier",
    "strategy",
    "prompt",
    "sandbox",
    "embedder",
    "fad_embedder",
    "metric",
    "reference",
    "tracking",
    "hparams_search",
)


INTERRUPTED = (
    "interrupted; what was finished is saved. The same line again does only what is missing."
)
LAYOUT = "\n\t"
SHOW_CURSOR = "\x1b[?25h"  # the progress display hides it


def commands() -> list[str]:
    """The small commands: one module each in earmark.commands."""
    from earmark.paths import PACKAGE

    return sorted(path.stem for path in (PACKAGE / "commands").glob("[a-z]*.py"))


def help_text() -> str:
    """What `earmark --help` prints."""
    from earmark.paths import conf

    def names(group: str) -> str:
        return " ".join(sorted(path.stem for path in (conf() / group).glob("*.yaml")))

    groups = "\n".join(f"  {group + '=':16}{names(group)}" for group in GROUPS)
    return HELP.format(
        experiments=names("experiment"), commands=" ".join(commands()), groups=groups
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line. Returns the exit code; Ctrl-C ends the process with 130."""
    words = list(sys.argv[1:] if argv is None else argv)
    with _left_when_interrupted():
        return _answered(words)


def _answered(words: list[str]) -> int:
    from earmark.errors import EarmarkError

    try:
        return _dispatch(words)
    except EarmarkError as error:
        from earmark.errors import printable

        print(f"earmark: {printable(str(error), keep=LAYOUT)}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # the reader of our output left: say no more
        return 1
    except KeyboardInterrupt:  # of a command that has to end something first
        _leave()


@contextmanager
def _left_when_interrupted() -> Iterator[None]:
    """Leave from the signal itself: an exception would be turned into another one by whatever library it met, or waited for.

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
    """End here and now. Calls under way may hang for minutes: their threads are left behind, and no stream is waited for."""
    with suppress(OSError):  # nobody listens: that must not keep us
        os.write(2, f"{SHOW_CURSOR if os.isatty(2) else ''}\nearmark: {INTERRUPTED}\n".encode())
    os._exit(130)


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(help_text(), end="")
        return 0
    if words[0] == "--version":
        from earmark import __version__

        print(f"earmark {__version__}")
        return 0
    if not words[0].startswith("-") and "=" not in words[0]:
        return _command(words[0], words[1:])
    from earmark.sweep.launch import launch

    return launch(words)


def _command(name: str, rest: list[str]) -> int:
    from earmark.errors import ConfigError

    if name not in commands():
        raise ConfigError(
            f"{name!r} is no command; there are {', '.join(commands())}, or settings such as model=expert"
        )
    code = importlib.import_module(f"earmark.commands.{name}").main(rest)
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())
