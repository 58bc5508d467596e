"""What was received is on disk, whole, and is never asked for again."""

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.errors import ConfigError, HarnessError, ModelUnavailable
from earmark.identity import completion_key
from earmark.models.hosted import LiteLLM
from earmark.models.wrappers.cassette import Cassette
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.records import Request, Sampling
from earmark.testing.models import request_of
from tests.models.server import BROKEN, DEAD_PORT_BASE, Asked, ChatServer, Reply, cut, fenced

pytestmark = pytest.mark.usefixtures("warm")


def hosted(api_base: str, name: str = "local") -> LiteLLM:
    return LiteLLM(
        name=name, model="openai/local-model", api_base=api_base, retries=0, timeout_seconds=30.0
    )


def echo(asked: Asked) -> Reply:
    return Reply(text=f"{asked.number}: {asked.prompt}", delay_seconds=0.02)


def requests_of(count: int) -> list[Request]:
    return [request_of(f"prompt {n}") for n in range(count)]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("reply", "ending"),
    [
        (fenced("print(1)"), ".json"),
        (cut(), ".truncated.json"),
        (Reply(text="", refusal="no"), ".refused.json"),
        (Reply(text=""), ".empty.json"),
    ],
    ids=["answered", "truncated", "refused", "empty"],
)
def test_what_was_received_is_asked_once_and_named_by_its_kind(
    reply: Reply, ending: str, tmp_path: Path
) -> None:
    with ChatServer(reply) as server:
        first = Cassette(hosted(server.api_base), tmp_path).complete(request_of())
        again = Cassette(hosted(server.api_base), tmp_path).complete(request_of())
        key = completion_key(hosted(server.api_base).identity, request_of())
    assert again == first
    assert server.requests == 1
    assert [path.relative_to(tmp_path) for path in files(tmp_path)] == [
        Path(key[:2]) / f"{key}{ending}"
    ]


def test_each_part_of_the_question_counts(tmp_path: Path) -> None:
    plain = request_of()
    questions = [
        plain,
        replace(plain, sample=1),
        replace(plain, turn=1),
        replace(plain, task_id="other"),
        replace(plain, sampling=Sampling(temperature=0.6)),
        request_of("other words"),
    ]
    with ChatServer(echo) as server:
        texts = {
            Cassette(hosted(server.api_base), tmp_path).complete(request).text
            for request in questions
        }
        Cassette(hosted(server.api_base, name="another"), tmp_path).complete(plain)
    assert len(texts) == len(questions)
    assert server.requests == len(questions) + 1


def test_an_answer_is_on_disk_before_it_is_returned(tmp_path: Path) -> None:
    with ChatServer(echo) as server:
        cassette = Cassette(hosted(server.api_base), tmp_path)
        assert cassette.find(cassette.key(request_of())) is None
        completion = cassette.complete(request_of())
        assert (
            CompletionStore(tmp_path).find(completion_key(cassette.identity, request_of()))
            == completion
        )
        assert cassette.find(cassette.key(request_of())) == completion


def test_errors_are_written_down_and_never_served(tmp_path: Path) -> None:
    with ChatServer([BROKEN, BROKEN, "at last"]) as server:
        cassette = Cassette(hosted(server.api_base), tmp_path)
        for _ in range(2):
            with pytest.raises(ModelUnavailable, match="HTTP 500"):
                cassette.complete(request_of())
        (evidence,) = files(tmp_path)
        assert evidence.name.endswith(".error.json")
        assert "HTTP 500" in json.loads(evidence.read_text())["message"]
        assert cassette.complete(request_of()).text == "at last"
    assert server.requests == 3


def test_threads_that_ask_the_same_pay_once(tmp_path: Path) -> None:
    with ChatServer(echo) as server, ThreadPoolExecutor(8) as pool:
        cassette = Cassette(hosted(server.api_base), tmp_path)
        completions = list(pool.map(cassette.complete, requests_of(4) * 6))
    assert server.requests == 4
    assert len({completion.text for completion in completions}) == 4
    assert all(path.suffix == ".json" for path in files(tmp_path))


def ask_all(api_base: str, folder: Path, count: int) -> None:
    cassette = Cassette(hosted(api_base), folder)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(cassette.complete, requests_of(count)))


def started(api_base: str, folder: Path, count: int) -> subprocess.Popen[bytes]:
    """A fresh interpreter that asks all."""
    code = (
        "import sys, pathlib, tests.models.test_cassette as t; "
        f"t.ask_all(sys.argv[1], pathlib.Path(sys.argv[2]), {count})"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, api_base, str(folder)], cwd=Path(__file__).parents[2]
    )


def test_processes_that_share_a_folder_pay_once(tmp_path: Path) -> None:
    with ChatServer(echo) as server:
        workers = [started(server.api_base, tmp_path, 12) for _ in range(2)]
        assert [worker.wait(100) for worker in workers] == [0, 0]
    assert server.requests == 12
    assert len(list(CompletionStore(tmp_path).entries())) == 12


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.long)])
def test_killed_at_any_moment_nothing_received_is_asked_again(kills: int, tmp_path: Path) -> None:
    count, concurrency = 20 + 16 * kills, 4
    with ChatServer(echo) as server:
        for kill in range(kills):
            enough = server.requests + 3 + kill
            child = started(server.api_base, tmp_path, count)
            deadline = time.monotonic() + 90
            while server.requests < enough and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(0.013 * kill)
            child.kill()
            assert child.wait() == -signal.SIGKILL  # it was killed in the middle
        ask_all(server.api_base, tmp_path, count)
        asked = [entry.prompt for entry in server.log]
    assert set(asked) == {f"prompt {n}" for n in range(count)}
    assert len(asked) - count <= concurrency * kills
    assert len(list(CompletionStore(tmp_path).entries())) == count


