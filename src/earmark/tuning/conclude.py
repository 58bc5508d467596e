"""What the runs of a confirmation show, by one objective or by several, in words and as a table.

Of the winners that are shown to be better, the first is the one of which most is expected when the
search and the fresh answers are taken together: the best of several fresh means is again the
luckiest. Each interval holds for all winners, so that this choice changes none of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.analysis.comparisons import Comparison
from earmark.analysis.grid import CHECKS
from earmark.analysis.scores import scores
from earmark.errors import ConfigError
from earmark.records import Run
from earmark.report.table import Table, number
from earmark.tuning.candidates import DEFAULTS, Candidate, expect_together, gain, sign_of
from earmark.tuning.gains import (
    ByTask,
    Gain,
    front_verdict,
    gains_of,
    gains_of_several,
    some_better,
    some_worse,
    verdict,
)
from earmark.tuning.objectives import by_task, unit, value
from earmark.tuning.space import Space
from earmark.tuning.tried import Tried

NO_WITNESS: Mapping[str, Sequence[ByTask]] = {}


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What came of it, by the first objective; `best` is None where no gain is shown."""

    gains: tuple[Gain, ...]
    verdict: str
    table: Table
    best: Candidate | None = None


def conclude(
    candidates: Sequence[Candidate],
    runs: Sequence[Run],
    tried: Sequence[Tried],
    *,
    objective: str,
    what: str,
    space: Space | None = None,
    by_witness: Mapping[str, Sequence[ByTask]] = NO_WITNESS,
) -> Confirmation:
    """What the runs of `confirm` show by one objective.

    Args:
        candidates: what was confirmed, the defaults last.
        runs: theirs, in the same order.
        tried: the trials of the search.
        objective: its name.
        what: which tasks were asked.
        space: what was searched, where it was a space.
        by_witness: the scores of the runs by further embedders, by name.

    Raises:
        ConfigError: too few tasks, or a run that has no value, with the reason.
    """
    values = [_values(run, objective) for run in runs]
    try:
        comparisons = gains_of(values[:-1], values[-1], sign=sign_of(objective))
    except ValueError as error:
        raise ConfigError(f"cannot tell: {error}") from error
    witnesses = {**_witnesses(runs, objective), **_compared(by_witness)}
    default = next((one for one in tried if one.defaults and one.complete), None)
    together = expect_together(candidates, values, tried, space, sign=sign_of(objective))
    gains = []
    for at, (one, true) in enumerate(zip(candidates[:-1], comparisons, strict=True)):
        apparent = None
        if default is not None and one.trial is not None and one.trial.complete:
            apparent = gain(one.trial, objective) - gain(default, objective)
        others = {name: several[at] for name, several in witnesses.items()}
        order = true.value if together is None else together[at]
        gains.append(Gain(one.name, apparent, one.expected, true, others, order))
    by = _unit(runs[0], objective)
    sentence = verdict(gains, by, tasks=len(values[-1]), samples=runs[0].config.samples)
    shown = [(one.order, at) for at, one in enumerate(gains) if one.better]
    best = candidates[max(shown)[1]] if shown else None
    return Confirmation(tuple(gains), sentence, _table(gains, runs, objective, what), best)


def conclude_front(
    candidates: Sequence[Candidate], runs: Sequence[Run], *, objectives: Sequence[str], what: str
) -> Confirmation:
    """What the runs of `confirm` show of each point of a front, by every objective.

    The intervals hold for all points and all objectives together.

    Raises:
        ConfigError: as `conclude`.
    """
    values = []
    for objective in objectives:
        values.append([_values(run, objective) for run in runs])
    try:
        several = gains_of_several(values, [sign_of(one) for one in objectives])
    except ValueError as error:
        raise ConfigError(f"cannot tell: {error}") from error
    points: list[dict[str, Gain]] = []
    for one, comparisons in zip(candidates[:-1], several, strict=True):
        pairs = zip(objectives, comparisons, strict=True)
        points.append({by: Gain(one.name, None, None, true) for by, true in pairs})
    firsts = tuple(point[objectives[0]] for point in points)
    shown = []
    for at, point in enumerate(points):
        if some_better(point) and not some_worse(point):
            shown.append((firsts[at].true.value, at))
    best = candidates[max(shown)[1]] if shown else None
    units = {objective: _unit(runs[0], objective) for objective in objectives}
    table = _front_table(points, runs, units, what)
    return Confirmation(firsts, front_verdict(points, units), table, best)


