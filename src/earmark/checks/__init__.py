"""Checks measure the facts that a task's spec states; see earmark.tasks.spec for their vocabulary.

For each fact NAME there are `check_NAME`, the number measured, and `check_NAME_ok`, 1 or 0;
`check_ok` is the share of facts met. A fact that cannot be measured in a clip is not met, and
`unscored` has the reason. A fact that cannot be judged here (its network is not installed, or its
value lies outside what the check can measure) is left out of the share.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark import audio
from earmark.checks import envelope, harmony, pitch, rhythm, spectrum, tags, voice, words
from earmark.checks.detectors import NO_DETECTORS, Detectors, Recogniser, Tagger, VoiceDetector
from earmark.checks.sound import Finding, NotJudged, Sound, Unmeasurable, sound
from earmark.errors import AudioError, ConfigError
from earmark.records import Clip, Scores, Task
from earmark.tasks.spec import FACTS, problem

Read = Callable[[Clip], tuple[NDArray[np.float32], int]]
UNITS = ("_hz", "_seconds", "_db", "_bpm", "_semitones")
VERSION = 5  # goes up when a check measures a clip differently: two versions are never compared


@dataclass(frozen=True)
class Check:
    """How a fact is measured, and the name of the number."""

    number: str
    measure: Callable[[Sound, Any, Mapping[str, Any]], Finding]


CHECKS: Mapping[str, Check] = {
    "f0_hz": Check("f0_cents", pitch.f0),
    "midi": Check("midi_cents", pitch.midi),
    "chord": Check("chord_f", harmony.chord),
    "melody": Check("melody_share", harmony.melody),
    "glide_hz": Check("glide_cents", pitch.glide),
    "vibrato_hz": Check("vibrato_hz", pitch.vibrato),
    "harmonics": Check("harmonics", pitch.harmonics),
    "odd_even_db": Check("odd_even_db", pitch.odd_even),
    "onsets": Check("onsets_f", rhythm.onsets),
    "onset_count": Check("onset_count", rhythm.onset_count),
    "event_count": Check("event_count", rhythm.event_count),
    "tempo_bpm": Check("tempo_bpm", rhythm.tempo),
    "period_seconds": Check("period_seconds", rhythm.period),
    "attack_seconds": Check("attack_seconds", envelope.attack),
    "decay_seconds": Check("decay_seconds", envelope.decay),
    "tremolo_hz": Check("tremolo_hz", envelope.tremolo),
    "trend_db": Check("trend_db", envelope.trend),
    "level_range_db": Check("level_range_db", envelope.level_range),
    "silence_share": Check("silence_share", envelope.silence_share),
    "loudest_at": Check("loudest_at", envelope.loudest_at),
    "centroid_hz": Check("centroid_hz", spectrum.centroid),
    "centroid_ratio": Check("centroid_ratio", spectrum.centroid_ratio),
    "bandwidth_hz": Check("bandwidth_hz", spectrum.bandwidth),
    "flatness": Check("flatness", spectrum.flatness),
    "low_share": Check("low_share", spectrum.low_share),
    "tags": Check("tag_rank_yamnet_standin", tags.tags),
    "words": Check("wer", words.words),
    "voiced_share": Check("voiced_share", voice.voiced_share),
    "voice_f0_hz": Check("voice_f0_hz", voice.f0_range),
    "f0_spread_semitones": Check("f0_spread_semitones", voice.f0_spread),
    "f0_trend_semitones": Check("f0_trend_semitones", voice.f0_trend),
    "syllable_count": Check("syllable_count", voice.syllable_count),
    "syllable_rate_hz": Check("syllable_rate_hz", voice.syllable_rate),
    "formants_hz": Check("formants_error", voice.formants),
}


def check(
    samples: NDArray[np.floating],
    rate_hz: int,
    spec: Mapping[str, Any],
    detectors: Detectors = NO_DETECTORS,
) -> Scores:
    """Measure the facts of a spec in (frames, channels) samples.

    Raises:
        ConfigError: an invalid spec. Nothing that the clip holds raises.
    """
    if (reason := problem(spec)) is not None:
        raise ConfigError(f"the spec cannot be checked: {reason}")
    facts = [name for name in FACTS if name in spec]
    try:
        whole = sound(samples, rate_hz, detectors)
    except Unmeasurable as error:
        return _none_met(facts, detectors, str(error))
    values: dict[str, float] = {}
    unscored: dict[str, str] = {}
    for name in facts:
        scores = _measure(name, whole, spec)
        values |= scores.values
        unscored |= scores.unscored
    verdicts = [value for name, value in values.items() if name.endswith("_ok")]
    if verdicts:
        values["check_ok"] = sum(verdicts) / len(verdicts)
    else:
        unscored["check_ok"] = "no fact of the spec can be judged here; see the facts' own reasons"
    return Scores(values=values, unscored=unscored)


def _measure(name: str, whole: Sound, spec: Mapping[str, Any]) -> Scores:
    number, verdict = _number(name, whole.detectors), _verdict(name)
    try:
        finding = CHECKS[name].measure(whole, spec[name], spec)
    except Unmeasurable as error:
        return Scores(values={verdict: 0.0}, unscored={number: str(error)})
    except NotJudged as error:
        return Scores(unscored={verdict: str(error), number: str(error)})
    met = float(finding.met)
    if finding.value is None or not np.isfinite(finding.value):
        reason = finding.reason or f"{number} must be finite, it is not"
        return Scores(values={verdict: met}, unscored={number: reason})
    return Scores(values={verdict: met, number: float(finding.value)})


def _none_met(facts: list[str], detectors: Detectors, reason: str) -> Scores:
    return Scores(
        values={**{_verdict(name): 0.0 for name in facts}, "check_ok": 0.0},
        unscored={_number(name, detectors): reason for name in facts},
    )


def _number(name: str, detectors: Detectors) -> str:
    """`check_NUMBER`; a word error rate is named after its recogniser."""
    suffix = f"_{detectors.recogniser.name}" if name == "words" and detectors.recogniser else ""
    return f"check_{CHECKS[name].number}{suffix}"


def _verdict(name: str) -> str:
    """`check_NAME_ok` without the fact's unit: f0_hz has check_f0_ok."""
    for unit in UNITS:
        name = name.removesuffix(unit)
    return f"check_{name}_ok"


class SpecChecks:
    """Checks a clip against its task's spec.

    Args:
        read: gives (frames, channels) float32 samples and the rate in Hz of a clip.
        tagger: names kinds of sound, for the fact `tags`.
        voice_detector: whether there is speech, for the fact `words`.
        recogniser: transcribes it.
    """

    def __init__(
        self,
        *,
        read: Read = audio.samples,
        tagger: Tagger | None = None,
        voice_detector: VoiceDetector | None = None,
        recogniser: Recogniser | None = None,
    ) -> None:
        self.read, self.detectors = read, Detectors(tagger, voice_detector, recogniser)

    @property
    def id(self) -> str:
        """What a fact's number depends on beyond the clip."""
        recogniser = self.detectors.recogniser
        return f"checks {VERSION} words={recogniser.name if recogniser else 'none'}"

    def score(self, clip: Clip, task: Task) -> Scores:
        """`check_…` of this clip; all unscored where its file can no longer be read."""
        try:
            samples, rate_hz = self.read(clip)
        except AudioError as error:
            return Scores(unscored={"check_ok": str(error)})
        return check(samples, rate_hz, task.spec, self.detectors)
