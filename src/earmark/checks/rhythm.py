"""Facts about when: onsets, events, tempo, period.

In: a Sound and what the spec wants. Out: Findings. Onsets are librosa's (spectral flux) for notes; events are humps of the level, for
sounds that swell and fade. It raises Unmeasurable where there are too few to tell.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from earmark.audio.warm_up import librosa_ready
from earmark.checks.sound import FRAME_SECONDS, RATE_HZ, Finding, Line, Sound, Unmeasurable, within
from earmark.tasks.spec import tolerance

HOP = 160
LEAD_SECONDS = 0.5  # put before the clip, so that a sound at its very start has an onset
Spec = Mapping[str, Any]


def onset_seconds(sound: Sound) -> Line:
    """Times of the onsets, ascending, in seconds from the start of the clip."""
    from librosa.onset import onset_detect, onset_strength

    librosa_ready()
    lead = round(LEAD_SECONDS * RATE_HZ)
    line = np.pad(sound.line / np.abs(sound.line).max(), (lead, lead // 4))
    flux = onset_strength(y=line, sr=RATE_HZ, hop_length=HOP, n_fft=1024, lag=2, max_size=3)
    strong = flux / max(float(flux.max()), 1e-9)
    wait = round(0.06 / FRAME_SECONDS)
    at = onset_detect(
        onset_envelope=strong,
        sr=RATE_HZ,
        hop_length=HOP,
        normalize=False,
        delta=0.12,
        wait=wait,
        pre_max=4,
        post_max=4,
    )
    times: Line = np.clip(at * HOP / RATE_HZ - LEAD_SECONDS, 0.0, sound.seconds)
    kept: Line = times[[not _is_end(sound, round(time / FRAME_SECONDS)) for time in times]]
    return kept


def _is_end(sound: Sound, at: int) -> bool:
    """A note that breaks off also spreads over the spectrum: what falls by 12 dB or more is the end of something.

    The windows keep clear of the instant itself, which is known to about 30 ms.
    """
    before, after = sound.level_db[max(0, at - 9) : max(0, at - 4)], sound.level_db[at + 2 : at + 8]
    return bool(len(before) and (not len(after) or after.max() < before.max() - 12))


def onset_count(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """How many onsets."""
    return within(float(len(onset_seconds(sound))), wanted)


def onsets(sound: Sound, wanted: Sequence[float], spec: Spec) -> Finding:
    """F-measure of the onsets, after mir_eval: matched one to one within the tolerance; met when all match and none is left over."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    heard = onset_seconds(sound)
    near = np.abs(heard[:, None] - np.asarray(wanted)[None, :]) <= tolerance(
        spec, "onset_tolerance_seconds"
    )
    hits = (
        np.count_nonzero(maximum_bipartite_matching(csr_array(near), perm_type="column") >= 0)
        if len(heard)
        else 0
    )
    share = float(2 * hits / (len(heard) + len(wanted)))
    return Finding(share, share == 1.0)


def tempo(sound: Sound, wanted: float, _spec: Spec) -> Finding:
    """Beats per minute by the median time between onsets, at the metrical level nearest to the one asked for; met within 4 %."""
    gaps = np.diff(onset_seconds(sound))
    if len(gaps) < 2:
        raise Unmeasurable("fewer than three onsets: no tempo")
    heard = 60 / float(np.median(gaps))
    heard = min((heard / 2, heard, heard * 2), key=lambda bpm: abs(np.log(bpm / wanted)))
    return Finding(heard, abs(heard / wanted - 1) <= 0.04)


def smooth_level_db(sound: Sound, seconds: float) -> Line:
    """The level, smoothed over `seconds`, in dB below its greatest value, cut at -60; 10 ms steps."""
    width = max(1, round(seconds / FRAME_SECONDS))
    power = np.convolve(
        sound.level**2, np.hanning(width + 2)[1:-1] / np.hanning(width + 2).sum(), mode="same"
    )
    decibels: Line = 10 * np.log10(np.maximum(power / power.max(), 1e-6))
    return decibels


def event_seconds(sound: Sound) -> Line:
    """Times of the humps of the level: within 25 dB of the greatest, 8 dB above the valleys around them, 80 ms apart."""
    from scipy.signal import find_peaks

    level = np.concatenate([[-60.0], smooth_level_db(sound, 0.07), [-60.0]])
    at, _ = find_peaks(level, height=-25, prominence=8, distance=8)
    times: Line = (at - 1) * FRAME_SECONDS
    return times


def event_count(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """How many separate bursts of sound."""
    return within(float(len(event_seconds(sound))), wanted)


def period(sound: Sound, wanted: Sequence[float], _spec: Spec) -> Finding:
    """The time in seconds after which the level repeats: the shortest lag within 15 % of the strongest autocorrelation."""
    level = smooth_level_db(sound, 0.03)
    level = np.maximum(level, -40) - np.maximum(level, -40).mean()
    if np.std(level) < 0.5:
        raise Unmeasurable("the level does not move: no period")
    many = len(level)
    same = np.correlate(level, level, mode="full")[many - 1 :] / np.arange(many, 0, -1)
    same = same[: many * 2 // 3] / same[0]
    peaks = [
        k
        for k in range(4, len(same) - 1)
        if same[k - 1] < same[k] >= same[k + 1] and same[k] > 0.25
    ]
    if not peaks:
        raise Unmeasurable("the level does not repeat: no period")
    strongest = max(same[k] for k in peaks)
    return within(next(k for k in peaks if same[k] >= 0.85 * strongest) * FRAME_SECONDS, wanted)
