"""How sandboxes start and end: nothing is left of what is killed, and bad settings are refused."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from earmark.errors import ConfigError, SandboxUnavailable
from earmark.records import Limits, Program
from earmark.sandbox import interpreter
from earmark.sandbox.bubblewrap import Namespaces
from earmark.sandbox.folder import PREFIX, SandboxFolder
from earmark.sandbox.probe import auto, problem_with, report
from earmark.sandbox.process import Process
from earmark.sandbox.selftest import run_self_test
from earmark.sandbox.unsafe import Unisolated
from earmark.sandbox.worker import LocalWorker, Spawner
from tests.sandbox.hostile_watch import descendants

LIMITS = Limits(wall_seconds=20.0)
KINDS = [kind for kind in (Namespaces, Process) if problem_with(kind.isolation, LIMITS) is None]
HARNESS = """
import sys, threading
from pathlib import Path
from earmark.records import Limits, Program
from earmark.sandbox.{module} import {name}
sandbox = {name}(limits=Limits(), workers=1, warm=False)
sandbox.check()
asleep = Program("import time\\ntime.sleep(25)")
where = {{"folder": Path({folder!r})}}
threading.Thread(target=sandbox.execute, args=(asleep,), kwargs=where, daemon=True).start()
print("started", flush=True)
threading.Event().wait(20)
"""
pytestmark = pytest.mark.skipif(not KINDS, reason="no isolation works here")


def is_program(pid: int) -> bool:
    """Whether a process is under the filter of system calls, which workers are not."""
    with contextlib.suppress(OSError):
        return "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text()
    return False


def alive(pids: list[int]) -> list[int]:
    return [
        pid
        for pid in pids
        if Path(f"/proc/{pid}").exists()
        and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    ]


def gone(pids: list[int], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while (left := alive(pids)) and time.monotonic() < end:
        time.sleep(0.05)
    return left == []


@pytest.fixture
def own_temporary(tmp_path, monkeypatch):
    """A folder for temporary files that no other test uses."""
    place = tmp_path / "temporary"
    place.mkdir()
    tmp_path.chmod(0o755)
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return place


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_harness_leaves_no_process_and_the_next_start_no_folder(kind, own_temporary):
    module = {"Namespaces": "bubblewrap", "Process": "process"}[kind.__name__]
    text = HARNESS.format(module=module, name=kind.__name__, folder=str(own_temporary / "kept"))
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE) as harness:
        assert harness.stdout is not None
        assert harness.stdout.readline() == b"started\n"
        time.sleep(0.3)
        family = descendants(harness.pid)
        assert len(family) >= 3
        harness.kill()
    assert gone(family)
    assert len(list(own_temporary.glob(f"{PREFIX}*"))) == 1
    with kind(limits=LIMITS, workers=1, warm=False) as sandbox:
        sandbox.check()
        assert len(list(own_temporary.glob(f"{PREFIX}*"))) == 1
    assert list(own_temporary.glob(f"{PREFIX}*")) == []
    assert str(own_temporary) not in Path("/proc/self/mounts").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_keeper_takes_its_workers_along(kind, tmp_path):
    with kind(limits=LIMITS, workers=1, warm=False) as sandbox:
        sandbox.check()
        spawner = sandbox._spawner._process
        family = descendants(spawner.pid)
        spawner.kill()
        spawner.wait()
        assert gone(family)
        with pytest.raises(SandboxUnavailable, match="spawner is gone"):
            sandbox.execute(Program("print(1)"), folder=tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_or_stopped_worker_is_replaced(kind, tmp_path):
    with kind(limits=Limits(wall_seconds=1.0), workers=1, warm=False, recycle_after=9) as sandbox:
        sandbox.recycle_after = (
            9  # a cold worker that is used again, so that it is there to be killed
        )
        sandbox.check()
        for number in (signal.SIGKILL, signal.SIGSTOP):
            family = descendants(sandbox._spawner._process.pid)
            for pid in family:
                with contextlib.suppress(ProcessLookupError):  # it went with the one before it
                    os.kill(pid, number)
            assert sandbox.execute(Program("print('fine')"), folder=tmp_path).stdout == "fine\n"
            assert gone(family)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("times", [1, 2])
def test_a_program_that_is_killed_from_outside_runs_once_more(kind, times, tmp_path):
    with kind(limits=LIMITS, workers=1) as sandbox, ThreadPoolExecutor(1) as running:
        sandbox.check()
        ending = running.submit(
            sandbox.execute, Program("import time; time.sleep(2); print('fine')"), folder=tmp_path
        )
        killed = set[int]()
        while len(killed) < times and not ending.done():
            for pid in filter(is_program, descendants(sandbox._spawner._process.pid)):
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            time.sleep(0.05)
        ended = ending.result()
    if times == 1:
        assert (ended.end, ended.exit_code, ended.stdout) == ("exit", 0, "fine\n")
    else:
        assert (ended.end, ended.exit_code) == ("signal", -signal.SIGKILL)


@pytest.mark.parametrize("kind", KINDS)
def test_workers_are_recycled(kind, tmp_path):
    with kind(limits=Limits(packages=()), workers=1, recycle_after=2) as sandbox:
        counts = []
        for _ in range(3):
            sandbox.execute(Program("pass"), folder=tmp_path)
            counts.append(sandbox._workers[0].programs)
        assert counts == [1, 2, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_finds_imported_what_it_and_earlier_ones_name(kind, tmp_path):
    show = "import sys; print(len({'num' 'py', 'sound' 'file'} & set(sys.modules)))"  # names none
    sources = ["pass", "import numpy", "if 0: import soundfile, numpy", "pass"]
    found, workers = [], []
    with kind(limits=LIMITS, workers=1) as sandbox:
        for source in sources:
            ended = sandbox.execute(Program(f"{source}\n{show}"), folder=tmp_path)
            found.append(ended.stdout)
            workers.append(sandbox._workers[0])
    assert found == ["0\n", "1\n", "2\n", "2\n"]
    assert len(set(map(id, workers))) == 3  # none imports once a program has run on it
    assert workers[2] is workers[3]


def test_closing_leaves_no_process_and_no_folder(own_temporary, tmp_path):
    others = set(
        descendants(os.getpid())
    )  # of sandboxes that other tests of this process still hold
    sandbox = KINDS[0](limits=LIMITS, workers=2)
    sandbox.execute(Program("pass"), folder=tmp_path)
    family = [pid for pid in descendants(os.getpid()) if pid not in others]
    sandbox.close()
    assert family
    assert alive(family) == []
    assert list(own_temporary.glob(f"{PREFIX}*")) == []


def test_the_self_test_can_fail():
    """Without isolation it names what got through, the canary among it."""
    runtime = SandboxFolder()
    spawner = Spawner(runtime.inside)
    sandbox = Unisolated(limits=LIMITS, unsafe=True, warm=False)
    worker = LocalWorker(spawner, sandbox.worker_spec(runtime, 0), LIMITS)
    try:
        with pytest.raises(
            SandboxUnavailable,
            match=r"write a file of the host.*connect to the host.*start a process",
        ):
            run_self_test(worker, "none", runtime.path)
    finally:
        worker.kill()
        spawner.close()
        runtime.close()


def test_no_isolation_is_refused_unless_it_is_asked_for():
    with pytest.raises(ConfigError, match=r"sandbox\.unsafe=true"):
        Unisolated(limits=LIMITS)


def test_no_isolation_marks_its_executions(tmp_path, capfd):
    with Unisolated(limits=LIMITS, unsafe=True, workers=1, warm=False) as sandbox:
        assert sandbox.execute(Program("print(1)"), folder=tmp_path).isolation == "none"
    assert "NO ISOLATION" in capfd.readouterr().err


def test_auto_takes_the_best_that_works_and_says_why_not_a_better_one(monkeypatch, caplog):
    monkeypatch.setattr(
        "earmark.sandbox.probe.problem_with",
        lambda isolation, _: None if isolation == "process" else "it is refused",
    )
    assert auto(limits=LIMITS, workers=1).isolation == "process"
    assert "namespaces does not work here (it is refused)" in caplog.text
    monkeypatch.setattr("earmark.sandbox.probe.problem_with", lambda isolation, _: "it is refused")
    with pytest.raises(SandboxUnavailable, match="no isolation works here"):
        auto(limits=LIMITS)


def test_the_report_says_what_to_do():
    for one in report():
        assert set(one) == {"isolation", "works", "why", "hint"}
        assert one["works"] or one["hint"]


def test_a_package_closed_to_others_is_refused_rather_than_blamed_on_programs(tmp_path):
    folder, module = tmp_path / "closed", tmp_path / "closed.py"
    folder.mkdir()
    for path, mode in ((folder, 0o755), (folder / "__init__.py", 0o644), (module, 0o644)):
        if path is not folder:
            path.touch()
        path.chmod(mode)  # whatever the umask is
    interpreter.check_readable_by_others({"closed": str(folder), "closed.py": str(module)})
    for closed, mode in ((folder / "__init__.py", 0o600), (folder, 0o700), (module, 0o600)):
        before = closed.stat().st_mode
        closed.chmod(mode)
        with pytest.raises(
            SandboxUnavailable,
            match=rf"{closed} must be readable by other users.*chmod -R go\+rX {tmp_path}",
        ):
            interpreter.check_readable_by_others({"closed": str(folder), "closed.py": str(module)})
        closed.chmod(before)


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(ConfigError, match=r"must list packages of .*, got 'no_such_package'"):
        KINDS[0](limits=Limits(packages=("no_such_package",))).check()


def test_the_list_of_packages_is_what_programs_see(tmp_path):
    with KINDS[0](limits=Limits(packages=("numpy",)), workers=1) as sandbox:
        source = "import numpy\nprint('numpy')\nimport scipy"
        run = sandbox.execute(Program(source), folder=tmp_path)
    assert run.stdout == "numpy\n"
    assert "No module named 'scipy'" in run.stderr