def test_a_killed_asker_blocks_no_other(tmp_path: Path) -> None:
    held = threading.Event()
    key = completion_key(hosted(DEAD_PORT_BASE).identity, request_of())
    pid = os.fork()
    if pid == 0:
        with CompletionStore(tmp_path).locked(key):
            time.sleep(60)
        os._exit(0)
    lock = tmp_path / key[:2] / f"{key}.lock"
    deadline = time.monotonic() + 10
    while not lock.exists() and time.monotonic() < deadline:
        time.sleep(0.01)

    def ask() -> None:
        with CompletionStore(tmp_path).locked(key):
            held.set()

    waiting = threading.Thread(target=ask, daemon=True)
    waiting.start()
    assert not held.wait(0.3)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert held.wait(5)
    waiting.join(5)
    assert not lock.exists()


def test_an_entry_that_is_no_file_is_named_and_nothing_is_asked(tmp_path: Path) -> None:
    with ChatServer("an answer") as server:
        cassette = Cassette(hosted(server.api_base), tmp_path)
        cassette.complete(request_of())
        (entry,) = files(tmp_path)
        entry.unlink()
        entry.mkdir()
        with pytest.raises(
            HarnessError, match=rf"{entry.name}: cannot be read as JSON .*delete it"
        ):
            cassette.complete(request_of())
    assert server.requests == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[1, 2]",
        lambda text: "{}",
        lambda text: text.replace('"text"', '"txt"'),
        lambda text: text.replace('"task_id": "contract"', '"task_id": "forged"'),
        lambda text: text.replace("sine", "square"),
        lambda text: "\ufffd\x00",
    ],
    ids=["half", "empty", "list", "no keys", "no text", "another task", "another prompt", "binary"],
)
def test_a_damaged_entry_is_named_and_never_served(damage: "object", tmp_path: Path) -> None:
    assert callable(damage)
    with ChatServer("an answer") as server:
        cassette = Cassette(hosted(server.api_base), tmp_path)
        cassette.complete(request_of())
        (entry,) = files(tmp_path)
        entry.write_text(damage(entry.read_text()))
        with pytest.raises(HarnessError, match=f"{entry}: .*delete it"):
            cassette.complete(request_of())
        entry.unlink()
        assert cassette.complete(request_of()).text == "an answer"
    assert server.requests == 2


def test_an_entry_under_anothers_name_is_not_served(tmp_path: Path) -> None:
    with ChatServer("an answer") as server:
        cassette = Cassette(hosted(server.api_base), tmp_path)
        cassette.complete(request_of())
        (entry,) = files(tmp_path)
        other = completion_key(cassette.identity, request_of("other"))
        place = tmp_path / other[:2] / f"{other}.json"
        place.parent.mkdir(exist_ok=True)
        entry.rename(place)
        with pytest.raises(HarnessError, match="not of its name"):
            cassette.complete(request_of("other"))


def test_replay_calls_no_model_and_names_the_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with ChatServer(echo) as server:
        keyed = LiteLLM(
            name="local",
            model="openai/local-model",
            api_base=server.api_base,
            api_key_env="NO_SUCH_KEY",
        )
        recorded = [
            Cassette(hosted(server.api_base), tmp_path).complete(request)
            for request in requests_of(3)
        ]
        before = files(tmp_path)
        replay = Cassette(keyed, tmp_path, replay=True)
        replay.preflight(Sampling(temperature=0.5))
        assert [replay.complete(request) for request in requests_of(3)] == recorded
        gap = completion_key(keyed.identity, request_of("never asked"))
        with pytest.raises(
            ModelUnavailable, match=f"holds no completion {gap} .*task 'contract' sample 0 turn 0"
        ):
            replay.complete(request_of("never asked"))
    assert server.requests == 3
    assert files(tmp_path) == before


def test_replay_of_nothing_is_said_before_anything(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file or folder"):
        Cassette(hosted(DEAD_PORT_BASE), tmp_path / "nowhere", replay=True)


def test_a_full_disk_is_met_before_an_answer_is_paid(tmp_path: Path) -> None:
    """A limit on the size of files refuses the room as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with ChatServer(echo) as server:
        cassette = Cassette(hosted(server.api_base), tmp_path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
        try:
            with pytest.raises(
                HarnessError, match=r"cannot be written .*; make room or permit writing"
            ):
                cassette.complete(request_of())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert server.requests == 0
        assert [path for path in files(tmp_path) if not path.name.endswith(".lock")] == []
        assert cassette.complete(request_of()).text
        assert server.requests == 1
    (kept,) = files(tmp_path)
    assert kept.stat().st_size < 64 * 1024


def test_a_folder_without_locks_is_named_and_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    with ChatServer(echo) as server:
        model = Cassette(hosted(server.api_base), tmp_path)
        with pytest.raises(HarnessError, match=r"\.lock: cannot be locked on this file system"):
            model.complete(request_of("a"))
        assert not server.log
