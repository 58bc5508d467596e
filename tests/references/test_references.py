"""Reference sets: manifests, folders, packages that cannot be had, and rendered sets."""

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earmark.audio import read_clip
from earmark.config.factory import load_tier
from earmark.errors import ConfigError, HarnessError, MetricUnavailable
from earmark.identity import file_digest
from earmark.references import ReferenceSet, store
from earmark.references.auto import Auto
from earmark.references.debian import Unpacked, unpacked
from earmark.references.folder import Folder
from earmark.references.none import NoReference
from earmark.references.of_tasks import OF_TASKS
from earmark.references.packages import (
    TIERS,
    Packages,
    _is_effect,
    _is_of_surroundings,
    _is_speech,
)
from earmark.references.rendered import Rendered
from earmark.references.soundfont import Played, chord, melody, single


@pytest.fixture
def no_apt(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda tool: None)


def write(path: Path, seconds: float = 1.0, rate_hz: int = 8000, level: float = 0.5) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, level * np.sin(np.arange(int(seconds * rate_hz)) / 7), rate_hz)


@pytest.mark.parametrize("tier", list(TIERS))
def test_rendered_sets_are_labelled_the_same_twice_and_not_the_same_sound_twice(tier, tmp_path):
    one, two = (
        Rendered(cache=str(tmp_path / name), max_recordings=9).for_tier(tier) for name in "ab"
    )
    assert one.rendered
    assert one.manifest["rendered"] is True
    assert one.digest == two.digest
    assert len({clip.sha256 for clip in one.clips}) == 9
    assert (
        one.digest
        != Rendered(cache=str(tmp_path / "a"), max_recordings=9, seed=1).for_tier(tier).digest
    )


def test_a_manifest_names_every_file_with_its_hash(tmp_path):
    found = Rendered(cache=str(tmp_path), max_recordings=4).for_tier("notes")
    manifest = found.manifest
    assert (manifest["n"], manifest["tier"], manifest["kind"]) == (4, "notes", "rendered")
    assert manifest["seconds"] == pytest.approx(sum(clip.seconds for clip in found.clips))
    assert [file["sha256"] for file in manifest["files"]] == [
        file_digest(tmp_path / "x" / clip.path) for clip in found.clips
    ]
    assert all(source["licence"] for source in manifest["sources"].values())


def test_a_set_is_measured_once_and_its_facts_are_those_of_the_reader(tmp_path, monkeypatch):
    made = Rendered(cache=str(tmp_path), max_recordings=3)
    first = made.for_tier("notes")
    measured: list[str] = []

    def counted(path):
        measured.append(path.name)
        return read_clip(path)

    monkeypatch.setattr(store, "read_clip", counted)
    assert made.for_tier("notes") == first
    assert measured == []
    assert [read_clip(Path(clip.path)) for clip in first.clips] == list(first.clips)
    monkeypatch.setattr(store, "_reader", lambda: "another version")
    assert made.for_tier("notes") == made.for_tier("notes") == first
    assert measured == ["000.wav", "001.wav", "002.wav"]


def test_a_file_that_changed_is_recognised_by_its_manifest(tmp_path):
    made = Rendered(cache=str(tmp_path), max_recordings=3)
    write(tmp_path / "references" / "other.wav")
    shutil.copy(tmp_path / "references" / "other.wav", made.for_tier("notes").clips[1].path)
    with pytest.raises(
        MetricUnavailable, match=r"001\.wav: must be the file of its manifest, it differs; delete"
    ):
        made.for_tier("notes")


