"""What calls would cost and take, for answers as long as those that are recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from math import fsum
from statistics import fmean

from earmark.models.capabilities import Capabilities
from earmark.models.transport import count_tokens
from earmark.models.wrappers.cassette import Cassette
from earmark.pipeline import Design
from earmark.records import Completion, Message, Request

Messages = tuple[Message, ...]
ANSWER_SECONDS = 10.0  # of an answer where none is recorded
LENGTHS = 300  # recorded answers of the model that say how long its answers are


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls to be made; None is unknown.

    `cost_usd` and `seconds` are for answers of typical length, `max_usd` what a budget would
    reserve.
    """

    count: int = 0
    prompt_tokens: int = 0
    answer_tokens: int | None = 0
    cost_usd: float | None = 0.0
    max_usd: float | None = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Typical:
    """How long an answer is and takes, and how that is known."""

    tokens: int | None = None
    seconds: float = 0.0
    words: str = ""


def typical_answers(
    cassette: Cassette, answers: Sequence[Completion], design: Design, can: Capabilities
) -> Typical:
    """How long answers are taken to be: as these, as others of the model, else at their most."""
    known = list(answers) or list(islice(cassette.answers(), LENGTHS))
    lengths = _lengths(known)
    if lengths:
        mean = fmean(lengths)
        times = [answer.seconds for answer in known if answer.seconds is not None]
        seconds = fmean(times) if times else ANSWER_SECONDS
        words = f"answers of {mean:.0f} tokens in {seconds:.1f} s"
        return Typical(round(mean), seconds, f"{words}, the mean of {len(lengths)} recorded")
    longest = design.sampling.max_tokens or can.output_tokens
    limit = f"{longest or 'no limit is known'} tokens, {ANSWER_SECONDS:g} s"
    words = f"answers as long as they may be ({limit}): none is recorded"
    return Typical(longest, ANSWER_SECONDS, words)


def _lengths(answers: Iterable[Completion]) -> list[int]:
    tokens = [answer.completion_tokens for answer in answers]
    return [count for count in tokens if count is not None]


class CallsOfRun:
    """The calls of one run, which differ by their messages alone."""

    def __init__(self, can: Capabilities, typical: Typical) -> None:
        self._can, self._typical = can, typical
        self._made: dict[Messages, Calls] = {}

    def of(self, requests: Mapping[str, Request]) -> dict[str, Calls]:
        """The call of each request, by its key."""
        return {key: self._of(request) for key, request in requests.items()}

    def _of(self, request: Request) -> Calls:
        if request.messages not in self._made:
            self._made[request.messages] = self._call(request)
        return self._made[request.messages]

    def _call(self, request: Request) -> Calls:
        prompt_tokens, cost_usd = _tokens(request.messages), None
        can, typical = self._can, self._typical
        if can.price is not None and typical.tokens is not None:
            cost_usd = can.price.usd(prompt_tokens, typical.tokens)
        max_usd = can.max_usd(request)
        return Calls(1, prompt_tokens, typical.tokens, cost_usd, max_usd, typical.seconds)


@cache
def _tokens(messages: Messages) -> int:
    return count_tokens([(message.role, message.content) for message in messages])


def added(calls: Sequence[Calls]) -> Calls:
    """All these calls together; what one of them does not know is unknown."""
    tokens = sum_known([one.answer_tokens for one in calls])
    return Calls(
        count=sum(one.count for one in calls),
        prompt_tokens=sum(one.prompt_tokens for one in calls),
        answer_tokens=None if tokens is None else int(tokens),
        cost_usd=sum_known([one.cost_usd for one in calls]),
        max_usd=sum_known([one.max_usd for one in calls]),
        seconds=fsum(one.seconds for one in calls),
    )


def sum_known(values: Sequence[float | None]) -> float | None:
    """The sum, or None where a value is unknown."""
    known = [value for value in values if value is not None]
    return fsum(known) if len(known) == len(values) else None
