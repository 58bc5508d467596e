"""The Makefile on machines that lack something: what it says, and what it looks for again."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from earmark.paths import CHECKOUT

pytestmark = pytest.mark.skipif(
    shutil.which("make") is None, reason="make is not here: apt-get install make"
)
PARTS = (
    *("Makefile", "pyproject.toml", "constraints.txt"),
    *("requirements/offline.txt", "requirements/wheels.txt", "requirements/left_out.txt"),
    "requirements/install.py",
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
def install() -> Any:
    """requirements/install.py."""
    spec = importlib.util.spec_from_file_location("install", CHECKOUT / "requirements/install.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def noted(install: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same, whose installers are only written down and fail for lines that hold `failing`."""
    install.lines, install.failing, install.program = [], (), None
    install.stay_local = lambda: None  # it would write into the environment of the tests
    install.drop_unopened = lambda _: None  # and this would remove from it

    def run(line: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        install.lines.append(line)
        failed = any(word in part for word in install.failing for part in line)
        return subprocess.CompletedProcess(line, int(failed), stdout="")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(shutil, "which", lambda name: install.program)
    return install


def installed(install: Any, *words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["install.py", *words])
    return int(install.main())


def by_uv(install: Any) -> list[list[str]]:
    return [line for line in install.lines if line[0].endswith("uv")]


def test_uv_is_fetched_where_it_is_not_and_installs_what_the_demo_needs(
    noted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    assert installed(noted, "run", "--index", "https://a.example", monkeypatch=monkeypatch) == 0
    fetched = noted.lines[0]
    assert fetched[-1] == "uv"
    folder = fetched[fetched.index("--target") + 1]
    assert not Path(folder).exists()  # it went when all was installed
    [project] = [line for line in by_uv(noted) if line[-2:] == ["-e", "."]]
    [parts] = [line for line in by_uv(noted) if "--require-hashes" in line]
    assert project[0] == parts[0] == f"{folder}/bin/uv"
    assert "https://a.example" in project
    assert "--excludes" in project
    assert project[project.index("--cache-dir") + 1].startswith(folder)
    assert not [line for line in noted.lines if line[:2] == ["pip", "install"] and "-e" in line]
    assert any("compileall" in line for line in noted.lines[-2:])


@pytest.mark.parametrize("extra", ["dev", "launchers"])
def test_what_tests_use_is_left_out_of_nothing(
    noted: Any, monkeypatch: pytest.MonkeyPatch, extra: str
) -> None:
    noted.program = "/bin/uv"
    assert installed(noted, extra, monkeypatch=monkeypatch) == 0
    project, parts = by_uv(noted)
    assert project[-1] == f".[{noted.EXTRAS[extra]}]"
    assert "--excludes" not in project
    assert "--cache-dir" not in project  # it is not ours
    assert "--require-hashes" in parts
    assert not any("pip" in line and "install" in line for line in noted.lines if line[1] == "-m")


@pytest.mark.parametrize("failing", [("--target",), ("--index-strategy",)])
def test_where_uv_cannot_install_pip_installs_every_listed_wheel_once_and_the_project_last(
    noted: Any, monkeypatch: pytest.MonkeyPatch, failing: tuple[str, ...]
) -> None:
    noted.failing = failing
    noted.missing = lambda _: set()
    assert installed(noted, "run", monkeypatch=monkeypatch) == 0
    names = noted.listed(noted.WHEELS)
    pips = [line for line in noted.lines if line[0] == sys.executable and "--target" not in line]
    asked = [word for line in pips for word in line if word in names]
    assert sorted(asked) == sorted(names)
    *_, project = [line for line in pips if "install" in line and "-r" not in line]
    assert project[-3:] == ["--no-deps", "-e", "."]


def test_what_the_list_lacks_is_installed_by_name_and_looked_for_once(
    noted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted.failing = ("--target",)
    noted.missing = lambda _: {"torch"}
    assert installed(noted, "run", monkeypatch=monkeypatch) == 0
    assert len([line for line in noted.lines if line[-2:] == ["--no-deps", "torch"]]) == 1
    noted.failing = ("--target", "torch")
    assert installed(noted, "run", monkeypatch=monkeypatch) == 1


def test_uv_looks_where_pip_is_set_to_look(install: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in [name for name in os.environ if name.startswith("PIP_") and "FILE" not in name]:
        monkeypatch.delenv(name)
    assert install.settings_for_uv(install.settings_of_pip()) == ([], {})
    monkeypatch.setenv("PIP_INDEX_URL", "https://a.example/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels /more")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://partial.example")
    monkeypatch.setenv("PIP_CERT", "/a.pem")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    flags, variables = install.settings_for_uv(install.settings_of_pip())
    assert flags == [
        *("--index-url", "https://a.example/simple", "--find-links", "/wheels"),
        *("--find-links", "/more", "--no-index"),
    ]
    assert variables == {"SSL_CERT_FILE": "/a.pem"}


def test_every_listed_wheel_is_pinned_and_needed(install: Any) -> None:
    listed = set(install.listed(install.WHEELS))
    pins = {pin.partition("==")[0] for pin in (CHECKOUT / "constraints.txt").read_text().split()}
    pins = {str(canonicalize_name(name)) for name in pins}
    needed = install.needed(install.left_out())
    assert listed - pins == set()
    assert listed - needed == set()
    assert {"uv", *install.left_out()} - pins == {"pocketsphinx"}  # its hash is in offline.txt


def test_what_is_left_out_takes_along_what_only_it_needs(install: Any) -> None:
    if missing := install.missing(set()):
        pytest.skip(f"not installed here: {', '.join(sorted(missing))}")
    gone = install.needed(set()) - install.needed(install.left_out())
    assert {"resampy", "torchlibrosa", "librosa", "numba", "llvmlite", "boto3", "botocore"} <= gone
    fixed = {"torch", "transformers", "frechet-audio-distance", "soundfile", "numpy", "mlflow"}
    assert not fixed & gone


def test_a_dependency_that_is_not_here_is_missing(
    install: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = install.is_here
    monkeypatch.setattr(install, "is_here", lambda name: name != "numpy" and here(name))
    assert "numpy" in install.missing(install.left_out())
    assert "numpy" not in install.missing({*install.left_out(), "numpy"})


def test_the_demo_imports_nothing_that_is_left_out(install: Any) -> None:
    modules = [*sorted(install.left_out()), "librosa", "numba", "llvmlite", "botocore"]
    lines = ["import sys", *(f"sys.modules[{name!r}] = None" for name in modules)]
    more = ("litellm", "torch", "transformers.models.clap.modeling_clap", "optuna")
    lines += [f"import {name}" for name in (*install.IMPORTED_BY_DEMO, *more)]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True, capture_output=True)


def test_only_files_that_no_program_opens_are_dropped(install: Any, tmp_path: Path) -> None:
    dropped = [
        *("torch/include/a.h", "torch/test/a", "torch/bin/test_api", "torch/bin/protoc-3"),
        *("pandas/tests/io/tests/a.py", "scipy/stats/tests/a.py", "pyarrow/libarrow_flight.so.1"),
    ]
    kept = [
        *("torch/bin/torch_shm_manager", "torch/testing/a.py", "numpy/testing/a.py"),
        *("pyarrow/libarrow.so.1", "own/tests/a.py"),
    ]
    for name in (*dropped, *kept):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    install.drop_unopened(tmp_path)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == set(kept)


def test_what_is_compiled_on_import_is_kept_whatever_the_environment_says(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((CHECKOUT / "Makefile").read_text() + "\nshown:\n\t@env\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "KEPT": "1"}
    shown = subprocess.check_output(["make", "shown"], cwd=tmp_path, env=environment, text=True)
    assert "KEPT=1" in shown
    assert "PYTHONDONTWRITEBYTECODE" not in shown


def test_what_set_up_imports_is_there(install: Any) -> None:
    for name in install.IMPORTED_BY_DEMO:
        assert importlib.util.find_spec(name) is not None