def test_a_folder_of_the_users_is_searched_decoded_and_bounded(tmp_path):
    for k, name in enumerate(("a.wav", "deep/er/b.flac", "deep/c.ogg", "deep/d.WAV", "readme.txt")):
        write(tmp_path / "set" / name, seconds=0.5 + k) if not name.endswith("txt") else (
            tmp_path / "set" / name
        ).write_text("no sound")
    write(tmp_path / "set" / "long.wav", seconds=14)
    found = Folder(
        folders={"notes": str(tmp_path / "set")}, cache=str(tmp_path / "cache"), licence="CC0"
    ).for_tier("notes")
    assert sorted(file["name"] for file in found.manifest["files"]) == [
        "a.wav",
        "b.flac",
        "c.ogg",
        "d.WAV",
        "long.wav",
    ]
    assert max(clip.seconds for clip in found.clips) == 10
    assert found.manifest["sources"]["folder"]["licence"] == "CC0"
    assert not found.rendered
    assert (
        len(
            Folder(
                folders={"notes": str(tmp_path / "set")},
                cache=str(tmp_path / "cache"),
                max_recordings=2,
            )
            .for_tier("notes")
            .clips
        )
        == 2
    )


def test_what_cannot_be_read_is_named_in_the_manifest(tmp_path):
    write(tmp_path / "set" / "good.wav")
    write(tmp_path / "set" / "silent.wav", level=0)
    (tmp_path / "set" / "text.wav").write_text("no sound")
    found = Folder(
        folders={"notes": str(tmp_path / "set")}, cache=str(tmp_path / "cache")
    ).for_tier("notes")
    assert len(found.clips) == 1
    assert set(found.manifest["skipped"]) == {"silent.wav", "text.wav"}


def test_a_folder_that_changed_makes_another_set(tmp_path):
    def ask() -> ReferenceSet:
        return Folder(
            folders={"notes": str(tmp_path / "set")}, cache=str(tmp_path / "cache")
        ).for_tier("notes")

    write(tmp_path / "set" / "a.wav")
    before = ask().digest
    write(tmp_path / "set" / "b.wav", seconds=2)
    assert ask().digest != before


def test_an_empty_folder_is_said_before_anything_runs(tmp_path):
    with pytest.raises(
        ConfigError, match=r"must hold recordings .*holds none; see docs/references\.md"
    ):
        Folder(folders={"notes": str(tmp_path)}, cache=str(tmp_path)).for_tier("notes")
    with pytest.raises(ConfigError, match="must be a folder, it is not"):
        Folder(folders={"notes": str(tmp_path / "gone")}, cache=str(tmp_path)).for_tier("notes")


def test_a_tier_without_a_folder_has_no_reference(tmp_path):
    with pytest.raises(
        MetricUnavailable,
        match=r"tier speech has no reference folder; set reference\.folders\.speech=FOLDER",
    ):
        Folder(folders={"notes": str(tmp_path)}, cache=str(tmp_path)).for_tier("speech")


def test_without_apt_it_is_said_and_auto_renders_instead(no_apt, tmp_path):
    with pytest.raises(
        MetricUnavailable, match=r"apt-get is not installed; set reference=rendered"
    ):
        Packages(cache=str(tmp_path)).for_tier("environment")
    found = Auto(cache=str(tmp_path), max_recordings=8).for_tier("environment")
    assert found.rendered
    assert "apt-get is not installed" in found.manifest["instead_of"]


def test_a_package_that_does_not_exist_is_said(tmp_path):
    if shutil.which("apt-get") is None:
        pytest.skip("no apt-get here")
    with pytest.raises(
        MetricUnavailable, match=r"no-such-package-of-earmark: apt-get failed .*apt-get update"
    ):
        unpacked("no-such-package-of-earmark", tmp_path, seconds_to_fetch=30)
    assert not list(tmp_path.iterdir())


def test_without_package_lists_the_line_names_the_command_and_auto_renders_instead(
    monkeypatch, tmp_path
):
    if shutil.which("apt-get") is None:
        pytest.skip("apt-get is not here: Debian and its kin have it")
    (tmp_path / "lists" / "partial").mkdir(parents=True)
    (tmp_path / "apt.conf").write_text(
        f'Dir::State::lists "{tmp_path}/lists";\n'
        'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    with pytest.raises(
        MetricUnavailable,
        match=r"apt-get failed \(E: .*run `apt-get update` as root once, or set reference=rendered",
    ):
        Packages(cache=str(tmp_path / "cache")).for_tier("environment")
    assert Auto(cache=str(tmp_path / "cache"), max_recordings=8).for_tier("environment").rendered


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "cache").touch()
    with pytest.raises(
        HarnessError, match=r"cache/.*: cannot be written \(.*\); make room or permit writing"
    ):
        Auto(cache=str(tmp_path / "cache"), max_recordings=8).for_tier("environment")


