"""What a sweep has spent: finished runs -> sums, and one line.

In: Runs' summaries. Out: cost, tokens, seconds, attempts of all of them; a sum with a part that nobody told is left out with the reason,
since it would be too low. Baselines are asked without tokens and count for none. Nothing is read from a disk.
"""

from collections.abc import Sequence

from earmark.records import Run, Scores

SUMMED = ("cost_usd", "prompt_tokens", "completion_tokens", "seconds", "attempts")


def spent(runs: Sequence[Run]) -> Scores:
    """The sums over `runs`, and for each that cannot be given how many runs did not tell."""
    values, unknown = {}, {}
    for name in SUMMED:
        told = [
            run.scores.get(name)
            for run in runs
            if not (name.endswith("_tokens") and run.facts.get("baseline") == "yes")
        ]
        if missing := told.count(None):
            unknown[name] = f"{missing} of {len(told)} runs did not tell all of theirs"
        else:
            values[name] = float(sum(value for value in told if value is not None))
    return Scores(values=values, unscored=unknown)


def spending_line(runs: Sequence[Run]) -> str:
    """`$1.2345 for 12,000 + 3,000 tokens in 96 attempts of 8 runs`; what is unknown is called so."""
    sums = spent(runs)
    cost = (
        f"${sums.values['cost_usd']:.4f}"
        if "cost_usd" in sums.values
        else f"an unknown sum ({sums.unscored['cost_usd']})"
    )
    counted = [sums.values.get(name) for name in ("prompt_tokens", "completion_tokens")]
    tokens = " + ".join("unknown" if count is None else f"{count:,.0f}" for count in counted)
    return f"{cost} for {tokens} tokens in {sums.values.get('attempts', 0):,.0f} attempts of {len(runs)} runs"
