"""Shards of one sweep become one sweep; what differs is named, and no shard is changed."""

import json
import shutil
from pathlib import Path

import pytest

from earmark.cli import main
from earmark.commands.merge import main as command
from earmark.errors import HarnessError
from earmark.records import Attempt
from earmark.report import load_results
from earmark.storage.ratings import Rating, load_ratings, save_ratings
from earmark.storage.run_folder import RunFolder
from earmark.storage.shards import load_part
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import add_baselines, make_sweep
from tests.sweep.conftest import Launch
from tests.sweep.test_rescore import bytes_of

BOTH = ("drawn-a", "drawn-b")


@pytest.fixture
def shards(root: Path, tmp_path: Path) -> list[Path]:
    """One run on each of two machines, each with its baselines."""
    made = []
    for machine, model in zip("ab", BOTH, strict=True):
        sweep = add_baselines(make_sweep(tmp_path / machine, models=[model], tasks=8))
        made.append(sweep.path)
    return made


def merged(root: Path) -> SweepFolder:
    return SweepFolder(root / "multirun" / "all")


def words_of(shards: list[Path], *more: str) -> list[str]:
    return [*map(str, shards), "--into", "all", *more]


def scores_of(sweep: SweepFolder) -> dict[str, object]:
    return {run.config.model.name: run.scores for _, run in load_results(sweep).runs}


def test_whole_runs_are_what_one_machine_would_have_made(
    root: Path, shards: list[Path], tmp_path: Path
) -> None:
    before = [bytes_of(path) for path in shards]
    assert main(["merge", *words_of(shards)]) == 0
    assert [bytes_of(path) for path in shards] == before
    one = add_baselines(make_sweep(tmp_path / "one", models=BOTH, tasks=8))
    assert scores_of(merged(root)) == scores_of(one)
    for here, there in zip(merged(root).runs(), one.runs(), strict=True):
        assert bytes_of(here.path / "attempts") == bytes_of(there.path / "attempts")
    runs = [run for _, run in load_results(merged(root)).runs]
    assert {run.sweep for run in runs} == {run.config.name for run in runs} == {"all"}
    kept = bytes_of(merged(root).path / "baselines")
    assert set(kept) == set(bytes_of(one.path / "baselines"))
    first = bytes_of(shards[0] / "baselines")
    assert {name: kept[name] for name in first} == first
    assert merged(root).facts()["runs"] == 2


