"""Checks pass sounds whose facts are known, fail sounds without them, and never raise."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from earmark.audio import read_clip
from earmark.checks import CHECKS, SpecChecks, check
from earmark.checks.harmony import edits
from earmark.checks.pitch import steady_f0_hz
from earmark.checks.sound import sound
from earmark.commands.score import main
from earmark.errors import AudioError, ConfigError
from earmark.records import Clip, Scores, Task
from earmark.tasks.spec import FACTS
from earmark.testing.audio import wav16
from earmark.testing.checks import ChecksContract

RATE_HZ = 22050
Line = NDArray[np.float64]


def clock(seconds: float) -> Line:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def tone(hz: float | Line, seconds: float = 1.0, partials: int = 6) -> Line:
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hz, clock(seconds).shape)) / RATE_HZ
    made: Line = np.sum([np.sin(k * phase) / k for k in range(1, partials + 1)], axis=0)
    return made * np.minimum(1, np.minimum(clock(seconds), clock(seconds)[::-1]) / 0.01)


def noise(seconds: float = 1.0, seed: int = 0) -> Line:
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ))


def midi_tone(note: float, seconds: float = 0.5) -> Line:
    return tone(440 * 2 ** ((note - 69) / 12), seconds) * np.exp(-4 * clock(seconds))


def row(*parts: Line) -> Line:
    return np.concatenate(parts)


def quiet(seconds: float) -> Line:
    return np.zeros(round(seconds * RATE_HZ))


def click_row(gaps: list[float]) -> Line:
    return row(*(part for gap in gaps for part in (midi_tone(84, 0.08), quiet(gap - 0.08))))


def vowel(first_hz: float, second_hz: float, f0_hz: float = 120, seconds: float = 0.8) -> Line:
    from scipy.signal import lfilter

    line = np.diff(
        (np.cumsum(np.full(round(seconds * RATE_HZ), f0_hz)) / RATE_HZ % 1 < 0.02).astype(float),
        prepend=0,
    )
    for hz, width in ((first_hz, 70), (second_hz, 90), (2500, 120), (3500, 200)):
        pole = np.exp(-np.pi * width / RATE_HZ)
        line = lfilter([1], [1, -2 * pole * np.cos(2 * np.pi * hz / RATE_HZ), pole**2], line)
    return np.asarray(lfilter([1], [1, -0.95], line))


def beats(rate_hz: float) -> Line:
    return tone(300, 3.0) * (1 + 0.8 * np.sin(2 * np.pi * rate_hz * clock(3.0)))


T = clock(3.0)
# Fact -> (value, a sound that has it, one that has not).
CASES: dict[str, tuple[object, Callable[[], Line], Callable[[], Line]]] = {
    "f0_hz": (440, lambda: tone(440), lambda: tone(466)),
    "midi": (48, lambda: midi_tone(48), lambda: midi_tone(60)),
    "chord": (
        [60, 64, 67],
        lambda: tone(261.6) + tone(329.6) + tone(392.0),
        lambda: tone(261.6) + tone(311.1) + tone(392.0),
    ),
    "melody": (
        [60, 62, 64],
        lambda: row(*map(midi_tone, (60, 62, 64))),
        lambda: row(*map(midi_tone, (60, 64, 62))),
    ),
    "glide_hz": (
        [200, 400],
        lambda: tone(200 * 2 ** (T / 3), 3.0),
        lambda: tone(400 * 2 ** (-T / 3), 3.0),
    ),
    "vibrato_hz": (
        [5, 7],
        lambda: tone(300 * 2 ** (0.04 * np.sin(12 * np.pi * T)), 3.0),
        lambda: tone(300, 3.0),
    ),
    "harmonics": ([5, 7], lambda: tone(300, partials=6), lambda: tone(300, partials=1)),
    "odd_even_db": (
        [15, 200],
        lambda: tone(300, partials=1) + tone(900, partials=1) / 3,
        lambda: tone(300),
    ),
    "onsets": (
        [0, 0.5, 0.8],
        lambda: click_row([0.5, 0.3, 0.5]),
        lambda: click_row([0.4, 0.3, 0.5]),
    ),
    "onset_count": ([4, 4], lambda: click_row([0.3] * 4), lambda: click_row([0.3] * 6)),
    "event_count": ([3, 3], lambda: row(*(noise(0.2), quiet(0.3)) * 3), lambda: noise(1.5)),
    "tempo_bpm": (100, lambda: click_row([0.6] * 5), lambda: click_row([0.5] * 5)),
    "period_seconds": ([0.38, 0.42], lambda: row(*(noise(0.1), quiet(0.3)) * 6), lambda: noise(2)),
    "attack_seconds": ([0.3, 0.9], lambda: noise(2) * np.minimum(1, clock(2)), lambda: noise(2)),
    "decay_seconds": ([0.3, 0.7], lambda: noise(2) * np.exp(-4.6 * clock(2)), lambda: noise(2)),
    "tremolo_hz": ([4, 6], lambda: beats(5), lambda: beats(9)),
    "trend_db": ([-60, -10], lambda: noise(2) * np.exp(-2 * clock(2)), lambda: noise(2)),
    "level_range_db": ([20, 60], lambda: row(noise(1), 0.03 * noise(1)), lambda: noise(2)),
    "silence_share": ([0.4, 0.6], lambda: row(noise(1), quiet(1)), lambda: noise(2)),
    "loudest_at": ([0.8, 1], lambda: noise(2) * clock(2), lambda: noise(2) * (2 - clock(2))),
    "centroid_hz": ([900, 1100], lambda: tone(1000, partials=1), noise),
    "centroid_ratio": (
        [2, 9],
        lambda: row(tone(400), tone(1600)),
        lambda: row(tone(1600), tone(400)),
    ),
    "bandwidth_hz": ([1500, 4000], noise, lambda: tone(1000, partials=1)),
    "flatness": ([0.6, 1], noise, lambda: tone(1000)),
    "low_share": ([0.9, 1], lambda: tone(100, partials=2), noise),
    "voiced_share": ([0.8, 1], lambda: tone(150), noise),
    "voice_f0_hz": ([140, 160], lambda: tone(150), lambda: tone(250)),
    "f0_spread_semitones": ([4, 12], lambda: tone(100 * 2 ** (T / 3), 3.0), lambda: tone(100, 3.0)),
    "f0_trend_semitones": ([3, 9], lambda: row(tone(150, 2), tone(200, 0.5)), lambda: tone(150, 2)),
    "syllable_count": (
        [3, 3],
        lambda: row(*(tone(150, 0.2, 9), quiet(0.1)) * 3),
        lambda: tone(150, 1, 9),
    ),
    "syllable_rate_hz": (
        [3, 4],
        lambda: row(*(tone(150, 0.2, 9), quiet(0.1)) * 5),
        lambda: tone(150, 2, 9),
    ),
    "formants_hz": ([700, 1150], lambda: vowel(700, 1150), lambda: vowel(300, 2300)),
}


def judged(line: Line, spec: Mapping[str, Any], rate_hz: int = RATE_HZ) -> Scores:
    return check(line[:, None].astype(np.float32), rate_hz, spec)


def test_every_fact_of_the_vocabulary_has_its_check_and_its_case() -> None:
    assert CHECKS.keys() == FACTS.keys() == CASES.keys() | {"words", "tags"}


@pytest.mark.parametrize("fact", CASES)
def test_a_check_tells_a_sound_that_has_the_fact_from_one_that_has_not(fact: str) -> None:
    wanted, has, has_not = CASES[fact]
    right, wrong = judged(has(), {fact: wanted}), judged(has_not(), {fact: wanted})
    assert (right.values["check_ok"], wrong.values["check_ok"]) == (1.0, 0.0), (right, wrong)
    assert f"check_{CHECKS[fact].number}" in right.values


@pytest.mark.parametrize("note", [33, 45, 57, 69, 81, 93, 100.3, 60.4])
def test_pitch_is_right_within_three_cents_over_five_octaves(note: float) -> None:
    assert judged(midi_tone(note, 1.0), {"midi": note}).values["check_midi_cents"] < 3


@pytest.mark.parametrize("rate_hz", [16000, 44100, 96000])
def test_pitch_does_not_depend_on_the_rate(rate_hz: int) -> None:
    line = np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz)
    assert judged(line, {"f0_hz": 440}, rate_hz).values["check_f0_cents"] < 3


@pytest.mark.parametrize(
    ("first_hz", "last_hz", "seconds"), [(200, 800, 1.0), (2000, 300, 1.5), (1000, 3000, 1.0)]
)
def test_the_ends_of_a_fast_glide_are_measured_within_the_usual_tolerance(
    first_hz: float, last_hz: float, seconds: float
) -> None:
    line = tone(first_hz * (last_hz / first_hz) ** (clock(seconds) / seconds), seconds, partials=4)
    assert judged(line, {"glide_hz": [first_hz, last_hz]}).values["check_ok"] == 1
    assert judged(line, {"glide_hz": [last_hz, first_hz]}).values["check_ok"] == 0


def test_notes_an_octave_apart_are_distinguished() -> None:
    line = row(*map(midi_tone, (72, 60, 72, 60)))
    assert judged(line, {"melody": [72, 60, 72, 60]}).values["check_ok"] == 1
    assert judged(line, {"melody": [72, 60, 60, 60]}).values["check_ok"] == 0


@pytest.mark.parametrize("rate_hz", [3.0, 6.5, 8.0])
def test_a_fast_vibrato_is_not_averaged_away(rate_hz: float) -> None:
    line = tone(440 * 2 ** (np.sin(2 * np.pi * rate_hz * clock(2.0)) / 30), 2.0)
    assert judged(line, {"vibrato_hz": [rate_hz - 0.5, rate_hz + 0.5]}).values["check_ok"] == 1


def test_partials_of_a_wandering_pitch_are_not_counted() -> None:
    said = judged(tone(1600 * 4 ** (-clock(2.0) / 2), 2.0, partials=1), {"harmonics": [1, 40]})
    assert said.values["check_harmonics_ok"] == 0
    assert "moves too far" in said.unscored["check_harmonics"]


def test_the_share_counts_facts() -> None:
    spec = {"f0_hz": 440, "harmonics": [5, 7], "flatness": [0.9, 1]}
    assert judged(tone(440), spec).values["check_ok"] == pytest.approx(2 / 3)


def test_what_is_not_there_is_not_met_and_says_why() -> None:
    said = judged(noise(), {"f0_hz": 440})
    assert said.values == {"check_f0_ok": 0.0, "check_ok": 0.0}
    assert said.unscored == {"check_f0_cents": "the clip has no steady pitch"}


def test_channels_that_cancel_are_still_measured() -> None:
    both = np.stack([tone(440), -tone(440)], axis=1)
    assert steady_f0_hz(sound(both, RATE_HZ)) == pytest.approx(440, abs=0.5)


def test_edits_are_levenshteins() -> None:
    assert [edits([1, 2, 3], other) for other in ([1, 2, 3], [1, 3], [], [3, 2, 1])] == [0, 1, 3, 2]


def test_a_broken_spec_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"the spec cannot be checked: unknown fact spec\.pitch"):
        judged(tone(440), {"pitch": 440})


class TestCheck(ChecksContract):
    def check(self, samples, rate_hz, spec):
        return check(samples, rate_hz, spec)

    def specs(self) -> Iterator[Mapping[str, Any]]:
        yield {fact: wanted for fact, (wanted, _, _) in CASES.items()}
        yield {"words": "hello world"}


def test_the_metric_reads_the_clip_and_holds_it_against_the_task(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav16(0.2 * tone(440)[:, None], rate_hz=RATE_HZ))
    task = Task("a4", "notes", "a tone", "A tone.", 1.0, {"f0_hz": 440})
    clip = read_clip(path)
    assert SpecChecks().score(clip, task).values["check_ok"] == 1.0
    seen: list[Clip] = []

    def read(asked: Clip) -> tuple[NDArray[np.float32], int]:
        seen.append(asked)
        return tone(880)[:, None].astype(np.float32), RATE_HZ

    assert SpecChecks(read=read).score(clip, task).values["check_ok"] == 0.0
    assert seen == [clip]


def test_the_metric_says_when_the_file_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav16(0.2 * tone(440)[:, None], rate_hz=RATE_HZ))
    clip = read_clip(path)
    path.unlink()
    said = SpecChecks().score(clip, Task("a4", "notes", "a tone", "A tone.", 1.0, {"f0_hz": 440}))
    assert said.values == {}
    assert "a.wav" in said.unscored["check_ok"]


def test_the_command_takes_a_spec_as_text_file_or_task(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, spec = tmp_path / "a.wav", tmp_path / "spec.json"
    clip.write_bytes(wav16(0.2 * tone(440, 2.0, 1)[:, None], rate_hz=RATE_HZ))
    spec.write_text('{"f0_hz": 440}', encoding="utf-8")
    for text in ('{"f0_hz": 440}', str(spec), "notes/sine_a4"):
        assert main([str(clip), "--spec", text, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)[0]["scores"]["check_ok"] == 1.0
    assert main([str(clip), "--spec", '{"f0_hz": 440}']) == 0
    assert capsys.readouterr().out.startswith("check_f0_ok")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            "{not json",
            "--spec '{not json': must be a JSON object, a file that holds one, or TIER/TASK",
        ),
        ("no_such_file.json", "must be a JSON object, a file that holds one"),
        ("[1]", "must be a JSON object of facts, got list"),
        ("notes/no_such", "tier 'notes' has no task 'no_such'; it has sine_a4"),
    ],
)
def test_the_command_refuses_what_is_no_spec(tmp_path: Path, spec: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("{", r"\{")):
        main([str(tmp_path / "a.wav"), "--spec", spec])


def test_the_command_refuses_what_is_no_wav(tmp_path: Path) -> None:
    clip = tmp_path / "a.wav"
    clip.write_text("no sound", encoding="utf-8")
    with pytest.raises(AudioError, match=r"a\.wav"):
        main([str(clip), "--spec", '{"f0_hz": 440}'])
