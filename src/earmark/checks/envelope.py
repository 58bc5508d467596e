"""Facts about level over time: attack, decay, tremolo, trend, range, silence.

Levels are root mean squares of 10 ms, in dB below the loudest of the clip: how loud the clip is
as a whole is not measured.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from earmark.checks.rhythm import smooth_level_db
from earmark.checks.sound import FRAME_SECONDS, Finding, Sound, Unmeasurable, within
from earmark.checks.swing import strongest_swing

MIN_SWING_DB = 1.0
MIN_SWING_SECONDS = 0.6
Spec = Mapping[str, Any]


def attack(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Seconds from -20 dB to -3 dB of the loudest moment, on the way up to it."""
    level = smooth_level_db(sound, 0.02)
    top = int(np.argmax(level >= -1))
    quiet = np.flatnonzero(level[: top + 1] < -20)
    start = int(quiet[-1]) + 1 if len(quiet) else 0
    full = start + int(np.argmax(level[start : top + 1] >= -3))
    return within((full - start) * FRAME_SECONDS, limits)


def decay(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Seconds from the loudest moment until the level stays 20 dB below it.

    Raises:
        Unmeasurable: it never does.
    """
    level = smooth_level_db(sound, 0.05)
    top = int(level.argmax())
    loud = np.flatnonzero(level[top:] > -20)
    if top + int(loud[-1]) >= len(level) - 2:
        raise Unmeasurable("the level must fall by 20 dB before the end, it does not")
    return within(float(loud[-1]) * FRAME_SECONDS, limits)


def tremolo(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Rate in Hz at which the level swings, by at least 1 dB, at 1 Hz or faster.

    Raises:
        Unmeasurable: it swings less, or the sound is shorter than 0.6 s.
    """
    level = smooth_level_db(sound, 0.03)
    loud = np.flatnonzero(level > -20)
    # From the first loud moment to the last, and without rise and fall: silence around a sound is
    # a greater swing than any within it.
    level = np.maximum(level[loud[0] + 5 : loud[-1] - 4], -40)
    if len(level) < MIN_SWING_SECONDS / FRAME_SECONDS:
        raise Unmeasurable(f"a tremolo needs at least {MIN_SWING_SECONDS:g} s of sound")
    rate_hz, swing_db = strongest_swing(level, course_seconds=1.0)
    if swing_db < MIN_SWING_DB:
        raise Unmeasurable(
            f"the level must swing by at least {MIN_SWING_DB:g} dB, it swings by {swing_db:.1f} dB"
        )
    return within(rate_hz, limits)


def trend(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Level of the last third over the first, in dB."""
    third = max(1, len(sound.level) // 3)
    first = float(np.mean(sound.level[:third] ** 2))
    last = float(np.mean(sound.level[-third:] ** 2))
    return within(float(10 * np.log10(max(last, 1e-10) / max(first, 1e-10))), limits)


def level_range(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Level of the loudest twentieth of the time over the quietest, in dB, cut at 60."""
    level = smooth_level_db(sound, 0.05)
    return within(float(np.percentile(level, 95) - np.percentile(level, 5)), limits)


def silence_share(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Share of the time that lies 40 dB or more below the loudest moment."""
    return within(float(np.mean(sound.level_db <= -40)), limits)


def loudest_at(sound: Sound, limits: Sequence[float], _spec: Spec) -> Finding:
    """Where in the clip its loudest moment lies, 0 at the start and 1 at the end."""
    level = smooth_level_db(sound, 0.3)
    return within(float(level.argmax() / max(1, len(level) - 1)), limits)
