"""What a search proposes to confirm: not the luckiest trials, but those of which most is expected.

With one objective the order is that of the surrogate's posterior mean, and some of the candidates
are settings that no trial has tried, where more is expected of them. With several objectives they
are of the Pareto front.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.tuning.objectives import DIRECTIONS
from earmark.tuning.parameter import Point
from earmark.tuning.space import Space, words
from earmark.tuning.surrogate import MIN_TRIALS, Surrogate, fit
from earmark.tuning.tried import Tried

DEFAULTS = "the defaults"
UNTRIED = 0.4  # share of the candidates that are new settings
STARTS, STEPS = 3, 20  # of the climbs to new settings


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings to confirm, with their trial; it is None for new settings and for the defaults.

    Its name is what differs from the defaults, and `expected` what is expected of it in the search:
    a gain over the defaults, positive is better. New settings may not fit together.
    """

    settings: Point
    trial: Tried | None = None
    name: str = DEFAULTS
    expected: float | None = None
    new: bool = False


def candidates_of(
    tried: Sequence[Tried], objectives: Sequence[str], count: int, space: Space
) -> list[Candidate]:
    """What to confirm, the best first, each settings once, and never the defaults.

    Args:
        tried: the trials of the study.
        objectives: their names; the candidates of several are of the Pareto front, its ends and
            then the most different from each other.
        count: how many there may be.
        space: what was searched.
    """
    defaults = next((one for one in tried if one.defaults), None)
    base: Point = defaults.settings if defaults is not None else {}
    if len(objectives) > 1:
        ahead = spread_out(front(complete(tried), objectives), objectives)
        others = [one for one in ahead if not one.defaults][:count]
        return [Candidate(one.settings, one, short_name(one.settings, base)) for one in others]
    learnt = learn(space, tried)
    if learnt is None:
        best = sorted(complete(tried), key=lambda one: (-gain(one, objectives[0]), one.number))
        others = [one for one in best if not one.defaults][:count]
        return [Candidate(one.settings, one, short_name(one.settings, base)) for one in others]
    return _expected_best(tried, learnt, count, sign=sign_of(objectives[0]), base=base)


def learn(space: Space, tried: Sequence[Tried]) -> Surrogate | None:
    """The surrogate of a study with one objective; None for too few trials."""
    own = informative(tried)
    if len(own) < MIN_TRIALS:
        return None
    return fit(space, [one.settings for one in own], [one.tasks for one in own])


def informative(tried: Sequence[Tried]) -> list[Tried]:
    """The trials that tell something of the first objective, each settings once."""
    return [one for one in tried if one.values is not None and one.same_as is None and one.tasks]


def complete(tried: Sequence[Tried]) -> list[Tried]:
    """The trials that answered every task, each settings once."""
    return [one for one in tried if one.complete and one.same_as is None]


def short_name(settings: Point, defaults: Point) -> str:
    """The settings that differ from the defaults, as they are typed."""
    differ = {name: one for name, one in settings.items() if defaults.get(name) != one}
    return " ".join(words(differ)) or DEFAULTS


def front(trials: Sequence[Tried], objectives: Sequence[str]) -> list[Tried]:
    """The trials that no other beats: as good at everything and better at one."""
    signs = np.array([sign_of(name) for name in objectives])
    points = {one.number: signs * np.array(one.values) for one in trials}

    def beaten(one: Tried) -> bool:
        here = points[one.number]
        others = (point for number, point in points.items() if number != one.number)
        return any((point >= here).all() and (point > here).any() for point in others)

    return [one for one in trials if not beaten(one)]


def spread_out(ahead: Sequence[Tried], objectives: Sequence[str]) -> list[Tried]:
    """The front, its ends first, then by the gap that a point would leave.

    The gap is the crowding distance of NSGA-II (Deb, Pratap, Agarwal and Meyarivan 2002, IEEE
    Transactions on Evolutionary Computation 6).
    """
    gaps = dict.fromkeys((one.number for one in ahead), 0.0)
    for at in range(len(objectives)):
        order = sorted(ahead, key=lambda one: (one.measured[at], one.number))
        places = [one.measured[at] for one in order]
        span = (places[-1] - places[0]) or 1.0
        for before, one, after in zip(order, order[1:], order[2:], strict=False):
            width = after.measured[at] - before.measured[at]
            gaps[one.number] += width / span
        for end in (order[0], order[-1]):
            gaps[end.number] = float("inf")
    first = objectives[0]
    return sorted(ahead, key=lambda one: (-gaps[one.number], -gain(one, first), one.number))


