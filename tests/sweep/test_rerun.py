"""A run comes back from its record: by its run, its key or its folder, without a call, and the two
agree or it is said where not.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from earmark.analysis.agreement import agreement
from earmark.commands import cassette
from earmark.commands.rerun import find_run
from earmark.errors import ConfigError
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking.fetch import fetch_run
from tests.models.server import DEAD_PORT_BASE, Asked, ChatServer, Reply, cut, fenced
from tests.sweep.conftest import Launch, local_model
from tests.sweep.test_sweep import TONE


def answer(asked: Asked) -> Reply:
    """Of each sort some, by the question alone."""
    return (fenced(TONE), cut(), fenced("print(1 / 0)"))[len(asked.prompt) % 3]


def only_run(root: Path, name: str) -> RunFolder:
    (folder,) = SweepFolder(root / "multirun" / name).runs()
    return folder


def test_a_run_is_repeated_from_its_record_alone(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(answer) as server:
        assert (
            launch(
                *local_model(server.api_base),
                "tier.limit=3",
                "strategy=repair",
                "strategy.turns=2",
                "name=first",
            )
            == 0
        )
        asked = server.requests
        folder = only_run(root, "first")
        from mlflow import MlflowClient

        client = MlflowClient(f"sqlite:///{root}/mlflow.db")
        experiment = client.get_experiment_by_name("earmark")
        assert experiment is not None
        (made,) = client.search_runs([experiment.experiment_id], "tags.`earmark.kind` = 'run'")
        (parent,) = client.search_runs([experiment.experiment_id], "tags.`earmark.kind` = 'sweep'")
        for path in (root / "multirun" / ".cassette").rglob("*.json"):
            path.unlink()
        capsys.readouterr()

        assert run_command("rerun", made.info.run_id, "--name", "again") == 0
        said = capsys.readouterr().out
        assert "0 differences" in said
        assert server.requests == asked
        record = fetch_run(f"sqlite:///{root}/mlflow.db", made.info.run_id, root / "fetched").run()
        assert agreement([record], [folder.run()]).differences == ()

        with pytest.raises(
            ConfigError, match="must be the MLflow run of one run, got that of a sweep"
        ):
            find_run(parent.info.run_id, root)

        # Where a request is repeated is this machine's: the address of the record is but a part of
        # the model's name.
        assert (
            run_command(
                "rerun",
                folder.run().key,
                *local_model(server.api_base),
                "--fresh",
                "--name",
                "fresh",
            )
            == 0
        )
        assert server.requests == 2 * asked
    assert only_run(root, "again").path.name == folder.path.name
    assert (
        SweepFolder(root / "multirun" / "again").facts()["rerun_of"] == f"first/{folder.run().key}"
    )


def run_command(*words: str) -> int:
    from earmark.cli import main

    return main(words)


def test_a_packed_sweep_is_replayed_without_a_call_and_agrees(root: Path, launch: Launch) -> None:
    with ChatServer(answer) as server:
        same = (
            "-m",
            *local_model(server.api_base),
            "tier=notes,speech",
            "tier.limit=3",
            "temperature=0,1",
            "tracking=none",
        )
        assert launch(*same, "name=paid") == 0
        asked = server.requests
        assert (
            cassette.main(
                [
                    "pack",
                    str(root / "answers.zip"),
                    "--folder",
                    str(root / "multirun" / ".cassette"),
                ]
            )
            == 0
        )
        assert launch(*same, f"replay={root}/answers.zip", "name=replayed") == 0
        assert server.requests == asked == 12
    paid, replayed = (
        [run.run() for run in SweepFolder.find(name).runs()] for name in ("paid", "replayed")
    )
    result = agreement(paid, replayed)
    assert result.pairs == 12
    assert result.agree == dict.fromkeys(("answers", "programs", "kinds", "scores"), 12)
    assert result.differences == ()


def test_a_gap_in_a_replay_is_named_and_no_model_is_called(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "empty").mkdir()
    assert (
        launch(*local_model(DEAD_PORT_BASE), f"replay={root}/empty", "name=gap", "tracking=none")
        == 1
    )
    assert "holds no completion" in capsys.readouterr().err


def test_whatever_differs_is_said(root: Path, launch: Launch) -> None:
    assert launch("model=expert", "name=one", "tracking=none") == 0
    run = only_run(root, "one").run()
    first, *rest = run.attempts
    assert first.program is not None
    other = replace(
        first,
        program=replace(first.program, source="x"),
        scores={**first.scores, "level_dbfs": -1.0},
    )
    result = agreement([run], [replace(run, attempts=(other, *rest[:-1]))])
    assert result.agree == {
        "answers": len(rest),
        "programs": len(rest) - 1,
        "kinds": len(rest),
        "scores": len(rest) - 1,
    }
    assert len(result.differences) == 3
    assert any("only on one side" in line for line in result.differences)
    assert agreement([run], []).differences == ("expert notes zero_shot t0.7: only on one side",)


@pytest.mark.parametrize("wrong", ["nonsense", "0" * 16, "0" * 32])
def test_an_id_that_is_none_is_named(
    wrong: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command("rerun", wrong) == 1
    said = capsys.readouterr().err
    assert wrong in said
    assert "a run's folder" in said
    assert "Traceback" not in said
