"""pYIN: the pitch of one voice, frame by frame, as the likeliest path through candidates.

The pitch is that of librosa.pyin but for a frame in thousands: librosa leaves the first sample out
of the energy of a frame. Its import compiles for seconds and cannot be shared by processes that
start at once.

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
LEAP = np.log(TINY)  # of a step between states that do not lead to each other


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
        frame, period = np.nonzero(shares)
        exact = self.periods[0] + period + _parabolic_shifts(differences)[frame, period]
        at = 12 * self.per_semitone * np.log2(self.rate_hz / exact / self.min_hz)
        at = np.clip(np.round(at), 0, self.candidates).astype(int)
        observed = np.zeros((2 * self.candidates, len(differences)))
        observed[at, frame] = shares[frame, period]
        voiced = np.clip(observed[: self.candidates].sum(axis=0, keepdims=True), 0, 1)
        observed[self.candidates :] = (1 - voiced) / self.candidates
        return observed


def _frames(mono: Floats, size: int, hop: int) -> Floats:
    """(frames, size)."""
    padded = np.pad(mono, size // 2)
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]


def _differences(frames: Floats, periods: tuple[int, int]) -> Floats:
    """(frames, periods) of (frames, size): how far a frame is from itself a period later.

    Normalised by the mean over all shorter periods.
    """
    from scipy.fft import next_fast_len

    shortest, longest = periods
    length = next_fast_len(2 * frames.shape[1] - 1, real=True)
    bins = np.fft.rfft(frames, n=length)
    alike = np.fft.irfft(bins.real**2 + bins.imag**2, n=length)[:, : longest + 1]
    energy = np.cumsum(np.square(frames), axis=1)
    difference = 2 * (alike[:, :1] - alike[:, 1:]) - energy[:, :longest]
    mean = np.cumsum(difference, axis=1) / np.arange(1, longest + 1)
    part = slice(shortest - 1, longest)
    normalised: Floats = difference[:, part] / (mean[:, part] + TINY)
    return normalised


def _parabolic_shifts(curves: Floats) -> Floats:
    """How far the vertex of the parabola through three neighbours is from the middle one."""
    shifts = np.zeros_like(curves)
    before, middle, after = curves[:, :-2], curves[:, 1:-1], curves[:, 2:]
    bend, slope = after + before - 2 * middle, (after - before) / 2
    near = np.abs(slope) < np.abs(bend)  # else it is more than one sample away
    np.divide(-slope, bend, out=shifts[:, 1:-1], where=near)
    return shifts


def _trough_shares(differences: Floats) -> Floats:
    """(frames, periods): the probability that a trough of a frame is its period."""
    shares = np.zeros_like(differences)
    troughs = _is_trough(differences)
    for curve, trough, share in zip(differences, troughs, shares, strict=True):
        (at,) = np.nonzero(trough)
        if len(at):
            share[at] = _shares(curve[at])
    return shares


def _is_trough(curves: Floats) -> NDArray[np.bool_]:
    left, right = curves[:, :-1], curves[:, 1:]
    trough = np.empty(curves.shape, bool)
    trough[:, 0] = left[:, 0] < right[:, 0]
    trough[:, 1:] = right < left
    trough[:, 1:-1] &= left[:, 1:] <= right[:, 1:]
    return trough


def _shares(heights: Floats) -> Floats:
    """The probability of each trough of a frame, in the order of their periods."""
    thresholds, prior, missed = _threshold_prior()
    decays, falls = _decays(len(heights))
    below = np.less.outer(heights, thresholds)
    rank = np.cumsum(below, axis=0)  # from 1
    shares: Floats = np.where(below, falls[rank[-1]] * decays[rank], 0.0).dot(prior)
    lowest = int(np.argmin(heights))
    shares[lowest] += missed[THRESHOLDS - np.count_nonzero(below[lowest])]
    return shares


@cache
def _threshold_prior() -> tuple[Floats, Floats, Floats]:
    """The thresholds, the prior of each, and what the lowest trough has of the first k of them."""
    from scipy.special import betainc

    edges = np.linspace(0, 1, THRESHOLDS + 1)
    prior = np.diff(betainc(*PRIOR, edges))
    missed = [NO_TROUGH * np.sum(prior[:k]) for k in range(THRESHOLDS + 1)]
    return edges[1:], prior, np.array(missed)


@cache
def _decays(count: int) -> tuple[Floats, Floats]:
    """The prior of the k-th trough of several, and its scale where k are below the threshold."""
    numbers = np.arange(count + 1)
    falls = np.zeros(count + 1)
    falls[1:] = (1 - np.exp(-TROUGH_DECAY)) / (1 - np.exp(-TROUGH_DECAY * numbers[1:]))
    return np.exp(-TROUGH_DECAY * (numbers - 1)), falls


@dataclass(frozen=True)
class Transition:
    """How likely a state follows another, for states that few others lead to.

    sources: (states, most) those that lead to each, in order; logs: the logarithm of how likely,
    -inf where a state has fewer than the most.
    """

    sources: NDArray[np.intp]
    logs: Floats

    @classmethod
    def of(cls, probabilities: Floats) -> "Transition":
        """Of (states, states), from the row to the column."""
        leads = probabilities.T > 0
        most = int(leads.sum(axis=1).max())
        sources = np.argsort(~leads, axis=1, kind="stable")[:, :most]
        there = np.take_along_axis(probabilities.T, sources, axis=1)
        logs = np.where(there > 0, np.log(there + TINY), -np.inf)
        return cls(sources, logs)


@cache
def _transition(tracker: Tracker) -> Transition:
    """From one frame to the next: first the voiced states, then the others.

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
    return Transition.of(np.kron(switch, near))


def triangle(width: int) -> Floats:
    """(width,) triangular window: scipy's, to the last bit, without a second of imports."""
    rising = np.arange(1, (width + 1) // 2 + 1)
    if width % 2:
        half = 2 * rising / (width + 1.0)
        return np.concatenate([half, half[-2::-1]])
    half = (2 * rising - 1.0) / width
    return np.concatenate([half, half[::-1]])


def likeliest_path(observed: Floats, transition: Transition) -> NDArray[np.intp]:
    """(frames,) states of (states, frames) probabilities, by Viterbi's algorithm.

    The first frame may be in any state. Where nothing else is possible a step goes to a state that
    its own does not lead to, at a price so high that it is the same from all: from the best state.
    """
    count, frames = observed.shape
    seen, states = np.log(observed + TINY).T, np.arange(count)
    sources, logs = transition.sources, transition.logs
    value = seen[0] + np.log(np.full(count, 1.0) / count + TINY)
    came_from = np.zeros((frames, count), np.intp)
    for k in range(1, frames):
        arriving = value[sources] + logs
        at = arriving.argmax(axis=1)
        best, source = arriving[states, at], sources[states, at]
        leaping = value + LEAP
        leaper = leaping.argmax()
        leaps = (leaping[leaper] > best) | ((leaping[leaper] == best) & (leaper < source))
        came_from[k] = np.where(leaps, leaper, source)
        value = seen[k] + np.where(leaps, leaping[leaper], best)
    path = np.zeros(frames, np.intp)
    path[-1] = value.argmax()
    for k in range(frames - 2, -1, -1):
        path[k] = came_from[k + 1, path[k + 1]]
    return path
