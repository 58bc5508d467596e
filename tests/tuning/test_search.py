"""The search on a task whose best settings and noise are known, without any model."""

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import optuna
import pytest

from earmark.config.search import build_search_part, compose_search
from earmark.errors import ConfigError, HarnessError
from earmark.tuning.candidates import candidates_of
from earmark.tuning.objectives import Direction
from earmark.tuning.parameter import Point
from earmark.tuning.pruner import PairedPruner
from earmark.tuning.search import Goal, KeepGoing, Outcome, search
from earmark.tuning.space import read_space
from earmark.tuning.study import SharedStudy
from earmark.tuning.tried import Tried

SPACE = read_space({"strategy.shots": [0, 1, 2], "strategy.hints": [False, True]})


def benchmark() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "tuning.py"
    spec = importlib.util.spec_from_file_location("benchmark_of_tuning", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def opened(
    folder: Path | None,
    sampler: str = "tpe",
    *,
    searched: str = "this",
    pruner: str = "wilcoxon",
    directions: Sequence[Direction] = ("maximize",),
) -> SharedStudy:
    settings, _ = compose_search([f"sampler={sampler}", f"pruner={pruner}"])
    return SharedStudy(
        folder,
        name="small",
        directions=directions,
        searched={"space": searched},
        sampler=lambda seed: build_search_part(settings.sampler, seed=seed),
        pruner=build_search_part(settings.pruner),
    )


def value(point: Point) -> float:
    return float(point["strategy.shots"]) + 0.5 * bool(point["strategy.hints"])


def evaluate(point: Point, keep_going: KeepGoing) -> Outcome:
    answers = {place: (value(point) + place / 100,) for place in range(8)}
    for end in (4, 8):
        if end < 8 and not keep_going({place: answers[place] for place in range(end)}):
            return Outcome(None)
    return Outcome((value(point) + 0.035,), answers)


@pytest.mark.parametrize("sampler", ["tpe", "gp", "nsga2", "random", "grid"])
def test_every_sampler_tries_every_point_once(sampler: str) -> None:
    study = opened(None, sampler)
    search(lambda: study, Goal(SPACE, 6, {"strategy.shots": 1, "strategy.hints": False}), evaluate)
    tried = study.tried()
    own = [one for one in tried if one.same_as is None]
    assert len({repr(sorted(one.settings.items())) for one in own}) == len(own)
    assert len(own) == 6 or len(tried) == 18
    assert tried[0].defaults
    assert tried[0].settings["strategy.shots"] == 1
    best = max((one for one in own if one.complete), key=lambda one: one.values or ())
    assert value(best.settings) == 2.5


def test_a_hopeless_trial_is_stopped_and_given_what_it_would_have_reached() -> None:
    study = opened(None, "grid")
    search(lambda: study, Goal(SPACE, 6, {"strategy.shots": 2, "strategy.hints": True}), evaluate)
    stopped = [one for one in study.tried() if one.pruned_after is not None]
    assert len(stopped) == 5
    for one in stopped:
        assert one.pruned_after == 4
        assert one.values == pytest.approx((value(one.settings) + 0.035,))


def both(point: Point, keep_going: KeepGoing) -> Outcome:
    """Examples help and cost; hints help one objective and harm the other."""
    good, dear = value(point), 2 - float(point["strategy.shots"])
    dear += bool(point["strategy.hints"])
    answers = {place: (good + place / 100, dear + place / 50) for place in range(8)}
    for end in (4, 8):
        if end < 8 and not keep_going({place: answers[place] for place in range(end)}):
            return Outcome(None)
    return Outcome((good + 0.035, dear + 0.07), answers)


@pytest.mark.parametrize(("pruner", "stopped"), [("wilcoxon", 4), ("none", 0)])
def test_of_several_objectives_a_trial_is_stopped_that_is_beaten_in_all(
    pruner: str, stopped: int
) -> None:
    """Of six points two are on the front: the most examples with hints, and without."""
    study = opened(None, "grid", pruner=pruner, directions=("maximize", "minimize"))
    search(lambda: study, Goal(SPACE, 6, {"strategy.shots": 2, "strategy.hints": False}), both)
    tried = study.tried()
    ended = [one for one in tried if one.pruned_after is not None]
    assert len(ended) == stopped
    for one in ended:
        assert one.pruned_after == 4
        dear = 2 - float(one.settings["strategy.shots"]) + bool(one.settings["strategy.hints"])
        assert one.values == pytest.approx((value(one.settings) + 0.035, dear + 0.07))
    whole = [dict(one.settings) for one in tried if one.complete]
    for hints in (False, True):
        assert {"strategy.shots": 2, "strategy.hints": hints} in whole
    if pruner == "none":
        assert {len(one.answers) for one in tried if one.same_as is None} == {8}


def test_a_trial_that_may_stand_on_the_front_is_never_stopped() -> None:
    pruner = PairedPruner()
    rng = np.random.default_rng(4)
    stopped = dict.fromkeys(("worse in both", "worse in one", "equal"), 0)
    levels = {"worse in both": (-0.1, -0.1), "worse in one": (-0.1, 0.1), "equal": (0.0, 0.0)}
    for _ in range(200):
        other = {place: tuple(rng.normal(0, 0.1, 2)) for place in range(16)}
        for name, (first, second) in levels.items():
            own = {place: tuple(rng.normal((first, second), 0.1)) for place in range(16)}
            stopped[name] += pruner.dominated(own, other, (1, 1))
    assert stopped["worse in both"] > 140
    assert stopped["worse in one"] == 0
    assert stopped["equal"] <= 0.1 * 200  # the rate of one test is the most that it may be


def test_candidates_are_those_of_which_most_is_expected() -> None:
    """The luckiest trial, which no other supports, is not the first; new settings may be."""
    space = read_space({"strategy.shots": {"from": 0, "to": 9}, "strategy.hints": [False, True]})
    rng = np.random.default_rng(1)
    tried = []
    for number, shots in enumerate((0, 1, 2, 3, 4, 7, 8, 9)):
        level = 0.1 - 0.01 * (shots - 6) ** 2 + (0.08 if shots == 0 else 0)
        answers = {place: (float(level + rng.normal(0, 0.15)),) for place in range(31)}
        mean = sum(one for (one,) in answers.values()) / 31
        settings = {"strategy.shots": shots, "strategy.hints": False}
        defaults = number == 1
        tried.append(Tried(number, settings, (mean,), defaults=defaults, answers=answers))
    found = candidates_of(tried, ["score"], 5, space)
    assert len(found) == 5
    assert not any(one.trial is not None and one.trial.defaults for one in found)
    assert sum(one.new for one in found) == 2
    assert found[0].settings["strategy.shots"] in (5, 6, 7)
    assert all(one.expected is not None for one in found)
    few = candidates_of(tried[:3], ["score"], 2, space)  # no surrogate: the best means
    assert [one.expected for one in few] == [None, None]


def test_of_a_front_its_ends_come_first_and_then_what_differs_most() -> None:
    values = [(1.0, 1.0), (2.0, 2.0), (2.1, 2.1), (4.0, 4.0), (6.0, 6.0)]
    tried = [Tried(at, {"strategy.shots": at}, one) for at, one in enumerate(values)]
    found = candidates_of(tried, ["score", "cost"], 4, SPACE)
    assert [one.settings["strategy.shots"] for one in found] == [4, 0, 3, 2]


def test_a_trial_without_a_value_is_no_trial_of_value_zero() -> None:
    assert Tried(3, {}, (0.25, 1.0)).measured == (0.25, 1.0)
    with pytest.raises(ValueError, match="trial 3 has no value"):
        _ = Tried(3, {}, None).measured


def test_settings_that_were_tried_are_pooled_and_not_evaluated_again() -> None:
    asked: list[str] = []

    def once(point: Point, keep_going: KeepGoing) -> Outcome:
        asked.append(repr(sorted(point.items())))
        return evaluate(point, keep_going)

    study = opened(None, "random")
    search(lambda: study, Goal(SPACE, 6), once)
    assert len(asked) == len(set(asked))
    again = [one for one in study.tried() if one.same_as is not None]
    assert again
    for one in again:
        assert one.values == study.tried()[one.same_as or 0].values


def test_a_trial_that_was_interrupted_is_taken_up_again(tmp_path: Path) -> None:
    quiet = opened(None)
    search(lambda: quiet, Goal(SPACE, 5), evaluate)

    def dies(point: Point, keep_going: KeepGoing) -> Outcome:
        if len(study.tried()) == 3:
            raise HarnessError("the server is gone")
        return evaluate(point, keep_going)

    study = opened(tmp_path)
    with pytest.raises(HarnessError, match="the server is gone"):
        search(lambda: study, Goal(SPACE, 5), dies)
    assert [one.running for one in study.tried()] == [False, False, True]
    search(lambda: opened(tmp_path), Goal(SPACE, 5), evaluate)
    assert [one.settings for one in study.tried()] == [one.settings for one in quiet.tried()]
    assert [one.values for one in study.tried()] == [one.values for one in quiet.tried()]


def test_another_search_may_not_go_on_with_a_study(tmp_path: Path) -> None:
    search(lambda: opened(tmp_path), Goal(SPACE, 1), evaluate)
    with pytest.raises(ConfigError, match="holds a search of another space, objective"):
        opened(tmp_path, searched="that")


def test_a_trial_without_a_value_has_its_reason_and_does_not_count_as_best() -> None:
    def half(point: Point, keep_going: KeepGoing) -> Outcome:
        if point["strategy.hints"]:
            return Outcome(None, reason="no floor")
        return evaluate(point, keep_going)

    study = opened(None, "grid")
    search(lambda: study, Goal(SPACE, 6), half)
    without = [one for one in study.tried() if one.values is None and one.same_as is None]
    assert len(without) == 3
    assert {one.reason for one in without} == {"no floor"}


def test_optunas_own_readers_can_read_the_study(tmp_path: Path) -> None:
    search(lambda: opened(tmp_path), Goal(SPACE, 4), evaluate)
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    study = optuna.load_study(study_name="small", storage=storage)
    assert len(study.trials) >= 4
    assert study.best_value > 0


@pytest.mark.parametrize("seeds", [2, pytest.param(20, marks=pytest.mark.long)])
def test_a_search_beats_random_and_pruning_saves_calls(seeds: int) -> None:
    simulated = benchmark()
    figures = simulated.compare(range(200, 200 + seeds))
    assert figures.share > figures.random_share
    assert figures.saved >= 0.3
    assert figures.share > figures.unpruned_share - 0.05
    if seeds == 20:
        assert figures.near >= 16


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"strategy.shots": 1, "sandbox.unsafe": True}, r"'sandbox\.unsafe'"),
        ({"strategy.shots": "1 sandbox=none"}, r"strategy\.shots=1 sandbox=none"),
    ],
)
def test_a_study_turns_only_what_its_line_searches(settings: dict[str, object], what: str) -> None:
    study = opened(None)
    trial = study.study.ask()
    trial.set_user_attr("settings", settings)
    study.study.tell(trial, 9.0)
    rule = rf"study\.db: has trials that set {what}, which this line does not search"
    with pytest.raises(ConfigError, match=rule):
        search(lambda: study, Goal(SPACE, 6), evaluate)
