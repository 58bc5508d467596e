"""What a search found, asked once more: the best settings on fresh samples and held-out tasks, beside the defaults.

In: a finished study's best trials and the settings of the search. Out: a sweep of their own and rows to compare. The best of many trials
looks better than it is, by chance alone: here each is asked again with another seed, on tasks that the search did not see, and the
tier's checks stand beside the score as a witness that was not searched by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from earmark.analysis.scores import floored_mean, mean_score
from earmark.analysis.statistics import Mean
from earmark.config.compose import compose
from earmark.config.factory import sweep_folder, tier_tasks
from earmark.config.schema import RunConfig
from earmark.models.wrappers.ledger import Ledger
from earmark.records import Run
from earmark.report.table import Table, align, number
from earmark.sweep.launch import run_configs

WITNESS = "check_ok"
LEFT_OUT = ("hydra", "hparams_search=", "name=", "tier.split=", "seed=", "budget_usd=")
DEFAULTS = "the defaults"


@dataclass(frozen=True, slots=True)
class Found:
    """Settings and their value in the search; no settings and no value: the defaults."""

    settings: Mapping[str, Any]
    value: float | None

    @property
    def name(self) -> str:
        """The settings as they are typed."""
        return " ".join(f"{name}={value}" for name, value in self.settings.items()) or DEFAULTS


def asked_again(
    found: Sequence[Found], fixed: Sequence[str], searched: RunConfig
) -> tuple[list[Run], str]:
    """The finished runs of every `found`, in order where all are finished, and what was asked: held-out tasks where the tier has some.

    Raises:
        EarmarkError: before the first run.
    """
    held_out = any(task.split == "held-out" for task in tier_tasks(searched.tier))
    seen_split = searched.tier.split
    split = "held-out" if held_out else seen_split
    kept = [word for word in fixed if not word.startswith(LEFT_OUT)]
    turned = [f"tier.split={split}", f"seed={searched.seed + 1}"]
    configs = [
        compose([*_without(kept, one), *(f"{k}={v}" for k, v in one.settings.items()), *turned])
        for one in found
    ]
    left_usd = _left_usd(searched)
    runs = run_configs(
        [replace(config, budget_usd=left_usd) for config in configs],
        name=f"{searched.name}-again",
        facts={},
    )
    seen = seen_split == "all" and held_out
    return runs, f"fresh samples of the {split} tasks" + (
        ", which the search has seen too: search with tier.split=tune" if seen else ""
    )


def closing(found: Sequence[Found], runs: Sequence[Run], what: str) -> str:
    """The table that ends a search: what each was worth in it and again, and whether the witness agrees on the first."""
    headline = runs[0].config.embedder.name
    scores = [floored_mean(run, headline) for run in runs]
    checks = [mean_score(run, WITNESS, floor=0.0) for run in runs]
    heads = (
        "settings",
        "in the search",
        f"{headline}_floored again",
        "± se",
        f"{WITNESS} (witness)",
        "± se",
        "tasks",
    )
    rows = tuple(
        (
            one.name,
            number(one.value, ".3f"),
            *_mean(score),
            *_mean(check),
            str(score.tasks if score else 0),
        )
        for one, score, check in zip(found, scores, checks, strict=True)
    )
    table = align(
        Table(
            f"the winners again, on {what}; {WITNESS} counts an invalid episode as 0", heads, rows
        ),
        left=1,
    )
    return f"{table}\n{_said(found, scores, checks)}"


def _said(
    found: Sequence[Found],
    scores: Sequence[Mean | None],
    checks: Sequence[Mean | None],
) -> str:
    first, witness = _first(scores), _first(checks)
    if first is None or witness is None:
        return "not every score could be given: see the unscored reasons of the runs"
    if first == witness:
        return f"first again by score and by witness: {found[first].name}"
    return f"first again by score: {found[first].name}; the witness does not agree, its first is: {found[witness].name}"


def _first(means: Sequence[Mean | None]) -> int | None:
    values = [mean.value for mean in means if mean is not None]
    return None if len(values) < len(means) else values.index(max(values))


def _mean(mean: Mean | None) -> tuple[str, str]:
    return (
        number(mean.value if mean else None, ".3f"),
        number(mean.standard_error if mean else None, ".3f"),
    )


def _without(words: Sequence[str], one: Found) -> list[str]:
    return [word for word in words if word.split("=")[0] not in one.settings]


def _left_usd(searched: RunConfig) -> float | None:
    """What the search has left of its budget, which asking again must not cross; next to nothing where all is spent."""
    budget_usd = searched.budget_usd
    if budget_usd is None:
        return None
    ledger = Ledger(sweep_folder(searched).path / "ledger.json", budget_usd=budget_usd)
    return max(budget_usd - ledger.spent_usd, 1e-9)
