"""The baselines section: those of most runs of a table, in plain words, with clips to play."""

from dataclasses import replace
from pathlib import Path

import pytest

from earmark.records import Json, Run, RunFacts
from earmark.report.baselines import PLAIN_NAMES, baselines_section
from earmark.report.media import inline_clips
from earmark.report.pictures import Budget, sound_uri
from earmark.storage.atomic import read_json, write_json
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import add_baselines, make_sweep


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    return add_baselines(make_sweep(tmp_path, models=("a", "b", "c"), tasks=4))


def runs(folder: SweepFolder) -> list[Run]:
    return [place.run() for place in folder.runs()]


def shown(folder: SweepFolder, listed: list[Run] | None = None) -> Json:
    found = baselines_section(runs(folder) if listed is None else listed, folder.path, str)
    assert found is not None
    return found


def test_the_best_is_first_and_what_has_no_score_last(folder: SweepFolder) -> None:
    data = shown(folder)
    assert [(row["id"], row["end"]) for row in data["rows"]] == [
        ("expert", "expert"),
        ("noise", "floor"),
        ("silence", None),
    ]
    assert (data["floor"], data["expert"], data["no_scale"], data["part"]) == (
        PLAIN_NAMES["noise"],
        PLAIN_NAMES["expert"],
        None,
        None,
    )
    silence = data["rows"][-1]
    assert (silence["mean"], silence["n"], silence["unscored"]) == (
        None,
        None,
        "no valid clip: silent",
    )


def test_every_clip_has_its_caption_its_score_and_its_file(folder: SweepFolder) -> None:
    noise = next(row for row in shown(folder)["rows"] if row["id"] == "noise")
    assert len(noise["clips"]) == 3
    for clip in noise["clips"]:
        assert (folder.path.parent / clip["folder"]).samefile(clip["audio"])
        assert clip["caption"].startswith("a steady tone")
        assert 0.05 <= clip["score"] < 0.1


def test_runs_that_are_read_against_others_are_counted(folder: SweepFolder) -> None:
    first, *others = runs(folder)
    data = shown(
        folder, [replace(first, facts=replace(first.facts, baselines="00000000")), *others]
    )
    assert data["part"] == "2 of 3 runs are read against these"


def test_ends_that_make_no_scale_say_why(tmp_path: Path) -> None:
    data = shown(add_baselines(make_sweep(tmp_path / "one", tasks=1)))
    assert data["no_scale"] == "1 task; a scale between noise and expert needs at least 3"
    assert [row["low"] for row in data["rows"]] == [None, None, None]


def test_a_reason_that_all_share_is_given_once(folder: SweepFolder) -> None:
    (kept,) = (folder.path / "baselines").glob("*.json")
    data = read_json(kept)
    write_json(
        kept,
        {**data, "baselines": {name: {"unscored": "no embedder"} for name in data["baselines"]}},
    )
    assert (shown(folder)["no_scores"], shown(folder)["rows"]) == ("no embedder", [])
    write_json(
        kept,
        {
            **data,
            "baselines": {name: {"unscored": f"{name} is gone"} for name in data["baselines"]},
        },
    )
    assert (shown(folder)["no_scores"], len(shown(folder)["rows"])) == (None, 3)


def test_without_kept_baselines_there_is_no_baselines_section(
    folder: SweepFolder, tmp_path: Path
) -> None:
    bare = [replace(run, facts=RunFacts()) for run in runs(folder)]
    assert baselines_section(bare, folder.path, str) is None
    assert baselines_section(runs(folder), tmp_path / "elsewhere", str) is None


def test_where_not_all_fits_every_baseline_keeps_a_clip(folder: SweepFolder) -> None:
    wavs = [Path(clip["audio"]) for row in shown(folder)["rows"] for clip in row["clips"]]
    longest = max(len(sound_uri(wav) or "") for wav in wavs)
    # A quarter is the baselines': room for half of their six clips.
    clip_uri = inline_clips(Budget(4 * 3 * longest))
    data = baselines_section(runs(folder), folder.path, clip_uri)
    assert data is not None
    for row in data["rows"]:
        kept = [clip["audio"] is not None for clip in row["clips"]]
        assert kept[:1] in ([], [True])
        assert not kept or not all(kept)