def test_a_fetch_that_hangs_is_cut_off(monkeypatch, tmp_path):
    def hang(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(shutil, "which", lambda tool: "/bin/" + tool)
    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(MetricUnavailable, match=r"took more than 0\.2 s"):
        unpacked("anything", tmp_path, seconds_to_fetch=0.2)


def test_an_unknown_tier_has_no_packages(tmp_path):
    with pytest.raises(MetricUnavailable, match="tier 'birds' has no packages"):
        Packages(cache=str(tmp_path)).for_tier("birds")
    with pytest.raises(MetricUnavailable, match="tier 'birds' cannot be rendered"):
        Rendered(cache=str(tmp_path)).for_tier("birds")


def test_no_reference_says_what_to_set():
    with pytest.raises(
        MetricUnavailable,
        match="reference=none: tier notes has no reference recordings; set reference=auto",
    ):
        NoReference().for_tier("notes")


def test_spoken_names_are_no_sound_effects_and_silences_are_no_speech():
    assert _is_effect("usr/share/stamps/animals/dog.ogg")
    assert not _is_effect("usr/share/stamps/animals/dog_desc.ogg")
    assert not _is_effect("usr/share/stamps/symbols/math/7_de.ogg")
    assert _is_speech("en/hello.wav")
    assert not _is_speech("en/silence/1.wav")
    assert _is_of_surroundings("Media/Sounds/Animal/Dog1.wav")
    assert not _is_of_surroundings("Media/Sounds/Vocals/Singer1.wav")
    assert not _is_of_surroundings("searchandrescue/music/menus01.wav")


def test_phrases_are_within_the_instruments_and_differ():
    import random

    for make, fewest in ((single, 1), (melody, 3), (chord, 3)):
        phrases = [make(random.Random(seed)) for seed in range(50)]
        played = [note for phrase in phrases for note in phrase]
        assert all(
            21 <= note.key <= 108 and note.end_seconds > note.start_seconds for note in played
        )
        assert all(len(phrase) >= fewest for phrase in phrases)
        assert len(Counter(phrases)) > 40


@pytest.mark.parts
def test_notes_of_the_soundfont_sound_at_their_pitch(tmp_path):
    from earmark.references import soundfont

    tinysoundfont = pytest.importorskip(
        "tinysoundfont", reason="requirements/offline.txt is not installed"
    )
    try:
        found: Unpacked = unpacked("fluidr3mono-gm-soundfont", tmp_path, seconds_to_fetch=60)
    except MetricUnavailable as error:
        pytest.skip(str(error))
    synth = tinysoundfont.Synth(samplerate=soundfont.RATE_HZ)
    font = synth.sfload(str(next(found.folder.rglob("*.sf3"))))
    for key in (45, 57, 69, 81):
        sound, rate_hz = soundfont.render(
            synth, font, 73, (Played(key, 0.0, 1.5, 100),)
        )  # a flute: its fundamental is its peak
        spectrum = np.abs(np.fft.rfft(sound[:, 0][: 2 * rate_hz], 8 * rate_hz))
        peak_hz = spectrum.argmax() * rate_hz / (8 * rate_hz)
        assert (
            min(
                abs(1200 * np.log2(peak_hz / (440 * 2 ** ((key - 69) / 12) * harmonic)))
                for harmonic in (1, 2)
            )
            < 15
        )


def test_the_recordings_of_tasks_are_of_tasks_that_exist() -> None:
    known = {task.id for tier in ("notes", "environment", "speech") for task in load_tier(tier)}
    assert set(OF_TASKS) <= known
    labels = [label for several in OF_TASKS.values() for label in several]
    assert len(labels) == len(set(labels))
