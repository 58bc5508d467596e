"""The Makefile on machines that lack something: what it says, and what it looks for again."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from earmark.paths import CHECKOUT

pytestmark = pytest.mark.skipif(
    shutil.which("make") is None, reason="make is not here: apt-get install make"
)
PARTS = (
    *("Makefile", "pyproject.toml", "constraints.txt"),
    *("requirements/offline.txt", "requirements/heavy.txt", "requirements/install.py"),
)


def make(folder: Path, python: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run make on a copy of the Makefile, with a Python that is a shell script."""
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / part, folder / part)
    program = folder / "python"
    program.write_text(f'#!/bin/sh\necho "$@" >>"{folder}/asked"\n{python}\n')
    program.chmod(0o755)
    environment = {"PATH": os.defpath, "HOME": str(folder)}
    return subprocess.run(
        ["make", *words, "PYTHON=./python"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_python_that_makes_no_environment_says_what_to_install(tmp_path):
    done = make(tmp_path, 'case "$*" in *venv*|*virtualenv*) exit 1;; esac', "setup")
    assert done.returncode != 0
    assert "cannot make an environment: install the package python3-venv" in done.stderr


def test_an_old_python_is_refused(tmp_path):
    old = "import sys; sys.version_info = (3, 10); "
    done = make(tmp_path, f'shift; exec {sys.executable} -c "{old}$*"', "setup")
    assert done.returncode != 0
    assert "earmark needs Python 3.11 or later, this is 3.10" in done.stderr


@pytest.mark.parametrize("target", ["setup", "demo", "test", "sweep", "tune"])
def test_what_set_up_fetched_is_looked_for_by_every_target_that_runs_programs(tmp_path, target):
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(tmp_path / "python")
    (programs / "earmark").symlink_to(tmp_path / "python")
    preflight = tmp_path / ".venv" / ".ready"
    preflight.touch()
    os.utime(preflight, (2**32, 2**32))  # newer than what it is made of
    done = make(tmp_path, "", target)
    assert done.returncode == 0, done.stderr
    assert "-m earmark.sandbox.fetch" in (tmp_path / "asked").read_text()


def test_litellm_asks_no_network_in_this_environment(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    python = tmp_path / "env" / "bin" / "python"
    folder = str(CHECKOUT / "requirements")
    stay = f"import sys; sys.path.insert(0, {folder!r}); import install; install.stay_local()"
    subprocess.run([python, "-c", stay], check=True)
    name = "LITELLM_LOCAL_MODEL_COST_MAP"
    show = [python, "-c", f"import os; print(os.environ['{name}'])"]
    others = {key: value for key, value in os.environ.items() if key != name}
    assert subprocess.check_output(show, env=others, text=True) == "True\n"
    chosen = subprocess.check_output(show, env={**others, name: "False"}, text=True)
    assert chosen == "False\n"  # what a person sets stays
