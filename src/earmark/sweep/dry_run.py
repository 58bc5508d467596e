"""What `dry_run=true` prints: estimates as lines.

In: one Estimate per run. Out: text: a table with a row per run and their sum, how long answers were taken to be, and what a budget
would say. Unknown is called unknown. Nothing is worked out here that costs time: see estimate.py.
"""

from collections.abc import Sequence

from earmark.report.table import Table, align
from earmark.sweep.estimate import Calls, Estimate, total

UNKNOWN = "unknown"
HEADS = (
    "run",
    "episodes",
    "recorded",
    "paid $",
    "to ask",
    "prompt tokens",
    "answer tokens",
    "expected $",
    "at most $",
)
NOTE = "a range is from every program being heard to every program failing; at most $: what a budget reserves, before any retry"


def bill(estimates: Sequence[Estimate], *, budget_usd: float | None, spent_usd: float) -> str:
    """The table and what follows from it."""
    whole = total(estimates)
    rows = tuple(_row(one) for one in (*estimates, whole))
    lines = [align(Table(f"{len(estimates)} runs, nothing asked", HEADS, rows), left=1), NOTE]
    lines += sorted({f"taken: {one.typical}" for one in estimates if one.typical})
    return "\n".join(
        [*lines, *([] if budget_usd is None else [_verdict(whole, budget_usd, spent_usd)])]
    )


def _row(one: Estimate) -> tuple[str, ...]:
    low, high = one.fewest, one.most
    calls = (
        _range(low.count, high.count),
        _range(low.prompt_tokens, high.prompt_tokens),
        _range(low.answer_tokens, high.answer_tokens),
        _usd_range(low, high),
        UNKNOWN if high.max_usd is None else f"{high.max_usd:.4f}",
    )
    paid = UNKNOWN if one.paid_usd is None else f"{one.paid_usd:.4f}"
    return (one.label, str(one.episodes), str(one.recorded), paid, *calls)


def _range(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return UNKNOWN
    return f"{high:,}" if low == high else f"{low:,}–{high:,}"


def _usd_range(low: Calls, high: Calls) -> str:
    if low.cost_usd is None or high.cost_usd is None:
        return UNKNOWN
    texts = [f"{low.cost_usd:.4f}", f"{high.cost_usd:.4f}"]
    return "–".join(dict.fromkeys(texts))


def _verdict(whole: Estimate, budget_usd: float, spent_usd: float) -> str:
    left, most = budget_usd - spent_usd, whole.most.max_usd
    said = f"budget_usd={budget_usd:g}: {spent_usd:.4f} are spent or held under this sweep's name, {left:.4f} are left; "
    if most is None:
        return f"{said}what is missing may cost an unknown sum"
    return said + (
        "all of it fits"
        if most <= left
        else f"what is missing may cost {most:.4f}: it may stop before the end, resumable"
    )
