"""The acoustic report: what was measured in a clip, as lines of text for a model.

It holds only what was measured: a number that a metric could not give is left out, and so is
every verdict on the task's spec (`check_ok`, `check_..._ok`).
"""

import math
import re
from collections.abc import Iterator

from earmark.records import Attempt, Clip

# Score -> its line. They come first in the report, in this order.
LINES = {
    "centroid_hz": "spectral centroid: {:.0f} Hz",
    "bandwidth_hz": "spectral bandwidth: {:.0f} Hz",
    "onset_count": "number of onsets: {:.0f}",
    "silence_share": "share of the time below -60 dBFS: {:.2f}",
    "reference_distance": "distance to the reference recordings: {:.3f} (smaller is nearer)",
    "check_f0_cents": "distance from the requested pitch: {:.0f} cents",
    "check_midi_cents": "distance from the requested pitch: {:.0f} cents",
    "check_chord_f": "match with the requested chord: {:.2f} (1 is a full match)",
    "check_melody_share": "match with the requested notes: {:.2f} (1 is a full match)",
    "check_glide_cents": "distance from the requested first and last pitch, the larger of the two:"
    " {:.0f} cents",
    "check_vibrato_hz": "vibrato rate: {:.1f} Hz",
    "check_harmonics": "number of harmonics within 40 dB of the strongest: {:.0f}",
    "check_odd_even_db": "level of the odd harmonics relative to the even ones: {:+.1f} dB",
    "check_onsets_f": "match with the requested onset times: {:.2f} (1 is a full match)",
    "check_onset_count": "number of onsets: {:.0f}",
    "check_event_count": "number of separate bursts of sound: {:.0f}",
    "check_tempo_bpm": "tempo: {:.0f} beats per minute",
    "check_period_seconds": "period of the level: {:.2f} s",
    "check_attack_seconds": "attack time: {:.3f} s",
    "check_decay_seconds": "time from the peak until the level stays 20 dB lower: {:.2f} s",
    "check_tremolo_hz": "tremolo rate: {:.1f} Hz",
    "check_trend_db": "level of the last third relative to the first third: {:+.1f} dB",
    "check_level_range_db": "level of the loudest 5 % of the time relative to the quietest 5 %:"
    " {:.1f} dB",
    "check_silence_share": "share of the time at least 40 dB below the peak: {:.2f}",
    "check_loudest_at": "position of the loudest moment: {:.2f} (0 is the start, 1 is the end)",
    "check_centroid_hz": "spectral centroid between 50 and 8000 Hz: {:.0f} Hz",
    "check_centroid_ratio": "spectral centroid of the second half divided by that of the first:"
    " {:.2f}",
    "check_bandwidth_hz": "spectral bandwidth between 50 and 8000 Hz: {:.0f} Hz",
    "check_flatness": "spectral flatness: {:.3f} (0 is a pure tone, 1 is white noise)",
    "check_low_share": "share of the power below 300 Hz: {:.2f}",
    "check_voiced_share": "share of the time that is voiced: {:.2f}",
    "check_voice_f0_hz": "median pitch of the voice: {:.0f} Hz",
    "check_f0_spread_semitones": "pitch range of the voice: {:.1f} semitones",
    "check_f0_trend_semitones": "pitch of the last fifth of the voice relative to the rest:"
    " {:+.1f} semitones",
    "check_syllable_count": "number of syllables: {:.0f}",
    "check_syllable_rate_hz": "syllables per second: {:.1f}",
    "check_formants_error": "largest relative distance from a requested formant: {:.2f}",
}
# The names of these end with the recogniser or the classifier that measured them.
PREFIXES = {
    "check_wer": "word error rate: {:.2f} (0 means that every word was recognised)",
    "check_tag_rank": "rank of the requested kind of sound by a sound classifier: {:.0f}"
    " (1 is the most probable)",
}
# One count of onsets is enough: that of the check, which leaves out the ends of notes.
SUPERSEDED_BY = {"onset_count": "check_onset_count"}
PITCH_AT = re.compile(r"f0_at_(\d+)_hz")
RECIPROCAL_RANK = "retrieval_reciprocal_rank"
TEMPLATE_SCORE = re.compile(r"\w+_template_\d+")
# In another line already, or not about the sound.
LEFT_OUT = frozenset(
    {
        "level_dbfs",
        "peak_dbfs",
        "clipped_fraction",
        "dc_offset",
        "frames_agree",
        "retrieval_hit",
        "retrieval_margin",
        RECIPROCAL_RANK,
    }
)


