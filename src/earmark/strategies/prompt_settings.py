"""The prompt settings that all loops share, and the opening messages they make.

In: settings, a task. Out: the system message, the examples as earlier turns, and the question. The loops (single, best_of_n, repair,
listen_refine) say what follows. Pure: the example bank is read once, when a strategy with shots is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

from earmark.errors import ConfigError
from earmark.records import Attempt, Limits, Message, Task
from earmark.strategies.bank import Example, bank_of
from earmark.strategies.nearest import Similarity, tfidf_cosine
from earmark.strategies.prompt_template import PromptTemplate
from earmark.strategies.replies import turn

SYSTEM = ("persona", "system", "constraints", "hints")
ASKS = ("decompose", "plan_first", "chain_of_thought")
Phrasing = Literal["prompt", "caption", "paraphrase_1", "paraphrase_2"]


@dataclass(frozen=True, kw_only=True)
class PromptSettings:
    """How it is asked. The settings compose freely; each turns one part of the wording on.

    Args:
        name: the strategy's name, as its YAML file's.
        prompt: template text by part (conf/prompt).
        limits: the limits told to the model: the sandbox's.
        shots: how many examples to show, 0 up to the number of those that keep to the contract's packages.
        examples: nearest to the task by caption, or the same fixed ones for every task.
        phrasing: which of the task's own texts is asked: its prompt, its caption, or one of its paraphrases.
        persona: open with who the model is to be.
        constraints: tell every limit of the contract, not only the file, the rate and the packages.
        hints: tell what numpy, scipy and soundfile offer.
        decompose: ask for the parts of the sound's physics first.
        plan_first: ask for a plan in words first.
        chain_of_thought: ask to think step by step first.
        bank_digest: digest of the example bank, so that other examples make another run; not read.
        similarity: what nearest means.

    Raises:
        ConfigError: a number out of range, or a wording with a wrong part or name.
    """

    name: str
    prompt: Mapping[str, str]
    limits: Limits
    shots: int = 0
    examples: Literal["nearest", "fixed"] = "nearest"
    phrasing: Phrasing = "prompt"
    persona: bool = False
    constraints: bool = True
    hints: bool = False
    decompose: bool = False
    plan_first: bool = False
    chain_of_thought: bool = False
    bank_digest: str = ""
    similarity: Similarity = tfidf_cosine

    def __post_init__(self) -> None:
        """Say what is wrong before anything is asked."""
        self.require(
            "shots",
            self.shots,
            low=0,
            high=len(self._bank),
            why=f" (examples that keep to {', '.join(self.limits.packages)})",
        )
        if self.examples not in ("nearest", "fixed"):
            raise ConfigError(
                f"strategy '{self.name}': examples must be nearest or fixed, got {self.examples!r}"
            )
        if self.phrasing not in get_args(Phrasing):
            raise ConfigError(
                f"strategy '{self.name}': phrasing must be one of {', '.join(get_args(Phrasing))}, got {self.phrasing!r}"
            )
        _ = self.wording

    @cached_property
    def wording(self) -> PromptTemplate:
        """The templates, checked."""
        return PromptTemplate(self.prompt, limits=self.limits)

    @property
    def _bank(self) -> tuple[Example, ...]:
        return bank_of(tuple(self.limits.packages))

    def require(self, setting: str, value: int, *, low: int, high: int, why: str = "") -> None:
        """ConfigError unless low <= value <= high; `why` says where a bound comes from that no file holds."""
        if not low <= value <= high:
            raise ConfigError(
                f"strategy '{self.name}': {setting} must be within {low}..{high}{why}, got {value}; see conf/strategy/{self.name}.yaml"
            )

    def opening(self, task: Task) -> tuple[Message, ...]:
        """System message, examples as earlier turns, question."""
        shown = (message for example in self.chosen(task) for message in self._shown(example))
        return (
            Message("system", self._parts(SYSTEM, always="system")),
            *shown,
            Message("user", self._question(task)),
        )

    def chosen(self, task: Task) -> tuple[Example, ...]:
        """The examples to show, the nearest last, next to the question: the task's own tier first, then by likeness, then the bank's order.

        A shared word such as `steady` would else bring a hair dryer to a tuning fork.
        """
        bank = self._bank
        if self.examples == "fixed" or not self.shots:
            return bank[: self.shots]
        alike = self.similarity(task.caption, [example.caption for example in bank])
        rated = sorted(
            range(len(bank)), key=lambda at: (bank[at].tier != task.tier, -alike[at], at)
        )
        return tuple(bank[at] for at in reversed(rated[: self.shots]))

    def _shown(self, example: Example) -> tuple[Message, Message]:
        asked = self.wording.say("task", task=example.task)
        return Message("user", asked), Message(
            "assistant", self.wording.say("program", source=example.source)
        )

    def turns_of(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...]:
        """The conversation so far: each of the model's turns, and what became of it."""
        asked = self._asked(task)
        return tuple(
            message for one in history for message in turn(self.wording, replace(one, task=asked))
        )

    def _question(self, task: Task) -> str:
        return "\n\n".join(
            text
            for text in (self.wording.say("task", task=self._asked(task)), self._parts(ASKS))
            if text
        )

    def _asked(self, task: Task) -> Task:
        return replace(task, prompt=self._phrased(task))

    def _phrased(self, task: Task) -> str:
        if self.phrasing == "prompt":
            return task.prompt
        if self.phrasing == "caption":
            return f"{task.caption[0].upper()}{task.caption[1:]}."
        number = int(self.phrasing[-1])
        if number > len(task.paraphrases):
            has = f"task '{task.id}' of tier '{task.tier}' has {len(task.paraphrases)} paraphrases"
            raise ConfigError(
                f"strategy '{self.name}': phrasing={self.phrasing}, but {has}; write more in conf/tier/{task.tier}.yaml"
            )
        return task.paraphrases[number - 1]

    def _parts(self, names: tuple[str, ...], *, always: str = "") -> str:
        said = (self.wording.say(part) for part in names if part == always or getattr(self, part))
        return "\n\n".join(text for text in said if text)
