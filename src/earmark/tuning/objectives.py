"""What a search maximises or minimises, from the episodes of a run; a task is what is compared.

The value of a run is the mean over its tasks of the mean over their samples, so that two runs of
the same tasks are compared task by task. Failed episodes count: at the floor for the score, as 0
for validity and checks.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from earmark.analysis.grid import CHECKS, VALID, episode_scores
from earmark.analysis.labels import headline
from earmark.analysis.scores import Pair, means_by_task
from earmark.errors import ConfigError
from earmark.records import Attempt, Run

Direction = Literal["maximize", "minimize"]
MEASURED: Mapping[str, Direction] = {
    "score": "maximize",
    "validity": "maximize",
    "check": "maximize",
    "cost": "minimize",
    "seconds": "minimize",
}
VOTES = "votes"  # of people: no run can tell it
DIRECTIONS: Mapping[str, Direction] = {**MEASURED, VOTES: "maximize"}
UNITS = {
    "validity": "share of valid episodes",
    "check": "share of checked facts met, failures as 0",
    "cost": "USD for an episode",
    "seconds": "seconds of the model for an episode",
    VOTES: "mean vote from -1 to 1",
}


@dataclass(frozen=True, slots=True)
class Able:
    """What a run can tell: whether sounds are scored, tasks have specs, and calls have a price."""

    scored: bool
    checked: bool
    priced: bool


def unit(objective: str, embedder: str, *, stand_in: bool) -> str:
    """What an objective is called: a score carries the embedder's name, a stand-in's says so."""
    if objective != "score":
        return UNITS[objective]
    return f"{embedder}_floored (stand-in)" if stand_in else f"{embedder}_floored"


def check_objectives(names: Sequence[str], able: Iterable[tuple[str, Able]]) -> None:
    """Refuse objectives that are unknown, doubled, or cannot be computed.

    Args:
        names: of the objectives.
        able: for each model or tier that the search may choose, its name and what it can tell.

    Raises:
        ConfigError: names the objective and what would give it.
    """
    known = ", ".join(DIRECTIONS)
    for name in names:
        if name not in DIRECTIONS:
            raise ConfigError(f"objective={name}: unknown objective; choose from {known}")
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"objective={list(names)}: must be some of {known}, each once")
    if VOTES in names and len(names) > 1:
        rule = "must stand alone: people are asked one question"
        raise ConfigError(f"objective={list(names)}: votes {rule}; set objective=votes")
    for who, one in able:
        if "score" in names and not one.scored:
            hint = "set embedder=clap or embedder=yamnet_minilm, or objective=check"
            raise ConfigError(f"objective=score: embedder=none scores nothing; {hint}")
        if "check" in names and not one.checked:
            raise ConfigError("objective=check: no task has a spec; choose other tasks")
        if "cost" in names and not one.priced:
            hint = "give its price in conf/model, or set objective=seconds"
            raise ConfigError(f"objective=cost: a call of {who} has no price above 0; {hint}")


def by_task(run: Run, objective: str) -> dict[str, float] | str:
    """The mean over samples of each task, or the reason why there is none."""
    values = _by_episode(run, objective)
    return values if isinstance(values, str) else means_by_task(values)


def value(run: Run, objective: str) -> float | str:
    """The mean over tasks, or the reason why there is none."""
    tasks = by_task(run, objective)
    return tasks if isinstance(tasks, str) else fmean(tasks.values())


def _by_episode(run: Run, objective: str) -> Mapping[Pair, float] | str:
    if objective == "score":
        return episode_scores(run, headline(run))
    if objective == "validity":
        return episode_scores(run, VALID)
    if objective == "check":
        return episode_scores(run, CHECKS)
    sums: dict[Pair, float] = defaultdict(float)
    for attempt in run.attempts:
        spent = _spent(attempt, objective)
        if spent is None:
            return f"a call of {run.config.model.name} has no {objective}"
        sums[attempt.task.id, attempt.sample] += spent
    return sums or "no attempts"


def _spent(attempt: Attempt, objective: str) -> float | None:
    if attempt.completion is None:
        return None
    return attempt.completion.cost_usd if objective == "cost" else attempt.completion.seconds
