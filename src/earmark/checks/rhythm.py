"""Facts about time: onsets, events, tempo, period.

Onsets are rises of the spectrum (audio.onsets), for notes. Events are humps of the level, for
sounds that swell and fade. Where there are too few to measure, Unmeasurable is raised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from earmark.audio.onsets import onset_strength, peak_rule, peaks
from earmark.checks.sound import (
    FRAME_SECONDS,
    RATE_HZ,
    Finding,
    Floats,
    Sound,
    Unmeasurable,
    within,
)
from earmark.tasks.spec import tolerance

HOP = 160
LEAD_SECONDS = 0.5  # silence before the clip, so that a sound at its very start has an onset
MIN_GAP_SECONDS = 0.06
MIN_FLUX = 0.16  # of the greatest in the clip
# What is further below the loudest counts as silence. Otherwise the first note, out of the silence
# before the clip, has so much flux that a note played again has too little.
FLUX_RANGE_DB = 60.0
MIN_RISE_DB = 3.0
AUDIBLE_DB = -35.0  # an onset that stays below is a click of a release
ATTACK_SECONDS = 0.12  # two onsets within it, without a dip between them, are one slow attack
DIP_DB = 2.0
PITCH_STEP_SEMITONES = 0.5
TEMPO_TOLERANCE = 0.04
Spec = Mapping[str, Any]
PEAKS = replace(
    peak_rule(RATE_HZ, HOP, delta=MIN_FLUX),
    max_before=4,
    max_after=4,
    wait=round(MIN_GAP_SECONDS / FRAME_SECONDS),
)


def onset_seconds(sound: Sound) -> Floats:
    """Times of the onsets, at least one, ascending, in seconds from the start of the clip."""
    lead = round(LEAD_SECONDS * RATE_HZ)
    padded = np.pad(sound.samples / np.abs(sound.samples).max(), (lead, lead // 4))
    flux = onset_strength(
        padded, RATE_HZ, size=1024, hop=HOP, lag=2, widest=3, range_db=FLUX_RANGE_DB
    )
    at = peaks(flux / max(float(flux.max()), 1e-9), PEAKS)
    times = np.clip(at * HOP / RATE_HZ - LEAD_SECONDS, 0.0, sound.seconds)
    onsets: list[float] = []
    for time in times:
        frame = round(time / FRAME_SECONDS)
        last = round(onsets[-1] / FRAME_SECONDS) if onsets else None
        if _is_start(sound, frame) and not (last is not None and _one_attack(sound, last, frame)):
            onsets.append(float(time))
    if not onsets:  # a swing later on was stronger than the start, which is an onset all the same
        onsets = [int(np.argmax(sound.level_db > AUDIBLE_DB)) * FRAME_SECONDS]
    return np.array(onsets)


def _is_start(sound: Sound, at: int) -> bool:
    """Whether a note can start at a frame: it is audible, and the level or the pitch changes.

    Flux alone also marks ends, clicks of a release, and the swing of a held note.
    """
    loudest = sound.level_db[max(0, at - 3) : at + 10].max(initial=-80.0)
    if _is_end(sound, at) or loudest < AUDIBLE_DB:
        return False
    before = sound.level_db[max(0, at - 12) : max(0, at - 1)]
    rise_db = loudest - before.min(initial=0.0)
    return len(before) < 10 or rise_db >= MIN_RISE_DB or _pitch_changes(sound, at)


def _pitch_changes(sound: Sound, at: int) -> bool:
    """Whether the strongest frequency moves by more than half a semitone within 160 ms."""
    size = round(0.08 * RATE_HZ)
    middle = round(at * FRAME_SECONDS * RATE_HZ)
    before, after = sound.samples[max(0, middle - size) : middle], sound.samples[middle:][:size]
    if min(len(before), len(after)) < size:
        return False
    first_hz, second_hz = _strongest_hz(before), _strongest_hz(after)
    return abs(12 * float(np.log2(second_hz / first_hz))) > PITCH_STEP_SEMITONES


def _strongest_hz(samples: Floats) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), n=1 << 14))
    return float(max(1, int(spectrum.argmax())) * RATE_HZ / (1 << 14))


def _one_attack(sound: Sound, first: int, second: int) -> bool:
    """Whether two onsets belong to one slow attack: near each other, without a dip between them."""
    if second - first > ATTACK_SECONDS / FRAME_SECONDS:
        return False
    level = sound.level_db[first : second + 1]
    return bool((level >= np.maximum.accumulate(level) - DIP_DB).all())


def _is_end(sound: Sound, at: int) -> bool:
    """Whether the level falls by 12 dB or more: a note that breaks off has flux as well.

    The windows keep clear of the instant itself, which is known to about 30 ms.
    """
    before, after = sound.level_db[max(0, at - 9) : max(0, at - 4)], sound.level_db[at + 2 : at + 8]
    return bool(len(before) and (not len(after) or after.max() < before.max() - 12))


def onset_count(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """How many onsets."""
    return within(float(len(onset_seconds(sound))), limits)


def onsets(sound: Sound, wanted: Sequence[float], spec: Spec) -> Finding:
    """F-measure of the onsets, after mir_eval; met when all match and none is left over.

    Onsets are matched one to one, within the tolerance.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    measured = onset_seconds(sound)
    distance = np.abs(measured[:, None] - np.asarray(wanted)[None, :])
    near = csr_array(distance <= tolerance(spec, "onset_tolerance_seconds"))
    hits = 0
    if len(measured):
        hits = int(np.count_nonzero(maximum_bipartite_matching(near, perm_type="column") >= 0))
    share = float(2 * hits / (len(measured) + len(wanted)))
    return Finding(share, share == 1.0)


