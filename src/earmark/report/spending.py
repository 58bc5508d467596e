"""What a sweep has spent: cost, tokens, seconds and attempts, summed over its runs.

A sum is left out with the reason where one run does not know its part: it would be too low.
"""

from collections.abc import Sequence

from earmark.analysis.labels import is_baseline
from earmark.records import Run, Scores

SUMMED = ("cost_usd", "prompt_tokens", "completion_tokens", "seconds", "attempts")


def total_spending(runs: Sequence[Run]) -> Scores:
    """The sums over `runs`; baselines use no tokens and are left out of theirs."""
    values, unscored = {}, {}
    for name in SUMMED:
        tokens = name.endswith("_tokens")
        parts = [run.scores.get(name) for run in runs if not (tokens and is_baseline(run))]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            unscored[name] = f"unknown for {len(parts) - len(known)} of {len(parts)} runs"
        else:
            values[name] = float(sum(known))
    return Scores(values, unscored)


def spending_line(runs: Sequence[Run]) -> str:
    """`$1.2345 for 12,000 + 3,000 tokens in 96 attempts of 8 runs`; unknown sums say so."""
    sums = total_spending(runs)
    if "cost_usd" in sums.values:
        cost = f"${sums.values['cost_usd']:.4f}"
    else:
        cost = f"an unknown sum (cost {sums.unscored['cost_usd']})"
    counts = [sums.values.get(name) for name in ("prompt_tokens", "completion_tokens")]
    tokens = " + ".join("unknown" if count is None else f"{count:,.0f}" for count in counts)
    attempts = f"{sums.values.get('attempts', 0):,.0f} attempts of {len(runs)} runs"
    return f"{cost} for {tokens} tokens in {attempts}"