def gain(one: Tried, objective: str) -> float:
    """The value of a trial by the first objective; larger is better."""
    return sign_of(objective) * one.measured[0]


def sign_of(objective: str) -> int:
    """1 where more is better, -1 where less is."""
    return 1 if DIRECTIONS[objective] == "maximize" else -1


def expect_together(
    candidates: Sequence[Candidate],
    values: Sequence[Mapping[str, float]],
    tried: Sequence[Tried],
    space: Space | None,
    *,
    sign: int,
) -> list[float] | None:
    """What is expected of each candidate by the search and its fresh answers together.

    Args:
        candidates: what was confirmed, the defaults last.
        values: the fresh answers of each, by task.
        tried: the trials of the search.
        space: what was searched.
        sign: -1 where less is better.

    Returns:
        One number for each but the defaults, larger is better; None where there was no search.
    """
    own = informative(tried)
    if space is None or len(own) < MIN_TRIALS or not any(one.defaults for one in own):
        return None
    places = {task: -1 - at for at, task in enumerate(sorted(set().union(*values)))}
    points = [one.settings for one in own]
    tasks = [dict(one.tasks) for one in own]
    defaults = next(at for at, one in enumerate(own) if one.defaults)
    for one, fresh in zip(candidates, values, strict=True):
        answered = {places[task]: score for task, score in fresh.items()}
        same = [at for at, point in enumerate(points) if dict(point) == dict(one.settings)]
        if one is candidates[-1]:
            same = [defaults]
        if same:
            tasks[same[0]] |= answered
        else:
            points.append(one.settings)
            tasks.append(answered)
    means, _ = fit(space, points, tasks).predict([one.settings for one in candidates[:-1]])
    return [float(sign * mean) for mean in means]


def _expected_best(
    tried: Sequence[Tried], learnt: Surrogate, count: int, *, sign: int, base: Point
) -> list[Candidate]:
    """The trials of which most is expected, and the new settings."""
    own = informative(tried)
    means, _ = learnt.predict([one.settings for one in own])
    ordered = sorted(range(len(own)), key=lambda at: (-sign * means[at], own[at].number))
    of_defaults = next((means[at] for at, one in enumerate(own) if one.defaults), None)

    def candidate(settings: Point, trial: Tried | None, mean: float) -> Candidate:
        expected = None if of_defaults is None else float(sign * (mean - of_defaults))
        return Candidate(settings, trial, short_name(settings, base), expected, trial is None)

    others = [candidate(own[at].settings, own[at], means[at]) for at in ordered]
    others = [one for one in others if one.trial is not None and not one.trial.defaults]
    new = best_untried(learnt, [own[at].settings for at in ordered[:STARTS]], sign=sign)
    known = {_key(one.settings) for one in tried}
    fresh = [candidate(point, None, mean) for point, mean in new if _key(point) not in known]
    fresh = fresh[: int(count * UNTRIED)]
    kept = [*others[: count - len(fresh)], *fresh]
    return sorted(kept, key=lambda one: -(one.expected or 0.0))


def best_untried(
    learnt: Surrogate, starts: Sequence[Point], *, sign: int
) -> list[tuple[Point, float]]:
    """The points met on climbs along the posterior mean, one setting at a time, the best first."""
    met: dict[tuple[object, ...], tuple[Point, float]] = {}
    for start in starts:
        here, height = start, -np.inf
        for _ in range(STEPS):
            near = list(learnt.space.neighbours(here))
            if not near:
                break
            means, _ = learnt.predict(near)
            for point, mean in zip(near, means, strict=True):
                met[_key(point)] = (point, float(mean))
            at = int(np.argmax(sign * means))
            if sign * means[at] <= height:
                break
            here, height = near[at], sign * means[at]
    return sorted(met.values(), key=lambda one: (-sign * one[1], _key(one[0])))


def _key(point: Point) -> tuple[object, ...]:
    return tuple(sorted((name, repr(value)) for name, value in point.items()))