def _table(gains: Sequence[Gain], runs: Sequence[Run], objective: str, what: str) -> Table:
    names = list(gains[0].witnesses)
    afresh = f"{_unit(runs[0], objective)} afresh"
    heads = ("settings", "gain in the search", "expected of it", afresh, "verdict", *names)
    rows = []
    for one, run in zip(gains, runs, strict=False):
        agreements = [one.agreement(name) for name in names]
        numbers = [number(one.apparent, "+.3f"), number(one.expected, "+.3f")]
        rows.append((one.name, *numbers, _mean_text(run, objective), one.words, *agreements))
    rest = "" if len(names) == 0 else "reference"
    rows.append((DEFAULTS, "", "", _mean_text(runs[-1], objective), rest, *("" for _ in names)))
    return Table(_title(what), heads, tuple(rows))


def _front_table(
    points: Sequence[Mapping[str, Gain]], runs: Sequence[Run], units: Mapping[str, str], what: str
) -> Table:
    heads = ["settings"]
    for objective, words in units.items():
        heads += [f"{words} afresh", f"verdict on {objective}"]
    rows = []
    for point, run in zip(points, runs, strict=False):
        row = [next(iter(point.values())).name]
        for objective in units:
            row += [_mean_text(run, objective), point[objective].words]
        rows.append(tuple(row))
    last = [DEFAULTS]
    for objective in units:
        last += [_mean_text(runs[-1], objective), "reference"]
    return Table(_title(what), tuple(heads), (*rows, tuple(last)))


def _title(what: str) -> str:
    return f"confirmed on {what}; gains are over the defaults, positive is better"


def _unit(run: Run, objective: str) -> str:
    return unit(objective, run.config.embedder.name, stand_in=run.facts.stand_in)


def _mean_text(run: Run, objective: str) -> str:
    mean = value(run, objective)
    return mean if isinstance(mean, str) else f"{mean:.4g}"


def _values(run: Run, objective: str) -> ByTask:
    values = by_task(run, objective)
    if isinstance(values, str):
        raise ConfigError(f"cannot tell: {run.config.strategy.name} has no {objective}: {values}")
    return values


def _witnesses(runs: Sequence[Run], objective: str) -> dict[str, list[Comparison]]:
    """The gains by every other measure that all runs have: checks, validity, a panel's members."""
    measures: dict[str, list[ByTask | str]] = {}
    for name in ("score", "check", "validity"):
        if name != objective:
            measures[CHECKS if name == "check" else name] = [by_task(run, name) for run in runs]
    for member in runs[0].facts.panel:
        measures[member] = [_member(run, member) for run in runs]
    return _compared(measures)


def _compared(
    measures: Mapping[str, Sequence[ByTask | str]],
) -> dict[str, list[Comparison]]:
    """The gains by each measure; one that too few tasks have is left out."""
    compared: dict[str, list[Comparison]] = {}
    for name, several in measures.items():
        values = [one for one in several if not isinstance(one, str)]
        if len(values) == len(several):
            try:
                compared[name] = gains_of(values[:-1], values[-1])
            except ValueError:
                continue
    return compared


def _member(run: Run, member: str) -> ByTask:
    """A panel member's scores by task, of valid sounds: it has no floor of its own."""
    sums: dict[str, list[float]] = {}
    for (task, _), score in scores(run, member).items():
        sums.setdefault(task, []).append(score)
    return {task: float(np.mean(several)) for task, several in sums.items()}
