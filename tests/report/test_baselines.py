"""What a table is read against: the baselines of most of its runs, in plain words, each with something to hear where not all fits."""

from dataclasses import replace
from pathlib import Path

import pytest

from earmark.records import Json, Run, RunFacts
from earmark.report.baselines import PLAIN_NAMES, baselines_section
from earmark.report.media import inline_media
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
    told = shown(folder)
    assert [(row["id"], row["end"]) for row in told["rows"]] == [
        ("expert", "ceiling"),
        ("noise", "floor"),
        ("silence", None),
    ]
    assert (told["floor"], told["ceiling"], told["no_scale"], told["part"]) == (
        PLAIN_NAMES["noise"],
        PLAIN_NAMES["expert"],
        None,
        None,
    )
    silence = told["rows"][-1]
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
    told = shown(
        folder, [replace(first, facts=replace(first.facts, baselines="00000000")), *others]
    )
    assert told["part"] == "2 of 3 runs are read against these"


def test_ends_that_make_no_scale_say_why(tmp_path: Path) -> None:
    told = shown(add_baselines(make_sweep(tmp_path / "one", tasks=1)))
    assert told["no_scale"] == "1 tasks; a scale between noise and expert needs at least 3"
    assert [row["low"] for row in told["rows"]] == [None, None, None]


def test_a_reason_that_all_share_is_said_once(folder: SweepFolder) -> None:
    (kept,) = (folder.path / "baselines").glob("*.json")
    told = read_json(kept)
    write_json(
        kept,
        {**told, "baselines": {name: {"unscored": "nothing hears"} for name in told["baselines"]}},
    )
    assert (shown(folder)["no_scores"], shown(folder)["rows"]) == ("nothing hears", [])
    write_json(
        kept,
        {
            **told,
            "baselines": {name: {"unscored": f"{name} is gone"} for name in told["baselines"]},
        },
    )
    assert (shown(folder)["no_scores"], len(shown(folder)["rows"])) == (None, 3)


def test_without_kept_baselines_there_is_no_baselines_section(
    folder: SweepFolder, tmp_path: Path
) -> None:
    bare = [replace(run, facts=RunFacts()) for run in runs(folder)]
    assert baselines_section(bare, folder.path, str) is None
    assert baselines_section(runs(folder), tmp_path / "elsewhere", str) is None


def test_where_not_all_fits_every_baseline_keeps_something_to_hear(folder: SweepFolder) -> None:
    wavs = [Path(clip["audio"]) for row in shown(folder)["rows"] for clip in row["clips"]]
    longest = max(len(sound_uri(wav) or "") for wav in wavs)
    media = inline_media(
        Budget(4 * 3 * longest)
    )  # a quarter is the baselines': room for half of their six clips
    told = baselines_section(runs(folder), folder.path, media.clip)
    assert told is not None
    kept = [
        [clip["audio"] is not None for clip in row["clips"]] for row in told["rows"] if row["clips"]
    ]
    assert all(one[0] for one in kept)
    assert not all(all(one) for one in kept)
