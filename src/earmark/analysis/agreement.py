"""Whether two makings of the same runs agree: attempts by task, sample and turn, and what the runs say.

In: finished Runs. Out: an Agreement: counts, and one line for each thing that differs. What a run costs in money, tokens and time is no
part of it, nor are paths and hashes of files: a WAV may hold the second in which it was written. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from earmark.analysis.statistics import label
from earmark.records import Attempt, Run

SPENT = frozenset({"cost_usd", "prompt_tokens", "completion_tokens", "seconds"})
ASPECTS = ("answers", "programs", "kinds", "scores")
MAX_CHARS = 80


@dataclass(frozen=True, slots=True)
class Agreement:
    """`pairs` attempts are on both sides; `agree` says by aspect in how many of them the two are equal; no `differences`: all is equal."""

    pairs: int
    agree: Mapping[str, int]
    differences: tuple[str, ...]

    def __str__(self) -> str:
        """One line: `12 attempts: answers 12, programs 12, kinds 12, scores 11 agree; 1 difference`."""
        counted = ", ".join(f"{aspect} {self.agree[aspect]}" for aspect in ASPECTS)
        return f"{self.pairs} attempts: {counted} agree; {len(self.differences)} differences"


def agreement(ours: Sequence[Run], theirs: Sequence[Run]) -> Agreement:
    """How far the runs of one side are those of the other; runs are matched by key, attempts by task, sample and turn."""
    one, other = ({run.key: run for run in side} for side in (ours, theirs))
    lines = [
        f"{label(run)}: only on one side"
        for key, run in {**one, **other}.items()
        if key not in one or key not in other
    ]
    pairs, agree = 0, dict.fromkeys(ASPECTS, 0)
    for key in (key for key in one if key in other):
        first, second = _by_place(one[key]), _by_place(other[key])
        named = label(one[key])
        lines += [
            f"{named} {' '.join(map(str, place))}: only on one side"
            for place in sorted(first.keys() ^ second.keys())
        ]
        for place in sorted(first.keys() & second.keys()):
            unlike = dict(_unlike(first[place], second[place]))
            pairs += 1
            for aspect in ASPECTS:
                agree[aspect] += aspect not in unlike
            lines += [
                f"{named} {' '.join(map(str, place))} {aspect}: {said}"
                for aspect, said in unlike.items()
            ]
        lines += [
            f"{named} {said}" for said in _values(_kept(one[key].scores), _kept(other[key].scores))
        ]
    return Agreement(pairs, agree, tuple(lines))


def _by_place(run: Run) -> dict[tuple[str, int, int], Attempt]:
    return {(one.task.id, one.sample, one.turn): one for one in run.attempts}


def _unlike(one: Attempt, other: Attempt) -> Iterator[tuple[str, str]]:
    """Aspect and what differs in it."""
    texts = [attempt.completion.text if attempt.completion else None for attempt in (one, other)]
    sources = [attempt.program.source if attempt.program else None for attempt in (one, other)]
    kinds = [attempt.failure.kind if attempt.failure else "heard" for attempt in (one, other)]
    for aspect, (first, second) in (("answers", texts), ("programs", sources), ("kinds", kinds)):
        if first != second:
            yield aspect, _versus(first, second)
    values = _values({**one.scores, **_silent(one)}, {**other.scores, **_silent(other)})
    if values:
        yield "scores", "; ".join(values)


def _silent(one: Attempt) -> dict[str, str]:
    return dict.fromkeys(one.unscored, "unscored")


def _values(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    names = sorted(one.keys() | other.keys())
    return [
        f"{name} {_versus(one.get(name), other.get(name))}"
        for name in names
        if one.get(name) != other.get(name)
    ]


def _kept(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in scores.items() if name not in SPENT}


def _versus(one: object, other: object) -> str:
    return f"{_short(one)} ≠ {_short(other)}"


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, str) else "nothing" if value is None else f"{value:.9g}"
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"
