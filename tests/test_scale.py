"""docs/scale.md and the compose file: what they print works, where it can be run here."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from earmark import cli
from tests.caches import new_cache
from tests.sweep.ray_cluster import MISSING, need_ray

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
LINES = [line for block in BLOCKS for line in block.splitlines()]
SMALL = ("tier.limit=1", "embedder=none", "reference=none", "tracking=none")
MODULES = {
    "ray": "hydra_plugins.hydra_ray_launcher",
    "submitit": "hydra_plugins.hydra_submitit_launcher",
}


def lines(program: str) -> list[str]:
    """The lines of the page that begin with a program."""
    return [line for line in LINES if line.startswith(f"{program} ")]


def need_extras(line: str) -> None:
    if "submitit" in line or "slurm" in line:
        pytest.importorskip(MODULES["submitit"], reason=MISSING.replace("ray", "slurm"))
    if "ray" in line:
        need_ray()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    monkeypatch.setenv("EARMARK_CACHE", str(new_cache(tmp_path / "cache")))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


@pytest.mark.xdist_group("launchers")
@pytest.mark.parametrize("line", lines("earmark"))
def test_a_line_of_the_page_works(
    line: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need_extras(line)
    words = shlex.split(line)[1:]
    if words[0] == "merge":  # run for real by tests/sweep/test_merge.py
        with pytest.raises(SystemExit, match="0"):
            cli.main(["merge", "--help"])
        return
    here = [word for word in words if "experiment=" not in word and "HOST" not in word]
    if here == words and "submitit_slurm" not in line:
        run_for_real(words, project)
        return
    one = ["model=gpt_4o_mini", "tier=notes", "strategy=zero_shot", "temperature=0"]
    more = one if "experiment=" in line else []
    assert cli.main([*words, *more, *SMALL, "dry_run=true"]) == 0
    assert "no model was called" in capsys.readouterr().out


def run_for_real(words: list[str], root: Path) -> None:
    """In a process of its own: Ray lasts as long as the process that started it."""
    done = subprocess.run(
        [sys.executable, "-m", "earmark", *words, *SMALL],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(root.glob("multirun/*/*/run.json"))


@pytest.mark.parametrize("line", lines("ray"))
def test_ray_takes_the_options_of_the_page(line: str) -> None:
    need_ray()
    options = [word for word in shlex.split(line) if word.startswith("--")]
    printed = help_of("ray.scripts.scripts", "start")
    assert [option for option in options if option not in printed] == []


def test_mlflow_takes_the_options_of_the_page_and_of_the_compose_file() -> None:
    [line] = lines("mlflow server")
    options = [word for word in shlex.split(line) if word.startswith("--")]
    service = compose()["services"]["mlflow"]
    options += [word.partition("=")[0] for word in service["command"] if word.startswith("--")]
    printed = help_of("mlflow", "server")
    assert [option for option in options if option not in printed] == []


def test_the_compose_file_starts_what_the_page_names_with_the_versions_that_we_pin() -> None:
    services = compose()["services"]
    assert set(services) == {"database", "store", "mlflow", "bucket"}
    for name, service in services.items():
        for other in service.get("depends_on", ()):
            assert other in services, name
    pins = set((ROOT / "constraints.txt").read_text().split())
    for name in ("mlflow", "bucket"):
        recipe = services[name]["build"]["dockerfile_inline"]
        assert set(re.findall(r"[\w-]+==[\w.]+", recipe.replace("[binary]", ""))) <= pins
    compile(services["bucket"]["command"][-1], "bucket", "exec")


def test_the_page_names_files_that_are_there() -> None:
    named = re.findall(r"`((?:conf|examples)/[\w/.]+)`", PAGE)
    assert len(named) >= 2
    assert [name for name in named if not (ROOT / name).is_file()] == []


def compose() -> dict[str, dict[str, dict[str, Any]]]:
    loaded: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(
        (ROOT / "examples" / "compose.yaml").read_text(encoding="utf-8")
    )
    return loaded


def help_of(module: str, command: str) -> str:
    line = [sys.executable, "-m", module, command, "--help"]
    return subprocess.check_output(line, text=True, timeout=120)
