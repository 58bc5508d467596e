"""sync, ui and export as a person types them."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from mlflow import MlflowClient

from earmark.cli import main
from earmark.commands import ui
from earmark.errors import ConfigError
from earmark.storage.urls import tracking_uri
from earmark.testing.sweeps import make_sweep


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    make_sweep(tmp_path, models=("drawn-a",))
    return tmp_path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_sync_fills_a_store_and_says_where(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", "small"]) == 0
    out = capsys.readouterr().out
    assert "/#/experiments/1/runs/" in out
    assert (root / "multirun" / "small" / "leaderboard.html").is_file()
    assert len(MlflowClient(tracking_uri()).search_runs(["1"])) == 2
    assert main(["sync", "small"]) == 0
    assert capsys.readouterr().out == out
    assert len(MlflowClient(tracking_uri()).search_runs(["1"])) == 2


def test_an_unknown_sweep_is_one_line_with_those_there_are(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sync", "smal"]) == 1
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    assert "'smal': no such sweep" in text
    assert "did you mean small? choose from small" in text


def test_export_writes_what_the_folder_holds(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pandas  # type: ignore[import-untyped]  # pandas ships no types

    assert main(["export", "small"]) == 0
    paths = [Path(line) for line in capsys.readouterr().out.split()]
    assert [path.name for path in paths] == [
        "attempts.parquet",
        "attempts.csv",
        "runs.parquet",
        "runs.csv",
    ]
    frame = pandas.read_parquet(paths[0])
    again = pandas.read_csv(root / "multirun" / "small" / "export" / "attempts.csv")
    assert list(frame.columns) == list(again.columns)
    assert len(frame) == len(list(root.glob("multirun/small/*/attempts/*/*/attempt.json")))
    picked = frame[frame.valid & frame.picked]
    whole = pandas.read_parquet(root / "multirun" / "small" / "export" / "runs.parquet")
    assert picked.score_yamnet_minilm.mean() == pytest.approx(whole.score_yamnet_minilm[0])
    assert frame[~frame.valid].score_yamnet_minilm.isna().all()


def test_doctor_mends_the_store(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", "small"]) == 0
    client = MlflowClient(tracking_uri())
    run = client.search_runs(["1"], "tags.`earmark.kind` = 'run'")[0]
    client.update_run(run.info.run_id, status="RUNNING")
    capsys.readouterr()
    assert main(["doctor", "--mend"]) == 0
    text = capsys.readouterr().out
    assert "mending  unfinished" in text
    assert text.endswith("the store holds what the folders hold\n")
    assert client.get_run(run.info.run_id).info.status == "FINISHED"


def test_a_taken_port_is_text(root: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="something listens there already"):
            ui.started(tracking_uri(), port=taken.getsockname()[1])


@pytest.mark.parametrize("port", ["99999", "0", "-1"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(ConfigError, match=rf"--port {port}: must be within 1\.\.65535"):
        ui.main([f"--port={port}"])


def test_ui_answers_without_a_network_and_ends_with_ctrl_c(root: Path) -> None:
    port = free_port()
    # A proxy that does not answer stands for a missing network; loopback does not use it.
    nowhere = {
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "no_proxy": "127.0.0.1",
    }
    line = [sys.executable, "-m", "earmark.cli", "ui", "--port", str(port)]
    with subprocess.Popen(
        line, env={**os.environ, **nowhere}, stdout=subprocess.PIPE, text=True
    ) as shown:
        assert shown.stdout is not None
        text = ""
        while "Ctrl-C" not in text:
            printed = shown.stdout.readline()
            assert printed, text
            text += printed
        assert f"http://127.0.0.1:{port}/#/experiments/1/runs" in text
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
            assert b"MLflow" in answer.read()
        shown.send_signal(signal.SIGINT)
        assert shown.wait(timeout=30) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
