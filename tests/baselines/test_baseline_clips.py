"""The kept clips of baselines: few, small, shared by content, whole wherever they are listed."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from earmark.analysis import baseline_clips
from earmark.analysis.baseline_clips import LIST, MAX_BYTES, BaselineClip, link, linked, store
from earmark.analysis.baselines import load_baselines
from earmark.audio import read_clip
from earmark.errors import HarnessError
from earmark.records import Clip, Task
from earmark.testing.audio import tone, wav16


def answer(folder: Path, name: str, *, level: float = 0.5) -> tuple[Clip, Task]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.wav").write_bytes(wav16(tone(level=level)))
    return read_clip(folder / f"{name}.wav"), Task(
        name, "notes", f"a tone called {name}", "Make it.", 0.5
    )


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def kept(tmp_path: Path, cache: Path) -> dict[str, tuple[BaselineClip, ...]]:
    return {
        "noise": store(
            [answer(tmp_path / "made", "a"), answer(tmp_path / "made", "b", level=0.2)], cache=cache
        )
    }


def cached(cache: Path) -> list[Path]:
    return sorted((cache / "clips").iterdir())


def test_what_is_kept_outlives_the_folder_it_was_made_in(
    kept: dict[str, tuple[BaselineClip, ...]], cache: Path, tmp_path: Path
) -> None:
    for wav in (tmp_path / "made").iterdir():
        wav.unlink()
    link(kept, tmp_path / "sweep", cache=cache)
    found = linked(tmp_path / "sweep")["noise"]
    assert [(one.task, one.caption) for one, _ in found] == [
        ("a", "a tone called a"),
        ("b", "a tone called b"),
    ]
    assert [read_clip(wav).sha256 for _, wav in found] == [one.sha256 for one in kept["noise"]]
    assert [wav.relative_to(tmp_path / "sweep") for _, wav in found] == [
        Path("noise/a.wav"),
        Path("noise/b.wav"),
    ]


def test_the_same_sound_is_in_the_cache_once_and_in_a_sweep_by_link(
    tmp_path: Path, cache: Path
) -> None:
    same = [answer(tmp_path / "made", name) for name in ("a", "b")]
    clips = {"noise": store(same, cache=cache), "sine": store(same, cache=cache)}
    for sweep in ("one", "two"):
        link(clips, tmp_path / sweep, cache=cache)
    (one,) = cached(cache)
    assert (
        one.stat().st_nlink == 1 + 1 + 2 * 4
    )  # the cache, the program's own file, two sweeps of two baselines and two tasks


def test_what_is_too_large_is_not_kept(tmp_path: Path, cache: Path) -> None:
    clip, task = answer(tmp_path, "long")
    with Path(clip.path).open("ab") as stream:
        stream.truncate(MAX_BYTES + 1)
    assert store([(clip, task)], cache=cache) == ()
    assert not cache.exists()


def test_the_list_is_last_so_a_kill_before_it_leaves_nothing_that_is_read(
    kept: dict[str, tuple[BaselineClip, ...]],
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt("killed")

    monkeypatch.setattr(baseline_clips, "write_json", killed)
    with pytest.raises(KeyboardInterrupt, match="killed"):
        link(kept, tmp_path / "sweep", cache=cache)
    assert linked(tmp_path / "sweep") == {}
    monkeypatch.undo()
    link(kept, tmp_path / "sweep", cache=cache)
    assert len(linked(tmp_path / "sweep")["noise"]) == 2


def test_a_damaged_or_lost_clip_of_the_cache_is_left_out_and_the_rest_is_there(
    kept: dict[str, tuple[BaselineClip, ...]], cache: Path, tmp_path: Path
) -> None:
    for wav in (tmp_path / "made").iterdir():
        wav.unlink()  # a link to the cache
    first, second = (cache / "clips" / f"{one.sha256}.wav" for one in kept["noise"])
    first.write_bytes(first.read_bytes()[:100])
    link(kept, tmp_path / "damaged", cache=cache)
    assert [one.task for one, _ in linked(tmp_path / "damaged")["noise"]] == ["b"]
    second.unlink()
    link(kept, tmp_path / "lost", cache=cache)
    assert not (tmp_path / "lost").exists()
    link(
        kept, tmp_path / "damaged", cache=cache
    )  # what a sweep has it keeps, whatever became of the cache
    assert [one.task for one, _ in linked(tmp_path / "damaged")["noise"]] == ["b"]


def test_a_damaged_clip_of_the_cache_is_mended_when_it_is_made_again(
    tmp_path: Path, cache: Path
) -> None:
    pair = answer(tmp_path / "made", "a")
    place = cache / "clips" / f"{pair[0].sha256}.wav"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"RIFF")
    clips = {"noise": store([pair], cache=cache)}
    link(clips, tmp_path / "sweep", cache=cache)
    assert [read_clip(wav).sha256 for _, wav in linked(tmp_path / "sweep")["noise"]] == [
        pair[0].sha256
    ]


def test_between_file_systems_a_clip_is_copied_and_a_copy_that_was_cut_off_is_not_there(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("/dev/shm is no other file system than the test's own")
    with TemporaryDirectory(dir=memory) as away:
        pair = answer(Path(away), "a")

        def cut_off(source: Path, target: Path) -> None:
            target.write_bytes(source.read_bytes()[:100])
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(shutil, "copyfile", cut_off)
        with pytest.raises(HarnessError, match="No space left on device"):
            store([pair], cache=cache)
        assert cached(cache) == []
        monkeypatch.undo()
        clips = {"noise": store([pair], cache=cache)}
    link(clips, tmp_path / "sweep", cache=cache)
    assert [read_clip(wav).sha256 for _, wav in linked(tmp_path / "sweep")["noise"]] == [
        pair[0].sha256
    ]


def test_a_clip_that_a_person_deleted_is_not_offered(
    kept: dict[str, tuple[BaselineClip, ...]], cache: Path, tmp_path: Path
) -> None:
    link(kept, tmp_path / "sweep", cache=cache)
    (tmp_path / "sweep" / "noise" / "a.wav").unlink()
    assert [one.task for one, _ in linked(tmp_path / "sweep")["noise"]] == ["b"]


def test_a_folder_that_cannot_be_written_is_said(
    kept: dict[str, tuple[BaselineClip, ...]], cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "sweep").write_text("a file where the folder should be")
    with pytest.raises(HarnessError, match=r"a\.wav: cannot be written"):
        link(kept, tmp_path / "sweep", cache=cache)


def test_records_come_back_as_they_were(kept: dict[str, tuple[BaselineClip, ...]]) -> None:
    more = {**kept, "sine": (replace(kept["noise"][0], task="ü"),), "silence": ()}
    assert baseline_clips.from_json(json.loads(json.dumps(baseline_clips.to_json(more)))) == {
        "noise": more["noise"],
        "sine": more["sine"],
    }
    assert LIST.endswith(".json")


@pytest.mark.parametrize(
    "held", ["{}", '{"baselines": []}', '{"baselines": {"noise": 3}, "tier": "notes"}']
)
def test_a_file_that_holds_no_baselines_is_named(held: str, tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text(held)
    with pytest.raises(
        HarnessError,
        match=r"kept\.json: holds no baselines of this version .*; delete it and start again",
    ):
        load_baselines(path)
