"""The confirmed gain: right on average, wrong as rarely as it says, and never for nothing."""

from random import Random

import numpy as np
import pytest

from earmark.tuning.gains import Gain, front_verdict, gains_of, gains_of_several, verdict

TASKS, HELD_OUT, SETTINGS, WINNERS = 31, 20, 50, 5


def scores(rng: np.random.Generator, value: float, tasks: int) -> dict[str, float]:
    """Half of the programs fail and count as the floor; the others vary by task and luck."""
    valid = rng.random(tasks) < 0.5
    clips = np.maximum(0.02, value + rng.normal(0, 0.15, tasks))
    return {str(at): float(one) for at, one in enumerate(np.where(valid, clips, 0.02))}


def studied(seed: int) -> tuple[float, Gain]:
    """A study of equal settings: the apparent gain of its best, and the gain asked afresh."""
    rng = np.random.default_rng(seed)
    searched = [scores(rng, 0.16, TASKS) for _ in range(SETTINGS + 1)]
    means = [float(np.mean(list(one.values()))) for one in searched]
    apparent = max(means[1:]) - means[0]
    again = [scores(rng, 0.16, HELD_OUT) for _ in range(WINNERS + 1)]
    true = gains_of(again[:-1], again[-1])
    gains = [Gain(str(at), apparent, None, one) for at, one in enumerate(true)]
    return apparent, max(gains, key=lambda one: one.true.value)


@pytest.mark.parametrize("studies", [60, pytest.param(200, marks=pytest.mark.long)])
def test_of_equal_settings_none_is_better(studies: int) -> None:
    """The best of the confirmed winners is judged: the interval holds for all of them together."""
    found = [studied(seed) for seed in range(studies)]
    apparent = np.mean([one for one, _ in found])
    assert apparent > 0.03  # what a search without confirmation would report as its gain
    covered = np.mean([gain.true.low <= 0 <= gain.true.high for _, gain in found])
    called = np.mean([gain.better for _, gain in found])
    assert covered >= 0.93
    assert called <= 0.05


def test_a_real_gain_is_found_with_its_size() -> None:
    rng = np.random.default_rng(1)
    defaults = scores(rng, 0.1, HELD_OUT)
    better = {task: value + 0.05 + 0.01 * rng.normal() for task, value in defaults.items()}
    [one] = gains_of([better], defaults)
    gain = Gain("strategy.shots=2", 0.06, 0.05, one)
    assert gain.better
    assert one.low < 0.05 < one.high
    said = verdict([gain], "clap_floored", tasks=HELD_OUT, samples=1)
    assert said.startswith("strategy.shots=2 is better by 0.0")
    assert said.endswith("than the defaults in clap_floored")


def test_less_is_better_where_the_objective_is_a_cost() -> None:
    defaults = {str(at): 2.0 + at for at in range(8)}
    cheaper = {task: value - 1.0 - 0.01 * int(task) for task, value in defaults.items()}
    [one] = gains_of([cheaper], defaults, sign=-1)
    assert one.value > 0
    assert Gain("x", None, None, one).better


@pytest.mark.parametrize(
    ("rise", "words"), [(0.0, "no gain shown: +0.000"), (-0.3, "worse by 0.300")]
)
def test_an_equal_or_worse_result_is_never_better(rise: float, words: str) -> None:
    defaults = {str(at): at / 10 for at in range(8)}
    [one] = gains_of([{task: value + rise for task, value in defaults.items()}], defaults)
    gain = Gain("strategy.shots=2", 0.3, 0.1, one)
    assert not gain.better
    assert gain.words.startswith(words)
    said = verdict([gain], "clap_floored", tasks=8, samples=1)
    assert said.startswith("no gain in clap_floored shown; keep the defaults")


def test_too_few_tasks_cannot_tell() -> None:
    few = {str(at): 1.0 for at in range(5)}
    with pytest.raises(ValueError, match="at least 6 tasks that all have answered, got 5"):
        gains_of([few], few)


def test_a_witness_agrees_disagrees_or_cannot_tell() -> None:
    rng = Random(1)
    base = {str(at): rng.random() for at in range(10)}
    up = {task: value + 0.5 + rng.gauss(0, 0.01) for task, value in base.items()}
    noise = {task: value + rng.gauss(0, 0.5) for task, value in base.items()}
    agrees, cannot = gains_of([up, noise], base)
    [against] = gains_of([base], up)
    gain = Gain("x", None, None, agrees, {"a": agrees, "b": against, "c": cannot})
    assert [gain.agreement(name).partition(":")[0] for name in "abc"] == [
        *("agrees", "disagrees", "cannot tell")
    ]


def test_a_point_of_a_front_is_judged_by_every_objective_together() -> None:
    """As many tests as points times objectives: intervals are wider than those of one alone."""
    rng = np.random.default_rng(5)
    score = [{str(at): float(rng.normal(level, 0.1)) for at in range(20)} for level in (0.5, 0, 0)]
    cost = [{str(at): float(rng.normal(level, 0.1)) for at in range(20)} for level in (0.5, 0, 0)]
    several = gains_of_several([score, cost], [1, -1])
    alone = gains_of(score[:-1], score[-1])
    assert several[0][0].value == pytest.approx(alone[0].value)
    assert several[0][1].value == pytest.approx(-gains_of(cost[:-1], cost[-1])[0].value)
    assert several[0][0].high - several[0][0].low > alone[0].high - alone[0].low
    units = {"score": "clap_floored", "cost": "USD for an episode"}
    points = []
    for name, comparisons in zip(("dear", "same"), several, strict=True):
        pairs = zip(units, comparisons, strict=True)
        points.append({by: Gain(name, None, None, true) for by, true in pairs})
    said = front_verdict(points, units)
    assert said.startswith("every gain that is shown has its price: choose yourself (4 comparisons")
    assert "dear against the defaults: better by 0." in said
    assert "worse by 0." in said
    assert "no gain in any objective shown" in front_verdict(points[1:], units)
    free = {"score": points[0]["score"], "cost": points[1]["cost"]}
    assert front_verdict([free], units).startswith("1 of 1 point of the front: a gain shown")


@pytest.mark.parametrize("studies", [40, pytest.param(200, marks=pytest.mark.long)])
def test_of_equal_points_and_two_objectives_none_is_better(studies: int) -> None:
    wrong = 0
    for seed in range(studies):
        rng = np.random.default_rng(seed)
        by_score = [scores(rng, 0.16, HELD_OUT) for _ in range(WINNERS + 1)]
        by_other = [scores(rng, 0.16, HELD_OUT) for _ in range(WINNERS + 1)]
        rows = gains_of_several([by_score, by_other], [1, -1])
        wrong += any(Gain("x", None, None, one).better for row in rows for one in row)
    assert wrong / studies <= 0.06
