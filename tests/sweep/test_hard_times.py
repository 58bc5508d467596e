"""A full disk, a store that cannot be written, odd texts and numbers: a clear line or a recorded
reason, and no completion lost.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking.connection import silence
from tests.models.server import ChatServer, Reply, fenced
from tests.sweep.conftest import Launch, local_model
from tests.sweep.test_sweep import TONE, attempts
from tests.tracking.stores import empty_store


def mount(place: Path, options: str) -> bool:
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, check=False
    )
    return done.returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    if not mount(place, "size=4m"):
        pytest.skip("this user may not mount a tmpfs: a full disk is tried where tests run as root")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def again(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)


def test_a_full_disk_stops_with_a_clear_line_and_loses_no_completion(
    small_disk: Path,
    root: Path,
    launch: Launch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EARMARK_ROOT", str(small_disk))
    long = TONE.replace(
        "44100 * 2", "44100 * 9"
    )  # 0.8 MB a clip: the disk is full before the tenth
    with ChatServer(fenced(long)) as server:
        words = (*local_model(server.api_base), "tier.limit=10", "tracking=none", "name=full")
        assert launch(*words) == 1
        said = capsys.readouterr().err
        assert "make room" in said
        assert "Traceback" not in said
        assert server.requests > 0
        again(small_disk, "size=64m")
        assert launch(*words) == 0
        assert server.requests == 10
    assert len(attempts(small_disk, "full")) == 10


def test_a_store_that_cannot_be_written_is_said_and_filled_later(
    small_disk: Path, root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    silence()
    again(small_disk, "size=64m")
    (small_disk / "mlflow.db").write_bytes(empty_store())
    (small_disk / ".mlflow.db.lock").touch()
    again(small_disk, "ro")
    words = (
        "model=silence",
        "name=sealed",
        f"tracking.uri=sqlite:///{small_disk}/mlflow.db",
        f"tracking.artifacts={small_disk}/a",
    )
    assert launch(*words) == 1
    said = capsys.readouterr()
    assert "earmark sync NAME" in said.err
    assert "Traceback" not in said.err
    assert len(attempts(root, "sealed")) == 2


ODD = "🎵" * 50 + "é" * 40


@pytest.mark.parametrize("value", ["np.nan", "np.inf"])
def test_sounds_that_are_no_numbers_are_failures_with_a_reason(
    value: str, root: Path, launch: Launch
) -> None:
    program = (
        "import numpy as np, soundfile as sf\n"
        f"x = np.full(88200, {value}, dtype='float32')\n"
        "sf.write('out.wav', x, 44100, subtype='FLOAT')\n"
    )
    with ChatServer(fenced(program)) as server:
        assert (
            launch(*local_model(server.api_base), "tier.limit=1", "name=odd", "tracking=none") == 0
        )
    (made,) = attempts(root, "odd")
    assert made.failure is not None
    assert made.failure.kind == "non_finite"


def test_very_long_names_and_prompts_and_emoji_reach_the_store(root: Path, launch: Launch) -> None:
    (root / "mlflow.db").write_bytes(empty_store())
    text = "Make it sing 🎶. " * 700  # more than 10,000 characters
    with ChatServer(Reply(text=f"{text}\n{fenced(TONE).text}")) as server:
        words = local_model(server.api_base, name=f"'{ODD}'")
        assert launch(*words, "tier.limit=1", "name='🎵 long'") == 0
    folder = SweepFolder(root / "multirun" / "🎵 long")
    (run,) = folder.runs()
    assert len(run.path.name.encode()) <= 255
    (made,) = run.attempts()
    assert made.valid
    from mlflow import MlflowClient

    mlflow_runs = MlflowClient(f"sqlite:///{root}/mlflow.db").search_runs(["1"])
    assert {one.info.status for one in mlflow_runs} == {"FINISHED"}
    [child] = [one for one in mlflow_runs if one.data.tags["earmark.kind"] == "run"]
    assert child.data.params["model"].startswith("🎵")
