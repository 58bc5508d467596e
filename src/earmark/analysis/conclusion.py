"""The conclusion of a sweep: which run is best and how sure that is, what moves the score, what it
costs, whether the abstract's claim holds, and what would decide what is open.

Everything is computed from saved runs, once, into one frozen record; the terminal, the pages, the
report and MLflow only word it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from earmark.analysis.baselines import Baselines
from earmark.analysis.cost import Spent, front
from earmark.analysis.decisions import DELTA
from earmark.analysis.estimates import Estimate
from earmark.analysis.grid import CHECKS, VALID, ScoreGrid
from earmark.analysis.labels import by_pipeline, headline, table_titles
from earmark.analysis.metric_conclusion import MetricConclusion, conclude_metric, run_names
from earmark.analysis.preferences import (
    VoteConclusion,
    conclude_votes,
    counted_votes,
    votes_of_ratings,
)
from earmark.analysis.repeats import Repeats, repeats
from earmark.analysis.scores import floored_mean, mean_score
from earmark.analysis.stability import order_warning
from earmark.analysis.technique import Association, associations
from earmark.analysis.tier_trends import (
    ORDER,
    TierTrend,
    difficulty_trend,
    settings_key,
    tier_trends,
)
from earmark.analysis.trend import Step
from earmark.errors import ConfigError
from earmark.records import Exclusion, Run
from earmark.storage.ratings import Rating
from earmark.storage.votes import Vote


@dataclass(frozen=True, slots=True)
class RunConclusion:
    """What there is to say of one run alone."""

    run: Run
    name: str
    floored: Estimate | None
    scored: Estimate | None
    spent: Spent
    on_front: bool
    failures: Mapping[str, int]
    repeats: Repeats


@dataclass(frozen=True, slots=True)
class TierConclusion:
    """What one tier shows by one pipeline; `primary` is the metric that is read first.

    `title` is the tier, with what tells it from its other pipelines. The primary metric is the
    headline, or the spec checks where the embedder is a stand-in and specs exist.
    """

    tier: str
    title: str
    headline: str
    stand_in: bool
    primary: str
    runs: tuple[RunConclusion, ...]
    metrics: Mapping[str, MetricConclusion]
    associations: tuple[Association, ...] | str
    difficulty: Step | str
    baselines: Baselines | None
    warning: str

    @property
    def by_primary_metric(self) -> MetricConclusion:
        """What the metric that comes first here concludes."""
        return self.metrics[self.primary]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Everything that a sweep shows; `delta` is the difference that matters.

    `excluded` is what counts in no number, and why; `votes` is what people prefer.
    """

    sweep: str
    delta: float
    tiers: tuple[TierConclusion, ...]
    trends: tuple[TierTrend, ...]
    refused: tuple[str, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    votes: tuple[VoteConclusion, ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """What each run is called within its tier, by its key."""
        return {one.run.key: one.name for tier in self.tiers for one in tier.runs}


def conclude(
    sweep: str,
    runs: Iterable[Run],
    baselines: Mapping[str, Baselines],
    *,
    delta: float = DELTA,
    votes: Iterable[Vote] = (),
    ratings: Iterable[Rating] = (),
) -> Conclusion:
    """Conclude finished runs with their attempts.

    Args:
        sweep: its name.
        runs: of any tiers and pipelines.
        baselines: what the scores are read against, by id.
        delta: the difference that matters, in units of a score.
        votes: what people preferred of two runs.
        ratings: what people said of single sounds.
    """
    tiers, refused = [], []
    every = list(runs)
    groups = list(by_pipeline(every).values())
    for group, title in zip(groups, table_titles(groups), strict=True):
        try:
            tiers.append(_conclude_tier(group, title, baselines, delta))
        except ConfigError as error:
            refused.append(str(error))
    tiers.sort(key=lambda one: ORDER.index(one.tier) if one.tier in ORDER else len(ORDER))
    trends: list[TierTrend] = []
    for name in dict.fromkeys(one.headline for one in tiers):
        trends += _trends([one for one in tiers if one.headline == name], name, baselines)
    excluded = dict.fromkeys(one for run in every for one in run.excluded)
    cast = counted_votes([*votes, *votes_of_ratings(ratings, every)], every)
    return Conclusion(
        *(sweep, delta, tuple(tiers), tuple(trends), tuple(refused)),
        excluded=tuple(excluded),
        votes=tuple(conclude_votes(cast, every)),
    )


def _conclude_tier(
    group: Sequence[Run], title: str, baselines: Mapping[str, Baselines], delta: float
) -> TierConclusion:
    name, names = headline(group[0]), run_names(group)
    metrics = {
        metric: conclude_metric(group, metric, names=names, delta=delta)
        for metric in (name, CHECKS, VALID)
    }
    stand_in = group[0].facts.stand_in
    unscored = not metrics[name].scored
    checks_first = bool(metrics[CHECKS].scored) and (stand_in or unscored)
    primary = CHECKS if checks_first else VALID if unscored else name
    ids = Counter(run.facts.baselines for run in group if run.facts.baselines in baselines)
    return TierConclusion(
        tier=group[0].config.tier.name,
        title=title,
        headline=name,
        stand_in=stand_in,
        primary=primary,
        runs=_runs(group, name, names),
        metrics=metrics,
        associations=_associations(group, primary, name),
        difficulty=difficulty_trend(metrics[primary].grid),
        baselines=baselines[str(ids.most_common(1)[0][0])] if ids else None,
        warning=order_warning(group, name),
    )


def _associations(group: Sequence[Run], primary: str, name: str) -> tuple[Association, ...] | str:
    found = associations(group, name if primary == VALID else primary)
    return found if isinstance(found, str) else tuple(found)


def _runs(group: Sequence[Run], name: str, names: Mapping[str, str]) -> tuple[RunConclusion, ...]:
    spent = {run.key: _spent(run, name) for run in group}
    best = set(front(spent))
    return tuple(
        RunConclusion(
            run=run,
            name=names[run.key],
            floored=floored_mean(run, name),
            scored=mean_score(run, name),
            spent=spent[run.key],
            on_front=run.key in best,
            failures=_failures(run),
            repeats=repeats(run),
        )
        for run in group
    )


def _spent(run: Run, name: str) -> Spent:
    scores = run.scores
    return Spent(
        score=scores.get(f"{name}_floored", scores.get(CHECKS)),
        valid=scores.get("valid_rate"),
        cost_usd=scores.get("cost_usd"),
        seconds=scores.get("seconds"),
    )


def _failures(run: Run) -> dict[str, int]:
    """How many attempts failed in each way, the most frequent first."""
    kinds = Counter(one.failure.kind for one in run.attempts if one.failure is not None)
    return dict(kinds.most_common())


def _trends(
    tiers: Sequence[TierConclusion], name: str, baselines: Mapping[str, Baselines]
) -> list[TierTrend]:
    """Of tiers that one embedder scored; a tier with two sets of tasks has no place in a trend."""
    counts = Counter(one.tier for one in tiers)
    grids: dict[str, dict[str, ScoreGrid]] = {}
    names: dict[str, str] = {}
    for one in tiers:
        if counts[one.tier] == 1:
            grids[one.tier] = {metric: by.grid for metric, by in one.metrics.items()}
            names |= {settings_key(run.run): run.name for run in one.runs}
    return tier_trends(grids, name, baselines, names)
