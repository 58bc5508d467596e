"""Pitch tracks and linear prediction are librosa's: an independent opinion."""

import librosa
import numpy as np
import pytest
from librosa.sequence import viterbi
from scipy.signal import get_window

from earmark.checks import pyin
from earmark.checks.pyin import Tracker, Transition, likeliest_path, triangle
from earmark.checks.voice import linear_prediction

pytestmark = pytest.mark.xdist_group("librosa")  # compiled once

RATE_HZ = 16000


def sound(k: int, rng: np.random.Generator) -> np.ndarray:
    """Noise, a decaying tone with partials, a vibrato in noise, clicks, a tone between silences."""
    size = int(rng.integers(800, 2 * RATE_HZ))
    t = np.arange(size) / RATE_HZ
    f0_hz = rng.uniform(40, 1500)
    swing = np.cumsum(f0_hz * (1 + 0.05 * np.sin(2 * np.pi * 5 * t))) / RATE_HZ
    tone = sum(np.sin(2 * np.pi * f0_hz * h * t) / h for h in (1, 2, 3))
    kinds = (
        rng.normal(scale=0.1, size=size),
        tone * np.exp(-((2 * t) % 1) * 3),
        np.sin(2 * np.pi * swing) + rng.normal(scale=0.05, size=size),
        np.where(rng.random(size) < 30 / RATE_HZ, 1.0, 0.0),
        np.where((t > t[-1] / 3) & (t < t[-1] / 2), tone, 0.0),
    )
    return kinds[k % len(kinds)]


@pytest.mark.parametrize(("min_hz", "size"), [(27.0, 2048), (60.0, 1024)])
@pytest.mark.parametrize("count", [5, pytest.param(100, marks=pytest.mark.long)])
def test_tracks_are_those_of_librosa(count, min_hz, size):
    rng, frames, voiced_frames, others = np.random.default_rng(1), 0, 0, 0
    for k in range(count):
        mono = sound(k, rng)
        ours_hz, ours_voiced = Tracker(min_hz, 4400.0, RATE_HZ, size, 160, 0.25).track(mono)
        theirs_hz, theirs_voiced, _ = librosa.pyin(
            mono,
            fmin=min_hz,
            fmax=4400.0,
            sr=RATE_HZ,
            frame_length=size,
            hop_length=160,
            resolution=0.25,
        )
        frames += len(theirs_hz)
        voiced_frames += int(np.count_nonzero(ours_voiced & theirs_voiced))
        same = (ours_hz == theirs_hz) | (~ours_voiced & ~theirs_voiced)
        others += int(np.count_nonzero(~same))
    assert voiced_frames > 10 * count
    # librosa leaves y(0) squared out of the energy: a frame without a clear period may differ.
    assert others <= frames / 1000


@pytest.mark.parametrize(("periods", "size"), [((3, 593), 2048), ((3, 267), 1024)])
def test_a_frame_differs_from_itself_a_period_later_as_defined(periods, size):
    rng = np.random.default_rng(5)
    shortest, longest = periods
    frames = np.array([sound(k, rng)[:size] for k in (0, 1, 2)])  # no silence
    ours = pyin._differences(frames, periods)
    # The window of the later frame ends with the frame, as librosa has it.
    steps = np.arange(1, longest + 1)
    sums = [np.sum((frames[:, :-k] - frames[:, k:]) ** 2, axis=1) for k in steps]
    tails = [np.sum(frames[:, -k:] ** 2, axis=1) for k in steps]
    plain = (np.array(sums) + np.array(tails)).T
    mean = np.cumsum(plain, axis=1) / steps
    np.testing.assert_allclose(ours, (plain / mean)[:, shortest - 1 :], rtol=1e-6)


def test_the_likeliest_path_is_the_best_of_all_paths():
    import itertools

    rng = np.random.default_rng(2)
    for _ in range(20):
        observed = rng.dirichlet(np.ones(3), size=5).T
        steps = rng.dirichlet(np.ones(3), size=3)

        def likelihood(path, observed=observed, steps=steps):
            seen = np.prod([observed[state, k] for k, state in enumerate(path)])
            return seen * np.prod([steps[a, b] for a, b in itertools.pairwise(path)])

        best = max(itertools.product(range(3), repeat=5), key=likelihood)
        assert tuple(likeliest_path(observed, Transition.of(steps))) == best


def test_the_likeliest_path_is_that_of_librosa_where_steps_and_states_are_impossible():
    rng = np.random.default_rng(4)
    for _ in range(200):
        states, frames = rng.integers(2, 12, size=2)
        possible = (rng.random((states, states)) < 0.3) | np.eye(states, dtype=bool)
        steps = np.where(possible, rng.integers(1, 4, (states, states)), 0.0)  # ties are common
        steps /= steps.sum(axis=1, keepdims=True)
        observed = rng.random((states, frames)) * (rng.random((states, frames)) < 0.5)
        ours = likeliest_path(observed, Transition.of(steps))
        assert np.array_equal(ours, viterbi(observed, steps))


def test_linear_prediction_is_that_of_librosa():
    rng = np.random.default_rng(3)
    for k in range(40):
        frame = rng.normal(size=400) * np.hamming(400)
        frame = np.cumsum(frame) if k % 3 == 0 else frame
        np.testing.assert_array_equal(
            linear_prediction(frame, order=10), librosa.lpc(frame, order=10)
        )


def test_the_window_is_that_of_scipy():
    for size in range(1, 200):
        assert np.array_equal(triangle(size), get_window("triangle", size, fftbins=False)), size
