"""`earmark prompt tier=… task=… strategy=…`: exactly what would be sent, before anything is.

It prints the messages of the first turn; what later turns add depends on what came back.
"""

import argparse
import json
from collections.abc import Sequence

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.config.factory import tier_tasks
from earmark.errors import ConfigError, choose_from
from earmark.records import Json, Task, dump
from earmark.strategies import Strategy


def main(argv: list[str]) -> int:
    """Print the prompt. ConfigError for a wrong setting or a task that the tier does not have."""
    args = _parser().parse_intermixed_args(argv)
    tasks = [word.removeprefix("task=") for word in args.settings if word.startswith("task=")]
    settings = [word for word in args.settings if not word.startswith("task=")]
    rendered = prompt(settings, task=tasks[-1] if tasks else None)
    print(json.dumps(rendered, ensure_ascii=False, indent=1) if args.json else _text(rendered))
    return 0


def prompt(overrides: Sequence[str], *, task: str | None = None) -> Json:
    """{"tier", "task", "strategy", "messages": [{"role", "content"}]} of the first turn.

    Args:
        overrides: settings as for a sweep.
        task: the id of a task; the tier's first one without it.

    Raises:
        ConfigError: a wrong setting, or a task that the tier does not have.
    """
    config = compose(overrides)
    one = _task(tier_tasks(config.tier), config.tier.name, task)
    strategy: Strategy = build(config.strategy)
    messages = strategy.render(one, ()) or ()
    return {
        "tier": one.tier,
        "task": one.id,
        "strategy": config.strategy.name,
        "messages": [dump(message) for message in messages],
    }


def _task(tasks: Sequence[Task], tier: str, name: str | None) -> Task:
    for task in tasks:
        if name in (None, task.id):
            return task
    hint = choose_from(str(name), [task.id for task in tasks])
    raise ConfigError(f"task={name}: unknown task of tier {tier!r}; {hint}")


def _text(rendered: Json) -> str:
    parts = [f"## {one['role']}\n\n{one['content']}" for one in rendered["messages"]]
    return "\n\n".join(parts)


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
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
