"""Confirm what a search found: run candidates and defaults on fresh samples of other tasks."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from earmark.config.compose import compose
from earmark.config.factory import tier_tasks
from earmark.config.schema import RunConfig
from earmark.errors import ConfigError
from earmark.identity import run_key
from earmark.models.wrappers.ledger import Ledger
from earmark.records import Run
from earmark.storage.sweep_folder import SweepFolder
from earmark.tasks.loading import select
from earmark.tuning.candidates import Candidate
from earmark.tuning.space import words

LEFT_OUT = ("name=", "tier.split=", "tier.limit=", "seed=", "budget_usd=")

RunSweep = Callable[[Sequence[RunConfig], str], list[Run]]  # the finished runs of a sweep's name


def confirm(
    candidates: Sequence[Candidate],
    fixed: Sequence[str],
    searched: RunConfig,
    *,
    limit: int | None,
    run_sweep: RunSweep,
) -> tuple[list[Candidate], list[Run], str]:
    """Run candidates and defaults afresh, as the sweep NAME-again.

    Args:
        candidates: what is compared with the defaults.
        fixed: the words that all trials of the search shared.
        searched: the configuration of these words.
        limit: how many tasks are asked; None for all.
        run_sweep: runs configurations as a sweep.

    Returns:
        The candidates that differ from the defaults and from each other, the defaults last; their
        runs in the same order, fewer where some were not finished; which tasks they were.

    Raises:
        EarmarkError: before the first run.
    """
    split, what = _fresh(searched)
    kept = [word for word in fixed if not word.startswith(LEFT_OUT)]
    other = [f"tier.split={split}", f"seed={searched.seed + 1}"]
    other += [] if limit is None else [f"tier.limit={limit}"]
    left_usd = _left_usd(searched)
    by_key: dict[str, tuple[Candidate, RunConfig]] = {}
    for one in (Candidate({}), *candidates):
        shared = [word for word in kept if word.split("=")[0] not in one.settings]
        try:
            config = compose([*shared, *words(one.settings), *other])
        except ConfigError:
            if one.new:
                continue  # settings that do not fit together: no trial has composed them
            raise
        by_key.setdefault(run_key(config), (one, replace(config, budget_usd=left_usd)))
    defaults, *winners = by_key.values()
    ordered = [*winners, defaults]
    runs = run_sweep([config for _, config in ordered], f"{searched.name}-again")
    return [one for one, _ in ordered], runs, what


def _fresh(searched: RunConfig) -> tuple[str, str]:
    """The split that the confirmation asks, and what that is in words."""
    tier = searched.tier
    tasks = select(tier_tasks(tier), only=tier.only)
    if not any(task.split == "held-out" for task in tasks):
        rest = "there are no held-out tasks among them: the gain may be theirs alone"
        return tier.split, f"fresh samples of the same tasks; {rest}"
    what = "fresh samples of held-out tasks"
    if tier.split != "tune":
        what += ", which the search has seen too: search with tier.split=tune"
    return "held-out", what


def _left_usd(searched: RunConfig) -> float | None:
    """What the search has left of its budget; next to nothing where all is spent."""
    if searched.budget_usd is None:
        return None
    ledger = Ledger(SweepFolder.named(searched.name).ledger, budget_usd=searched.budget_usd)
    return max(searched.budget_usd - ledger.spent_usd, 1e-9)
