"""What `dry_run=true` prints: a row per run and their sum, and what a budget would say."""

from collections.abc import Sequence
from dataclasses import replace

from earmark.config.preflight import calls_at_once
from earmark.config.schema import ConcurrencyConfig, RunConfig
from earmark.errors import counted
from earmark.report.table import Table, align
from earmark.sweep.calls import Calls
from earmark.sweep.estimate import Estimate

UNKNOWN = "unknown"
BATCH_TIME = "a batch for each turn and model, each answered within a day"
PROGRAM_SECONDS = 1.0  # of an ordinary program with its scores
HEADS = (
    *("run", "episodes", "recorded", "paid $", "to ask", "prompt tokens", "answer tokens"),
    *("expected $", "at most $"),
)
NOTE = (
    "ranges are from every program leaving a clip to every program failing; "
    "at most $: what a budget reserves, without retries"
)


def render_estimates(
    estimates: Sequence[Estimate],
    whole: Estimate,
    *,
    budget_usd: float | None,
    spent_usd: float,
    asking: str = "each",
) -> str:
    """The table, whose last row is the `whole` sweep, and what follows from it."""
    rows = tuple(_row(one) for one in (*estimates, whole))
    title = f"{counted(len(estimates), 'run')}; no model was called"
    lines = [align(Table(title, HEADS, rows), left=1), NOTE]
    alike = sum(one.most.count + one.recorded for one in estimates)
    if alike > whole.most.count + whole.recorded:
        lines.append("all: what several runs ask alike is asked and paid once")
    lines += sorted({f"assumed: {one.typical}" for one in estimates if one.typical})
    if asking == "batch":
        lines.append(f"asking=batch: half the list price, {BATCH_TIME}")
    if budget_usd is not None:
        lines.append(_budget(whole, budget_usd, spent_usd))
    return "\n".join(lines)


def size_facts(whole: Estimate, configs: Sequence[RunConfig]) -> dict[str, str]:
    """What a sweep prints of its size at its start, and which limit requests meet first.

    Args:
        whole: the estimate of all runs.
        configs: these.
    """
    first, at_once = configs[0], calls_at_once(configs)
    limits = replace(first.concurrency, requests=at_once)
    line = _size_line(whole, runs=len(configs), limits=limits, asking=first.asking)
    if at_once == first.concurrency.requests:
        return {"size": line}
    said = f"{at_once} at once and not {first.concurrency.requests}"
    return {"requests": f"{said}: model.concurrency allows no more", "size": line}


def _size_line(whole: Estimate, *, runs: int, limits: ConcurrencyConfig, asking: str) -> str:
    """How many runs, what they ask and cost, how long it takes."""
    low, high = whole.fewest, whole.most
    seconds = [_seconds(whole.episodes, calls, limits) for calls in (low, high)]
    asked = f"{_range(low.count, high.count)} answers to ask"
    if low.count == high.count == 0:
        asked = "no answer to ask"
    parts = [f"{runs} runs, {whole.episodes:,} episodes", f"{whole.recorded:,} answers recorded"]
    cost = f"expected ${_usd_range(low, high)}"
    clocks = BATCH_TIME if asking == "batch" and high.count else f"about {_clocks(*seconds)}"
    return ", ".join([*parts, asked, cost, clocks])


def _seconds(episodes: int, calls: Calls, limits: ConcurrencyConfig) -> float:
    programs = max(episodes, calls.count) * PROGRAM_SECONDS / limits.programs
    return calls.seconds / limits.requests + programs


def _clocks(low: float, high: float) -> str:
    texts = [f"{max(round(one / 60), 1)} min" for one in (low, high)]
    return "–".join(dict.fromkeys(texts)).replace(" min–", "–")


def _row(one: Estimate) -> tuple[str, ...]:
    low, high = one.fewest, one.most
    return (
        one.label,
        str(one.episodes),
        str(one.recorded),
        _usd(one.paid_usd),
        _range(low.count, high.count),
        _range(low.prompt_tokens, high.prompt_tokens),
        _range(low.answer_tokens, high.answer_tokens),
        _usd_range(low, high),
        _usd(high.max_usd),
    )


def _usd(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.4f}"


def _range(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return UNKNOWN
    return f"{high:,}" if low == high else f"{low:,}–{high:,}"


def _usd_range(low: Calls, high: Calls) -> str:
    if low.cost_usd is None or high.cost_usd is None:
        return UNKNOWN
    return "–".join(dict.fromkeys((_usd(low.cost_usd), _usd(high.cost_usd))))


def _budget(whole: Estimate, budget_usd: float, spent_usd: float) -> str:
    left_usd, most = budget_usd - spent_usd, whole.most.max_usd
    spent = f"{spent_usd:.4f} are spent or reserved under this sweep's name"
    start = f"budget_usd={budget_usd:g}: {spent}, {left_usd:.4f} are left"
    if most is None:
        return f"{start}; the cost of what is missing is unknown"
    if most <= left_usd:
        return f"{start}; all of it fits"
    rest = "the sweep may stop before the end, and can be resumed"
    return f"{start}; what is missing may cost {most:.4f}: {rest}"
