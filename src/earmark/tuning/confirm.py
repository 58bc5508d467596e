"""Confirm what a search found: winners and defaults on fresh samples of tasks it did not see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from earmark.analysis.grid import CHECKS
from earmark.analysis.scores import scores
from earmark.config.compose import compose
from earmark.config.factory import tier_tasks
from earmark.config.schema import RunConfig
from earmark.errors import ConfigError
from earmark.identity import run_key
from earmark.models.wrappers.ledger import Ledger
from earmark.records import Run
from earmark.report.table import Table, number
from earmark.storage.sweep_folder import SweepFolder
from earmark.tasks.loading import select
from earmark.tuning.gains import ByTask, Gain, gains_of, kept_share, verdict
from earmark.tuning.objectives import DIRECTIONS, by_task, unit, value
from earmark.tuning.parameter import Point
from earmark.tuning.space import words
from earmark.tuning.study import Tried

LEFT_OUT = ("name=", "tier.split=", "tier.limit=", "seed=", "budget_usd=")
DEFAULTS = "the defaults"

RunSweep = Callable[[Sequence[RunConfig], str], list[Run]]  # the finished runs of a sweep's name


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings to confirm, with their trial; neither for the defaults.

    Its name is what differs from the defaults.
    """

    settings: Point
    trial: Tried | None = None
    name: str = DEFAULTS


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What came of it; `best` is None where no gain is shown."""

    gains: tuple[Gain, ...]
    verdict: str
    table: Table
    best: Candidate | None = None


def candidates_of(tried: Sequence[Tried], objectives: Sequence[str], count: int) -> list[Candidate]:
    """The best complete trials but for the defaults, the best first, each settings once.

    With several objectives they are of the Pareto front, in the order of the first.
    """
    complete = [one for one in tried if one.complete and one.same_as is None]
    best = front(complete, objectives) if len(objectives) > 1 else complete
    best.sort(key=lambda one: (-_gain(one, objectives[0]), one.number))
    defaults = next((one.settings for one in tried if one.defaults), {})
    others = [one for one in best if not one.defaults][:count]
    return [Candidate(one.settings, one, short_name(one.settings, defaults)) for one in others]


def short_name(settings: Point, defaults: Point) -> str:
    """The settings that differ from the defaults, as they are typed."""
    differ = {name: one for name, one in settings.items() if defaults.get(name) != one}
    return " ".join(words(differ)) or DEFAULTS


def front(trials: Sequence[Tried], objectives: Sequence[str]) -> list[Tried]:
    """The trials that no other beats: as good at everything and better at one."""
    signs = np.array([_sign(name) for name in objectives])
    points = {one.number: signs * np.array(one.values) for one in trials}

    def beaten(one: Tried) -> bool:
        here = points[one.number]
        others = (point for number, point in points.items() if number != one.number)
        return any((point >= here).all() and (point > here).any() for point in others)

    return [one for one in trials if not beaten(one)]


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
        config = compose([*shared, *words(one.settings), *other])
        by_key.setdefault(run_key(config), (one, replace(config, budget_usd=left_usd)))
    defaults, *winners = by_key.values()
    ordered = [*winners, defaults]
    runs = run_sweep([config for _, config in ordered], f"{searched.name}-again")
    return [one for one, _ in ordered], runs, what


def conclude(
    candidates: Sequence[Candidate],
    runs: Sequence[Run],
    tried: Sequence[Tried],
    *,
    objective: str,
    what: str,
) -> Confirmation:
    """What the runs of `confirm` show by the first objective.

    Raises:
        ConfigError: too few tasks, or a run that has no value, with the reason.
    """
    values = [_values(run, objective) for run in runs]
    sign = _sign(objective)
    try:
        comparisons = gains_of(values[:-1], values[-1], sign=sign)
    except ValueError as error:
        raise ConfigError(f"cannot tell: {error}") from error
    witnesses = _witnesses(runs, objective)
    share = _kept_share(tried)
    default = next((one for one in tried if one.defaults and one.complete), None)
    gains = []
    for at, (one, true) in enumerate(zip(candidates[:-1], comparisons, strict=True)):
        apparent = None
        if default is not None and one.trial is not None:
            apparent = _gain(one.trial, objective) - _gain(default, objective)
        expected = None if apparent is None or share is None else apparent * share
        others = {name: several[at] for name, several in witnesses.items()}
        gains.append(Gain(one.name, apparent, expected, true, others))
    by = _unit(runs[0], objective)
    said = verdict(gains, by, tasks=len(values[-1]), samples=runs[0].config.samples)
    shown = [(gain.true.value, at) for at, gain in enumerate(gains) if gain.better]
    best = candidates[max(shown)[1]] if shown else None
    return Confirmation(tuple(gains), said, _table(gains, runs, objective, what), best)


def _table(gains: Sequence[Gain], runs: Sequence[Run], objective: str, what: str) -> Table:
    names = list(gains[0].witnesses)
    heads = (
        *(
            "settings",
            "gain in the search",
            "expected of it",
            f"{_unit(runs[0], objective)} afresh",
        ),
        *("verdict", *names),
    )
    rows = []
    for one, run in zip(gains, runs, strict=False):
        agreements = [one.agreement(name) for name in names]
        numbers = [number(one.apparent, "+.3f"), number(one.expected, "+.3f")]
        rows.append((one.name, *numbers, _shown(run, objective), one.words, *agreements))
    rest = "" if len(names) == 0 else "reference"
    rows.append((DEFAULTS, "", "", _shown(runs[-1], objective), rest, *("" for _ in names)))
    title = f"confirmed on {what}; gains are over the defaults, positive is better"
    return Table(title, heads, tuple(rows))


def _unit(run: Run, objective: str) -> str:
    return unit(objective, run.config.embedder.name, stand_in=run.facts.stand_in)


def _shown(run: Run, objective: str) -> str:
    mean = value(run, objective)
    return mean if isinstance(mean, str) else f"{mean:.4g}"


def _values(run: Run, objective: str) -> ByTask:
    values = by_task(run, objective)
    if isinstance(values, str):
        raise ConfigError(f"cannot tell: {run.config.strategy.name} has no {objective}: {values}")
    return values


def _witnesses(runs: Sequence[Run], objective: str) -> dict[str, list[Any]]:
    """The gains by every other measure that all runs have: checks, validity, further embedders."""
    measures: dict[str, list[ByTask | str]] = {}
    for name in ("score", "check", "validity"):
        if name != objective:
            measures[CHECKS if name == "check" else name] = [by_task(run, name) for run in runs]
    for member in runs[0].facts.panel:
        measures[member] = [_member(run, member) for run in runs]
    found: dict[str, list[Any]] = {}
    for name, several in measures.items():
        values = [one for one in several if not isinstance(one, str)]
        if len(values) == len(several):
            try:
                found[name] = list(gains_of(values[:-1], values[-1]))
            except ValueError:
                continue  # too few tasks have it: no witness
    return found


def _member(run: Run, member: str) -> ByTask:
    """A panel member's scores by task, of valid sounds: it has no floor of its own."""
    sums: dict[str, list[float]] = {}
    for (task, _), score in scores(run, member).items():
        sums.setdefault(task, []).append(score)
    return {task: float(np.mean(several)) for task, several in sums.items()}


def _kept_share(tried: Sequence[Tried]) -> float | None:
    rows = [one.tasks for one in tried if one.complete and one.same_as is None]
    shared = set.intersection(*(set(row) for row in rows)) if rows else set()
    if not shared:
        return None
    values = np.empty((len(rows), len(shared)))
    for at, place in enumerate(sorted(shared)):
        values[:, at] = [row[place] for row in rows]
    return kept_share(values)


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


def _gain(one: Tried, objective: str) -> float:
    return _sign(objective) * (one.values or (0.0,))[0]


def _sign(objective: str) -> int:
    return 1 if DIRECTIONS[objective] == "maximize" else -1
