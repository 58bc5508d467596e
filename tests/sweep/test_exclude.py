"""What is excluded counts in no number, is shown wherever numbers are, and can be undone."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.analysis.baselines import kept_baselines
from earmark.analysis.grid import score_grid
from earmark.analysis.summary import summarise
from earmark.cli import main
from earmark.commands.exclude import main as command
from earmark.errors import HarnessError
from earmark.records import Run
from earmark.report import load_results
from earmark.report.export import load_attempts, load_runs
from earmark.report.report import write_report
from earmark.report.table import render_text
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import FLOOR, HEADLINE, LastValid, add_baselines, make_sweep
from earmark.tracking.run_content import tags
from earmark.tracking.run_note import run_note
from earmark.tracking.sweep_content import finished_results, sweep_content
from tests.sweep.conftest import Launch
from tests.sweep.test_rescore import bytes_of

REASON = "its caption names another sound"


@pytest.fixture
def sweep(root: Path) -> SweepFolder:
    return make_sweep(root, tasks=8, samples=2)


def runs_of(sweep: SweepFolder) -> list[Run]:
    return [folder.run() for folder in sweep.runs()]


def test_the_numbers_are_those_of_a_sweep_that_never_asked_the_task(sweep: SweepFolder) -> None:
    before = runs_of(sweep)
    assert main(["exclude", "small", "--tasks", "tone-2,notes/tone-5", "--reason", REASON]) == 0
    for run, after in zip(before, runs_of(sweep), strict=True):
        left = [one for one in run.attempts if one.task.id not in ("tone-2", "tone-5")]
        assert after.attempts == tuple(left)
        alone = summarise(
            replace(run, attempts=tuple(left)),
            strategy=LastValid(),
            headline=HEADLINE,
            floor=FLOOR,
            set_metrics=(),
        )
        assert (after.scores, after.picked) == (alone.scores, alone.picked)
        assert after.scores != run.scores
        assert after.unscored["fad"] == "nothing that is left has one"
    grid = score_grid(runs_of(sweep), HEADLINE)
    assert grid.tasks == tuple(f"tone-{at}" for at in (0, 1, 3, 4, 6, 7))


def test_an_attempt_leaves_one_run_with_its_whole_episode(sweep: SweepFolder) -> None:
    one, other = sweep.runs()
    folder = one.attempt_folder("tone-1", 0, 1).relative_to(sweep.path)
    before = len(one.run().attempts)
    words = ["exclude", "small", "--attempts", str(folder), "--reason", "the clip was cut"]
    assert main(words) == 0
    assert len(one.run().attempts) == before - 2, "its first turn leaves with it"
    assert len(other.run().attempts) == before
    assert other.run().excluded == ()
    assert one.run().excluded[0].run == one.run().key


def test_a_run_that_lost_a_task_is_still_compared_on_the_others(root: Path) -> None:
    sweep = make_sweep(root, tasks=8)
    folder = sweep.runs()[0].attempt_folder("tone-2", 0, 0).relative_to(sweep.path)
    assert main(["exclude", "small", "--attempts", str(folder), "--reason", "cut"]) == 0
    [tier] = load_results(sweep).conclusion.tiers
    assert tier.by_primary_metric.grid.shared_tasks == tuple(
        f"tone-{at}" for at in (0, 1, 3, 4, 5, 6, 7)
    )


def test_baselines_lose_the_task_too(root: Path, sweep: SweepFolder) -> None:
    add_baselines(sweep)
    before = kept_baselines(sweep.path, runs_of(sweep))
    assert main(["exclude", "small", "--tasks", "tone-2", "--reason", REASON]) == 0
    for run in runs_of(sweep):
        assert run.facts.baselines not in before
        [own] = kept_baselines(sweep.path, [run]).values()
        assert "tone-2" not in own.scores["noise"]
        assert run.scores["floor"] == own.floor
    assert list((sweep.path / "baselines").glob(f"notes-{own.id}/expert/*.wav"))


def test_undoing_brings_back_every_byte(sweep: SweepFolder) -> None:
    before = bytes_of(sweep.path)
    assert main(["exclude", "small", "--tasks", "tone-2", "--reason", REASON]) == 0
    assert main(["exclude", "small", "--tasks", "tone-3", "--reason", "another"]) == 0
    assert main(["exclude", "small", "--undo", "--tasks", "tone-3"]) == 0
    assert {one.task for run in runs_of(sweep) for one in run.excluded} == {"tone-2"}
    assert main(["exclude", "small", "--undo"]) == 0
    after = bytes_of(sweep.path)
    assert {name: after[name] for name in before} == before
    added = {name for name in after.keys() - before.keys() if not name.startswith("leaderboard/")}
    assert added <= {"leaderboard.html", "exclusions.json"}


def test_it_is_shown_everywhere(
    sweep: SweepFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["exclude", "small", "--tasks", "tone-2", "--reason", REASON]) == 0
    out = capsys.readouterr().out
    assert f"excluded notes/tone-2: {REASON}" in out
    assert "1 excluded by hand" in out
    results = load_results(sweep)
    said = f"Excluded by hand, and in no number: notes/tone-2 ({REASON})."
    assert said in render_text(results)
    assert [one.reason for one in results.conclusion.excluded] == [REASON]
    page, report, markdown = (
        path.read_text() for path in (sweep.path / "leaderboard.html", *write_report(results)[:2])
    )
    for text in (page, report, markdown):
        assert said in text
    table = load_attempts(sweep)
    assert set(table.loc[table["task"] == "tone-2", "excluded"]) == {REASON}
    assert not table.loc[table["task"] == "tone-2", "picked"].any()
    assert table.loc[table["task"] != "tone-2", "excluded"].isna().all()
    assert set(load_runs(sweep)["excluded"]) == {"notes/tone-2"}
    run = results.runs[0][1]
    assert REASON in run_note(run)
    assert tags(run)["earmark.excluded"] == "notes/tone-2"
    parent = sweep_content(sweep, tmp_path / "files", finished_results(sweep))
    assert said in parent.tags["mlflow.note.content"]


def test_what_was_interrupted_is_finished_and_not_read_before(
    sweep: SweepFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["exclude", "small", "--tasks", "tone-2", "--reason", REASON]
    save, calls = RunFolder.save_left, []

    def dies(folder: RunFolder, left: Run, *, whole: Run | None = None) -> None:
        calls.append(left)
        if len(calls) == 2:
            raise KeyboardInterrupt("Ctrl-C")
        save(folder, left, whole=whole)

    monkeypatch.setattr(RunFolder, "save_left", dies)
    with pytest.raises(KeyboardInterrupt, match="Ctrl-C"):
        command(words[1:])
    monkeypatch.setattr(RunFolder, "save_left", save)
    with pytest.raises(HarnessError, match=r"interrupted; finish it: earmark exclude small"):
        load_results(sweep)
    assert main(["exclude", "small"]) == 0
    finished = [run.scores for run in runs_of(sweep)]
    assert main(["exclude", "small", "--undo"]) == 0
    assert main(words) == 0
    assert [run.scores for run in runs_of(sweep)] == finished


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--tasks", "tone-99", "--reason", "x"],
            "tone-99: no run of this sweep asked such a task",
        ),
        (["--tasks", "speech/tone-2", "--reason", "x"], "they asked: notes/tone-0"),
        (["--tasks", "tone-2"], "--reason: must say why, since it is shown"),
        (["--reason", "x"], "--reason: names nothing to exclude"),
        (["--undo", "--reason", "x"], "--reason: is for excluding"),
        (["--undo", "--tasks", "tone-2"], "tone-2: is not excluded from small; excluded: nothing"),
        (
            ["--attempts", "nowhere/attempts/a/0-0", "--reason", "x"],
            "no such attempt in this sweep",
        ),
        (
            ["--tasks", ",".join(f"tone-{at}" for at in range(8)), "--reason", "x"],
            "would have no episode left; exclude fewer",
        ),
    ],
)
def test_bad_input_is_named(
    words: list[str], said: str, sweep: SweepFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bytes_of(sweep.path)
    assert main(["exclude", "small", *words]) == 1
    assert said in capsys.readouterr().err
    assert bytes_of(sweep.path) == before


def test_another_reason_needs_the_first_undone(
    sweep: SweepFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["exclude", "small", "--tasks", "tone-2", "--reason"]
    assert main([*words, "first"]) == main([*words, "first"]) == 0
    assert main([*words, "second"]) == 1
    assert "notes/tone-2: is excluded already (first); undo that first" in capsys.readouterr().err


def test_a_run_that_joins_later_follows_what_is_excluded(root: Path, launch: Launch) -> None:
    line = ["tier=notes", "tier.limit=3", "tracking=none", "name=grown"]
    assert launch("model=silence", *line) == 0
    sweep = SweepFolder(root / "multirun" / "grown")
    [first] = sweep.runs()
    task = first.run().attempts[0].task.id
    assert main(["exclude", "grown", "--tasks", task, "--reason", REASON]) == 0
    assert launch("-m", "model=silence,noise", *line) == 0
    excluded = [folder.run().excluded for folder in sweep.runs()]
    assert [[one.task for one in own] for own in excluded] == [[task], [task]]
    assert {len(folder.run().attempts) for folder in sweep.runs()} == {2}
    assert main(["exclude", "grown", "--undo"]) == 0
    assert {len(folder.run().attempts) for folder in sweep.runs()} == {3}
    stored = json.loads((sweep.path / "exclusions.json").read_text())
    assert stored == {"applied": True, "exclusions": []}
