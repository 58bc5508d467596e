"""Whether two sets of the same runs agree: attempts by task, sample and turn, and run scores.

Cost, tokens and time are left out, and so are paths and hashes of files: a WAV may hold the second
in which it was written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from earmark.analysis.labels import label
from earmark.errors import counted
from earmark.records import Attempt, Run

SPENT = frozenset({"cost_usd", "prompt_tokens", "completion_tokens", "seconds"})
ASPECTS = ("answers", "programs", "kinds", "scores")
MAX_CHARS = 80
Place = tuple[str, int, int]  # task, sample, turn


@dataclass(frozen=True, slots=True)
class Agreement:
    """`pairs` attempts are on both sides; `agree` counts those that are equal, by aspect."""

    pairs: int
    agree: Mapping[str, int]
    differences: tuple[str, ...]

    def __str__(self) -> str:
        """`12 attempts: answers 12, programs 12, kinds 12, scores 11 agree; 1 difference`."""
        counts = ", ".join(f"{aspect} {self.agree[aspect]}" for aspect in ASPECTS)
        differences = counted(len(self.differences), "difference")
        return f"{counted(self.pairs, 'attempt')}: {counts} agree; {differences}"


def agreement(ours: Sequence[Run], theirs: Sequence[Run]) -> Agreement:
    """Compare runs that have the same key, and list what differs."""
    one = {run.key: run for run in ours}
    other = {run.key: run for run in theirs}
    lines = [
        f"{label(run)}: only on one side"
        for key, run in {**one, **other}.items()
        if key not in one or key not in other
    ]
    pairs, agree = 0, dict.fromkeys(ASPECTS, 0)
    for key in (key for key in one if key in other):  # in our order
        compared = _compare(one[key], other[key])
        lines += compared.differences
        pairs += compared.pairs
        for aspect in ASPECTS:
            agree[aspect] += compared.agree[aspect]
    return Agreement(pairs, agree, tuple(lines))


def _compare(ours: Run, theirs: Run) -> Agreement:
    name = label(ours)
    one, other = _by_place(ours), _by_place(theirs)
    lines = [f"{name} {_words(place)}: only on one side" for place in sorted(one.keys() ^ other)]
    shared = sorted(one.keys() & other.keys())
    agree = dict.fromkeys(ASPECTS, len(shared))
    for place in shared:
        for aspect, difference in _differences(one[place], other[place]):
            agree[aspect] -= 1
            lines.append(f"{name} {_words(place)} {aspect}: {difference}")
    lines += [f"{name} {value}" for value in _unequal(_measured(ours), _measured(theirs))]
    return Agreement(len(shared), agree, tuple(lines))


def _by_place(run: Run) -> dict[Place, Attempt]:
    return {(one.task.id, one.sample, one.turn): one for one in run.attempts}


def _words(place: Place) -> str:
    return " ".join(map(str, place))


def _differences(one: Attempt, other: Attempt) -> Iterator[tuple[str, str]]:
    """Each aspect in which two attempts differ, and how."""
    texts = [attempt.completion.text if attempt.completion else None for attempt in (one, other)]
    sources = [attempt.program.source if attempt.program else None for attempt in (one, other)]
    kinds = [attempt.failure.kind if attempt.failure else "valid" for attempt in (one, other)]
    for aspect, (first, second) in (("answers", texts), ("programs", sources), ("kinds", kinds)):
        if first != second:
            yield aspect, _versus(first, second)
    values = _unequal(_with_unscored(one), _with_unscored(other))
    if values:
        yield "scores", "; ".join(values)


def _with_unscored(one: Attempt) -> dict[str, float | str]:
    return {**one.scores, **dict.fromkeys(one.unscored, "unscored")}


def _measured(run: Run) -> dict[str, float]:
    return {name: value for name, value in run.scores.items() if name not in SPENT}


def _unequal(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} {_versus(one.get(name), other.get(name))}"
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]


def _versus(one: object, other: object) -> str:
    return f"{_short(one)} ≠ {_short(other)}"


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, str) else "nothing" if value is None else f"{value:.9g}"
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS - 1]}…"
