"""`earmark plan --delta D [SWEEP]`: how large a sweep must be to find a difference."""

import argparse

from earmark.analysis.decisions import DELTA
from earmark.analysis.pilot import TierPlan, plan_tier
from earmark.analysis.planning import POWER
from earmark.errors import ConfigError, counted
from earmark.report import load_results
from earmark.report.table import Table, align, number

NO_PILOT = """\
No pilot, no plan: the size depends on how much scores vary between tasks, runs and samples. Run two
configurations whose difference is the question, with 2 samples, on at least 8 tasks of each tier:

  earmark -m model=A,B tier=notes,environment,speech tier.limit=8 samples=2 name=pilot

(see its cost first: add dry_run=true), then:

  earmark plan --delta {delta:g} pilot"""


def main(argv: list[str]) -> int:
    """Run the command. Returns 0, or 2 where the pilot does not suffice in any tier."""
    options = _parser().parse_args(argv)
    if not options.delta > 0:
        raise ConfigError(f"--delta: must be above 0, got {options.delta:g}; 0.03 is usual")
    if options.runs < 2:
        raise ConfigError(f"--runs: must be at least 2, got {options.runs}")
    if not 0 < options.power < 1:
        raise ConfigError(f"--power: must be within 0..1, got {options.power:g}; 0.8 is usual")
    if options.sweep is None:
        print(NO_PILOT.format(delta=options.delta))
        return 0
    results = load_results(options.sweep, delta=options.delta)
    if not results.conclusion.tiers:
        raise ConfigError(f"{options.sweep}: holds no finished run yet; finish the pilot first")
    planned = 0
    for tier in results.conclusion.tiers:
        metric = options.metric or tier.primary
        if metric not in tier.metrics:
            known = ", ".join(tier.metrics)
            raise ConfigError(f"--metric: unknown metric {metric!r}; choose from {known}")
        made = plan_tier(
            tier.tier,
            tier.metrics[metric],
            delta=options.delta,
            runs=options.runs,
            target=options.power,
        )
        planned += isinstance(made, TierPlan)
        print(made if isinstance(made, str) else render_plan(made, options.delta, options.power))
        print()
    return 0 if planned else 2


def render_plan(plan: TierPlan, delta: float, target: float) -> str:
    """The plan of a tier as lines."""
    title = (
        f"{plan.tier}, {plan.metric}: to find a difference of {delta:g} in {target:.0%} of sweeps"
    )
    rows = []
    for one in plan.options:
        size = one.size
        tasks = str(size.tasks) if size else "more than 100,000"
        calls = f"{one.calls:,}" if one.calls is not None else "–"
        rows.append((str(one.samples), tasks, calls, number(one.cost_usd, ".2f")))
    heads = ("samples", "tasks", "calls per run", "cost per run $")
    curve = ", ".join(f"{tasks}: {share:.0%}" for tasks, share in plan.curve)
    share = plan.components.share(plan.components.chance)
    chance = (
        "chance is not known: the pilot has 1 sample per task, so other numbers of samples are open"
        if share is None
        else f"{share:.0%} of the variance is the model's own chance: that is what samples reduce"
    )
    own = f"{counted(plan.tasks, 'task')}, {counted(plan.samples, 'sample')}"
    return "\n".join(
        [
            align(Table(title, heads, tuple(rows)), left=0),
            f"  {chance}",
            f"  power by tasks, at {counted(plan.samples, 'sample')}: {curve}",
            f"  the pilot itself ({own}) finds "
            f"{plan.smallest:.3g} (alpha {plan.alpha:.3g} for each pair)",
        ]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark plan",
        description="Tasks and samples that find a difference, from the variances of a pilot.",
    )
    parser.add_argument("sweep", nargs="?", metavar="SWEEP", help="the pilot, a finished sweep")
    parser.add_argument(
        "--delta", type=float, default=DELTA, help=f"the difference to find (default {DELTA})"
    )
    parser.add_argument("--metric", help="the one read first if not given; check_ok, valid, …")
    parser.add_argument("--runs", type=int, default=2, help="how many runs will be compared (2)")
    parser.add_argument("--power", type=float, default=POWER, help=f"(default {POWER})")
    return parser