def tempo(sound: Sound, wanted_bpm: float, _spec: Spec) -> Finding:
    """Beats per minute by the median time between onsets; met within 4 %.

    The number is at the metrical level (half, whole, double) nearest to the one wanted.
    """
    gaps = np.diff(onset_seconds(sound))
    if len(gaps) < 2:
        raise Unmeasurable("a tempo needs at least three onsets")
    bpm = 60 / float(np.median(gaps))
    levels = (bpm / 2, bpm, bpm * 2)
    nearest = min(levels, key=lambda level: abs(np.log(level / wanted_bpm)))
    return Finding(nearest, abs(nearest / wanted_bpm - 1) <= TEMPO_TOLERANCE)


def smooth_level_db(sound: Sound, seconds: float) -> Floats:
    """The level in 10 ms steps, smoothed, in dB below its greatest value, cut at -60."""
    width = max(1, round(seconds / FRAME_SECONDS))
    window = np.hanning(width + 2)
    power = np.convolve(sound.level**2, window[1:-1] / window.sum(), mode="same")
    decibels: Floats = 10 * np.log10(np.maximum(power / power.max(), 1e-6))
    return decibels


def without_ties(level: Floats) -> Floats:
    """The level, tilted by a hair: of equal peaks each would count as the highest of all."""
    return level - 1e-6 * np.arange(len(level))


def event_seconds(sound: Sound) -> Floats:
    """Times of the humps of the level.

    A hump lies within 25 dB of the greatest, 8 dB above the valleys around it, 80 ms from the next.
    """
    from scipy.signal import find_peaks

    level = np.concatenate([[-60.0], smooth_level_db(sound, 0.07), [-60.0]])
    at, _ = find_peaks(without_ties(level), height=-25, prominence=8, distance=8)
    times: Floats = (at - 1) * FRAME_SECONDS
    return times


def event_count(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """How many separate bursts of sound."""
    return within(float(len(event_seconds(sound))), limits)


def period(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """The time in seconds after which the level repeats.

    It is the shortest lag within 15 % of the strongest autocorrelation.
    """
    decibels = np.maximum(smooth_level_db(sound, 0.03), -40)
    if np.std(decibels) < 0.5:
        raise Unmeasurable("a period needs a level that moves")
    level = 10 ** (decibels / 20)
    level = level - level.mean()
    count = len(level)
    same = np.correlate(level, level, mode="full")[count - 1 :] / np.arange(count, 0, -1)
    same = same[: count * 2 // 3] / same[0]
    peaks = [
        k
        for k in range(4, len(same) - 1)
        if same[k - 1] < same[k] >= same[k + 1] and same[k] > 0.25
    ]
    if not peaks:
        raise Unmeasurable("a period needs a level that repeats")
    strongest = max(same[k] for k in peaks)
    shortest = next(k for k in peaks if same[k] >= 0.85 * strongest)
    return within(shortest * FRAME_SECONDS, limits)