def test_what_is_the_same_is_kept_once_and_named(
    root: Path, shards: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = shutil.copytree(shards[0], tmp_path / "twin")
    assert main(["merge", *words_of([shards[0], twin])]) == 0
    out = capsys.readouterr().out
    assert "/attempts/tone-0/0-0: the same in several shards, kept once" in out
    assert "and 3 more episodes" in out
    assert len(merged(root).runs()) == 1


def test_what_differs_is_refused_by_name_unless_a_shard_is_preferred(
    root: Path, shards: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = make_sweep(tmp_path / "c", models=["drawn-a"], tasks=8, seed=1).path
    assert main(["merge", *words_of([shards[0], other])]) == 1
    err = capsys.readouterr().err
    assert "say which one counts: --prefer SHARD" in err
    assert f"/attempts/tone-0/0-0 in {shards[0]}, {other}" in err
    assert not merged(root).path.exists()
    assert main(["merge", *words_of([shards[0], other], "--prefer", str(other))]) == 0
    assert scores_of(merged(root)) == scores_of(SweepFolder(other))


def test_an_interrupted_merge_goes_on(
    root: Path, shards: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["merge", *words_of(shards)]) == 0
    whole = bytes_of(merged(root).path)
    shutil.rmtree(merged(root).path)
    save, saved = RunFolder.save_attempt, []

    def dies(folder: RunFolder, attempt: Attempt) -> None:
        saved.append(attempt)
        if len(saved) in (5, 9):
            raise KeyboardInterrupt("Ctrl-C")
        save(folder, attempt)

    monkeypatch.setattr(RunFolder, "save_attempt", dies)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt, match="Ctrl-C"):
            command(words_of(shards))
    assert command(words_of(shards)) == 0
    after = bytes_of(merged(root).path)
    assert after == whole


def test_a_later_shard_joins_what_was_merged(root: Path, shards: list[Path]) -> None:
    assert main(["merge", *words_of(shards[:1])]) == 0
    assert main(["merge", *words_of(shards[1:])]) == 0
    assert set(scores_of(merged(root))) == set(BOTH)
    assert len(merged(root).facts()["merged_from"]) == 1, "equal facts are one entry"


def test_exclusions_and_ratings_come_along(
    root: Path, shards: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARMARK_ROOT", str(shards[0].parents[1]))
    assert main(["exclude", "small", "--tasks", "tone-2", "--reason", "wrong"]) == 0
    monkeypatch.setenv("EARMARK_ROOT", str(root))
    rating = Rating("k", "tone-1", 0, 0, "anna", "quality", 4.0, "mlflow")
    save_ratings(shards[1], [rating])
    assert main(["merge", *words_of(shards)]) == 0
    tasks = [{one.task.id for one in folder.run().attempts} for folder in merged(root).runs()]
    assert all("tone-2" not in own for own in tasks)
    assert load_ratings(merged(root).path) == (rating,)
    assert main(["exclude", "all", "--undo"]) == 0
    assert all(len(folder.run().picked) == 8 for folder in merged(root).runs())


def test_a_split_run_is_finished_by_its_own_line(
    root: Path, launch: Launch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["model=silence", "tier=notes", "tier.limit=4", "tracking=none"]
    assert launch(*line, "name=one") == 0
    halves = []
    for machine, part in (("a", slice(0, 2)), ("b", slice(2, 4))):
        half = shutil.copytree(root / "multirun" / "one", tmp_path / machine / "one")
        [run] = half.glob("*/run.json")
        run.unlink()
        for task in sorted((run.parent / "attempts").iterdir())[part]:
            shutil.rmtree(task)
        halves.append(half)
    assert main(["merge", *words_of(halves)]) == 1
    assert "start the sweep's line with name=all" in capsys.readouterr().out
    [folder] = merged(root).path.glob("*/attempts")
    before = bytes_of(folder)
    assert len([name for name in before if name.endswith("attempt.json")]) == 4
    assert launch(*line, "name=all") == 0
    assert bytes_of(folder) == before, "nothing that is there is repeated"
    assert scores_of(merged(root)) == scores_of(SweepFolder(root / "multirun" / "one"))


def test_numbers_of_a_run_from_two_shards_are_made_again(
    root: Path, launch: Launch, tmp_path: Path
) -> None:
    line = ["model=noise", "tier=notes", "tier.limit=3", "tracking=none"]
    assert launch(*line, "name=one") == 0
    assert launch(*line, "name=two") == 0
    one, two = (root / "multirun" / name for name in ("one", "two"))
    [run] = two.glob("*/run.json")
    run.unlink()
    first = sorted((run.parent / "attempts").iterdir())[0]
    shutil.rmtree(first)
    assert main(["merge", "one", "two", "--into", "all", "--prefer", "two"]) == 0
    [(_, mixed)] = load_results(merged(root)).runs
    [(_, whole)] = load_results(SweepFolder(one)).runs
    assert len(mixed.picked) == 3
    assert set(mixed.scores) == set(whole.scores)
    assert mixed.scores["seconds"] != whole.scores["seconds"]
    assert mixed.scores["valid_rate"] == 1.0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "--into", "all"], "'nowhere': no such sweep"),
        (["small", "--into", "small"], "--into small: is the shard small; choose a new name"),
        (["small", "--into", "other"], "--into other: is a sweep of its own"),
        (["small", "--into", "../x"], "--into x: must be a folder name"),
        (["small", "small", "--into", "all"], "one shard is named twice"),
        (["small", "--into", "all", "--prefer", "b"], "--prefer b: must be one of the shards"),
        (["empty", "--into", "all"], "empty: hold no runs"),
    ],
)
def test_bad_input_is_named(
    words: list[str], said: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_sweep(root)
    make_sweep(root, name="other")
    (root / "multirun" / "empty").mkdir()
    (root / "multirun" / "empty" / "sweep.json").write_text("{}")
    before = bytes_of(root)
    assert main(["merge", *words]) == 1
    assert said in capsys.readouterr().err
    assert bytes_of(root) == before


def test_a_shard_that_lies_is_refused(root: Path, shards: list[Path]) -> None:
    [run] = SweepFolder(shards[0]).runs()
    record = run.path / "attempts" / "tone-0" / "0-0" / "attempt.json"
    stored = json.loads(record.read_text())
    record.write_text(json.dumps({**stored, "run": "0" * 16}))
    with pytest.raises(HarnessError, match="says that it is attempt"):
        load_part(run, "a")
    record.write_text(json.dumps(stored))
    summary = json.loads((run.path / "run.json").read_text())
    summary["config"]["temperature"] = 1.5
    (run.path / "run.json").write_text(json.dumps(summary))
    with pytest.raises(HarnessError, match="says that it is of run"):
        load_part(run, "a")


def test_another_sound_under_a_clips_name_is_refused(
    root: Path, shards: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    wav = next(shards[0].glob("*/attempts/*/*/out.wav"))
    wav.write_bytes(wav.read_bytes() + b"\0\0")
    assert main(["merge", *words_of(shards)]) == 1
    assert "out.wav: is not the clip that was scored" in capsys.readouterr().err


def test_a_link_in_a_shard_is_refused(
    root: Path, shards: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (shards[0] / "secret").symlink_to("/etc/passwd")
    assert main(["merge", *words_of(shards)]) == 1
    assert "secret: must be a file or a folder of its own" in capsys.readouterr().err
