"""How well a search finds the best settings, against random search at equal cost, and what pruning
saves at equal quality. On a simulated task whose best settings and noise are known.

    python benchmarks/tuning.py [SEEDS] [FIRST]

The method was chosen on seeds 0 to 39 and 100 to 119; figures that are reported are of seeds from
FIRST, 200.

A program is valid with a chance that depends on the settings; a valid one scores by settings, task
and luck. The spread is that of a hosted model as far as it is known here: between tasks 0.08,
between repetitions 0.10, and about half of the programs valid. Costs are calls: an episode of the
loop is one call, or as many as it takes.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf
from random import Random
from statistics import fmean

from earmark.config.search import build_search_part, compose_search
from earmark.tuning.candidates import Candidate, candidates_of, expect_together
from earmark.tuning.parameter import Point
from earmark.tuning.search import CHUNK, Goal, KeepGoing, Outcome, search, shuffled
from earmark.tuning.space import read_space
from earmark.tuning.study import SharedStudy

TASKS, HELD_OUT, WINNERS, TRIALS, FLOOR = 31, 20, 5, 40, 0.02  # as of the tier notes
SAMPLES = 3  # of each task, where one is too noisy to tell good settings from the best
PARAMETERS: Mapping[str, object] = {
    "strategy": ["zero_shot", "repair"],
    "strategy.turns": {"from": 2, "to": 4, "when": {"strategy": "repair"}},
    "strategy.shots": {"from": 0, "to": 4},
    "strategy.hints": [False, True],
    "strategy.persona": [False, True],
    "strategy.plan_first": [False, True],
    "temperature": {"from": 0.0, "to": 1.0, "step": 0.1},
}
DEFAULTS: Point = {
    "strategy": "zero_shot",
    "strategy.shots": 0,
    "strategy.hints": False,
    "strategy.persona": False,
    "strategy.plan_first": False,
    "temperature": 0.7,
}


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
    samples: int = 1
    calls: int = 0

    def mean(self, point: Point, task: int) -> float:
        """The mean score of a task over its samples."""
        return fmean(self.episode(point, task, sample) for sample in range(self.samples))

    def episode(self, point: Point, task: int, sample: int) -> float:
        """The score of one episode."""
        rng = Random(f"{self.seed} {sorted(point.items())} {task} {sample}")
        level = Random(f"{self.seed} {task}").gauss(0, 0.08)
        for _ in range(turns(point)):
            self.calls += 1
            if rng.random() < chance_of_valid(point):
                return max(FLOOR, quality(point) + level + rng.gauss(0, 0.10))
        return FLOOR

    def evaluate(self, point: Point, keep_going: KeepGoing) -> Outcome:
        """A trial, task by task."""
        order = shuffled(range(TASKS), self.seed)
        answers: dict[int, tuple[float, ...]] = {}
        for place, task in enumerate(order):
            answers[place] = (self.mean(point, task),)
            whole = (place + 1) % CHUNK == 0
            if whole and place + 1 < TASKS and not keep_going(answers):
                return Outcome(None)
        return Outcome((fmean(one for (one,) in answers.values()),), answers)


@dataclass(frozen=True)
class Result:
    """One study: the true value of what it confirmed as best, as a share of the best there is.

    `searched` is the same of the settings of which most is expected after the search, `calls` are
    those of the search alone.
    """

    share: float
    searched: float
    calls: int


@dataclass(frozen=True)
class Figures:
    """Means over studies, and how many ended within 5 % of the best."""

    share: float
    near: int
    near_with_samples: int
    saved: float
    unpruned_share: float
    random_share: float


def run_study(
    seed: int, sampler: str, pruner: str, *, samples: int = 1, calls: float = inf
) -> Result:
    """Search until TRIALS settings are tried, or as many as `calls` allow; then confirm."""
    settings, _ = compose_search([f"sampler={sampler}", f"pruner={pruner}"])
    world = World(seed, samples)
    study = SharedStudy(
        None,
        name=f"simulated-{seed}",
        directions=["maximize"],
        searched={},
        sampler=lambda drawn: build_search_part(settings.sampler, seed=drawn),
        pruner=build_search_part(settings.pruner),
        seed=seed,
    )
    trials = 0
    while world.calls < calls and (trials < TRIALS or calls < inf):
        trials += 1
        search(lambda: study, Goal(SPACE, trials, DEFAULTS), world.evaluate)
    spent = world.calls
    tried = study.tried()
    candidates = candidates_of(tried, ["score"], WINNERS, SPACE)
    afresh = World(seed + 1_000_000, samples)
    asked = [*candidates, Candidate(tried[0].settings)]
    values = []
    for one in asked:
        values.append({str(task): afresh.mean(one.settings, task) for task in range(HELD_OUT)})
    together = expect_together(asked, values, tried, SPACE, sign=1) or [0.0]
    best = candidates[together.index(max(together))]
    first = candidates[0]
    return Result(expected(best.settings) / BEST, expected(first.settings) / BEST, spent)


def compare(seeds: Sequence[int], show: Callable[[str], None] = lambda _: None) -> Figures:
    """The search, the same without stopping, random search at the calls of the first, and the
    search with more samples of each task.
    """
    found = [run_study(seed, "tpe", "wilcoxon") for seed in seeds]
    show(line("tpe", "wilcoxon", 1, found))
    whole = [run_study(seed, "tpe", "none") for seed in seeds]
    show(line("tpe", "none", 1, whole))
    control = []
    for seed, one in zip(seeds, found, strict=True):
        control.append(run_study(seed, "random", "none", calls=one.calls))
    show(line("random", "none", 1, control))
    more = [run_study(seed, "tpe", "wilcoxon", samples=SAMPLES) for seed in seeds]
    show(line("tpe", "wilcoxon", SAMPLES, more))
    calls = [fmean(one.calls for one in several) for several in (found, whole)]
    return Figures(
        share=fmean(one.share for one in found),
        near=near(found),
        near_with_samples=near(more),
        saved=1 - calls[0] / calls[1],
        unpruned_share=fmean(one.share for one in whole),
        random_share=fmean(one.share for one in control),
    )


def near(results: Sequence[Result]) -> int:
    """How many ended within 5 % of the best."""
    return sum(one.share >= 0.95 for one in results)


def line(sampler: str, pruner: str, samples: int, results: Sequence[Result]) -> str:
    """One row of the table."""
    share = fmean(one.share for one in results)
    searched = fmean(one.searched for one in results)
    calls = fmean(one.calls for one in results)
    within = f"{near(results)} of {len(results)}"
    return f"{sampler:8}{pruner:10}{samples:7}{searched:9.1%}{share:11.1%}{within:>14}{calls:8.0f}"


def main(count: int, first: int) -> None:
    """Print a line for each kind of search."""
    seeds = f"seeds {first} to {first + count - 1}"
    print(f"{TRIALS} trials of {TASKS} tasks, {seeds}; the best there is: {BEST:.4f}")
    print("sampler pruner    samples searched  confirmed  within 5 %   calls")
    figures = compare(range(first, first + count), show=lambda text: print(text, flush=True))
    print(f"stopping saves {figures.saved:.0%} of the calls of the search")


SPACE = read_space(PARAMETERS)
BEST = max(map(expected, SPACE.points()))

if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(20, 200)[len(given) :])
