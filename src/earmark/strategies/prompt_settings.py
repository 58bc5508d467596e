"""The prompt settings that all strategies share, and the messages they make.

The strategies (single, best_of_n, repair, listen_refine) decide what follows the opening.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

from earmark.errors import ConfigError
from earmark.records import Attempt, Limits, Message, Task
from earmark.strategies.feedback import feedback_messages
from earmark.strategies.few_shot_examples import Example, as_sentence, examples_within
from earmark.strategies.prompt_template import PromptTemplate
from earmark.strategies.similarity import tfidf_cosine

# Parts of the prompt that a setting of the same name adds, in the order in which they are sent.
SYSTEM_PARTS = ("persona", "system", "constraints", "hints")  # "system" is always there
QUESTION_PARTS = ("decompose", "plan_first", "chain_of_thought")
ExampleChoice = Literal["nearest", "fixed"]
Phrasing = Literal["prompt", "caption", "paraphrase_1", "paraphrase_2"]


@dataclass(frozen=True, kw_only=True)
class PromptSettings:
    """How the task is put to the model. The settings combine freely.

    Args:
        name: the name of the strategy, as of its YAML file.
        prompt: template text by part, one file of conf/prompt.
        limits: the sandbox's limits, which the prompt states.
        shots: how many few-shot examples to show: at most as many as keep to limits.packages.
        examples: the ones nearest to the task by caption, or the same fixed ones for every task.
        phrasing: which of the task's own texts to use: prompt, caption, or a paraphrase.
        persona: tell the model that it is a sound designer.
        constraints: state every limit, and not only the file, the rate and the packages.
        hints: show building blocks in numpy, scipy and soundfile.
        decompose: ask for the physics of the sound first.
        plan_first: ask for a plan in words first.
        chain_of_thought: ask the model to think step by step first.

    Raises:
        ConfigError: a number out of range, or a wording with a wrong part or name.
    """

    name: str
    prompt: Mapping[str, str]
    limits: Limits
    shots: int = 0
    examples: ExampleChoice = "nearest"
    phrasing: Phrasing = "prompt"
    persona: bool = False
    constraints: bool = True
    hints: bool = False
    decompose: bool = False
    plan_first: bool = False
    chain_of_thought: bool = False

    def __post_init__(self) -> None:
        """Refuse wrong settings before any model is called."""
        packages = ", ".join(self.limits.packages) or "the standard library"
        self.require_within(
            "shots", self.shots, 0, len(self._examples), f" (examples that need only {packages})"
        )
        self._require_choice("examples", self.examples, get_args(ExampleChoice))
        self._require_choice("phrasing", self.phrasing, get_args(Phrasing))
        _ = self.template

    @cached_property
    def template(self) -> PromptTemplate:
        """The templates, checked."""
        return PromptTemplate(self.prompt, limits=self.limits)

    def require_within(self, setting: str, value: int, low: int, high: int, why: str = "") -> None:
        """Raise ConfigError unless low <= value <= high; `why` explains a bound."""
        if not low <= value <= high:
            raise ConfigError(
                f"strategy '{self.name}': {setting} must be within {low}..{high}{why}, "
                f"got {value}; set strategy.{setting}"
            )

    def opening(self, task: Task) -> tuple[Message, ...]:
        """The system message, the examples as earlier turns, and the question."""
        messages = [Message("system", self._system_text())]
        for example in self.select_examples(task):
            messages.append(Message("user", self.template.render("task", task=example.task)))
            program = self.template.render("program", source=example.source)
            messages.append(Message("assistant", program))
        messages.append(Message("user", self._question(task)))
        return tuple(messages)

    def conversation(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...]:
        """The opening, then each attempt so far with the feedback that answers it."""
        worded = self._with_phrasing(task)
        messages = list(self.opening(task))
        for attempt in history:
            messages.extend(feedback_messages(self.template, attempt, worded))
        return tuple(messages)

    def select_examples(self, task: Task) -> tuple[Example, ...]:
        """The examples to show. The nearest comes last, next to the question.

        Those of the task's own tier come before all others: a shared word such as `steady` would
        otherwise put a hair dryer next to a tuning fork. Equals keep the order of the folder.
        """
        examples = self._examples
        if self.examples == "fixed" or not self.shots:
            return examples[: self.shots]
        similarities = tfidf_cosine(task.caption, [example.caption for example in examples])
        ranked = sorted(
            range(len(examples)),
            key=lambda index: (examples[index].tier != task.tier, -similarities[index], index),
        )
        return tuple(examples[index] for index in reversed(ranked[: self.shots]))

    @property
    def _examples(self) -> tuple[Example, ...]:
        return examples_within(tuple(self.limits.packages))

    def _require_choice(self, setting: str, value: str, choices: Sequence[str]) -> None:
        if value not in choices:
            raise ConfigError(
                f"strategy '{self.name}': {setting} must be one of {', '.join(choices)}, "
                f"got {value!r}; set strategy.{setting}"
            )

    def _system_text(self) -> str:
        parts = [part for part in SYSTEM_PARTS if part == "system" or getattr(self, part)]
        return _paragraphs(self.template.render(part) for part in parts)

    def _question(self, task: Task) -> str:
        parts = [part for part in QUESTION_PARTS if getattr(self, part)]
        texts = [self.template.render("task", task=self._with_phrasing(task))]
        return _paragraphs([*texts, *(self.template.render(part) for part in parts)])

    def _with_phrasing(self, task: Task) -> Task:
        """The task with the text that `phrasing` names as its prompt."""
        if self.phrasing == "prompt":
            return task
        if self.phrasing == "caption":
            return replace(task, prompt=as_sentence(task.caption))
        number = int(self.phrasing.removeprefix("paraphrase_"))
        if number > len(task.paraphrases):
            raise ConfigError(
                f"strategy '{self.name}': phrasing={self.phrasing} needs {number} paraphrases, "
                f"task '{task.id}' of tier '{task.tier}' has {len(task.paraphrases)}; "
                f"write more in conf/tier/{task.tier}.yaml"
            )
        return replace(task, prompt=task.paraphrases[number - 1])


def _paragraphs(texts: Iterable[str]) -> str:
    return "\n\n".join(text for text in texts if text)
