"""The entry point: a first word without `=` or `-` is a command, all else is Hydra's.

In: the command line. Out: an exit code. An EarmarkError becomes one line on stderr, never a traceback; Ctrl-C says how to go on.
"""

import importlib
import os
import sys
from collections.abc import Sequence

from earmark.errors import ConfigError, EarmarkError
from earmark.paths import PACKAGE

HELP = """earmark: how much do text-only language models know about sound?

  earmark -m model=a,b tier=notes,environment,speech strategy=zero_shot,few_shot temperature=0,0.7
                                  a sweep: every combination is a cell; the same line again does only what is missing
  earmark experiment=NAME         a recorded sweep from conf/experiment/: {experiments}
  earmark COMMAND --help          one of: {commands}
  earmark --hydra-help            Hydra's own flags

Settings (GROUP=NAME picks a file of conf/GROUP/; any value inside can be set, as in strategy.shots=2):
{groups}
  temperature samples seed name sampling.top_p sampling.max_tokens sampling.reasoning_effort max_turns twice budget_usd replay dry_run
"""
GROUPS = ("model", "tier", "strategy", "prompt", "sandbox", "embedder", "fad_embedder", "metric", "reference", "tracking", "hparams_search")


def commands() -> list[str]:
    """The small commands: one module each in earmark.commands."""
    return sorted(path.stem for path in (PACKAGE / "commands").glob("[a-z]*.py"))


def help_text() -> str:
    """What `earmark --help` prints."""
    from earmark.paths import conf

    def names(group: str) -> str:
        return " ".join(sorted(path.stem for path in (conf() / group).glob("*.yaml")))

    groups = "\n".join(f"  {group + '=':16}{names(group)}" for group in GROUPS)
    return HELP.format(experiments=names("experiment"), commands=" ".join(commands()), groups=groups)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line. Returns the exit code; 130 after Ctrl-C."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(words)
    except EarmarkError as error:
        print(f"earmark: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output left: say no more
        return 1
    except KeyboardInterrupt:
        print("\nearmark: interrupted; what was finished is saved. The same line again does only what is missing.", file=sys.stderr)
        sys.stdout.flush()
        os._exit(130)  # calls under way may hang for minutes: their threads are left behind


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
    from earmark.sweep import launch

    return launch(words)


def _command(name: str, rest: list[str]) -> int:
    if name not in commands():
        raise ConfigError(f"{name!r} is no command; there are {', '.join(commands())}, or settings such as model=expert")
    code = importlib.import_module(f"earmark.commands.{name}").main(rest)
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())
