"""`earmark prompt tier=… task=… strategy=…`: exactly what would be sent, before anything is.

In: settings as for a sweep, and `task=ID` (the tier's first task without it). Out: the messages of the first turn, readable or JSON.
No model is asked. What later turns add depends on what came back.
"""

import argparse
import json
from collections.abc import Sequence

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.config.factory import tier_tasks
from earmark.errors import ConfigError
from earmark.records import Json, Message, Task, dump
from earmark.strategies import Strategy


def main(argv: list[str]) -> int:
    """Print the prompt. ConfigError for a wrong setting or a task that the tier does not have."""
    asked = _parser().parse_intermixed_args(argv)
    made = prompt(
        [word for word in asked.settings if not word.startswith("task=")],
        task=_named(asked.settings),
    )
    print(json.dumps(made, ensure_ascii=False, indent=1) if asked.json else _readable(made))
    return 0


def prompt(overrides: Sequence[str], *, task: str | None = None) -> Json:
    """{"tier", "task", "strategy", "messages": [{"role", "content"}]} of the first turn.

    Raises:
        ConfigError: a wrong setting, or a task that the tier does not have.
    """
    config = compose(overrides)
    one = _task(tier_tasks(config.tier), config.tier.name, task)
    messages = render_messages(build(config.strategy), one)
    return {
        "tier": one.tier,
        "task": one.id,
        "strategy": config.strategy.name,
        "messages": [dump(message) for message in messages],
    }


def render_messages(strategy: Strategy, task: Task) -> tuple[Message, ...]:
    """The messages of the first turn; none when the strategy asks nothing."""
    return strategy.render(task, ()) or ()


def _task(tasks: Sequence[Task], tier: str, name: str | None) -> Task:
    found = [task for task in tasks if name in (None, task.id)]
    if not found:
        raise ConfigError(
            f"task={name}: tier '{tier}' has no such task; it has {', '.join(task.id for task in tasks)}"
        )
    return found[0]


def _named(words: Sequence[str]) -> str | None:
    return next(
        (word.removeprefix("task=") for word in reversed(words) if word.startswith("task=")), None
    )


def _readable(made: Json) -> str:
    return "\n\n".join(
        f"## {message['role']}\n\n{message['content']}" for message in made["messages"]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark prompt", description="Print exactly what would be sent for one task."
    )
    parser.add_argument(
        "settings",
        nargs="*",
        metavar="SETTING",
        help="as for a sweep: tier=notes strategy=few_shot strategy.shots=2; and task=ID",
    )
    parser.add_argument("--json", action="store_true", help="say it in JSON")
    return parser