def acoustic_report(attempt: Attempt) -> list[str]:
    """The lines of the report; empty when there is no clip."""
    if attempt.clip is None:
        return []
    return [
        *_clip_lines(attempt.clip, attempt.task.seconds),
        *_known_lines(attempt),
        *_pitch_line(attempt),
        *_rank_line(attempt),
        *_other_lines(attempt),
    ]


def format_dbfs(level: float) -> str:
    """A level 0..1 of full scale in dBFS."""
    return f"{20 * math.log10(level):.1f} dBFS" if level > 0 else "no signal"


def _clip_lines(clip: Clip, requested_seconds: float) -> Iterator[str]:
    yield f"length: {clip.seconds:.2f} s (requested: {requested_seconds:g} s)"
    yield f"peak level: {format_dbfs(clip.peak)}"
    yield f"average level (RMS): {format_dbfs(clip.rms)}"
    if clip.clipped_fraction > 0:
        yield f"clipping: {clip.clipped_fraction:.1%} of the samples are at full scale"
    if abs(clip.dc_offset) >= 0.01:
        yield f"DC offset: {clip.dc_offset:+.3f} of full scale"


def _known_lines(attempt: Attempt) -> Iterator[str]:
    for name, line in LINES.items():
        if name in attempt.scores and SUPERSEDED_BY.get(name) not in attempt.scores:
            yield line.format(attempt.scores[name])


def _pitch_line(attempt: Attempt) -> Iterator[str]:
    """The pitch at each measured moment in order of time; nothing where none was measured."""
    measured: dict[str, float | None] = {**dict.fromkeys(attempt.unscored), **attempt.scores}
    moments: list[tuple[int, float | None]] = []
    for name, value in measured.items():
        if moment := PITCH_AT.fullmatch(name):
            moments.append((int(moment[1]), value))
    texts = [
        f"{'no pitch' if hz is None else f'{hz:.1f} Hz'} at {percent} %"
        for percent, hz in sorted(moments, key=lambda one: one[0])
    ]
    if texts:
        yield f"pitch over the length of the sound: {', '.join(texts)}"


def _rank_line(attempt: Attempt) -> Iterator[str]:
    if reciprocal := attempt.scores.get(RECIPROCAL_RANK):
        yield (
            "rank of the task's description among those of all tasks, by similarity to the sound: "
            f"{1 / reciprocal:.0f} (1 is the best)"
        )


def _other_lines(attempt: Attempt) -> Iterator[str]:
    """Scores without a line of their own, by name."""
    for name, value in sorted(attempt.scores.items()):
        if prefix := next((one for one in PREFIXES if name.startswith(one)), None):
            yield PREFIXES[prefix].format(value)
        elif f"{name}_template_0" in attempt.scores:
            yield f"similarity of the sound to the task's description: {value:.3f} ({name})"
        elif not _has_no_line(name):
            yield f"{name.removeprefix('check_').replace('_', ' ')}: {value:.4g}"


def _has_no_line(name: str) -> bool:
    verdict = name == "check_ok" or (name.startswith("check_") and name.endswith("_ok"))
    moment, template = PITCH_AT.fullmatch(name), TEMPLATE_SCORE.fullmatch(name)
    return verdict or bool(moment or template) or name in LINES or name in LEFT_OUT
