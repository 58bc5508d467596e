"""Every command of the README works as it is printed: run, or as a dry run where it needs keys or
hours.
"""

import re
import shlex
from pathlib import Path

import pytest

from earmark import cli
from earmark.testing.audio import tone, wav16
from earmark.testing.sweeps import make_sweep

ROOT = Path(__file__).parents[1]
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")


def commands() -> list[str]:
    """The earmark lines of the fenced blocks, without their comments."""
    blocks = re.findall(r"^```\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.M)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.partition("  #")[0].strip() for line in lines if line.startswith("earmark ")]


def runnable(command: str) -> list[str]:
    """The words after `earmark`; a sweep becomes a dry run of one task, what stays open asks for
    help.
    """
    words = shlex.split(command)[1:]
    if words[0] in (
        "ui",
        "tune",
        "rescore",
        "gate",
        "exclude",
        "merge",
    ):  # run for real by tests/sweep and tests/tracking
        return [words[0], "--help"]
    settings = any("=" in word and not word.startswith("-") for word in words)
    if "experiment=study" in words:  # one of its 252 runs
        words += ["model=gpt_4o_mini", "tier=notes", "strategy=zero_shot", "temperature=0"]
    if settings and words[0] not in ("prompt",):
        return [*words, "dry_run=true", "tier.limit=1", "tracking=none"]
    return words


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a sweep called first, and the files that the README names."""
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)
    monkeypatch.chdir(tmp_path)
    make_sweep(tmp_path, name="first")
    (tmp_path / "PROGRAM.py").write_text(
        "import numpy as np, soundfile\n"
        "soundfile.write('out.wav', 0.3 * np.sin(np.arange(44100) / 9), 44100)\n"
    )
    (tmp_path / "CLIP.wav").write_bytes(wav16(tone(seconds=1.0, level=0.3)))
    (tmp_path / "FOLDER").mkdir()
    for number in range(9):
        wav = wav16(tone(seconds=1.0, level=0.1 + number / 20))
        (tmp_path / "FOLDER" / f"{number}.wav").write_bytes(wav)
    return tmp_path


def test_the_readme_has_commands() -> None:
    assert len(commands()) >= 15


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme_works(
    command: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = cli.main(runnable(command))
    except SystemExit as stopped:  # argparse's --help
        code = stopped.code if isinstance(stopped.code, int) else 1
    printed = capsys.readouterr()
    assert code == 0, printed.err
    assert printed.out


def test_pictures_and_pages_that_the_readme_names_are_there() -> None:
    named = re.findall(r"\]\(([^)#h][^)#]*)", (ROOT / "README.md").read_text())
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []
