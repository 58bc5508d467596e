"""Words of a line that mean harm, or come from a hand that slipped: one line, and nothing runs."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from earmark.cli import main
from tests.models.server import ChatServer, Reply
from tests.sweep.conftest import Launch, local_model
from tests.sweep.test_dry_run import PRICED


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("http://[::1", "an address (Invalid IPv6 URL)"),
        ("http://a:99999/v1", "an address (Port out of range"),
        ("http://a:port/v1", "an address (Port could not be cast"),
        ("http://127.0.0.1:9/\nv1", "without spaces and line ends"),
        ("http://127.0.0.1:9/\x1b[31mv1", "without spaces and line ends"),
        ("http://127.0.0.1:9/#key=secret", "without user, password, query and #"),
        ("http:///v1", "and a host"),
        ("file:///etc/passwd", "begins with http://"),
    ],
)
def test_an_address_is_one_or_is_refused(
    address: str, rule: str, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    word = f'model.api_base="{address}"' if "\n" in address or "#" in address else None
    assert launch("model=vllm", word or f"model.api_base={address}", "tracking=none") == 1
    error = capsys.readouterr().err
    assert "earmark: model 'vllm': api_base must be" in error
    assert rule in error
    assert "secret" not in error
    assert "\x1b" not in error


@pytest.mark.parametrize("key", ["name", "model.name"])
@pytest.mark.parametrize("value", ["a\nb", "a\x1b[31m", "a\u202eb"])
def test_a_name_is_one_line(
    key: str, value: str, launch: Launch, capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    assert launch("model=expert", f"{key}='{value}'", "tracking=none") == 1
    error = capsys.readouterr().err
    assert "printable characters" in error
    assert error.count("\n") == 1
    assert not (root / "multirun").exists()


def test_a_folder_of_another_hand_steers_no_terminal(
    launch: Launch, capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    assert launch("model=expert", "name=plain", "tracking=none", "tier.limit=1") == 0
    (root / "multirun" / "plain").rename(root / "multirun" / "\x1b[31mred")
    capsys.readouterr()
    assert main(["report", "\x1b[31mred"]) == 0
    assert main(["report", "nosuch"]) == 1
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err


def test_a_device_is_no_cassette(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", str(tmp_path / "pipe")):
        assert main(["cassette", "unpack", path]) == 1
        assert "must be a packed cassette, is no file" in capsys.readouterr().err


def test_tokens_below_zero_are_unknown_and_no_credit(
    launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = '"usage": {"prompt_tokens": -1000000, "completion_tokens": -5, "total_tokens": -1}'
    message = (
        '{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "x"}}'
    )
    body = (
        f'{{"id": "1", "object": "chat.completion", "model": "m", "choices": [{message}], {usage}}}'
    )
    with ChatServer(Reply(raw=body.encode())) as server:
        words = (*local_model(server.api_base), *PRICED, "tracking=none", "budget_usd=1000")
        assert launch(*words, "tier.limit=1") == 0
    assert "spent    $-" not in capsys.readouterr().out


def test_the_sandbox_command_takes_its_sandbox_as_a_setting_too(
    launch: Launch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "one.py").write_text("print(1)")
    assert main(["sandbox", str(tmp_path / "one.py"), "sandbox=process"]) == 0
    assert "isolation  process" in capsys.readouterr().out


def test_a_disk_that_is_full_for_hydra_is_one_line(
    launch: Launch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "config.yaml")

    monkeypatch.setattr("hydra.core.utils._save_config", full)
    assert launch("model=expert", "name=full", "tracking=none") == 1
    error = capsys.readouterr().err
    assert "earmark: config.yaml: cannot be written (No space left on device); make room" in error
    assert "Traceback" not in error


def test_a_compiled_file_that_is_cut_short_is_one_line(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "earmark.cli", "tasks", "--help"]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(line, check=True, env=environment, capture_output=True)
    [compiled] = tmp_path.rglob("commands/tasks.*.pyc")
    compiled.write_bytes(compiled.read_bytes()[:1024])
    again = subprocess.run(line, check=False, env=environment, capture_output=True, text=True)
    assert again.returncode == 1
    assert again.stderr.startswith("earmark: a file that Python compiled is cut short")
    hint = again.stderr.split("`")[1]
    assert hint == f"find {sys.prefix} -name '*.pyc' -delete"
