"""Sets out of packages: all of their recordings or a bounded choice, and what is missing."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earmark.errors import MetricUnavailable
from earmark.references.packages import Packages

STAMPS = "tuxpaint-stamps-default"
SOUNDS = ("Animal/Dog1", "Animal/Dog2", "Vocals/Singer1")


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Unpacked packages of a few files on a machine that can fetch no more."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    pack(tmp_path, STAMPS, "frog.ogg", "owl.ogg")
    pack(tmp_path, "scratch", *(f"Sounds/{name}.wav" for name in SOUNDS))
    pack(tmp_path, "minetest-data", *(f"step.{k}.ogg" for k in range(1, 5)))
    return tmp_path


def pack(cache: Path, package: str, *names: str) -> None:
    folder = cache / "packages" / package
    for name in names:
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.5 * np.sin(np.arange(8000) / (7 + len(name))), 8000)
    (folder / "VERSION").write_text("1\n")


def test_all_recordings_are_taken_and_a_package_that_cannot_be_had_is_named(cache: Path) -> None:
    manifest = Packages(cache=str(cache)).for_tier("environment").manifest
    names = [Path(file["name"]).name for file in manifest["files"]]
    assert sorted(names)[:4] == ["Dog1.wav", "Dog2.wav", "frog.ogg", "owl.ogg"]
    assert manifest["n"] == 8
    assert set(manifest["sources"]) == {STAMPS, "scratch", "minetest-data"}
    assert list(manifest["missing"]) == ["searchandrescue-data"]
    assert "apt-get is not installed" in manifest["missing"]["searchandrescue-data"]


def test_takes_of_one_thing_are_a_group_and_the_first_of_each_come_first(cache: Path) -> None:
    manifest = Packages(cache=str(cache), max_recordings=4).for_tier("environment").manifest
    assert (manifest["n"], manifest["groups"]) == (4, 4)
    whole = Packages(cache=str(cache)).for_tier("environment").manifest
    assert (whole["n"], whole["groups"]) == (8, 4)


def test_a_recording_of_the_very_thing_names_its_task(cache: Path) -> None:
    found = Packages(cache=str(cache)).for_tier("environment")
    assert sorted(task for _, task in found.of_tasks()) == ["dog_bark", "dog_bark"]


def test_a_package_that_a_set_cannot_do_without_is_refused(cache: Path) -> None:
    shutil.rmtree(cache / "packages" / STAMPS)
    with pytest.raises(MetricUnavailable, match=f"{STAMPS} cannot be fetched: apt-get is not"):
        Packages(cache=str(cache)).for_tier("environment")
