"""Runs of a sweep overlap, and leave what they would leave one after another."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earmark.config.compose import compose
from earmark.config.schema import ConcurrencyConfig, RunConfig
from earmark.errors import HarnessError
from earmark.records import Run, dump
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep import session as sessions
from earmark.sweep.session import Session, runs_at_once, session
from earmark.testing.sweeps import make_sweep
from tests.models.server import Asked, ChatServer, Reply, fenced
from tests.sweep.conftest import SMALL, Launch, local_model

GRID = ("-m", "model=expert,noise,silence", "temperature=0,0.5", "tracking=none")
OF_THE_MACHINE = {"cpu_seconds", "peak_bytes", "seconds", "path", "wav", "sweep"}


def _launched(launch: Launch, name: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Run the grid under a name; the order in which runs were reported."""
    capsys.readouterr()
    assert launch(*GRID, f"name={name}") == 0
    lines = capsys.readouterr().err.splitlines()
    return [line.partition(": none")[0] for line in lines if ": none" in line]


def _records(root: Path, name: str) -> dict[str, Any]:
    folders = SweepFolder(root / "multirun" / name).runs()
    return {folder.path.name: _plain(dump(folder.run())) for folder in folders}


def _plain(value: Any) -> Any:
    """Without what differs between two executions of one program, and the sweep's name."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if key not in OF_THE_MACHINE}
        return {key: _plain(one) for key, one in kept.items() if key != "name"}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def test_the_same_attempts_scores_and_order_as_one_after_another(
    root: Path,
    launch: Launch,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    overlapped = _launched(launch, "overlapped", capsys)
    monkeypatch.setattr(sessions, "MAX_RUNS_AT_ONCE", 1)
    monkeypatch.delenv("EARMARK_SWEEP")
    one_by_one = _launched(launch, "one_by_one", capsys)
    assert overlapped == one_by_one
    assert len(overlapped) == 6
    assert _records(root, "overlapped") == _records(root, "one_by_one")
    for log in (root / "multirun" / "overlapped").glob("*/run.log"):
        lines = log.read_text(encoding="utf-8").splitlines()
        assert len(lines) == 4  # started, two attempts and finished, of its own run alone


@pytest.mark.parts
def test_the_same_scores_however_many_clips_are_scored_at_once(root: Path, launch: Launch) -> None:
    line = ("-m", "model=expert,noise", "embedder=yamnet_minilm", "tier.limit=4", "tracking=none")
    records = {}
    for at_once in (1, 4):
        assert launch(*line, f"concurrency.scoring={at_once}", f"name=by{at_once}") == 0
        records[at_once] = _records(root, f"by{at_once}")
    assert len(records[1]) == 2
    assert all(
        one["config"].pop("concurrency") for each in records.values() for one in each.values()
    )
    assert records[1] == records[4]


@pytest.fixture
def configs(root: Path) -> list[RunConfig]:
    """Runs of one sweep."""
    config = compose([*SMALL, "model=silence", "tracking=none"])
    return [replace(config, name="together", seed=seed) for seed in range(4)]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Some finished run."""
    return make_sweep(tmp_path).runs()[0].run()


