"""Files that docs show in full are written into a copy of the project; their commands run there.

A file is shown below the line that names it, "`PATH`:"; a command is an indented line that begins
with pytest or with an earmark command that needs no network.
"""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHOWN = re.compile(
    r"`(?P<place>(?:conf|src)/[\w/.]+)`:\n\n```(?:yaml|python)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
PROOF = re.compile(r"^    ((?:pytest|earmark (?:prompt|tasks|-m tier=drums)).*)$", re.MULTILINE)
COPIED = (
    "conf",
    "src",
    "tests/models",
    "tests/strategies",
    "tests/conftest.py",
    "tests/__init__.py",
    "pyproject.toml",
)


def typed(page: str) -> tuple[dict[str, str], list[str]]:
    """The files that a page shows, by place, and the commands that prove them."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").replace("NAME", "newcomer")
    return {shown["place"]: shown["text"] for shown in SHOWN.finditer(text)}, PROOF.findall(text)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in COPIED:
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, place)
    return tmp_path


def ran(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One documented command, in the copy and on its own sources."""
    word, *rest = shlex.split(command)
    program = {"pytest": "pytest", "earmark": "earmark.cli"}[word]
    environment = {
        "PYTHONPATH": f"{folder / 'src'}:{folder}",
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
    }
    return subprocess.run(
        [sys.executable, "-m", program, *rest],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


@pytest.mark.parametrize(
    ("page", "places"),
    [
        (
            "strategies.md",
            {
                "conf/strategy/careful.yaml",
                "conf/strategy/twice.yaml",
                "src/earmark/strategies/twice.py",
            },
        ),
        ("tasks.md", {"conf/tier/drums.yaml"}),
        ("models.md", {"conf/model/newcomer.yaml"}),
    ],
)
def test_what_is_shown_holds_as_it_is_shown(page: str, places: set[str], copy: Path) -> None:
    files, commands = typed(page)
    assert set(files) == places
    assert commands
    for place, text in files.items():
        (copy / place).write_text(text, encoding="utf-8")
    for command in commands:
        done = ran(command, copy)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert "no tests ran" not in done.stdout


def test_a_shown_file_that_breaks_the_contract_is_caught(copy: Path) -> None:
    files, commands = typed("models.md")
    wrong = files["conf/model/newcomer.yaml"].replace(
        "input_usd_per_million: 2.5", "input_usd_per_million: 1.5"
    )
    (copy / "conf/model/newcomer.yaml").write_text(wrong, encoding="utf-8")
    assert ran(commands[0], copy).returncode == 1
