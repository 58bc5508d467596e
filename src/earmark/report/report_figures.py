"""Which figures a report has, and the rows behind each."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import fmean

from earmark.analysis.conclusion import Conclusion, TierConclusion
from earmark.analysis.decisions import Decision
from earmark.analysis.fad_reading import fad_readings
from earmark.analysis.funnel import STEPS, passed
from earmark.analysis.labels import settings_of
from earmark.report.figures import Figure, Row, curves, forest, heat_map, scatter
from earmark.report.verdict import axis_words, metric_words

MAX_RUNS = 40  # a picture with more rows is not read
MAX_EFFECTS = 30
MAX_CURVES = 8  # as many as there are colours


def tier_figures(tier: TierConclusion, name: str) -> list[Figure]:
    """The figures of one tier and pipeline that have rows; their files begin with `name`."""
    makers = (
        _scores,
        _effects,
        _heat_map,
        _temperatures,
        _funnel,
        _front,
        _fad,
        _features,
        _repeats,
    )
    return [figure for make in makers for figure in make(tier, name) if figure.rows]


def trend_figure(conclusion: Conclusion) -> list[Figure]:
    """The mean of every quantity over the tiers; nothing where there is no trend."""
    rows: list[Row] = []
    for one in conclusion.trends:
        if one.of.startswith("all runs"):
            for tier, mean in one.tiers.items():
                rows.append((one.quantity, tier, mean.value, mean.low, mean.high))
    if not rows:
        return []
    caption = "Means over the runs that every tier has, with 95 % intervals over tasks."
    heads = ("quantity", "tier", "mean", "low", "high")
    draw = curves("tier", "share, or score between floor 0 and expert 1")
    return [Figure("trend", "Quality over tiers", caption, heads, tuple(rows), draw)]


def _scores(tier: TierConclusion, name: str) -> Iterator[Figure]:
    names = {one.run.key: one.name for one in tier.runs}
    for metric, by in tier.metrics.items():
        rows: list[Row] = []
        for rank in by.scored[:MAX_RUNS]:
            if rank.mean is not None:
                mean = rank.mean
                rows.append((names[rank.run.key], mean.value, mean.low, mean.high, rank.places))
        marks = _ends(tier) if metric == tier.headline else []
        words = metric_words(tier, metric)
        yield Figure(
            f"{name}-{metric}",
            f"{tier.title}: {words}",
            "Dots are means, lines 95 % intervals over tasks. "
            + ("The band reaches from floor to expert." if marks else ""),
            ("run", "mean", "low", "high", "place"),
            tuple(rows),
            forest(axis_words(tier, metric), marks=marks),
            (7.0, 1.0 + 0.25 * len(rows)),
        )


def _ends(tier: TierConclusion) -> list[tuple[str, float]]:
    if tier.baselines is None:
        return []
    ends = []
    for word, name in (
        ("floor", tier.baselines.floor_name),
        ("expert", tier.baselines.expert_name),
    ):
        mean = tier.baselines.mean(name)
        if mean is not None:
            ends.append((word, mean.value))
    return ends


def _effects(tier: TierConclusion, name: str) -> Iterator[Figure]:
    by = tier.by_primary_metric
    words = metric_words(tier, tier.primary)
    for kind, title, decisions in (
        ("effects", f"what moves {words}", by.effects),
        ("interactions", "what moves it more in one setting than in another", by.interactions),
    ):
        rows = decision_rows(decisions[:MAX_EFFECTS])
        yield Figure(
            f"{name}-{kind}",
            f"{tier.title}: {title}",
            "Differences between values of a setting, all else equal; simultaneous 95 % intervals.",
            DECISION_HEADS,
            rows,
            forest(f"difference in {axis_words(tier, tier.primary)}", zero=True),
            (7.0, 1.0 + (0.25 if kind == "effects" else 0.4) * len(rows)),
        )


DECISION_HEADS = (
    *("contrast", "difference", "low", "high", "standard_error", "p", "p_family", "p_holm"),
    "verdict",
)


def decision_rows(decisions: Sequence[Decision]) -> tuple[Row, ...]:
    """Comparisons as rows of DECISION_HEADS."""
    rows: list[Row] = []
    for one in decisions:
        by = one.comparison
        numbers = (by.value, by.low, by.high, by.standard_error, by.p, by.p_family, by.p_holm)
        rows.append((one.label, *numbers, one.verdict))
    return tuple(rows)


def _heat_map(tier: TierConclusion, name: str) -> Iterator[Figure]:
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for rank in tier.by_primary_metric.scored:
        if rank.mean is not None:
            one = settings_of(rank.run)
            groups[one["model"], one["strategy"]].append(rank.mean.value)
    models, strategies = {model for model, _ in groups}, {strategy for _, strategy in groups}
    rows = tuple((*pair, fmean(values)) for pair, values in groups.items())
    if len(models) > 1 and len(strategies) > 1:
        yield Figure(
            f"{name}-models-strategies",
            f"{tier.title}: model by strategy",
            "Means over the other settings.",
            ("model", "strategy", "mean"),
            rows,
            heat_map(axis_words(tier, tier.primary)),
            (7.0, 1.2 + 0.35 * len(models)),
        )


def _temperatures(tier: TierConclusion, name: str) -> Iterator[Figure]:
    points: dict[tuple[str, float], list[float]] = defaultdict(list)
    for rank in tier.by_primary_metric.scored:
        if rank.mean is not None:
            one = rank.run.config
            points[one.model.name, one.temperature].append(rank.mean.value)
    rows = [
        (model, temperature, fmean(values), None, None)
        for (model, temperature), values in sorted(points.items())
    ]
    if len({row[1] for row in rows}) > 1:
        yield Figure(
            f"{name}-temperature",
            f"{tier.title}: temperature",
            "Means over the other settings; the intervals of differences are with the effects.",
            ("model", "temperature", "mean", "low", "high"),
            tuple(rows),
            curves("temperature", axis_words(tier, tier.primary)),
        )


def _funnel(tier: TierConclusion, name: str) -> Iterator[Figure]:
    rows: list[Row] = []
    for one in tier.runs[:MAX_RUNS]:
        for step, share in zip(STEPS, passed(one.run.scores), strict=False):
            rows.append((one.name, step, share))
    if rows:
        yield Figure(
            f"{name}-funnel",
            f"{tier.title}: how far attempts come",
            "Of all attempts of a run, the share that passed a step and every step before it.",
            ("run", "step", "share"),
            tuple(rows),
            heat_map("share of attempts"),
            (9.0, 1.6 + 0.3 * len(tier.runs[:MAX_RUNS])),
        )


def _front(tier: TierConclusion, name: str) -> Iterator[Figure]:
    rows: list[Row] = []
    for one in tier.runs:
        spent = one.spent
        if spent.score is not None and spent.cost_usd is not None:
            rows.append((one.name, spent.cost_usd, spent.score, one.on_front))
    if any(row[1] > 0 for row in rows):
        yield Figure(
            f"{name}-cost",
            f"{tier.title}: score and cost",
            "Filled: no other run is at least as good in score, validity, cost and seconds. Named: "
            "none that costs as little scores higher.",
            ("run", "cost_usd", "score", "on_front"),
            tuple(rows),
            scatter("cost in $", "score with failures at the floor"),
        )


def _fad(tier: TierConclusion, name: str) -> Iterator[Figure]:
    """One figure for each number of clips: distances of different n are not comparable."""
    names = {one.run.key: one.name for one in tier.runs}
    for n, readings in fad_readings([one.run for one in tier.runs]).items():
        rows: list[Row] = []
        for key, one in readings.items():
            others = (one.low, one.high, one.null, one.ratio, n, one.rank_deficient)
            rows.append((names[key], one.value, *others))
        rows.sort(key=lambda row: float(row[1]))
        null = next(iter(readings.values())).null
        yield Figure(
            f"{name}-fad-n{n}",
            f"{tier.title}: FAD of {n} clips",
            "Lower is nearer; the null floor is what as many real recordings get.",
            ("run", "fad", "low", "high", "null", "ratio", "n", "rank_deficient"),
            tuple(rows[:MAX_RUNS]),
            forest(f"FAD at n = {n}", marks=[("null floor", null)]),
            (7.0, 1.0 + 0.25 * min(MAX_RUNS, len(rows))),
        )


def _features(tier: TierConclusion, name: str) -> Iterator[Figure]:
    if isinstance(tier.associations, str):
        return
    rows: list[Row] = []
    for one in tier.associations:
        label = f"{one.feature}, {one.outcome}"
        rows.append((label, one.slope, one.low, one.high, one.p, one.programs, one.tasks))
    yield Figure(
        f"{name}-features",
        f"{tier.title}: technique and outcome",
        "Change of the outcome when a count in the program doubles; association, not cause.",
        ("feature", "slope", "low", "high", "p_holm", "programs", "tasks"),
        tuple(rows),
        forest("change of the outcome per doubling", zero=True),
        (7.0, 1.0 + 0.25 * len(rows)),
    )


def _repeats(tier: TierConclusion, name: str) -> Iterator[Figure]:
    rows: list[Row] = []
    passed = {one.run.key: one.repeats.pass_at.get(1) for one in tier.runs}
    best = sorted(tier.runs, key=lambda one: -(p.value if (p := passed[one.run.key]) else 0.0))
    for one in best[:MAX_CURVES]:
        for k, mean in one.repeats.pass_at.items():
            rows.append((one.name, k, mean.value, mean.low, mean.high))
    passing = next((one.repeats.passing for one in tier.runs), "")
    yield Figure(
        f"{name}-pass-at-k",
        f"{tier.title}: pass@k",
        f"Chance that at least one of k samples passes ({passing}), unbiased"
        + (f"; the best {MAX_CURVES} runs." if len(best) > MAX_CURVES else "."),
        ("run", "k", "pass_at_k", "low", "high"),
        tuple(rows),
        curves("k", "pass@k"),
    )
