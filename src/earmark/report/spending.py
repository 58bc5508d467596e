"""What a sweep has spent: cost, tokens, seconds and attempts, summed over its runs.

A sum is left out with the reason where one run does not know its part: it would be too low. Runs
that ask the same share the answer: it stands in the cost of each, and once in the sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from earmark.analysis.labels import is_baseline
from earmark.errors import counted
from earmark.identity import answer_key
from earmark.records import Attempt, Run, Scores

PAID = ("cost_usd", "prompt_tokens", "completion_tokens", "seconds")  # of an answer
SUMMED = ("cost_usd", "prompt_tokens", "completion_tokens", "seconds", "attempts")


@dataclass(frozen=True, slots=True)
class Shared:
    """The answers that an earlier run holds as well: how many, and what they sum up to."""

    count: int = 0
    sums: Mapping[str, float] = field(default_factory=dict)


class Answers:
    """Counts the answers of a sweep an attempt at a time; of each it keeps a number."""

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._count = 0
        self._sums = dict.fromkeys(PAID, 0.0)

    def add(self, run: Run, one: Attempt) -> None:
        """Count the answer of an attempt of this run; baselines are no models, and none is paid."""
        if one.completion is None or is_baseline(run):
            return
        key = int(answer_key(run.config.model, one.request)[:16], 16)
        if key in self._held:
            self._count += 1
            for name in PAID:
                self._sums[name] += getattr(one.completion, name) or 0
        self._held.add(key)

    def shared(self) -> Shared:
        """What several runs hold, of those counted until now."""
        return Shared(self._count, dict(self._sums))


def total_spending(runs: Sequence[Run], shared: Shared) -> Scores:
    """The sums over `runs`, of which they share some answers; baselines use no tokens and are left
    out of theirs.
    """
    values, unscored = {}, {}
    for name in SUMMED:
        tokens = name.endswith("_tokens")
        parts = [run.scores.get(name) for run in runs if not (tokens and is_baseline(run))]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            unscored[name] = (
                f"unknown for {len(parts) - len(known)} of {counted(len(parts), 'run')}"
            )
        else:
            values[name] = float(sum(known)) - shared.sums.get(name, 0.0)
    return Scores(values, unscored)


def spending_line(runs: Sequence[Run], shared: Shared) -> str:
    """`$1.2345 for 12,000 + 3,000 tokens in 96 attempts of 8 runs`; unknown sums say so."""
    sums = total_spending(runs, shared)
    if "cost_usd" in sums.values:
        cost = f"${sums.values['cost_usd']:.4f}"
    else:
        cost = f"an unknown sum (cost {sums.unscored['cost_usd']})"
    counts = [sums.values.get(name) for name in ("prompt_tokens", "completion_tokens")]
    tokens = " + ".join("unknown" if count is None else f"{count:,.0f}" for count in counts)
    made = counted(round(sums.values.get("attempts", 0)), "attempt")
    attempts = f"{made} of {counted(len(runs), 'run')}"
    once = ""
    if shared.count:
        once = f"; {shared.count:,} of the answers are another run's as well, and paid once"
    return f"{cost} for {tokens} tokens in {attempts}{once}"
