"""Evolving the texts of a prompt: a proposer rewrites them, gepa's Pareto search keeps what helps.

A candidate is a text for each part of conf/prompt that evolves. Its score on a task is that of one
episode under the study's objective; the proposer reads how the episode went (the failure, or what
was measured in the sound, and the score), never what the task's spec asks for. A few tasks decide
whether a candidate is worth all of them.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from jinja2 import TemplateSyntaxError

from earmark.errors import ConfigError
from earmark.records import Attempt
from earmark.strategies.acoustic_report import acoustic_report
from earmark.strategies.prompt_template import compile_template

Texts = Mapping[str, str]
MINIBATCH = 3  # tasks that a rewritten text must improve on before it is tried on all
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
OBJECTIVE = (
    "These are parts of the prompt that asks a text-only language model for a Python program which "
    "synthesises a sound. Reword them so that more programs run and their sounds are nearer to "
    "what is asked."
)
BACKGROUND = (
    "Each text is a jinja2 template. Keep every {{ ... }} and {% ... %} of the current text, and "
    "use no other names: a text that cannot be rendered scores as a failure. Do not write about "
    "single sounds; the prompt must serve every sound."
)


@dataclass(frozen=True, slots=True)
class Evolved:
    """A candidate and its mean over all tasks in the search."""

    texts: Texts
    value: float


@dataclass(frozen=True, slots=True)
class Answered:
    """How one episode went: its value under the objective, and the attempt that counts."""

    value: float
    attempt: Attempt


AnswerTask = Callable[[Texts, str], Answered]  # texts and a task's id
Propose = Callable[[str], str]  # a prompt to the proposer, its answer


def evolve(
    start: Texts,
    tasks: Sequence[str],
    answer: AnswerTask,
    propose: Propose,
    *,
    calls: int,
    seed: int = 0,
) -> list[Evolved]:
    """Evolve texts; returns every candidate that all tasks were asked with, the start first.

    Args:
        start: the texts as they are.
        tasks: ids of the tasks, each asked once for a candidate.
        answer: asks one task with these texts.
        propose: asks the proposer.
        calls: at most so many episodes.
        seed: of the choice of tasks and parents.

    Raises:
        ConfigError: gepa is not installed.
    """
    try:
        from gepa.optimize_anything import (
            EngineConfig,
            GEPAConfig,
            ReflectionConfig,
            TrackingConfig,
            optimize_anything,
        )
    except ImportError as error:
        raise ConfigError("gepa is not installed: pip install 'earmark[evolve]'") from error

    def evaluate(candidate: dict[str, str], example: str) -> tuple[float, dict[str, str]]:
        if problem := problem_of(candidate, start):
            return 0.0, {"Failure": problem}
        answered = answer(candidate, example)
        return answered.value, feedback(answered)

    result = optimize_anything(
        dict(start),
        evaluator=evaluate,
        dataset=list(tasks),
        objective=OBJECTIVE,
        background=BACKGROUND,
        config=GEPAConfig(
            engine=EngineConfig(max_metric_calls=calls, parallel=False, seed=seed),
            reflection=ReflectionConfig(
                reflection_lm=lambda prompt: propose(_text(prompt)),
                reflection_minibatch_size=min(MINIBATCH, len(tasks)),
            ),
            tracking=TrackingConfig(logger=_Silent()),
        ),
    )
    pairs = zip(result.candidates, result.val_aggregate_scores, strict=True)
    return [Evolved(dict(texts), float(value)) for texts, value in pairs]


def problem_of(texts: Texts, start: Texts) -> str:
    """Why these texts cannot be used in place of the start; empty where they can."""
    for name, text in texts.items():
        used, known = _expressions(text), _expressions(start[name])
        # No other expression may be used: a template could read the task's spec.
        if unknown := sorted(used - known):
            return f"{name}: must use only the expressions of the first text, got {unknown[0]}"
        if lost := sorted(known - used):
            return f"{name}: must keep {lost[0]}, which is gone"
        try:
            compile_template(text)
        except TemplateSyntaxError as error:
            return f"{name}: is no jinja2 template: {error}"
    return ""


def feedback(answered: Answered) -> dict[str, str]:
    """What the proposer reads of an episode: never the task's spec or its checks' verdicts."""
    one = answered.attempt
    shown = {"Task": one.task.prompt, "Score": f"{answered.value:.3f}"}
    if one.failure is not None:
        shown["Failure"] = f"{one.failure.kind}: {one.failure.message}"[:800]
    if one.valid:
        shown["Measured in the sound"] = "; ".join(acoustic_report(one))
    return shown


def prompt_yaml(name: str, texts: Texts, *, comment: str) -> str:
    """The text of conf/prompt/NAME.yaml."""
    heads = "".join(f"# {row}\n" for row in comment.splitlines())
    body = yaml.dump({"name": name, **texts}, Dumper=_Blocks, sort_keys=False, allow_unicode=True)
    return heads + body


def diff(before: Texts, after: Texts) -> str:
    """What changed, part by part, as a unified diff."""
    rows: list[str] = []
    for name, text in after.items():
        old, new = before[name].splitlines(), text.splitlines()
        rows += difflib.unified_diff(old, new, f"{name} (before)", f"{name} (after)", lineterm="")
    return "\n".join(rows)


def _expressions(text: str) -> set[str]:
    return {" ".join(one.split()) for one in EXPRESSION.findall(text)}


def _text(prompt: Any) -> str:  # noqa: ANN401  a text, or messages
    if isinstance(prompt, str):
        return prompt
    return "\n\n".join(str(one["content"]) for one in prompt)


class _Silent:
    def log(self, message: str) -> None:
        """Say nothing: what was tried is in the sweep's folder."""


class _Blocks(yaml.SafeDumper):
    """Long texts as blocks, as the files of conf/prompt have them."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Blocks.add_representer(str, _block)
