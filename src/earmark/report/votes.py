"""What listeners preferred: files of votes from the listening page -> a verdict for each pair of runs.

In: JSON files that the page's blind A/B saved, any number of them. Out: counts, the preference with its interval, a p-value. A vote is +1
for the one, -1 for the other, 0 for no difference; tasks are the clusters, as everywhere. It shows nothing and plays nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from earmark.analysis import statistics
from earmark.errors import ConfigError, HarnessError, printable
from earmark.storage.atomic import read_json

SAMPLES = 1_000_000  # of one listener; a sweep has at most 10,000


@dataclass(frozen=True, slots=True)
class Preference:
    """One pair of runs: `mean` of +1 (one is better), 0 and -1 (other is better), and the two-sided p-value of no preference."""

    one: str
    other: str
    for_one: int
    for_other: int
    ties: int
    mean: statistics.Mean
    p: float


Votes = dict[statistics.Pair, float]


def preferences(files: Iterable[Path]) -> list[Preference]:
    """A verdict for each pair that was voted on, in order of their names. ConfigError names a file that holds no votes."""
    cast: dict[tuple[str, str], Votes] = defaultdict(dict)
    for listener, path in enumerate(files):
        one, other, votes = _read(path)
        for (task, sample), value in votes.items():
            # Each listener's vote is one of its own, beside the others on the same task.
            sign = 1 if one <= other else -1
            cast[min(one, other), max(one, other)][task, listener * SAMPLES + sample] = sign * value
    return [_preference(one, other, votes) for (one, other), votes in sorted(cast.items()) if votes]


def _preference(one: str, other: str, votes: Votes) -> Preference:
    values = list(votes.values())
    ours, theirs, ties = (values.count(value) for value in (1.0, -1.0, 0.0))
    p = statistics.sign_flip_p(votes, dict.fromkeys(votes, 0.0))
    return Preference(
        one,
        other,
        ours,
        theirs,
        ties,
        mean=statistics.mean(values, [task for task, _ in votes]),
        p=p,
    )


def _read(path: Path) -> tuple[str, str, Votes]:
    try:
        told = read_json(path)
        (first, one), (second, other) = told["runs"].items()
        worth = {first: 1.0, second: -1.0, None: 0.0}
        votes = {
            (str(vote["task"]), _sample(vote["sample"])): worth[vote["better"]]
            for vote in told["votes"]
        }
    except (HarnessError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            f"{path}: holds no votes as the listening page saves them; save them again with its blind A/B"
        ) from error
    return str(one), str(other), votes


def _sample(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < SAMPLES:
        raise ValueError(f"sample must be within 0..{SAMPLES - 1}, got {value!r}")
    return value


def lines(found: Iterable[Preference]) -> list[str]:
    """The verdicts for people."""
    told = []
    for one in found:
        ends = (
            f" [{one.mean.low:+.2f}, {one.mean.high:+.2f}]"
            if one.mean.low is not None and one.mean.high is not None
            else ""
        )
        told += [
            f"{printable(one.one)}: {one.for_one}   {printable(one.other)}: {one.for_other}   no difference: {one.ties}",
            f"  preference for the first (-1..1): {one.mean.value:+.2f}{ends}, p = {one.p:.3g}, {one.mean.n} votes, {one.mean.tasks} tasks",
        ]
    return told
