"""Whether other embedders and other wordings of the captions put runs in the same order.

A disagreement is no error: it says that the order of these two runs is not to be relied on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from earmark.analysis.labels import label
from earmark.records import Run

MAX_NAMED = 2


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The headline puts `better` above `worse`; the score `by` does the opposite."""

    by: str
    better: str
    worse: str


def disagreements(runs: Sequence[Run], headline: str) -> list[Disagreement]:
    """Every pair that an embedder of the panel or a wording orders otherwise.

    Means over valid episodes are compared.
    """
    found = []
    for one, other in combinations(runs, 2):
        for by in sorted(set(_other_scores(one, headline)) & set(_other_scores(other, headline))):
            difference = one.scores.get(headline, 0.0) - other.scores.get(headline, 0.0)
            if difference * (one.scores[by] - other.scores[by]) < 0:
                better, worse = (one, other) if difference > 0 else (other, one)
                found.append(Disagreement(by, label(better), label(worse)))
    return found


def order_warning(runs: Sequence[Run], headline: str) -> str:
    """One clause that names the disagreements; empty where there are none."""
    pairs = disagreements(runs, headline)
    if not pairs:
        return ""
    by = sorted({pair.by for pair in pairs})
    examples = "; ".join(f"{pair.worse} above {pair.better}" for pair in pairs[:MAX_NAMED])
    more = f" and {len(pairs) - MAX_NAMED} more" if len(pairs) > MAX_NAMED else ""
    return f"{', '.join(by)} would order them otherwise ({examples}{more})"


def _other_scores(run: Run, headline: str) -> list[str]:
    wordings = [name for name in run.scores if name.startswith(f"{headline}_template_")]
    names = (*run.facts.panel, *wordings)
    return [name for name in names if name in run.scores and headline in run.scores]
