"""The container isolation: its messages, its refusals, and, with podman and the host's own interpreter as an image, the whole limits."""

import os
import platform
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from earmark.errors import SandboxUnavailable
from earmark.records import Limits, Program
from earmark.sandbox.container import Container, _outcome
from earmark.sandbox.inside import frames
from earmark.testing.sandbox import SMALL, SandboxContract
from tests.sandbox.container_image import build
from tests.sandbox.hostile_judge import BRIEF, LIMITS, judged
from tests.sandbox.hostile_programs import programs

IMAGE = "earmark-sandbox-test"
RUNTIME = (
    ("--runtime", "runc") if shutil.which("runc") else ()
)  # crun refuses a machine with both versions of cgroups
RUN_OPTIONS = (
    "--ulimit",
    "nproc=4096:4096",
)  # where podman's own default is more than a machine permits


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def test_a_message_arrives_as_it_was_sent(pipe):
    reading, writing = pipe
    frames.send(writing, {"ä": [1, None, "x"]}, b"\0\xff", seconds=1)
    assert frames.receive(reading, seconds=1) == ({"ä": [1, None, "x"]}, b"\0\xff")
    os.close(writing)
    with pytest.raises(frames.Ended, match="end of messages"):
        frames.receive(reading, seconds=1)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (struct.pack(">II", 2**31, 0), "too large"),
        (struct.pack(">II", 2, 11) + b"{}", "too large"),
        (struct.pack(">II", 2, 0) + b"[]", "not a message"),
        (struct.pack(">II", 2, 0) + b"{{", "not a message"),
        (struct.pack(">II", 60000, 0) + b"[" * 60000, "not a message"),
        (struct.pack(">II", 9, 0) + b"{}", "nothing in time"),
        (b"", "nothing in time"),
    ],
)
def test_what_is_no_message_is_told_and_never_waited_for(pipe, sent, reason):
    reading, writing = pipe
    os.write(writing, sent)
    with pytest.raises(frames.Ended, match=reason):
        frames.receive(reading, max_bytes=10, seconds=0.1)
    os.close(writing)


def test_a_message_that_nobody_takes_is_given_up(pipe):
    _, writing = pipe
    with pytest.raises(frames.Ended, match="nothing in time"):
        frames.send(writing, {}, bytes(2**20), seconds=0.1)
    os.close(writing)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cut", "no such"),
        ("found", "no such"),
        ("status", "x"),
        ("seconds", None),
        ("streams", ["one"]),
    ],
)
def test_an_outcome_of_another_form_is_refused(name, value):
    told = {
        "status": 0,
        "cut": None,
        "streams": ["", ""],
        "seconds": 0.1,
        "cpu_seconds": 0.1,
        "peak_bytes": 1,
        "found": "missing",
    }
    assert _outcome(told, b"").result is None
    with pytest.raises((ValueError, TypeError), match=r".+"):
        _outcome(told | {name: value}, b"")


def test_an_engine_that_cannot_start_a_container_is_named_with_what_it_said(tmp_path: Path):
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\necho 'no such image' >&2\nexit 125\n")
    engine.chmod(0o755)
    with (
        Container(limits=SMALL, engine=str(engine), workers=1) as sandbox,
        pytest.raises(SandboxUnavailable, match="a container did not start: no such image"),
    ):
        sandbox.run(Program("pass"), folder=tmp_path)


@pytest.fixture(scope="module")
def image():
    """podman, with the image in it; it is skipped with the reason where that cannot be had, or where podman starts no container."""
    podman = shutil.which("podman")
    if podman is None:
        pytest.skip("needs podman")
    try:
        build([podman], IMAGE, Limits().packages)
        with opened(SMALL) as sandbox:
            sandbox.check()
        yield podman
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"podman imports no image here: {error.stderr!r}")
    finally:
        subprocess.run([podman, "rmi", "--force", IMAGE], capture_output=True, check=False)


def opened(limits: Limits) -> Container:
    return Container(
        limits=limits,
        image=IMAGE,
        engine="podman",
        workers=2,
        options=RUNTIME,
        run_options=RUN_OPTIONS,
    )


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("image")
class TestContainer(SandboxContract):
    def opened(self, limits):
        return opened(limits)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("image")
def test_no_hostile_program_gets_out_of_a_container(tmp_path: Path):
    seen, kinds = {}, {}
    with opened(LIMITS) as usual, opened(BRIEF) as brief:
        for made in (usual, brief):
            made.check()  # the start of a container is not a program's time
        for hostile in (one for one in programs() if one.only in (None, platform.machine())):
            verdict = judged(
                hostile, brief if hostile.oracle == "late" else usual, results=tmp_path
            )
            seen[hostile.name], kinds[hostile.name] = verdict.fired, (verdict.kind, hostile.kinds)
    assert {name: fired for name, fired in seen.items() if fired} == {}
    assert {
        name: kind for name, (kind, right) in kinds.items() if right and kind not in right
    } == {}


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_killed_container_is_replaced_and_closing_leaves_none(image: str, tmp_path: Path):
    def names() -> list[str]:
        said = subprocess.run(
            [image, "ps", "--all", "--format", "{{.Names}}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        return [name for name in said.split() if name.startswith("earmark-sandbox-")]

    with opened(SMALL) as sandbox:
        assert sandbox.run(Program("print(1)"), folder=tmp_path).stdout == "1\n"
        for name in names():
            subprocess.run([image, "kill", name], check=True, capture_output=True)
        assert sandbox.run(Program("print(2)"), folder=tmp_path).stdout == "2\n"
        assert len(names()) == 1
    assert names() == []
