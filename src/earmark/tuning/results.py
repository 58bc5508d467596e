"""What a study has found, from its trials: counts, the best, and why others have no value."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from earmark.errors import counted
from earmark.records import Json
from earmark.report.table import Table, align, number
from earmark.tuning.candidates import DEFAULTS, front, short_name
from earmark.tuning.objectives import DIRECTIONS
from earmark.tuning.prepare import Search
from earmark.tuning.study import SharedStudy
from earmark.tuning.tried import Tried

SHOWN = 5


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The trials of a study, and what they come to in words and as facts for sweep.json."""

    tried: tuple[Tried, ...]
    text: str
    facts: Json
    worth_confirming: bool


def search_result(study: SharedStudy, todo: Search) -> SearchResult:
    """What the trials so far have found."""
    tried = tuple(study.tried())
    objectives = todo.settings.objective
    complete = [one for one in tried if one.complete and one.same_as is None]
    facts: Json = {"trials": counts(tried, len(todo.order)), "objective": list(objectives)}
    if not complete:
        return SearchResult(tried, _no_trial(tried), facts, worth_confirming=False)
    first, *_ = _best(complete, objectives)
    facts["best"] = {
        "value": first.measured[0],
        "settings": dict(first.settings),
        "line": " ".join(["earmark", *todo.words_of(first.settings)]),
    }
    table = _table(complete, todo, next((one for one in tried if one.defaults), None))
    lines = [counts_text(tried, len(todo.order)), align(table, left=1)]
    others = [one for one in complete if one.values != first.values]
    nothing = len(complete) > 1 and not others
    if nothing:
        lines.append(
            f"all {len(complete)} complete trials have the same {objectives[0]}, so none is best: "
            "look whether any program leaves a sound (earmark report), or give more tasks"
        )
    else:
        lines.append("the best of many looks better than it is; only the confirmation counts")
        lines.append(f"  {facts['best']['line']}")
    return SearchResult(tried, "\n".join(lines), facts, worth_confirming=not nothing)


def counts(tried: Sequence[Tried], tasks: int) -> Json:
    """How many trials ended how, and the share of tasks that pruning saved."""
    own = [one for one in tried if one.same_as is None]
    pruned = [one for one in own if one.pruned_after is not None]
    complete = [one for one in own if one.complete]
    asked = len(complete) * tasks + sum(one.pruned_after or 0 for one in pruned)
    whole = (len(complete) + len(pruned)) * tasks
    return {
        "complete": len(complete),
        "pruned": len(pruned),
        "without_value": sum(one.values is None and not one.running for one in own),
        "same_settings": len(tried) - len(own),
        "saved_share": round(1 - asked / whole, 4) if whole else 0.0,
    }


def counts_text(tried: Sequence[Tried], tasks: int) -> str:
    """The counts in one line."""
    one = counts(tried, tasks)
    parts = [f"{counted(one['complete'], 'trial')} complete"]
    if one["pruned"]:
        stopped = [each.pruned_after for each in tried if each.pruned_after is not None]
        mean = f"after {fmean(stopped):.1f} of {tasks} tasks on average"
        parts.append(f"{one['pruned']} stopped {mean}, {one['saved_share']:.0%} of tasks saved")
    if one["without_value"]:
        parts.append(f"{one['without_value']} without a value")
    if one["same_settings"]:
        parts.append(f"{one['same_settings']} times settings that were tried already, for nothing")
    return "; ".join(parts)


def _best(complete: Sequence[Tried], objectives: Sequence[str]) -> list[Tried]:
    """The best first: by the only objective, or the Pareto front by the first."""
    best = front(complete, objectives) if len(objectives) > 1 else list(complete)
    sign = 1 if DIRECTIONS[objectives[0]] == "maximize" else -1
    return sorted(best, key=lambda one: (-sign * one.measured[0], one.number))


def _table(complete: Sequence[Tried], todo: Search, defaults: Tried | None) -> Table:
    objectives = todo.settings.objective
    shown = _best(complete, objectives)
    kept = shown if len(objectives) > 1 else shown[:SHOWN]
    rows = []
    for one in kept:
        values = [number(each, ".4f") for each in one.measured]
        name = short_name(one.settings, defaults.settings if defaults is not None else {})
        rows.append((name, str(one.number), *values))
    several = f"the Pareto front of {len(complete)} complete trials"
    if len(objectives) == 1 and defaults is not None and defaults not in kept:
        rows.append(_defaults_row(defaults))
    single = f"the best of {counted(len(complete), 'complete trial')}"
    title = several if len(objectives) > 1 else single
    return Table(title, ("settings", "trial", *todo.units), tuple(rows))


def _defaults_row(defaults: Tried) -> tuple[str, ...]:
    return (
        DEFAULTS,
        str(defaults.number),
        *(number(each, ".4f") for each in defaults.values or ()),
    )


def _no_trial(tried: Sequence[Tried]) -> str:
    reasons = list(dict.fromkeys(one.reason for one in tried if one.reason))
    why = f"the first reason: {reasons[0]}" if reasons else "none was begun"
    if any(one.running for one in tried):
        why += "; the same line again goes on with the trial that was interrupted"
    return f"no trial has finished, so none is best: {why}"
