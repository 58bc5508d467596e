"""The confirmed gain: right on average, wrong as rarely as it says, and never for nothing."""

from random import Random

import numpy as np
import pytest

from earmark.tuning.gains import Gain, gains_of, kept_share, verdict

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
    share = kept_share(np.array([list(one.values()) for one in searched]))
    true = gains_of(again[:-1], again[-1])
    gains = [Gain(str(at), apparent, apparent * (share or 0.0), one) for at, one in enumerate(true)]
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
    assert abs(np.mean([gain.expected for _, gain in found])) < apparent / 3


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


def test_the_kept_share_is_that_of_the_settings() -> None:
    """Against the truth of a simulation: variance of settings over that of a trial's mean."""
    rng = np.random.default_rng(3)
    shares = []
    for _ in range(40):
        settings = rng.normal(0, 0.03, (30, 1))
        shares.append(kept_share(settings + rng.normal(0, 0.1, (30, 20))))
    truth = 0.03**2 / (0.03**2 + 0.1**2 / 20)
    assert np.mean([one for one in shares if one is not None]) == pytest.approx(truth, abs=0.05)
    assert kept_share(np.zeros((3, 20))) is None
    assert kept_share(np.zeros((10, 20))) == 0.0
