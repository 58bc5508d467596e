"""What a run would ask and what that would cost, worked out without asking.

First turns are known to the letter and are looked up among the recorded answers. What a later turn
says depends on what came back, so a loop has a least (every program leaves a clip) and a most
(every program fails). Nothing is asked, executed, scored or written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from earmark.analysis.labels import config_label
from earmark.config.build import build
from earmark.config.factory import design_of, model_of
from earmark.config.schema import RunConfig
from earmark.models import SupportsSampling, capabilities_of
from earmark.models.wrappers.cassette import Cassette
from earmark.pipeline import Design, next_messages, request_for
from earmark.records import (
    Attempt,
    Clip,
    Completion,
    Execution,
    Failure,
    Program,
    Request,
    Sampling,
    Task,
)
from earmark.run import saved_episodes
from earmark.storage.run_folder import RunFolder
from earmark.sweep.calls import (
    Calls,
    CallsOfRun,
    Messages,
    Typical,
    added,
    sum_known,
    typical_answers,
)

Place = tuple[str, int, int]  # task, sample, turn
SOURCE = "x = np.sin(2 * np.pi * 440 * t)\n" * 40  # of ordinary length: what a later turn repeats
CLIP = Clip("out.wav", 44100, 1, 88200, 2.0, 0.5, 0.1, 0.0, 0.0, sha256="")
FAILED = Failure("execute", "runtime_error", "a failure of ordinary length")
RAN = Execution(
    "exit", 1, "", "Traceback (most recent call last): …", 1.0, 1.0, 1, "none", "missing", None
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """One run: `recorded` answers are on disk and cost `paid_usd`; `fewest` to `most` are missing.

    `typical` says how long answers were taken to be, and why.
    """

    label: str
    episodes: int
    recorded: int = 0
    paid_usd: float | None = 0.0
    fewest: Calls = field(default_factory=Calls)
    most: Calls = field(default_factory=Calls)
    typical: str = ""


class Estimator:
    """Estimates the runs of a grid over `axes`; what they ask alike is rendered once."""

    def __init__(self, axes: Sequence[str] = ()) -> None:
        self._axes = axes
        self._rendered: dict[tuple[int, str, str, bool], list[Messages]] = {}
        self._recorded: dict[str, float | None] = {}  # answer -> what it cost
        self._fewest: dict[str, Calls] = {}  # answer -> the call that brings it
        self._most: dict[str, Calls] = {}
        self._keys: dict[Path, frozenset[str]] = {}  # of what is recorded, by its folder or file
        self._episodes = 0

    def total(self) -> Estimate:
        """All runs together: what several of them ask alike is asked and paid once."""
        return Estimate(
            label="all",
            episodes=self._episodes,
            recorded=len(self._recorded),
            paid_usd=sum_known(list(self._recorded.values())),
            fewest=added(list(self._fewest.values())),
            most=added(list(self._most.values())),
        )

    def estimate(self, config: RunConfig, folder: RunFolder) -> Estimate:
        """What the run still lacks.

        Raises:
            HarnessError: a damaged record, by name.
            ConfigError: as the run would, say for a budget without a price.
        """
        design, model = design_of(config), model_of(config)
        label = config_label(config, self._axes)
        episodes = len(design.tasks) * design.samples
        self._episodes += episodes
        if not isinstance(model, Cassette):
            return Estimate(label, episodes)
        asked = build(config.model)
        if isinstance(asked, SupportsSampling):
            asked.effective(design.sampling)  # refuses now what the run would refuse
        saved = saved_episodes(folder)
        keys: dict[Place, tuple[Messages, str]] = {}
        walks = [_Walk(self, design, model, failing, keys) for failing in (False, True)]
        for walk in walks:
            walk.go(saved)
        low, high = sorted(walks, key=lambda walk: len(walk.missing))
        attempts = [one for turns in saved.values() for one in turns]
        done = [(one.request, one.completion) for one in attempts if one.completion is not None]
        kept = [(model.key(request), answer) for request, answer in done]
        answers = [*kept, *max((low.answers, high.answers), key=len)]
        can = capabilities_of(asked)
        if config.asking == "batch":
            can = can.in_batches
        recorded = [answer for _, answer in answers]
        typical = typical_answers(model, recorded, design, can) if high.missing else Typical()
        calls = CallsOfRun(can, typical)
        fewest, most = calls.of(low.missing), calls.of(high.missing)
        self._recorded |= {key: answer.cost_usd for key, answer in answers}
        self._fewest |= fewest
        self._most |= most
        return Estimate(
            label,
            episodes,
            recorded=len(answers),
            paid_usd=sum_known([answer.cost_usd for answer in recorded]),
            fewest=added(list(fewest.values())),
            most=added(list(most.values())),
            typical=typical.words,
        )

    def answer(self, cassette: Cassette, key: str) -> Completion | None:
        """The recorded answer of a key; what is recorded is listed once for all runs."""
        if cassette.folder not in self._keys:
            self._keys[cassette.folder] = cassette.keys()
        return cassette.find(key) if key in self._keys[cassette.folder] else None

    def rendered(self, task: Task, turn: int, design: Design, *, failing: bool) -> Messages | None:
        """The messages of a turn when all turns before it ended alike; None where it has ended."""
        # A strategy lives as long as its process: its id names it.
        key = (id(design.strategy), task.tier, task.id, failing)
        turns = self._rendered.setdefault(key, [])
        while len(turns) <= turn:
            history = [_imagined(task, at, messages, failing) for at, messages in enumerate(turns)]
            messages = next_messages(task, history, design.strategy)
            if messages is None:
                break
            turns.append(messages)
        return turns[turn] if turn < len(turns) else None


class _Walk:
    """The requests that are not yet attempts, if every program from now on ended alike."""

    def __init__(
        self,
        estimator: Estimator,
        design: Design,
        cassette: Cassette,
        failing: bool,
        keys: dict[Place, tuple[Messages, str]],
    ) -> None:
        self._estimator, self._design, self._cassette = estimator, design, cassette
        self._failing, self._keys = failing, keys
        self.missing: dict[str, Request] = {}
        self.answers: list[tuple[str, Completion]] = []

    def go(self, saved: dict[tuple[str, int], list[Attempt]]) -> None:
        """Look up every request that is to come."""
        for task in self._design.tasks:
            for sample in range(self._design.samples):
                for request in self._requests(task, sample, saved.get((task.id, sample), [])):
                    key = self._key(request)
                    answer = self._estimator.answer(self._cassette, key)
                    if answer is None:
                        self.missing[key] = request
                    else:
                        self.answers.append((key, answer))

    def _key(self, request: Request) -> str:
        """The key of a request; what both walks ask alike is digested once."""
        place = (request.task_id, request.sample, request.turn)
        messages, key = self._keys.get(place, ((), ""))
        if messages != request.messages:
            key = self._cassette.key(request)
            self._keys[place] = request.messages, key
        return key

    def _requests(self, task: Task, sample: int, history: Sequence[Attempt]) -> Iterator[Request]:
        turns, turn = list(history), len(history)
        while (messages := self._messages(task, turns, turn)) is not None:
            yield request_for(task, sample, turn, messages, design=self._design)
            if history:
                turns.append(_imagined(task, turn, messages, self._failing))
            turn += 1

    def _messages(self, task: Task, turns: Sequence[Attempt], turn: int) -> Messages | None:
        if not turns:  # nothing is saved: every sample and temperature asks the same
            return self._estimator.rendered(task, turn, self._design, failing=self._failing)
        return next_messages(task, turns, self._design.strategy)


def _imagined(task: Task, turn: int, messages: Messages, failing: bool) -> Attempt:
    """An attempt whose program ran, and left a clip or failed."""
    request = Request(task.id, task.seconds, 0, turn, messages, Sampling())
    made = Attempt("", "", task, 0, turn, request, program=Program(SOURCE), execution=RAN)
    return replace(made, failure=FAILED) if failing else replace(made, clip=CLIP)
