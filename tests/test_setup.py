"""The Makefile on machines that lack something: what it says, and what it looks for again."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from earmark.paths import CHECKOUT

pytestmark = pytest.mark.skipif(
    shutil.which("make") is None, reason="make is not here: apt-get install make"
)
PARTS = (
    *("Makefile", "pyproject.toml", "constraints.txt"),
    *("requirements/offline.txt", "requirements/wheels.txt", "requirements/install.py"),
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


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Any:
    """requirements/install.py, whose installers are only written down."""
    spec = importlib.util.spec_from_file_location("install", CHECKOUT / "requirements/install.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.lines = []
    module.stay_local = lambda: None  # it would write into the environment of the tests

    def run(line: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        module.lines.append(line)
        return subprocess.CompletedProcess(line, module.codes.get(line[0], 0))

    module.codes = {}
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(shutil, "which", lambda name: module.codes.get("which"))
    return module


def installed(install: Any, *words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["install.py", *words])
    return int(install.main())


def test_every_listed_wheel_is_installed_once_and_the_project_last(
    install: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installed(install, "run", "--index", "https://a.example", monkeypatch=monkeypatch) == 0
    names = install.requirements((CHECKOUT / "requirements/wheels.txt").read_text())
    shares = [line for line in install.lines if "--no-deps" in line and "-r" not in line]
    asked = [word for line in shares for word in line if word in names]
    assert sorted(asked) == sorted(names)
    [project] = [line for line in install.lines if line[-2:] == ["-e", "."]]
    assert "https://a.example" in project
    assert install.lines.index(project) == len(install.lines) - 3
    assert any("compileall" in line for line in install.lines[-2:])


def test_uv_installs_where_it_is_and_pip_where_it_fails(
    install: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install.codes = {"which": "/bin/uv"}
    assert installed(install, "dev", monkeypatch=monkeypatch) == 0
    assert [line[0] for line in install.lines] == ["/bin/uv"]
    install.codes = {"which": "/bin/uv", "/bin/uv": 2}
    install.lines.clear()
    assert installed(install, "dev", monkeypatch=monkeypatch) == 0
    assert [line[0] for line in install.lines] == ["/bin/uv", sys.executable]
    assert "uv could not install earmark; trying pip" in capsys.readouterr().err
    install.lines.clear()
    assert installed(install, "run", monkeypatch=monkeypatch) == 0
    assert sum("--no-deps" in line for line in install.lines) == install.SHARES + 1


def test_every_listed_wheel_is_pinned_and_needed() -> None:
    text = (CHECKOUT / "requirements/wheels.txt").read_text()
    listed = {line for line in text.splitlines() if not line.startswith("#")}
    pins = (CHECKOUT / "constraints.txt").read_text().split()
    assert listed - {canonicalize_name(pin.partition("==")[0]) for pin in pins} == set()
    assert listed - needed() == set()


def needed() -> set[str]:
    """Whatever earmark depends on here, and what that depends on."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    todo, found = [Requirement(one) for one in project["dependencies"]], set[tuple[str, str]]()
    while todo:
        one = todo.pop()
        for extra in {"", *one.extras} - {of for name, of in found if name == one.name}:
            found.add((one.name, extra))
            lines = map(Requirement, distribution(one.name).requires or ())
            todo += [each for each in lines if applies(each, extra)]
    return {canonicalize_name(name) for name, _ in found}


def applies(one: Requirement, extra: str) -> bool:
    return one.marker is None or one.marker.evaluate({"extra": extra})


def test_what_is_compiled_on_import_is_kept_whatever_the_environment_says(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((CHECKOUT / "Makefile").read_text() + "\nshown:\n\t@env\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "KEPT": "1"}
    shown = subprocess.check_output(["make", "shown"], cwd=tmp_path, env=environment, text=True)
    assert "KEPT=1" in shown
    assert "PYTHONDONTWRITEBYTECODE" not in shown


def test_what_set_up_imports_is_there(install: Any) -> None:
    for name in install.IMPORTED:
        assert importlib.util.find_spec(name) is not None
