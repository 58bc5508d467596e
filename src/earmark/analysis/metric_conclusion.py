"""What one tier of a sweep shows, by one pipeline: places, differences, effects and their causes.

Each metric is a family of its own: all pairs of runs, all main effects and all interactions are
three families within it. Baselines that were swept as models stand among the runs, but effects of
settings are those of the other runs where there are any: a baseline does not read its prompt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from earmark.analysis.comparisons import MIN_TASKS, Comparison, Floats, compare, pairwise
from earmark.analysis.decisions import DELTA, Decision, SampleSize
from earmark.analysis.effects import Effect, contrasts, interactions, main_effects
from earmark.analysis.grid import ScoreGrid, score_grid
from earmark.analysis.labels import is_baseline, label, settings_of
from earmark.analysis.ranking import Rank, ranking_of
from earmark.analysis.variance import Components, components
from earmark.errors import counted
from earmark.records import Run

MAX_VALUES = 12  # a setting with more is a search's, whose values are not compared two by two


@dataclass(frozen=True, slots=True)
class MetricConclusion:
    """What the runs of one pipeline show by one metric.

    `pairs` are all differences of two runs, the better minus the worse, in the order of places.
    `reason` says why there are no decisions, as "cannot tell: …"; None where there are.
    """

    metric: str
    grid: ScoreGrid
    ranks: tuple[Rank, ...]
    pairs: tuple[Decision, ...] = ()
    effects: tuple[Decision, ...] = ()
    interactions: tuple[Decision, ...] = ()
    components: Components | None = None
    reason: str | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def best(self) -> list[Rank]:
        """The runs that may have the first place, by place."""
        return [one for one in self.ranks if one.mean is not None and one.best_rank == 1]

    @property
    def scored(self) -> list[Rank]:
        """The runs that have a mean, the best first."""
        return [one for one in self.ranks if one.mean is not None]


def conclude_metric(
    runs: Sequence[Run], metric: str, *, names: Mapping[str, str], delta: float = DELTA
) -> MetricConclusion:
    """Everything about runs of one pipeline by one metric.

    Args:
        runs: with their attempts.
        metric: as in `grid.score_grid`.
        names: what each run is called, by its key.
        delta: the difference that matters, in units of the metric.

    Raises:
        ConfigError: the runs cannot stand in one grid.
    """
    grid = score_grid(runs, metric)
    parts = _components(grid)
    reason = _no_test(grid)
    if reason is not None:
        return MetricConclusion(
            metric, grid, tuple(ranking_of(grid, runs)), components=parts, reason=reason
        )
    means = grid.means
    size = SampleSize(len(means), _samples(grid), parts.chance if parts else None)
    comparisons = compare(means, pairwise(len(grid.runs))) if len(grid.runs) > 1 else []
    ranks = ranking_of(grid, runs, comparisons or None)
    pairs = _pairs(grid, comparisons, names, size, delta)
    main, crossed, notes = _effects(grid, means, size, delta)
    return MetricConclusion(
        metric,
        grid,
        tuple(ranks),
        pairs=tuple(pairs),
        effects=tuple(main),
        interactions=tuple(crossed),
        components=parts,
        reason=None if len(grid.runs) > 1 else "cannot tell: one run only; nothing to compare with",
        notes=tuple(notes),
    )


def _no_test(grid: ScoreGrid) -> str | None:
    if not grid.runs:
        reasons = sorted(set(grid.left_out.values())) or ["no runs"]
        return f"cannot tell: no run has a score ({'; '.join(reasons)})"
    if grid.silent:
        return "cannot tell: no run has a valid clip; every score is what a failure counts as"
    shared = int(grid.shared.sum())
    if shared < MIN_TASKS:
        have = f"{counted(shared, 'task')} that all runs have"
        return f"cannot tell: {have}; a test needs at least {MIN_TASKS}"
    return None


def _components(grid: ScoreGrid) -> Components | None:
    """None where nothing can be compared, such as one run with one sample."""
    values = grid.balanced
    runs, tasks, samples = values.shape
    if runs == 0 or tasks < 2 or (runs == 1 and samples == 1) or samples == 0:
        return None
    return components(values)


def _samples(grid: ScoreGrid) -> int:
    """How many samples per task the runs have, at the median."""
    counts = np.isfinite(grid.values[:, grid.shared, :]).sum(axis=2)
    return max(1, int(np.median(counts)))


def _pairs(
    grid: ScoreGrid,
    comparisons: Sequence[Comparison],
    names: Mapping[str, str],
    size: SampleSize,
    delta: float,
) -> list[Decision]:
    """The better minus the worse of every pair, those of the best run first."""
    scores = grid.means.mean(axis=0)
    place = {int(run): at for at, run in enumerate(np.argsort(-scores, kind="stable"))}
    decisions = []
    for (one, other), comparison in zip(
        combinations(range(len(grid.runs)), 2), comparisons, strict=True
    ):
        first, second, found = one, other, comparison
        if place[other] < place[one]:
            first, second, found = other, one, turned(comparison)
        words = f"{names[grid.runs[first].key]} − {names[grid.runs[second].key]}"
        decision = Decision(words, found, size, delta=delta)
        decisions.append(((place[first], place[second]), decision))
    return [decision for _, decision in sorted(decisions, key=lambda entry: entry[0])]


def turned(one: Comparison) -> Comparison:
    """The same comparison seen from the other side."""
    return replace(one, value=-one.value, low=-one.high, high=-one.low)


def _effects(
    grid: ScoreGrid, means: Floats, size: SampleSize, delta: float
) -> tuple[list[Decision], list[Decision], list[str]]:
    """Main effects and interactions of the settings in which the runs differ."""
    chosen = [at for at, run in enumerate(grid.runs) if not is_baseline(run)]
    chosen = chosen if len(chosen) > 1 else list(range(len(grid.runs)))
    settings, notes = _settings([grid.runs[at] for at in chosen])
    if len(settings) < 2:
        return [], [], notes
    kept = means[:, chosen]
    return (
        _decisions(main_effects(settings), kept, size, delta),
        _decisions(interactions(settings), kept, size, delta),
        notes,
    )


def _settings(runs: Sequence[Run]) -> tuple[list[dict[str, str]], list[str]]:
    """The settings of each run, without those of which a search tried many values."""
    every = [settings_of(run) for run in runs]
    names = dict.fromkeys(name for one in every for name in one)
    notes = []
    for name in list(names):
        values = {one.get(name, "") for one in every}
        if len(values) > MAX_VALUES:
            notes.append(f"{name} has {len(values)} values: a search's, not compared two by two")
            del names[name]
    kept = []
    for one in every:
        kept.append({name: one.get(name, "") for name in names})
    return kept, notes


def _decisions(
    effects: Sequence[Effect], means: Floats, size: SampleSize, delta: float
) -> list[Decision]:
    if not effects:
        return []
    decisions = []
    for one, found in zip(effects, compare(means, contrasts(effects)), strict=True):
        effect, comparison = one, found
        if comparison.value < 0:  # the better value is named first
            effect, comparison = one.turned(), turned(found)
        squares = float(np.sum(np.square(effect.weights)))
        decisions.append(Decision(effect.label, comparison, size, squares, delta))
    return decisions


def run_names(runs: Sequence[Run]) -> dict[str, str]:
    """What each run is called by what tells it from the others, by its key."""
    settings = [settings_of(run) for run in runs]
    varying = []
    for name in dict.fromkeys(name for one in settings for name in one):
        if len({one.get(name) for one in settings}) > 1:
            varying.append(name)
    short = {"model": "{}", "strategy": "{}", "temperature": "t{}"}
    names = {}
    for run, one in zip(runs, settings, strict=True):
        words = [short.get(n, n + "={}").format(one[n]) for n in varying or ["model"] if n in one]
        names[run.key] = " ".join(words)
    if len(set(names.values())) == len(names):
        return names
    return {run.key: f"{label(run)} {run.key[:6]}" for run in runs}
