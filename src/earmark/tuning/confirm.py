"""Confirm what a search found: run the best settings again on fresh samples and held-out tasks.

The best of many trials looks better than it is. So each is run with another seed, on tasks that the
search did not see, next to the defaults; and the share of the tasks' specs that its clips meet,
which the search did not maximise, is a witness beside the score.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from earmark.analysis.estimates import Estimate
from earmark.analysis.scores import floored_mean, mean_score
from earmark.config.compose import compose
from earmark.config.factory import tier_tasks
from earmark.config.schema import RunConfig
from earmark.models.wrappers.ledger import Ledger
from earmark.records import Run
from earmark.report.table import Table, align, number
from earmark.storage.sweep_folder import SweepFolder
from earmark.tasks.loading import select

WITNESS = "check_ok"
LEFT_OUT = ("hydra", "hparams_search=", "name=", "tier.split=", "seed=", "budget_usd=")
DEFAULTS = "the defaults"

RunSweep = Callable[[Sequence[RunConfig], str], list[Run]]  # the finished runs of a sweep's name


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings and their value in the search; neither of the two for the defaults."""

    settings: Mapping[str, Any]
    value: float | None

    @property
    def name(self) -> str:
        """The settings as they are typed."""
        return " ".join(self.overrides()) or DEFAULTS

    def overrides(self) -> list[str]:
        """The settings as words of a command line."""
        return [f"{name}={value}" for name, value in self.settings.items()]


def confirm(
    candidates: Sequence[Candidate],
    fixed: Sequence[str],
    searched: RunConfig,
    *,
    run_sweep: RunSweep,
) -> tuple[list[Run], str]:
    """Run every candidate again, as the sweep NAME-again.

    Args:
        candidates: what is compared.
        fixed: the overrides that all trials of the search shared.
        searched: the configuration of these overrides.
        run_sweep: runs configurations as a sweep.

    Returns:
        The finished runs, in the order of the candidates where all are finished, and which tasks
        and samples they were: held-out tasks where the tier has some.

    Raises:
        EarmarkError: before the first run.
    """
    tier = searched.tier
    tasks = select(tier_tasks(tier), only=tier.only)
    held_out = any(task.split == "held-out" for task in tasks)
    split = "held-out" if held_out else tier.split
    kept = [word for word in fixed if not word.startswith(LEFT_OUT)]
    other = [f"tier.split={split}", f"seed={searched.seed + 1}"]
    left_usd = _left_usd(searched)
    configs = []
    for one in candidates:
        shared = [word for word in kept if word.split("=")[0] not in one.settings]
        config = compose([*shared, *one.overrides(), *other])
        configs.append(replace(config, budget_usd=left_usd))
    runs = run_sweep(configs, f"{searched.name}-again")
    what = f"fresh samples of the {split} tasks"
    if held_out and tier.split == "all":
        what += ", which the search has seen too: search with tier.split=tune"
    return runs, what


def compare(candidates: Sequence[Candidate], runs: Sequence[Run], what: str) -> str:
    """The table that ends a search: the value of each in the search and again."""
    headline = runs[0].config.embedder.name
    scores = [floored_mean(run, headline) for run in runs]
    checks = [mean_score(run, WITNESS, floor=0.0) for run in runs]
    heads = (
        *("settings", "in the search", f"{headline}_floored again", "± se"),
        *(f"{WITNESS} (witness)", "± se", "tasks"),
    )
    rows = []
    for one, score, check in zip(candidates, scores, checks, strict=True):
        tasks = str(score.tasks if score else 0)
        rows.append((one.name, number(one.value, ".3f"), *_columns(score), *_columns(check), tasks))
    title = f"the winners again, on {what}; {WITNESS} counts an invalid episode as 0"
    table = align(Table(title, heads, tuple(rows)), left=1)
    return f"{table}\n{_verdict(candidates, scores, checks)}"


def _verdict(
    candidates: Sequence[Candidate],
    scores: Sequence[Estimate | None],
    checks: Sequence[Estimate | None],
) -> str:
    first, witness = _best(scores), _best(checks)
    if first is None or witness is None:
        return "not every score could be given: see the unscored reasons of the runs"
    if first == witness:
        return f"best again by score and by witness: {candidates[first].name}"
    other = f"the witness disagrees, its best is: {candidates[witness].name}"
    return f"best again by score: {candidates[first].name}; {other}"


def _best(means: Sequence[Estimate | None]) -> int | None:
    values = [mean.value for mean in means if mean is not None]
    return None if len(values) < len(means) else values.index(max(values))


def _columns(mean: Estimate | None) -> tuple[str, str]:
    value, error = (mean.value, mean.standard_error) if mean else (None, None)
    return number(value, ".3f"), number(error, ".3f")


def _left_usd(searched: RunConfig) -> float | None:
    """What the search has left of its budget; next to nothing where all is spent."""
    if searched.budget_usd is None:
        return None
    ledger = Ledger(SweepFolder.named(searched.name).ledger, budget_usd=searched.budget_usd)
    return max(searched.budget_usd - ledger.spent_usd, 1e-9)
