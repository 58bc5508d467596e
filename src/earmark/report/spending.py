"""What a sweep has spent: cost, tokens, seconds and attempts, summed over its runs.

A sum is left out with the reason where one run does not know its part: it would be too low. Runs
that ask the same share the answer: it stands in the cost of each, and once in the sum.
"""

from collections.abc import Sequence

from earmark.analysis.labels import is_baseline
from earmark.errors import counted
from earmark.identity import answer_key
from earmark.records import Completion, Run, Scores

PAID = ("cost_usd", "prompt_tokens", "completion_tokens", "seconds")  # of an answer
SUMMED = ("cost_usd", "prompt_tokens", "completion_tokens", "seconds", "attempts")


def total_spending(runs: Sequence[Run]) -> Scores:
    """The sums over `runs`; baselines use no tokens and are left out of theirs.

    What runs share is known only from their attempts: runs without them are added up.
    """
    values, unscored = {}, {}
    shared = shared_answers(runs)
    for name in SUMMED:
        tokens = name.endswith("_tokens")
        parts = [run.scores.get(name) for run in runs if not (tokens and is_baseline(run))]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            unscored[name] = (
                f"unknown for {len(parts) - len(known)} of {counted(len(parts), 'run')}"
            )
        else:
            values[name] = float(sum(known)) - _sum(shared, name)
    return Scores(values, unscored)


def shared_answers(runs: Sequence[Run]) -> list[Completion]:
    """The answers that an earlier one of these runs holds as well."""
    held: set[str] = set()
    shared: list[Completion] = []
    for run in runs:
        for one in () if is_baseline(run) else run.attempts:
            if one.completion is None:
                continue
            key = answer_key(run.config.model, one.request)
            if key in held:
                shared.append(one.completion)
            held.add(key)
    return shared


def _sum(answers: Sequence[Completion], name: str) -> float:
    if name not in PAID:
        return 0.0
    return float(sum(getattr(answer, name) or 0 for answer in answers))


def spending_line(runs: Sequence[Run]) -> str:
    """`$1.2345 for 12,000 + 3,000 tokens in 96 attempts of 8 runs`; unknown sums say so."""
    sums = total_spending(runs)
    if "cost_usd" in sums.values:
        cost = f"${sums.values['cost_usd']:.4f}"
    else:
        cost = f"an unknown sum (cost {sums.unscored['cost_usd']})"
    counts = [sums.values.get(name) for name in ("prompt_tokens", "completion_tokens")]
    tokens = " + ".join("unknown" if count is None else f"{count:,.0f}" for count in counts)
    made = counted(round(sums.values.get("attempts", 0)), "attempt")
    attempts = f"{made} of {counted(len(runs), 'run')}"
    shared = len(shared_answers(runs))
    once = f"; {shared:,} of the answers are another run's as well, and paid once" if shared else ""
    return f"{cost} for {tokens} tokens in {attempts}{once}"
