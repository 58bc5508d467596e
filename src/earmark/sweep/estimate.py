"""What a run would ask and what that would cost, worked out without asking.

In: a composed configuration and the run's folder. Out: an Estimate. First turns are known to the letter and looked up among the recorded
answers; what a later turn says depends on what came back, so that a loop has a least and a most. Nothing is asked, run, heard or written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from math import fsum
from statistics import fmean
from typing import Literal

from earmark.analysis.labels import config_label
from earmark.config.build import build
from earmark.config.factory import design_of, model_of
from earmark.config.schema import RunConfig
from earmark.models import SupportsSampling, capabilities_of
from earmark.models.capabilities import Capabilities
from earmark.models.transport import count_tokens
from earmark.models.wrappers.cassette import Cassette
from earmark.pipeline import Design, next_request
from earmark.records import (
    Attempt,
    Clip,
    Completion,
    Execution,
    Failure,
    Message,
    Program,
    Request,
    Task,
)
from earmark.run import Episodes, saved_episodes
from earmark.storage.run_folder import RunFolder

Outcome = Literal["heard", "failed"]
LENGTHS = 300  # recorded answers of the model that tell how long its answers are
SOURCE = "x = np.sin(2 * np.pi * 440 * t)\n" * 40  # of ordinary length: what a later turn repeats
CLIP = Clip(
    "out.wav",
    44100,
    1,
    88200,
    2.0,
    peak=0.5,
    rms=0.1,
    dc_offset=0.0,
    clipped_fraction=0.0,
    sha256="",
)
RAN = Execution(
    "exit", 1, "", "Traceback (most recent call last): …", 1.0, 1.0, 1, "none", "missing", None
)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls still to be made. `cost_usd` is for answers of typical length, `max_usd` what a budget would reserve; None is unknown."""

    count: int
    prompt_tokens: int
    answer_tokens: int | None
    cost_usd: float | None
    max_usd: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """One run: `recorded` answers are on disk and cost `paid_usd`, `fewest` to `most` calls are missing; `typical`: answers' length."""

    label: str
    episodes: int
    recorded: int
    paid_usd: float | None
    fewest: Calls
    most: Calls
    typical: str


def estimate(config: RunConfig, folder: RunFolder) -> Estimate:
    """What the run still lacks. HarnessError names a damaged record; ConfigError as a run would, say for a budget without a price."""
    design, model, history = design_of(config), model_of(config), saved_episodes(folder)
    episodes, label = len(design.tasks) * design.samples, config_label(config)
    if not isinstance(model, Cassette):
        nothing = Calls(0, 0, 0, 0.0, 0.0)
        return Estimate(label, episodes, 0, 0.0, nothing, nothing, "")
    asked = build(config.model)
    can = capabilities_of(asked)
    if isinstance(asked, SupportsSampling):
        asked.effective(
            design.sampling
        )  # a wish that would be refused; a missing key is no obstacle to counting
    walks = [list(_to_come(design, history, outcome, model)) for outcome in ("heard", "failed")]
    found = max(([answer for _, answer in walk if answer is not None] for walk in walks), key=len)
    kept = [
        one.completion for turns in history.values() for one in turns if one.completion is not None
    ]
    gaps = sorted(
        ([request for request, answer in walk if answer is None] for walk in walks), key=len
    )
    length, typical = _typical(model, [*kept, *found], design, can) if gaps[-1] else (None, "")
    fewest, most = (_calls(requests, can, length) for requests in gaps)
    return Estimate(
        label,
        episodes,
        len(kept) + len(found),
        _sum([a.cost_usd for a in (*kept, *found)]),
        fewest,
        most,
        typical,
    )


def total(estimates: Sequence[Estimate]) -> Estimate:
    """The sum of all runs; what is unknown of one is unknown of all."""
    return Estimate(
        label="all",
        episodes=sum(one.episodes for one in estimates),
        recorded=sum(one.recorded for one in estimates),
        paid_usd=_sum([one.paid_usd for one in estimates]),
        fewest=_added([one.fewest for one in estimates]),
        most=_added([one.most for one in estimates]),
        typical="",
    )


def _to_come(
    design: Design, history: Episodes, outcome: Outcome, cassette: Cassette
) -> Iterator[tuple[Request, Completion | None]]:
    """The requests that are not yet attempts, if every program from now on were `outcome`; each with its answer where one is recorded."""
    for task in design.tasks:
        for sample in range(design.samples):
            turns = list(history.get((task.id, sample), ()))
            while (request := next_request(task, sample, turns, design=design)) is not None:
                answer = cassette.recorded(request)
                yield request, answer
                turns.append(_imagined(task, request, outcome))


def _imagined(task: Task, request: Request, outcome: Outcome) -> Attempt:
    made = Attempt(
        "", "", task, request.sample, request.turn, request, program=Program(SOURCE), execution=RAN
    )
    if outcome == "heard":
        return replace(made, clip=CLIP)
    return replace(made, failure=Failure("run", "runtime_error", "a failure of ordinary length"))


def _typical(
    cassette: Cassette, answers: Sequence[Completion], design: Design, can: Capabilities
) -> tuple[int | None, str]:
    """How many tokens an answer has, and how that is known."""
    told = [answer.completion_tokens for answer in answers if answer.completion_tokens is not None]
    if not told:
        told = [
            one.completion_tokens
            for one in islice(cassette.answers(), LENGTHS)
            if one.completion_tokens is not None
        ]
    if told:
        return round(
            fmean(told)
        ), f"answers of {fmean(told):.0f} tokens, the mean of {len(told)} recorded ones"
    longest = design.sampling.max_tokens or can.output_tokens
    return (
        longest,
        f"answers as long as they may be ({longest or 'no limit is known'} tokens): none is recorded",
    )


def _calls(requests: Sequence[Request], can: Capabilities, length: int | None) -> Calls:
    prompt_tokens = sum(_tokens(request.messages) for request in requests)
    answer_tokens = 0 if not requests else None if length is None else length * len(requests)
    price = can.price
    cost_usd = (
        None if price is None or answer_tokens is None else price.usd(prompt_tokens, answer_tokens)
    )
    return Calls(
        len(requests),
        prompt_tokens,
        answer_tokens,
        cost_usd if requests else 0.0,
        _sum([can.max_usd(one) for one in requests]),
    )


@cache
def _tokens(messages: tuple[Message, ...]) -> int:
    return count_tokens([(message.role, message.content) for message in messages])


def _added(calls: Sequence[Calls]) -> Calls:
    tokens = _sum([one.answer_tokens for one in calls])
    return Calls(
        count=sum(one.count for one in calls),
        prompt_tokens=sum(one.prompt_tokens for one in calls),
        answer_tokens=None if tokens is None else int(tokens),
        cost_usd=_sum([one.cost_usd for one in calls]),
        max_usd=_sum([one.max_usd for one in calls]),
    )


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) if len(known) == len(values) else None
