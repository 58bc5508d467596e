"""pYIN: the pitch of one voice, frame by frame, as the likeliest path through candidates.

The numbers are librosa's (librosa.pyin), to the last bit; its import compiles for seconds and
cannot be shared by processes that start at once.

Source: Mauch and Dixon 2014, on the difference function of de Cheveigné and Kawahara 2002.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

THRESHOLDS = 100  # of the difference function, each with its share of the prior
PRIOR = (2.0, 18.0)  # of the thresholds: a beta distribution
TROUGH_DECAY = 2.0  # of the prior over troughs: shorter periods are likelier
NO_TROUGH = 0.01  # probability of the deepest trough where none is below the threshold
SWITCH = 0.01  # probability that a voice begins or ends from one frame to the next
MAX_OCTAVES_PER_SECOND = 35.92
TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True)
class Tracker:
    """A search for a pitch.

    min_hz, max_hz: its range; rate_hz: of the samples; size, hop: samples in a frame, and between
    two; step_semitones: between two candidates.
    """

    min_hz: float
    max_hz: float
    rate_hz: int
    size: int
    hop: int
    step_semitones: float

    @property
    def per_semitone(self) -> int:
        """Candidates in a semitone."""
        return int(np.ceil(1.0 / self.step_semitones))

    @property
    def candidates(self) -> int:
        """Frequencies that a frame may have."""
        octaves = np.log2(self.max_hz / self.min_hz)
        return int(np.floor(12 * self.per_semitone * octaves)) + 1

    @property
    def periods(self) -> tuple[int, int]:
        """The shortest and the longest period in samples."""
        longest = min(int(np.ceil(self.rate_hz / self.min_hz)), self.size - 1)
        return int(np.floor(self.rate_hz / self.max_hz)), longest

    def track(self, mono: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """(frames,) frequency in Hz of (n,) samples, NaN where there is no voice; and where it is.

        Frames are centred, the first on the first sample.
        """
        differences = _differences(_frames(mono, self.size, self.hop), self.periods)
        observed = self._observed(differences)
        states = likeliest_path(observed, _transition(self))
        hz = self.min_hz * 2 ** (np.arange(self.candidates) / (12 * self.per_semitone))
        voiced = states < self.candidates
        return np.where(voiced, hz[states % self.candidates], np.nan), voiced

    def _observed(self, differences: Floats) -> Floats:
        """(2 candidates, frames) probability of each frequency, and of none at each."""
        shares = _trough_shares(differences)
        period, frame = np.nonzero(shares)
        exact = self.periods[0] + period + _parabolic_shifts(differences)[period, frame]
        at = 12 * self.per_semitone * np.log2(self.rate_hz / exact / self.min_hz)
        at = np.clip(np.round(at), 0, self.candidates).astype(int)
        observed = np.zeros((2 * self.candidates, differences.shape[1]))
        observed[at, frame] = shares[period, frame]
        voiced = np.clip(observed[: self.candidates].sum(axis=0, keepdims=True), 0, 1)
        observed[self.candidates :] = (1 - voiced) / self.candidates
        return observed


def _frames(mono: Floats, size: int, hop: int) -> Floats:
    """(size, frames)."""
    padded = np.pad(mono, size // 2)
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::hop].T


def _differences(frames: Floats, periods: tuple[int, int]) -> Floats:
    """(periods, frames) of (size, frames): how far a frame is from itself a period later.

    Normalised by the mean over all shorter periods.
    """
    from scipy.fft import next_fast_len

    shortest, longest = periods
    length = next_fast_len(2 * len(frames) - 1, real=True)
    bins = np.fft.rfft(frames, n=length, axis=0)
    alike = np.fft.irfft(bins.real**2 + bins.imag**2, n=length, axis=0)[: longest + 1]
    energy = np.cumsum(np.square(frames), axis=0)
    difference = 2 * (alike[:1] - alike[1:]) - energy[:longest]
    mean = np.cumsum(difference, axis=0) / np.arange(1, longest + 1)[:, None]
    part = slice(shortest - 1, longest)
    normalised: Floats = difference[part] / (mean[part] + TINY)
    return normalised


def _parabolic_shifts(curves: Floats) -> Floats:
    """How far the vertex of the parabola through three neighbours is from the middle one."""
    shifts = np.zeros_like(curves)
    before, middle, after = curves[:-2], curves[1:-1], curves[2:]
    bend, slope = after + before - 2 * middle, (after - before) / 2
    near = np.abs(slope) < np.abs(bend)  # else it is more than one sample away
    np.divide(-slope, bend, out=shifts[1:-1], where=near)
    return shifts


def _trough_shares(differences: Floats) -> Floats:
    """(periods, frames): the probability that a trough of a frame is its period."""
    shares = np.zeros_like(differences)
    thresholds, prior = _threshold_prior()
    for k, curve in enumerate(differences.T):
        (at,) = np.nonzero(_is_trough(curve))
        if len(at):
            shares[at, k] = _shares(curve[at], thresholds, prior)
    return shares


def _is_trough(curve: Floats) -> NDArray[np.bool_]:
    trough = np.zeros(len(curve), bool)
    trough[1:-1] = (curve[1:-1] < curve[:-2]) & (curve[1:-1] <= curve[2:])
    trough[0], trough[-1] = curve[0] < curve[1], curve[-1] < curve[-2]
    return trough


def _shares(heights: Floats, thresholds: Floats, prior: Floats) -> Floats:
    """The probability of each trough of a frame, in the order of their periods."""
    below = np.less.outer(heights, thresholds)
    rank, count = np.cumsum(below, axis=0) - 1, np.count_nonzero(below, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        fall = (1 - np.exp(-TROUGH_DECAY)) / (1 - np.exp(-TROUGH_DECAY * count))
    weight = np.where(below, fall * np.exp(-TROUGH_DECAY * rank), 0.0)
    shares: Floats = weight.dot(prior)
    lowest = int(np.argmin(heights))
    shares[lowest] += NO_TROUGH * np.sum(prior[: np.count_nonzero(~below[lowest])])
    return shares


@cache
def _threshold_prior() -> tuple[Floats, Floats]:
    from scipy.special import betainc

    edges = np.linspace(0, 1, THRESHOLDS + 1)
    return edges[1:], np.diff(betainc(*PRIOR, edges))


@cache
def _transition(tracker: Tracker) -> Floats:
    """(2 candidates, 2 candidates) from one frame to the next: first voiced ones, then the others.

    A voice moves by so many semitones at most, and near ones are likelier: a triangle.
    """
    semitones = round(MAX_OCTAVES_PER_SECOND * 12 * tracker.hop / tracker.rate_hz)
    width, count = semitones * tracker.per_semitone + 1, tracker.candidates
    near = np.zeros((count, count))
    for k in range(count):
        low, high = max(0, k - width // 2), min(count, k + width // 2 + 1)
        near[k, low:high] = triangle(width)[low - k + width // 2 : high - k + width // 2]
    near /= near.sum(axis=1, keepdims=True)
    switch = np.array([[1 - SWITCH, SWITCH], [SWITCH, 1 - SWITCH]])
    return np.kron(switch, near)


def triangle(width: int) -> Floats:
    """(width,) triangular window: scipy's, to the last bit, without a second of imports."""
    rising = np.arange(1, (width + 1) // 2 + 1)
    if width % 2:
        half = 2 * rising / (width + 1.0)
        return np.concatenate([half, half[-2::-1]])
    half = (2 * rising - 1.0) / width
    return np.concatenate([half, half[::-1]])


def likeliest_path(observed: Floats, transition: Floats) -> NDArray[np.intp]:
    """(frames,) states of (states, frames) probabilities, by Viterbi's algorithm.

    The first frame may be in any state.
    """
    count = len(observed)
    steps = np.ascontiguousarray(np.log(transition + TINY).T)
    seen = np.log(observed + TINY).T
    value = seen[0] + np.log(np.full(count, 1.0) / count + TINY)
    came_from, states = np.zeros((len(seen), count), np.intp), np.arange(count)
    for k in range(1, len(seen)):
        arriving = value + steps
        came_from[k] = arriving.argmax(axis=1)
        value = seen[k] + arriving[states, came_from[k]]
    path = np.zeros(len(seen), np.intp)
    path[-1] = value.argmax()
    for k in range(len(seen) - 2, -1, -1):
        path[k] = came_from[k + 1, path[k + 1]]
    return path
