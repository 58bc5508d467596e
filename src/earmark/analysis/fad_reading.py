"""A run's FAD with what it must be read with: n, the null floor, the ratio, the rank mark.

FAD of few clips is biased upwards, and by how much depends on n: values of runs are read at one
size that all of them have. A run whose FAD was not given has no reading, and its `unscored` says
why.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from earmark.metrics.fad import SIZES
from earmark.records import Run


@dataclass(frozen=True, slots=True)
class FadReading:
    """FAD of n clips against m recordings; `null` is what n of the recordings get themselves.

    The interval is known at the run's own n alone.
    """

    value: float
    n: int
    m: int
    null: float
    rank_deficient: bool
    low: float | None = None
    high: float | None = None

    @property
    def ratio(self) -> float | None:
        """FAD over its null; None where all recordings are alike."""
        return self.value / self.null if self.null > 0 else None

    @property
    def text(self) -> str:
        """`0.412, 2.1 × null 0.196`; an asterisk marks a rank-deficient covariance."""
        text = f"{self.value:.3g}{'*' if self.rank_deficient else ''}"
        if self.ratio is None:
            return f"{text}, null {self.null:.3g}"
        return f"{text}, {self.ratio:.2g} × null {self.null:.3g}"


def fad_reading(run: Run, n: int | None = None) -> FadReading | None:
    """The run's FAD at its own number of clips, or at `n`; None where it was not given."""
    scores = run.scores
    if any(name not in scores for name in ("fad", "fad_n", "fad_n_reference", "fad_null")):
        return None
    own, recordings = int(scores["fad_n"]), int(scores["fad_n"] + scores["fad_n_reference"])
    if n is None or n == own:
        return FadReading(
            scores["fad"],
            own,
            recordings - own,
            scores["fad_null"],
            bool(scores.get("fad_rank_deficient")),
            scores.get("fad_low"),
            scores.get("fad_high"),
        )
    if f"fad_n{n}" not in scores:
        return None
    smaller = min(n, recordings - n)
    deficient = smaller < scores["fad_width"] + 1
    return FadReading(
        *(scores[f"fad_n{n}"], n, recordings - n, scores[f"fad_null_n{n}"], deficient)
    )


def comparable_size(runs: Iterable[Run]) -> int | None:
    """The largest n at which every run with a FAD has one; None without FAD, or without such n."""
    scored = [run for run in runs if fad_reading(run) is not None]
    own = {int(run.scores["fad_n"]) for run in scored}
    if len(own) == 1:
        return own.pop()
    names = set(scored[0].scores).intersection(*(run.scores for run in scored)) if scored else ()
    return max((n for n in SIZES if f"fad_n{n}" in names), default=None)


def fad_readings(runs: Sequence[Run]) -> dict[int, Mapping[str, FadReading]]:
    """Readings by n and run key: of one n where the runs have one in common, else of each own n.

    Each n is a column of its own, the most frequent first.
    """
    common = comparable_size(runs)
    found: dict[int, dict[str, FadReading]] = {}
    counts: Counter[int] = Counter()
    for run in runs:
        one = fad_reading(run, common)
        if one is not None:
            found.setdefault(one.n, {})[run.key] = one
            counts[one.n] += 1
    return {n: found[n] for n, _ in counts.most_common()}
