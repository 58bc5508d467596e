"""Whether an order of runs is the same by other ears and by other wordings of the captions.

In: finished Runs of one pipeline. Out: the pairs whose order turns round, and by what. A turned pair is no error: it says that the order
of these two is not to be relied on. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from earmark.analysis.statistics import label
from earmark.records import Run

MAX_NAMED = 2


@dataclass(frozen=True, slots=True)
class Turned:
    """By the headline `better` is before `worse`; by `by` it is the other way."""

    by: str
    better: str
    worse: str


def turned(runs: Sequence[Run], headline: str) -> list[Turned]:
    """Every pair that a member of the panel or a wording puts the other way round, means over valid episodes compared."""
    found = []
    for one, other in combinations(runs, 2):
        for by in sorted(set(_others(one, headline)) & set(_others(other, headline))):
            apart = one.scores.get(headline, 0.0) - other.scores.get(headline, 0.0)
            if apart * (one.scores[by] - other.scores[by]) < 0:
                better, worse = (one, other) if apart > 0 else (other, one)
                found.append(Turned(by, label(better), label(worse)))
    return found


def told(runs: Sequence[Run], headline: str) -> str:
    """One clause for a table's title; empty where every ear and wording agrees, or there is but one."""
    pairs = turned(runs, headline)
    if not pairs:
        return ""
    by = sorted({one.by for one in pairs})
    shown = "; ".join(f"{one.worse} above {one.better}" for one in pairs[:MAX_NAMED])
    more = f" and {len(pairs) - MAX_NAMED} more" if len(pairs) > MAX_NAMED else ""
    return f"order not the same by {', '.join(by)} ({shown}{more})"


def _others(run: Run, headline: str) -> list[str]:
    panel = run.facts.get("panel", "").split()
    wordings = [name for name in run.scores if name.startswith(f"{headline}_template_")]
    return [name for name in (*panel, *wordings) if name in run.scores and headline in run.scores]
