"""What was heard, in words for a model that cannot hear.

In: a valid attempt's clip and scores. Out: lines. Only what was measured is told; a number nobody gave is left out, and the task's
spec is not given away: what was measured is said, not what was wanted.
"""

import math
import re
from collections.abc import Iterator

from earmark.records import Attempt, Clip

# The scores worth telling first, in words; units are theirs.
TOLD = {
    "centroid_hz": "spectral centroid: {:.0f} Hz",
    "bandwidth_hz": "spectral bandwidth: {:.0f} Hz",
    "onset_count": "onsets found: {:.0f}",
    "silence_share": "share of silent frames: {:.2f}",
}
MOMENT = re.compile(r"f0_at_(\d+)_hz")
OWN_LEVELS = (
    "level_dbfs",
    "peak_dbfs",
    "clipped_fraction",
    "dc_offset",
)  # told from the clip itself


def heard(attempt: Attempt) -> list[str]:
    """The lines of a listening report; empty when there is no clip."""
    return (
        [*_clip_lines(attempt.clip, attempt.task.seconds), *_score_lines(attempt)]
        if attempt.clip is not None
        else []
    )


def decibels(level: float) -> str:
    """A full-scale level 0..1 as dBFS."""
    return f"{20 * math.log10(level):.1f} dBFS" if level > 0 else "no signal"


def _clip_lines(clip: Clip, asked_seconds: float) -> Iterator[str]:
    yield f"length: {clip.seconds:.2f} s, asked were {asked_seconds:g} s"
    yield f"peak level: {decibels(clip.peak)}, mean level (RMS): {decibels(clip.rms)}"
    if clip.clipped_fraction > 0:
        yield f"clipped: {clip.clipped_fraction:.1%} of the samples are at full scale"
    if abs(clip.dc_offset) >= 0.01:
        yield f"constant offset: {clip.dc_offset:+.3f} of full scale"


def _score_lines(attempt: Attempt) -> Iterator[str]:
    """Known measures in words, then the measures of checks and the rest by name; verdicts on the spec are kept back."""
    for name, words in TOLD.items():
        if name in attempt.scores:
            yield words.format(attempt.scores[name])
    yield from _pitch_line(attempt)
    for name, value in sorted(attempt.scores.items()):
        verdict = name == "check_ok" or (name.startswith("check_") and name.endswith("_ok"))
        if (
            name not in TOLD
            and name not in OWN_LEVELS
            and not MOMENT.fullmatch(name)
            and not verdict
        ):
            yield f"{name.removeprefix('check_').replace('_', ' ')}: {value:.4g}"


def _pitch_line(attempt: Attempt) -> Iterator[str]:
    """The pitch at each moment of the clip that was looked at, in the order of time; nothing where none was looked at."""
    looked = {**dict.fromkeys(attempt.unscored, None), **attempt.scores}
    found = sorted(
        (int(moment[1]), looked[name]) for name in looked if (moment := MOMENT.fullmatch(name))
    )
    told = [f"{'none' if value is None else f'{value:.1f} Hz'} at {at} %" for at, value in found]
    if told:
        yield f"pitch over its length: {', '.join(told)}"
