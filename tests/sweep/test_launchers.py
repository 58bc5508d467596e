"""The same line gives the same sweep, whichever of Hydra's launchers runs it."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hydra.errors import HydraException
from omegaconf import OmegaConf

from earmark.config import refusals
from earmark.errors import ConfigError, HarnessError
from earmark.records import Attempt, Run
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep import launchers
from tests.models.server import Asked, ChatServer, Reply

from .counted import WAITED_NODES, WHERE, loads, nodes
from .ray_cluster import AUTH, NODES, cluster
from .test_interrupted import until

pytestmark = pytest.mark.xdist_group("launchers")

ROOT = Path(__file__).parents[2]
NO_SLURM = "the extra slurm is not installed: pip install -c constraints.txt -e '.[slurm]'"
LINE = (
    *("-m", "model=random_program,silence", "temperature=0,0.5", "tier=notes", "tier.limit=3"),
    *("embedder=counted", "fad_embedder=none", "reference=none", "tracking=none", "name=same"),
)
RUNS = 4
LOADS = "loads"  # where the embedder writes, under the root
LAUNCHERS: dict[str, tuple[str, ...]] = {
    "joblib": ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2"),
    "submitit": ("hydra/launcher=submitit_local",),
    "ray": ("hydra/launcher=ray",),
}


@pytest.fixture(scope="module")
def conf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the configuration of the embedder that writes down where it is loaded."""
    folder = tmp_path_factory.mktemp("conf")
    (folder / "embedder").mkdir()
    text = "_target_: tests.sweep.counted.Counted\nname: counted\n"
    (folder / "embedder" / "counted.yaml").write_text(text)
    return folder


