"""How well a search finds the best settings, against random search at equal cost, and what pruning
saves at equal quality. On a simulated task whose best settings and noise are known.

    python benchmarks/tuning.py [SEEDS]

A program is valid with a chance that depends on the settings; a valid one scores by settings, task
and luck. The spread is that of a hosted model as far as it is known here: between tasks 0.08,
between repetitions 0.10, and about half of the programs valid. Costs are calls: an episode of the
loop is one call, or as many as it takes.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp
from random import Random
from statistics import fmean

from earmark.config.search import SearchConfig, build_search_part, compose_search
from earmark.tuning.search import CHUNK, Goal, KeepGoing, Outcome, search, shuffled
from earmark.tuning.space import Point, Space, Value, read_space
from earmark.tuning.study import SharedStudy, Tried

TASKS, TRIALS, FLOOR = 24, 40, 0.02
SPACE: Mapping[str, object] = {
    "strategy": ["zero_shot", "repair"],
    "strategy.turns": {"from": 2, "to": 4, "when": {"strategy": "repair"}},
    "strategy.shots": {"from": 0, "to": 4},
    "strategy.hints": [False, True],
    "strategy.persona": [False, True],
    "strategy.plan_first": [False, True],
    "temperature": {"from": 0.0, "to": 1.0, "step": 0.1},
}
DEFAULTS: Point = {"strategy": "zero_shot", "strategy.shots": 0, "temperature": 0.7}
EXPECT = (("tpe", "wilcoxon"), ("tpe", "none"), ("gp", "wilcoxon"), ("random", "none"))


def chance_of_valid(point: Point) -> float:
    """The chance that one answer leaves a sound."""
    shots, warm = float(point["strategy.shots"]), float(point["temperature"])
    logit = -0.6 + 0.45 * min(shots, 3) - 0.5 * max(0.0, shots - 3)
    logit += 0.5 * bool(point["strategy.hints"]) - 4.0 * (warm - 0.4) ** 2
    logit -= 0.2 * bool(point["strategy.plan_first"])
    return 1 / (1 + exp(-logit))


def quality(point: Point) -> float:
    """The mean score of a valid sound."""
    warm = float(point["temperature"])
    return 0.16 + 0.03 * bool(point["strategy.plan_first"]) - 0.10 * (warm - 0.5) ** 2


def turns(point: Point) -> int:
    """How many answers an episode may have."""
    return int(point["strategy.turns"]) if point["strategy"] == "repair" else 1


def expected(point: Point) -> float:
    """The true value of settings: failures at the floor."""
    valid = 1 - (1 - chance_of_valid(point)) ** turns(point)
    return valid * quality(point) + (1 - valid) * FLOOR


@dataclass
class World:
    """Answers for one seed: equal settings and tasks get equal answers, as from a cassette."""

    seed: int
    calls: int = 0

    def episode(self, point: Point, task: int) -> float:
        """The score of one episode."""
        rng = Random(f"{self.seed} {sorted(point.items())} {task}")
        level = Random(f"{self.seed} {task}").gauss(0, 0.08)
        for _ in range(turns(point)):
            self.calls += 1
            if rng.random() < chance_of_valid(point):
                return max(FLOOR, quality(point) + level + rng.gauss(0, 0.10))
        return FLOOR

    def evaluate(self, point: Point, keep_going: KeepGoing) -> Outcome:
        """A trial, task by task."""
        order = shuffled(range(TASKS), self.seed)
        tasks: dict[int, float] = {}
        for place, task in enumerate(order):
            tasks[place] = self.episode(point, task)
            whole = (place + 1) % CHUNK == 0
            if whole and place + 1 < TASKS and not keep_going(tasks):
                return Outcome(None)
        return Outcome((fmean(tasks.values()),), tasks)


@dataclass(frozen=True)
class Result:
    """One study: the true value of its best, as a share of the best there is, and its calls."""

    share: float
    calls: int
    tried: tuple[Tried, ...]


def study(seed: int, settings: SearchConfig, space: Space, *, trials: int, calls: int) -> Result:
    """Run one study until `trials` settings are tried or `calls` calls are made."""
    world = World(seed)
    shared = SharedStudy(
        None,
        name=f"simulated-{seed}",
        directions=["maximize"],
        searched={},
        sampler=lambda drawn: build_search_part(settings.sampler, seed=drawn),
        pruner=build_search_part(settings.pruner),
        seed=seed,
    )
    for count in range(1, trials + 1):
        if world.calls >= calls:
            break
        search(lambda: shared, Goal(space, count, DEFAULTS), world.evaluate)
    complete = [one for one in shared.tried() if one.complete]
    best = max(complete, key=lambda one: (one.values or (0.0,))[0])
    return Result(expected(best.settings) / BEST, world.calls, tuple(shared.tried()))


def mean_of(results: list[Result], name: Callable[[Result], float]) -> float:
    """The mean over seeds."""
    return fmean(name(one) for one in results)


def main(seeds: int) -> None:
    """Print a line for each sampler and pruner."""
    print(f"{TRIALS} trials of {TASKS} tasks, {seeds} seeds; the best there is: {BEST:.4f}")
    cost = 0
    for sampler, pruner in EXPECT:
        settings, _ = compose_search([f"sampler={sampler}", f"pruner={pruner}"])
        trials, calls = (TRIALS, 10**9) if sampler != "random" else (10**4, cost)
        done = [
            study(seed, settings, SPACE_READ, trials=trials, calls=calls) for seed in range(seeds)
        ]
        cost = cost or round(mean_of(done, lambda one: one.calls))
        near = sum(one.share >= 0.95 for one in done)
        found = f"found {mean_of(done, lambda one: one.share):.1%} of the best on average"
        print(
            f"{sampler:7} {pruner:9} {found}, within 5 % in {near} of {seeds}; "
            f"{mean_of(done, lambda one: one.calls):6.0f} calls, {mean_of(done, lambda one: len(one.tried)):.0f} trials"
        )


SPACE_READ = read_space(SPACE)
POINTS: list[dict[str, Value]] = list(SPACE_READ.points())
BEST = max(map(expected, POINTS))

if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
