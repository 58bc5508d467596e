"""The seam of checking: a clip against its task's spec -> Scores.

In: samples and a spec (see earmark.tasks.spec). Out: for each fact `check_NAME`, the number measured, and `check_NAME_ok`, 1 or 0; `check_ok` is
the share of facts met. What cannot be measured in a clip is not met, and `unscored` says why; what cannot be judged on this machine is left
out of the share. It knows nothing of captions and of what a listener would say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark import audio
from earmark.checks import envelope, harmony, pitch, rhythm, spectrum, tags, voice, words
from earmark.checks.recognisers import ALONE, Ears, Recogniser
from earmark.checks.sound import Finding, Line, Sound, Unequipped, Unmeasurable, sound
from earmark.errors import AudioError, ConfigError
from earmark.records import Clip, Scores, Task
from earmark.tasks.spec import FACTS, problem

Read = Callable[[Clip], tuple[NDArray[np.float32], int]]


@dataclass(frozen=True)
class Check:
    """How a fact is measured, and what the number is called."""

    measure: str
    find: Callable[[Sound, Any, Mapping[str, Any]], Finding]


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
    samples: NDArray[np.floating], rate_hz: int, spec: Mapping[str, Any], ears: Ears = ALONE
) -> Scores:
    """Hold (frames, channels) samples against a spec. Raises ConfigError for a spec that is none; never for what the clip holds."""
    if said := problem(spec):
        raise ConfigError(f"the spec cannot be checked: {said}")
    asked = [name for name in FACTS if name in spec]
    try:
        heard = sound(samples, rate_hz, ears)
    except Unmeasurable as error:
        return _unheard(asked, ears, str(error))
    values: dict[str, float] = {}
    unscored: dict[str, str] = {}
    for name in asked:
        _judge(name, heard, spec, values, unscored)
    met = [value for name, value in values.items() if name.endswith("_ok")]
    if met:
        values["check_ok"] = sum(met) / len(met)
    else:
        unscored["check_ok"] = "no fact of the spec can be judged on this machine"
    return Scores(values=values, unscored=unscored)


def _judge(
    name: str,
    heard: Sound,
    spec: Mapping[str, Any],
    values: dict[str, float],
    unscored: dict[str, str],
) -> None:
    one = CHECKS[name]
    number, verdict = _number(name, heard.ears), f"check_{_stem(name)}_ok"
    try:
        found = one.find(heard, spec[name], spec)
    except Unmeasurable as error:
        values[verdict], unscored[number] = 0.0, str(error)
    except Unequipped as error:
        unscored[verdict] = unscored[number] = str(error)
    else:
        values[verdict] = float(found.met)
        if found.value is not None and np.isfinite(found.value):
            values[number] = float(found.value)
        else:
            unscored[number] = found.reason or "the number is not finite"


def _number(name: str, ears: Ears) -> str:
    """Error rates are called after who heard the words: those of two recognisers do not belong in one column."""
    other = f"_{ears.recogniser.name}" if name == "words" and ears.recogniser else ""
    return f"check_{CHECKS[name].measure}{other}"


def _unheard(asked: list[str], ears: Ears, reason: str) -> Scores:
    values = {f"check_{_stem(name)}_ok": 0.0 for name in asked}
    return Scores(
        values={**values, "check_ok": 0.0}, unscored={_number(name, ears): reason for name in asked}
    )


def _stem(name: str) -> str:
    """The fact's name without its unit: f0_hz is judged by check_f0_ok."""
    for unit in ("_hz", "_seconds", "_db", "_bpm", "_semitones"):
        name = name.removesuffix(unit)
    return name


VERSION = (
    2  # goes up when a check hears the same clip otherwise: numbers of two versions share no table
)


class SpecChecks:
    """Holds a clip against its task's spec.

    Args:
        read: gives (frames, channels) float32 samples and the rate in Hz of a clip.
        tagger: names kinds of sound, for the fact `tags`.
        speaks: whether somebody speaks, for the fact `words`.
        recogniser: what they say.
    """

    def __init__(
        self,
        *,
        read: Read = audio.samples,
        tagger: Callable[[Line], Mapping[str, float]] | None = None,
        speaks: Callable[[Line], bool] | None = None,
        recogniser: Recogniser | None = None,
    ) -> None:
        self.read, self.ears = read, Ears(tagger, speaks, recogniser)

    @property
    def id(self) -> str:
        """What a fact's number depends on beside the clip."""
        return f"checks {VERSION} words={self.ears.recogniser.name if self.ears.recogniser else 'none'}"

    def score(self, clip: Clip, task: Task) -> Scores:
        """`check_…` of this clip; everything unscored where its file can no longer be read."""
        try:
            samples, rate_hz = self.read(clip)
        except AudioError as error:
            return Scores(unscored={"check_ok": str(error)})
        return check(samples, rate_hz, task.spec, self.ears)
