"""The figures of a study: history, importances, slices, parallel coordinates, front, tasks asked.

Complete trials are filled, stopped ones (whose value is a prediction) hollow.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from earmark.report.figures import BLUE, GREY, ORANGE, Figure, Row, scatter
from earmark.tuning.candidates import front
from earmark.tuning.objectives import DIRECTIONS
from earmark.tuning.parameter import Value
from earmark.tuning.space import Space
from earmark.tuning.study import SharedStudy
from earmark.tuning.tried import Tried

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

Draw = Callable[["Drawing", Sequence[Row]], None]
COLUMNS = 4  # of small pictures in a row


def study_figures(
    study: SharedStudy, space: Space, objectives: Mapping[str, str], tasks: int
) -> list[Figure]:
    """The figures that the trials so far can fill; `objectives` holds what each is called."""
    tried = [one for one in study.tried() if one.same_as is None and one.values is not None]
    if not tried:
        return []
    first, unit = next(iter(objectives.items()))
    figures = [_history(tried, first, unit), _slices(tried, space, first, unit)]
    figures += [_parallel(tried, space, first), _asked(tried, tasks)]
    figures.append(_importances(study, unit))
    if len(objectives) > 1:
        figures.append(_front(tried, objectives))
    return [one for one in figures if one.rows]


def _history(tried: Sequence[Tried], objective: str, unit: str) -> Figure:
    better = max if DIRECTIONS[objective] == "maximize" else min
    rows: list[Row] = []
    best: float | None = None
    for one in tried:
        if one.complete:
            best = one.measured[0] if best is None else better(best, one.measured[0])
        rows.append((one.number, one.measured[0], int(one.complete), best))
    caption = "The line is the best complete trial so far; hollow trials were stopped."
    heads = ("trial", objective, "complete", "best so far")
    return Figure("history", "Trials", caption, heads, tuple(rows), _draw_history(unit))


def _draw_history(unit: str) -> Draw:
    def draw(drawing: "Drawing", rows: Sequence[Row]) -> None:
        axes = drawing.add_subplot()
        line = [(row[0], row[3]) for row in rows if row[3] is not None]
        axes.step(*zip(*line, strict=True), where="post", color=ORANGE, label="best so far")
        _dots(axes, [row[0] for row in rows], rows)
        axes.set_xlabel("trial")
        axes.set_ylabel(unit)
        axes.legend(frameon=False)

    return draw


def _dots(axes: "Axes", xs: Sequence[float], rows: Sequence[Row]) -> None:
    """Rows (…, value, complete) at these places."""
    for x, row in zip(xs, rows, strict=True):
        face = BLUE if row[2] else "none"
        axes.plot([x], [row[1]], "o", color=BLUE, markerfacecolor=face, markersize=4)


def _slices(tried: Sequence[Tried], space: Space, objective: str, unit: str) -> Figure:
    rows: list[Row] = []
    for parameter in space.parameters:
        for one in tried:
            if parameter.name in one.settings:
                value = one.settings[parameter.name]
                rows.append((value, one.measured[0], int(one.complete), parameter.name))
    caption = f"{unit} of each trial at its value of each setting; a trial may lack some."
    heads = ("value", objective, "complete", "setting")
    down = -(-len({row[3] for row in rows}) // COLUMNS)
    size = (9.0, 2.2 * down)
    return Figure("slices", "Settings", caption, heads, tuple(rows), _draw_slices, size)


def _draw_slices(drawing: "Drawing", rows: Sequence[Row]) -> None:
    names = list(dict.fromkeys(row[3] for row in rows))
    down = -(-len(names) // COLUMNS)
    for at, name in enumerate(names):
        axes = drawing.add_subplot(down, COLUMNS, at + 1)
        own = [row for row in rows if row[3] == name]
        places = _places([row[0] for row in own])
        _dots(axes, [places[_key(row[0])] for row in own], own)
        if not _numeric([row[0] for row in own]):
            axes.set_xticks(list(places.values()), [_short(key) for key in places], rotation=20)
            axes.set_xlim(-0.5, len(places) - 0.5)
        axes.set_title(name.removeprefix("strategy."), fontsize=8)
        axes.tick_params(labelsize=7)
    drawing.tight_layout()


def _parallel(tried: Sequence[Tried], space: Space, objective: str) -> Figure:
    rows: list[Row] = []
    for parameter in space.parameters:
        values = [one.settings[parameter.name] for one in tried if parameter.name in one.settings]
        places = _places(values)
        highest = max(places.values(), default=0) or 1
        lowest = min(places.values(), default=0)
        span = (highest - lowest) or 1
        for one in tried:
            if parameter.name in one.settings:
                value = one.settings[parameter.name]
                height = (places[_key(value)] - lowest) / span
                rows.append((one.number, parameter.name, height, _key(value), one.measured[0]))
    caption = "One line for each trial, the darker the better; a gap is a setting it lacks."
    heads = ("trial", "setting", "height", "value", objective)
    draw = _draw_parallel(DIRECTIONS[objective] == "maximize")
    return Figure("parallel", "Trials across settings", caption, heads, tuple(rows), draw, (9, 3.4))


def _draw_parallel(high_is_good: bool) -> Draw:
    def draw(drawing: "Drawing", rows: Sequence[Row]) -> None:
        axes = drawing.add_subplot()
        names = list(dict.fromkeys(row[1] for row in rows))
        values = [row[4] for row in rows]
        span = (max(values) - min(values)) or 1.0
        for number in dict.fromkeys(row[0] for row in rows):
            own = {row[1]: row for row in rows if row[0] == number}
            share = (next(iter(own.values()))[4] - min(values)) / span
            shade = share if high_is_good else 1 - share
            heights = [own[name][2] if name in own else float("nan") for name in names]
            axes.plot(heights, color=BLUE, alpha=0.08 + 0.85 * shade**2, linewidth=0.8 + shade)
        labels = {(row[1], row[2]): row[3] for row in rows}
        for (name, height), text in labels.items():
            axes.annotate(_short(text), (names.index(name), height), fontsize=6, color=GREY)
        short = [name.removeprefix("strategy.") for name in names]
        axes.set_xticks(range(len(names)), short, rotation=25, ha="right")
        axes.set_yticks([])

    return draw


def _asked(tried: Sequence[Tried], tasks: int) -> Figure:
    rows: list[Row] = [(one.number, one.pruned_after or tasks, int(one.complete)) for one in tried]
    saved = 1 - sum(row[1] for row in rows) / (tasks * len(rows))
    caption = f"Stopping hopeless trials saved {saved:.0%} of the tasks."
    heads = ("trial", "tasks asked", "complete")
    return Figure("asked", "Tasks asked", caption, heads, tuple(rows), _draw_asked, (7.0, 2.4))


def _draw_asked(drawing: "Drawing", rows: Sequence[Row]) -> None:
    axes = drawing.add_subplot()
    colours = [BLUE if row[2] else ORANGE for row in rows]
    axes.bar([row[0] for row in rows], [row[1] for row in rows], color=colours)
    axes.set_xlabel("trial (orange: stopped)")
    axes.set_ylabel("tasks asked")


def _importances(study: SharedStudy, unit: str) -> Figure:
    rows: list[Row] = []
    for evaluator, shares in importances(study).items():
        rows += [(name, evaluator, share) for name, share in shares.items()]
    caption = (
        f"The share of the spread of {unit} that each setting explains (fANOVA), and how far "
        "the better trials differ in it (PED-ANOVA). fANOVA leaves out settings under a condition; "
        "both are inaccurate after few trials."
    )
    heads = ("setting", "evaluator", "importance")
    return Figure(
        "importances", "What matters", caption, heads, tuple(rows), _draw_importances, (7.0, 3.6)
    )


def importances(study: SharedStudy) -> dict[str, Mapping[str, float]]:
    """The importance of each setting that every trial has, by evaluator; empty for few trials."""
    import optuna
    from optuna import importance

    evaluators = {
        "fANOVA": importance.FanovaImportanceEvaluator(seed=0),
        "PED-ANOVA": importance.PedAnovaImportanceEvaluator(),
    }
    several = len(study.study.directions) > 1
    # With a target of its own, PED-ANOVA takes less for better.
    sign = -1 if study.study.directions[0].name == "MAXIMIZE" else 1
    target = (lambda one: sign * one.values[0]) if several else None
    found: dict[str, Mapping[str, float]] = {}
    for name, evaluator in evaluators.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that few trials make it inaccurate: it is said
                found[name] = importance.get_param_importances(
                    study.study, evaluator=evaluator, target=target
                )
        except (ValueError, RuntimeError):  # too few trials, or all of one value
            optuna.logging.get_logger(__name__).debug("no %s importances", name)
    return found


def _draw_importances(drawing: "Drawing", rows: Sequence[Row]) -> None:
    axes = drawing.add_subplot()
    names = list(dict.fromkeys(row[0] for row in rows))
    kinds = list(dict.fromkeys(row[1] for row in rows))
    for at, kind in enumerate(kinds):
        shares = {row[0]: row[2] for row in rows if row[1] == kind}
        places = [place + 0.4 * at for place in range(len(names))]
        values = [shares.get(name, 0.0) for name in names]
        axes.barh(places, values, height=0.38, color=(BLUE, ORANGE)[at % 2], label=kind)
    axes.set_yticks([place + 0.2 for place in range(len(names))], names)
    axes.invert_yaxis()
    axes.set_xlabel("importance, 1 in all")
    axes.legend(frameon=False)


def _front(tried: Sequence[Tried], objectives: Mapping[str, str]) -> Figure:
    names = list(objectives)
    complete = [one for one in tried if one.complete]
    ahead = {one.number for one in front(complete, names)}
    rows: list[Row] = []
    for one in complete:
        first, second, *_ = one.measured
        rows.append((f"trial {one.number}", second, first, one.number in ahead))
    caption = "Filled trials are on the front: none is as good at everything and better at one."
    heads = ("trial", names[1], names[0], "on the front")
    draw = scatter(objectives[names[1]], objectives[names[0]])
    return Figure("front", "Pareto front", caption, heads, tuple(rows), draw)


def _numeric(values: Sequence[Value]) -> bool:
    return all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)


def _places(values: Sequence[Value]) -> dict[str, float]:
    """Where each value stands on an axis: numbers at themselves, others in order."""
    if _numeric(values):
        numbers = sorted(set(map(float, values)))
        return {_key(one): one for one in numbers}
    return {key: float(at) for at, key in enumerate(dict.fromkeys(map(_key, values)))}


def _key(value: Any) -> str:  # noqa: ANN401  a value, or its key
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{float(value):g}"
    return str(value)


def _short(text: str) -> str:
    return text if len(text) <= 14 else f"{text[:13]}…"
