"""A folder from elsewhere: nothing goes through its links, and no number is out of range."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.cli import main
from earmark.errors import HarnessError
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.report import load_results, write_leaderboard
from earmark.report.export_files import export
from earmark.report.report import write_report
from earmark.storage.atomic import read_json
from earmark.storage.ratings import FILE, load_ratings
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.votes import FOLDER, keep_ballot, load_votes, read_ballot
from earmark.testing.sweeps import make_sweep

HALF = "\ud800"  # half a surrogate pair


@pytest.fixture
def sweep(root: Path) -> SweepFolder:
    return make_sweep(root)


def ballot_of(sweep: SweepFolder, path: Path, rater: str = "ann") -> Path:
    first, second = (run.summary().key for run in sweep.runs())
    vote = {"task": "tone-0", "sample": 0, "better": first}
    runs = {first: "a", second: "b"}
    ballot = {"sweep": sweep.name, "runs": runs, "rater": rater, "votes": [vote]}
    path.write_text(json.dumps(ballot))
    return path


def run_json(run: RunFolder, change: Callable[[dict[str, object]], object]) -> None:
    stored = json.loads((run.path / "run.json").read_text())
    change(stored)
    (run.path / "run.json").write_text(json.dumps(stored))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("leaderboard", write_leaderboard),
        ("report", lambda sweep: write_report(load_results(sweep))),
        ("export", lambda sweep: main(["export", sweep.name])),
        (
            FOLDER,
            lambda sweep: keep_ballot(
                sweep.path, read_ballot(ballot_of(sweep, sweep.path.parent / "v.json"))
            ),
        ),
    ],
    ids=["leaderboard", "report", "export", "votes"],
)
def test_nothing_is_written_or_deleted_through_a_link(
    name: str,
    write: Callable[[SweepFolder], object],
    sweep: SweepFolder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.js").write_text("mine")
    (sweep.path / name).symlink_to(outside)
    try:
        assert write(sweep) == 1
    except HarnessError as error:
        assert "must be a file or a folder of its own" in str(error)  # noqa: PT017  or printed
    else:
        assert "must be a file or a folder of its own" in capsys.readouterr().err
    assert [path.read_text() for path in outside.iterdir()] == ["mine"]


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "NaN", "1e999"])
def test_a_number_that_is_none_is_in_no_record(
    number: str, sweep: SweepFolder, tmp_path: Path
) -> None:
    [run, _] = sweep.runs()
    record = (run.path / "run.json").read_text()
    (run.path / "run.json").write_text(record.replace('"scores": {', f'"scores": {{"x": {number},'))
    with pytest.raises(HarnessError, match="is no finite number"):
        run.summary()
    rating = '{"run": "a", "task": "t", "sample": 0, "turn": 0, "rater": "r", "name": "n"'
    text = f'{{"ratings": [{rating}, "value": {number}, "source": "s"}}]}}'
    (sweep.path / FILE).write_text(text)
    with pytest.raises(HarnessError, match="is no finite number"):
        load_ratings(sweep.path)


def test_a_pick_is_an_attempt_that_is_there(sweep: SweepFolder) -> None:
    [run, _] = sweep.runs()
    run_json(run, lambda stored: stored.update(picked=["elsewhere"]))
    with pytest.raises(HarnessError, match="picks attempt 'elsewhere', which is not there"):
        load_results(sweep)


def test_half_a_character_is_a_text_like_any_other(sweep: SweepFolder, tmp_path: Path) -> None:
    path = ballot_of(sweep, tmp_path / "votes.json", rater=HALF)
    assert main(["votes", str(path)]) == 0
    assert [vote.rater for vote in load_votes(sweep.path)] == [HALF]
    [run, _] = sweep.runs()
    run_json(run, lambda stored: stored["facts"].update(swept={HALF: HALF}))  # type: ignore[attr-defined]  # an object of JSON
    for attempt in run.attempts():
        run.save_attempt(replace(attempt, task=replace(attempt.task, caption=HALF)))
    assert write_report(load_results(sweep))
    assert write_leaderboard(sweep).is_file()
    (tmp_path / "to").mkdir()
    csv = next(path for path in export(sweep, tmp_path / "to") if path.name == "attempts.csv")
    assert "\\ud800" in csv.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_not_waited_for(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "aa" / f"{'a' * 64}.json"
    path.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    with pytest.raises(HarnessError, match="it is no file"):
        read_json(path)
    with pytest.raises(HarnessError, match="it is no file"):
        CompletionStore(tmp_path).find("a" * 64)


@pytest.mark.parametrize("axes", [5, None, "abc", [{"a": 1}]])
def test_the_axes_of_a_shard_are_names(
    axes: object, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shards = [make_sweep(tmp_path / name, models=[f"drawn-{name}"]) for name in "ab"]
    shards[0].save_facts({**shards[0].facts(), "axes": axes})
    assert main(["merge", *(str(shard.path) for shard in shards), "--into", "all"]) == 1
    assert "axes must be a list of names" in capsys.readouterr().err
    assert not (root / "multirun" / "all").exists()