def test_runs_are_under_way_at_the_same_time_and_are_reported_in_order(
    run: Run, configs: list[RunConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    both, second_ended = threading.Barrier(2, timeout=60), threading.Event()
    reported: list[str] = []

    def run_it(config: RunConfig, opened: Session) -> Run:
        both.wait()  # breaks where no other run is under way
        if config.seed:
            second_ended.set()
        assert second_ended.wait(60)
        return replace(run, key=str(config.seed))

    monkeypatch.setattr(sessions, "_try_run", run_it)
    with session(configs[0], {"runs": 2}) as opened:
        monkeypatch.setattr(opened.progress, "run_finished", lambda run: reported.append(run.key))
        for config in configs[:2]:
            opened.start(config)
    assert reported == ["0", "1"]


def test_no_more_are_under_way_than_may_be_and_each_once(
    run: Run, configs: list[RunConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MAX_RUNS_AT_ONCE", 3)
    now, most, made = threading.Semaphore(3), [], []

    def run_it(config: RunConfig, opened: Session) -> Run:
        most.append(now.acquire(blocking=False))
        made.append(config.seed)
        now.release()
        return replace(run, key=str(config.seed))

    monkeypatch.setattr(sessions, "_try_run", run_it)
    with session(configs[0], {"runs": 4}) as opened:
        for config in [*configs, *configs]:
            opened.start(config)
    assert all(most)
    assert sorted(made) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("requests", "per_run", "at_once"), [(4, 60, 3), (16, 6, 6), (64, 6, 14), (1000, 1, 32)]
)
def test_as_many_runs_overlap_as_the_limits_need(requests: int, per_run: int, at_once: int) -> None:
    assert runs_at_once(ConcurrencyConfig(requests=requests), per_run) == at_once


def _start_all(configs: list[RunConfig]) -> None:
    with session(configs[0], {"runs": len(configs)}) as opened:
        for config in configs:
            opened.start(config)


def test_what_no_run_expects_ends_the_sweep_though_an_earlier_run_goes_on(
    run: Run, configs: list[RunConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MAX_RUNS_AT_ONCE", 2)
    begun, ended = [], threading.Event()

    def run_it(config: RunConfig, opened: Session) -> Run:
        begun.append(config.seed)
        if config.seed:
            raise ZeroDivisionError
        assert ended.wait(60)
        return run

    monkeypatch.setattr(sessions, "_try_run", run_it)
    threading.Timer(1.0, ended.set).start()  # the others are not begun meanwhile
    with pytest.raises(ZeroDivisionError):
        _start_all(configs)
    assert begun == [0, 1]


def test_few_runs_are_held_for_one_that_is_slow(
    run: Run, configs: list[RunConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MAX_UNREPORTED", 2)
    slow = threading.Event()

    def run_it(config: RunConfig, opened: Session) -> Run:
        assert config.seed < 2 or slow.is_set()  # the third waits for the first
        assert config.seed or slow.wait(60)
        return replace(run, key=str(config.seed))

    monkeypatch.setattr(sessions, "_try_run", run_it)
    threading.Timer(0.5, slow.set).start()
    _start_all(configs)


def test_no_request_waits_for_a_run_that_was_begun_earlier(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = threading.Event()

    def answer(asked: Asked) -> Reply:
        if asked.number == 0:  # its run ends last, and 15 others are asked meanwhile
            assert slow.wait(60)
        elif asked.number == 15:
            slow.set()
        return fenced("print('no sound')")

    seeds = f"seed={','.join(map(str, range(16)))}"
    with ChatServer(answer) as server:
        line = [*local_model(server.api_base), "-m", seeds, "tier.limit=1", "embedder=none"]
        assert launch(*line, "reference=none", "tracking=none", "concurrency.requests=8") == 0
    assert server.requests == 16
    said = capsys.readouterr().err
    assert "requests                 4 at once and not 8: model.concurrency allows no more" in said


def test_a_run_that_stops_does_not_stop_the_others(
    run: Run,
    configs: list[RunConfig],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:

    def run_it(config: RunConfig, opened: Session) -> Run | HarnessError:
        return HarnessError("the server is gone") if config.seed == 1 else run

    monkeypatch.setattr(sessions, "_try_run", run_it)
    with session(configs[0], {"runs": 4}) as opened:
        for config in configs:
            opened.start(config)
    assert list(opened.stopped.values()) == ["the server is gone"]
    assert "the server is gone" in capsys.readouterr().err


def test_the_runs_share_the_limits(configs: list[RunConfig]) -> None:
    from earmark.config.factory import build_parts, design_of

    config = configs[0]
    with session(config, {"runs": 1}) as opened:
        parts = [build_parts(config, design_of(config)) for _ in range(2)]
        first, second = (opened.shared(one, config.concurrency) for one in parts)
    assert (first.requests, first.programs) == (second.requests, second.programs)
    assert first.scoring is second.scoring


class _Broken:
    """A store that comes upon a damaged run of an earlier start."""

    def sweep(self, folder: SweepFolder) -> str | None:
        raise HarnessError(f"{folder.name}: damaged; delete it and start again")

    def run(self, folder: RunFolder) -> str | None:
        return None


def test_what_the_store_comes_upon_is_raised(
    configs: list[RunConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "session_tracker", lambda _: _Broken())
    with (
        pytest.raises(HarnessError, match="damaged; delete it"),
        session(configs[0], {"runs": 1}),
    ):
        pass