@pytest.fixture(scope="module")
def plain(conf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of the sweep that one process ran."""
    root = tmp_path_factory.mktemp("plain")
    ran(*LINE, root=root, conf=conf)
    return root


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with cluster({}) as address:
        yield address


def variables(root: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "EARMARK_ROOT": str(root),
        "EARMARK_CACHE": str(root / "cache"),
        "EARMARK_PLUGINS": "tests",
        WHERE: str(root / LOADS),
        **AUTH,
    }


def ran(*words: str, root: Path, conf: Path, **more: str) -> str:
    """Run a line to its end; what it printed."""
    line = [sys.executable, "-m", "earmark", "--config-dir", str(conf), *words]
    environment = {**variables(root), **more}
    done = subprocess.run(
        line, env=environment, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def what_it_is(attempt: Attempt) -> Mapping[str, Any]:
    """An attempt without what differs from one execution to the next: times and places."""
    failure = attempt.failure
    return {
        "key": attempt.key,
        "program": attempt.program,
        "label": (failure.stage, failure.kind) if failure else "valid",
        "scores": dict(attempt.scores),
        "unscored": sorted(attempt.unscored),
    }


def what_they_are(root: Path) -> dict[str, Any]:
    """Every run of the sweep with its attempts and scores."""
    return {folder.path.name: whole(folder.run()) for folder in SweepFolder(sweep(root)).runs()}


def whole(run: Run) -> Mapping[str, Any]:
    scores = {name: value for name, value in run.scores.items() if "seconds" not in name}
    attempts = [what_it_is(attempt) for attempt in run.attempts]
    return {"attempts": attempts, "picked": run.picked, "scores": scores, "facts": run.facts}


def sweep(root: Path) -> Path:
    return root / "multirun" / "same"


@pytest.mark.parametrize("name", LAUNCHERS)
def test_a_launcher_changes_nothing_but_where_runs_run(
    name: str, plain: Path, conf: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    words, waited = list(LAUNCHERS[name]), "1"
    if name == "submitit":
        pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason=NO_SLURM)
    if name == "ray":
        words.append(f"+hydra.launcher.ray.init.address={request.getfixturevalue('address')}")
        words.append("+hydra.launcher.ray.remote.scheduling_strategy=SPREAD")
        waited = str(NODES)
    said = ran(*LINE, *words, root=tmp_path, conf=conf, **{WAITED_NODES: waited})
    counted = [f"{done}/{RUNS} runs" for done in range(1, RUNS + 1)]
    assert [one for one in counted if said.count(one) == 1] == counted
    expected, got = what_they_are(plain), what_they_are(tmp_path)
    assert len(expected) == RUNS
    assert {one["label"] for run in expected.values() for one in run["attempts"]} != {"valid"}
    assert got == expected

    processes = Counter(process for _, process in loads(tmp_path / LOADS))
    assert set(processes.values()) == {1}  # a worker reads weights once, whatever it runs
    assert len(processes) <= RUNS + 1  # and the process of the line itself
    if name == "ray":
        assert len(nodes(tmp_path / LOADS)) == NODES


@pytest.mark.long
def test_the_same_line_again_has_nothing_to_do(
    address: str, plain: Path, conf: Path, tmp_path: Path
) -> None:
    words = (*LAUNCHERS["ray"], f"+hydra.launcher.ray.init.address={address}")
    ran(*LINE, root=tmp_path, conf=conf)
    assert "all 4 runs are finished; nothing to do" in ran(*LINE, root=tmp_path, conf=conf)
    before = what_they_are(tmp_path)
    loaded = loads(tmp_path / LOADS)
    ran(*LINE, *words, root=tmp_path, conf=conf)  # another line, the same finished runs
    assert what_they_are(tmp_path) == before
    assert loads(tmp_path / LOADS)[: len(loaded)] == loaded


ASKING = (
    *("-m", "model=vllm", "temperature=0.1,0.9", "tier=notes", "tier.limit=5"),
    *("model.concurrency=1", "embedder=none", "reference=none", "tracking=none", "name=same"),
)
QUESTIONS = 10


# test_interrupted.py says the same of joblib's workers, and is not long.
@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
def test_a_sweep_on_a_cluster_that_is_ended_asks_no_more_and_goes_on_where_it_stopped(
    how: signal.Signals, address: str, conf: Path, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(text="```python\nprint(1)\n```", delay_seconds=0.7)

    words = (*ASKING, *LAUNCHERS["ray"], f"+hydra.launcher.ray.init.address={address}")
    with ChatServer(answer) as server:
        model = {"VLLM_API_BASE": server.api_base, "VLLM_MODEL": "a/b"}
        sweep = subprocess.Popen(
            [sys.executable, "-m", "earmark", *words],
            env={**variables(tmp_path), **model},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: sum(one.answered for one in server.log) >= 2, seconds=300)
        sweep.send_signal(how)
        sweep.wait(30)
        until(lambda: not asked_more(server), seconds=60)
        before, kept = len(server.log), recorded(tmp_path)
        assert kept < QUESTIONS
        ran(*words, root=tmp_path, conf=conf, **model)
        assert len(server.log) - before == QUESTIONS - kept
        assert recorded(tmp_path) == QUESTIONS


def recorded(root: Path) -> int:
    """How many answers are on disk."""
    return len(list((root / "multirun" / ".cassette").glob("[0-9a-f][0-9a-f]/*.json")))


def asked_more(server: ChatServer) -> bool:
    """Whether a request comes within three seconds."""
    asked = len(server.log)
    time.sleep(3)
    return len(server.log) > asked


def test_a_missing_extra_is_named() -> None:
    def explained(name: str) -> str:
        error = HydraException(f"In 'hydra/config': Could not find 'hydra/launcher/{name}'")
        return refusals.explain(error, [], compose=lambda _: OmegaConf.create({}))

    message = explained("ray")
    assert message.startswith("hydra/launcher=ray: needs the extra ray; install it: ")
    assert message.endswith("'.[ray]'")
    message = explained("rey")
    assert "there is no such launcher; did you mean ray? choose from basic, joblib" in message


def test_slurm_is_looked_for_before_anything_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    settings = {"_target_": "hydra_plugins.x.SlurmLauncher"}
    with pytest.raises(ConfigError, match="needs sbatch on PATH, which is not here; type the line"):
        launchers.check_launcher(settings)


def test_a_cluster_that_does_not_answer_is_named_at_once() -> None:
    settings = {
        "_target_": "hydra_plugins.x.RayLauncher",
        "ray": {"init": {"address": "127.0.0.1:9"}},
    }
    with pytest.raises(HarnessError, match=r"init.address=127.0.0.1:9: no Ray cluster answers"):
        launchers.check_launcher(settings)


def test_workers_are_handed_what_they_compose_with_and_no_secret(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("VLLM_API_BASE", "http://gpu-3:8000/v1")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://anna:secret@mlflow:5000")
    monkeypatch.setenv("EARMARK_SWEEP_PROCESS", "7")
    handed = launchers.worker_variables()
    assert handed["EARMARK_ROOT"] == str(root)
    assert handed["EARMARK_CACHE"] == str(root / "cache")
    assert handed["VLLM_API_BASE"] == "http://gpu-3:8000/v1"
    assert not {"OPENAI_API_KEY", "MLFLOW_TRACKING_URI", "EARMARK_SWEEP_PROCESS"} & set(handed)
    assert "secret" not in str(handed)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow:5000")
    assert launchers.worker_variables()["MLFLOW_TRACKING_URI"] == "http://mlflow:5000"
