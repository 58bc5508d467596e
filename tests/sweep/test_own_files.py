"""Configuration files and classes of the user's own, beside those of the package."""

import sys
from pathlib import Path

import pytest

from earmark import paths
from earmark.cli import main
from earmark.config import validate
from tests.sweep.conftest import SMALL
from tests.test_wheel import FILES


@pytest.fixture
def own(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv(paths.OWN_CONF, "")
    monkeypatch.setattr(sys, "path", [str(root / "packages"), *sys.path])
    for name in ("my_sounds", "my_sounds.models"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return root / "conf"


def test_a_model_and_a_tier_of_ones_own_run_and_are_found_again(
    own: Path, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(validate.PLUGINS, "other, my_sounds")
    small = [word for word in SMALL if not word.startswith("tier.limit")]
    line = ["-m", "model=beep,silence", "tier=drums", *small, "tracking=none", "name=own"]
    assert main([*line, "--config-dir", str(own)]) == 0
    assert "2/2 runs, 4 attempts, 50% valid" in capsys.readouterr().err
    assert main([f"--config-dir={own}", *line]) == 0
    assert "all 2 runs are finished; nothing to do" in capsys.readouterr().err
    assert main(["tasks", "--config-dir", str(own)]) == 0
    assert "  kick " in capsys.readouterr().out


def test_a_class_runs_only_once_its_package_is_named(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config-dir", str(own), "model=beep", "dry_run=true"]) == 1
    text = capsys.readouterr().err
    assert "got my_sounds.models.Beep; set EARMARK_PLUGINS=my_sounds" in text
    assert "my_sounds" not in sys.modules


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def (:", "cannot be imported (invalid syntax"),
        ("raise OSError('lost')", "cannot be imported (lost)"),
        ("import sys; sys.exit(3)", "cannot be imported (3)"),
        ("Beep = 5", "must be a class or a function"),
    ],
)
def test_a_module_of_ones_own_that_fails_is_one_line(
    text: str,
    problem: str,
    own: Path,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (root / "packages" / "my_sounds" / "models.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv(validate.PLUGINS, "my_sounds")
    assert main(["--config-dir", str(own), "model=beep", "dry_run=true"]) == 1
    assert f"my_sounds.models.Beep {problem}" in capsys.readouterr().err


def test_a_name_that_is_taken_and_a_folder_that_is_not_there_are_refused(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config-dir", f"{own}/nowhere", "model=beep"]) == 1
    assert "must be followed by a folder of configuration files" in capsys.readouterr().err
    assert main(["model=bep", "--config-dir", str(own)]) == 1
    assert "did you mean beep?" in capsys.readouterr().err
    (own / "model" / "expert.yaml").write_text("name: expert\n", encoding="utf-8")
    assert main(["--config-dir", str(own), "model=beep"]) == 1
    assert "earmark has a file model/expert.yaml of its own" in capsys.readouterr().err
