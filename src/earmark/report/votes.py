"""What blind listeners preferred, from the files of votes that the listening page saves.

A vote is +1 for one run, -1 for the other, 0 for no difference; tasks are the clusters.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earmark.analysis.comparisons import MIN_TASKS, compare
from earmark.analysis.estimates import Estimate, cluster_means, estimate_mean
from earmark.analysis.scores import Pair
from earmark.errors import ConfigError, HarnessError, printable
from earmark.storage.atomic import read_json

Votes = dict[Pair, float]
SAMPLES = 1_000_000  # of one listener; a sweep has at most 10,000


@dataclass(frozen=True, slots=True)
class Preference:
    """One pair of runs: mean vote, from 1 (`one` is better) to -1, and p-value of no preference.

    `p` is None where there are too few tasks for a test.
    """

    one: str
    other: str
    for_one: int
    for_other: int
    ties: int
    mean: Estimate
    p: float | None


def preferences(files: Iterable[Path]) -> list[Preference]:
    """One preference for each pair of runs that was voted on, by name.

    Raises:
        ConfigError: a file that holds no votes.
    """
    cast: dict[tuple[str, str], Votes] = defaultdict(dict)
    for listener, path in enumerate(files):
        one, other, votes = _read(path)
        sign = 1 if one <= other else -1
        pair = (min(one, other), max(one, other))
        for (task, sample), vote in votes.items():
            # A sample number of its own keeps each listener's vote on the same task.
            cast[pair][task, listener * SAMPLES + sample] = sign * vote
    return [_preference(one, other, votes) for (one, other), votes in sorted(cast.items()) if votes]


def render_preferences(found: Iterable[Preference]) -> str:
    """The preferences as lines for a person."""
    lines = []
    for one in found:
        average = one.mean
        interval = ""
        if average.low is not None and average.high is not None:
            interval = f" [{average.low:+.2f}, {average.high:+.2f}]"
        lines.append(
            f"{printable(one.one)}: {one.for_one}   {printable(one.other)}: {one.for_other}   "
            f"no difference: {one.ties}"
        )
        p = f"p = {one.p:.3g}" if one.p is not None else f"no test below {MIN_TASKS} tasks"
        lines.append(
            f"  preference for the first (-1..1): {average.value:+.2f}{interval}, "
            f"{p}, {average.n} votes, {average.tasks} tasks"
        )
    return "\n".join(lines)


def _preference(one: str, other: str, votes: Votes) -> Preference:
    values, tasks = list(votes.values()), [task for task, _ in votes]
    by_task = cluster_means(values, tasks)
    p = None
    if len(by_task) >= MIN_TASKS:
        [alone] = compare(by_task[:, None], np.ones((1, 1)))
        p = alone.p
    return Preference(
        one,
        other,
        for_one=values.count(1.0),
        for_other=values.count(-1.0),
        ties=values.count(0.0),
        mean=estimate_mean(values, tasks),
        p=p,
    )


def _read(path: Path) -> tuple[str, str, Votes]:
    try:
        stored = read_json(path)
        (first, one), (second, other) = stored["runs"].items()
        worth = {first: 1.0, second: -1.0, None: 0.0}
        votes = {
            (str(vote["task"]), _sample(vote["sample"])): worth[vote["better"]]
            for vote in stored["votes"]
        }
    except (HarnessError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            f"{path}: must hold votes as the listening page saves them; "
            "save them again with its blind A/B"
        ) from error
    return str(one), str(other), votes


def _sample(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < SAMPLES:
        raise ValueError(f"sample must be within 0..{SAMPLES - 1}, got {value!r}")
    return value
