"""Layouts of public datasets: captions and groups are read from the lists that come with them."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earmark.errors import ConfigError
from earmark.references import ReferenceSet
from earmark.references.folder import Folder
from earmark.references.store import Recording, one_of_each_group_first


def sound(path: Path, level: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, level * np.sin(np.arange(8000) / 7), 16000)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def esc50(root: Path) -> Path:
    header = "filename,fold,target,category,esc10,src_file,take\n"
    rows = "1-9-A-0.wav,1,0,sea_waves,True,9,A\n1-9-B-0.wav,1,0,sea_waves,True,9,B\n"
    write(root / "meta" / "esc50.csv", header + rows + "1-7-A-1.wav,1,1,dog,True,7,A\n")
    for k, name in enumerate(("1-9-A-0", "1-9-B-0", "1-7-A-1"), 1):
        sound(root / "audio" / f"{name}.wav", k / 10)
    return root / "audio"


def nsynth(root: Path) -> Path:
    note = {"instrument_str": "bass_1", "instrument_source_str": "electronic"}
    notes = {
        f"bass_1-0{pitch}-100": {**note, "instrument_family_str": "synth_lead"}
        for pitch in (40, 52)
    }
    write(root / "examples.json", json.dumps(notes))
    for k, name in enumerate(notes, 1):
        sound(root / "audio" / f"{name}.wav", k / 10)
    return root / "audio"


def librispeech(root: Path) -> Path:
    for k, speaker in enumerate(("61", "62"), 1):
        write(root / speaker / "7" / f"{speaker}-7.trans.txt", f"{speaker}-7-0000 HELLO THERE\n")
        sound(root / speaker / "7" / f"{speaker}-7-0000.wav", k / 10)
    return root


def audiocaps(root: Path) -> Path:
    write(root / "test.csv", "audiocap_id,youtube_id,start_time,caption\n5,aB-c,30,A dog barks\n")
    sound(root / "wavs" / "aB-c_30.wav", 0.1)
    sound(root / "wavs" / "unlisted.wav", 0.2)
    return root / "wavs"


def loaded(folder: Path, layout: str | None, cache: Path) -> ReferenceSet:
    tier = "environment"
    source = Folder(folders={tier: str(folder)}, layouts={tier: layout}, cache=str(cache))
    return source.for_tier(tier)


@pytest.mark.parametrize(
    ("layout", "make", "captions", "groups"),
    [
        ("esc50", esc50, {"sea waves", "dog"}, 2),
        ("nsynth", nsynth, {"electronic synth lead playing a note"}, 1),
        ("librispeech", librispeech, {"a person saying: hello there"}, 2),
        ("audiocaps", audiocaps, {"A dog barks"}, 2),
    ],
)
def test_a_dataset_gives_captions_and_groups(
    layout: str, make, captions: set[str], groups: int, tmp_path: Path
) -> None:
    folder = make(tmp_path / "data")
    found = loaded(folder, layout, tmp_path / "cache")
    assert {caption for _, caption in found.captioned()} == captions
    assert found.manifest["groups"] == groups
    assert found.manifest["sources"]["folder"]["package"] == layout
    plain = loaded(folder, None, tmp_path / "cache")
    assert (plain.captioned(), plain.manifest["groups"]) == ([], plain.manifest["n"])


def test_one_of_each_group_comes_first() -> None:
    names = ["a1", "a2", "b1", "a3", "c1", "b2"]
    recordings = [
        Recording(name, "s", lambda: (np.zeros((1, 1), np.float32), 1), group=name[0])
        for name in names
    ]
    ordered = [recording.name for recording in one_of_each_group_first(recordings)]
    assert ordered == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_a_layout_that_is_not_there_is_named(tmp_path: Path) -> None:
    sound(tmp_path / "data" / "a.wav", 0.1)
    with pytest.raises(ConfigError, match="unknown reference layout 'esc'; did you mean esc50"):
        loaded(tmp_path / "data", "esc", tmp_path)
    for layout in ("esc50", "nsynth", "librispeech", "audiocaps"):
        with pytest.raises(ConfigError, match=f"must have the layout of {layout}"):
            loaded(tmp_path / "data", layout, tmp_path)
