"""The container isolation: its messages, its refusals, and the whole suite.

The suite needs podman; its image is made of the host's own interpreter.
"""

import os
import platform
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from earmark.errors import SandboxUnavailable
from earmark.records import Limits, Program
from earmark.sandbox.container import Container, parse_outcome
from earmark.sandbox.inside import pipes
from earmark.testing.sandbox import SMALL, SandboxContract
from tests.sandbox.container_image import build
from tests.sandbox.hostile_judge import BRIEF, LIMITS, judged
from tests.sandbox.hostile_programs import programs

IMAGE = "earmark-sandbox-test"
# crun refuses a machine with both versions of cgroups.
RUNTIME = ("--runtime", "runc") if shutil.which("runc") else ()
# Podman's own default is more than some machines permit.
RUN_OPTIONS = ("--ulimit", "nproc=4096:4096")


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def test_a_message_arrives_as_it_was_sent(pipe):
    reading, writing = pipe
    pipes.send(writing, {"ä": [1, None, "x"]}, b"\0\xff", seconds=1)
    assert pipes.receive(reading, seconds=1) == ({"ä": [1, None, "x"]}, b"\0\xff")
    os.close(writing)
    with pytest.raises(pipes.Ended, match="end of messages"):
        pipes.receive(reading, seconds=1)


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
def test_what_is_not_a_message_is_refused_and_never_waited_for(pipe, sent, reason):
    reading, writing = pipe
    os.write(writing, sent)
    with pytest.raises(pipes.Ended, match=reason):
        pipes.receive(reading, max_bytes=10, seconds=0.1)
    os.close(writing)


def test_a_message_that_is_not_taken_is_given_up(pipe):
    _, writing = pipe
    with pytest.raises(pipes.Ended, match="nothing in time"):
        pipes.send(writing, {}, bytes(2**20), seconds=0.1)
    os.close(writing)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cut", "no such"),
        ("result", "no such"),
        ("status", "x"),
        ("seconds", None),
        ("streams", ["one"]),
        ("files", None),
    ],
)
def test_an_outcome_of_another_form_is_refused(name, value):
    facts = {
        "status": 0,
        "cut": None,
        "streams": ["", ""],
        "seconds": 0.1,
        "cpu_seconds": 0.1,
        "peak_bytes": 1,
        "result": "missing",
        "files": [],
    }
    assert parse_outcome(facts, b"").descriptor is None
    with pytest.raises((ValueError, TypeError), match=r".+"):
        parse_outcome(facts | {name: value}, b"")


def test_an_engine_that_cannot_start_a_container_is_reported_with_its_error(tmp_path: Path):
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\necho 'no such image' >&2\nexit 125\n")
    engine.chmod(0o755)
    with (
        Container(limits=SMALL, engine=str(engine), workers=1) as sandbox,
        pytest.raises(SandboxUnavailable, match="a container did not start: no such image"),
    ):
        sandbox.execute(Program("pass"), folder=tmp_path)


@pytest.fixture(scope="module")
def image():
    """Podman with the image in it, or a skip with the reason why that cannot be had."""
    podman = shutil.which("podman")
    if podman is None:
        pytest.skip("needs podman")
    try:
        build([podman], IMAGE, Limits().packages)
        with open_container(SMALL) as sandbox:
            sandbox.check()
        yield podman
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"podman imports no image here: {error.stderr!r}")
    finally:
        subprocess.run([podman, "rmi", "--force", IMAGE], capture_output=True, check=False)


def open_container(limits: Limits) -> Container:
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
    def open_sandbox(self, limits):
        return open_container(limits)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("image")
def test_no_hostile_program_gets_out_of_a_container(tmp_path: Path):
    seen, kinds = {}, {}
    with open_container(LIMITS) as usual, open_container(BRIEF) as brief:
        for made in (usual, brief):
            made.check()  # the start of a container is not a program's time
        here = (None, platform.machine())
        for hostile in (hostile for hostile in programs() if hostile.only in here):
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
        listed = subprocess.run(
            [image, "ps", "--all", "--format", "{{.Names}}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        return [name for name in listed.split() if name.startswith("earmark-sandbox-")]

    with open_container(SMALL) as sandbox:
        assert sandbox.execute(Program("print(1)"), folder=tmp_path).stdout == "1\n"
        for name in names():
            subprocess.run([image, "kill", name], check=True, capture_output=True)
        assert sandbox.execute(Program("print(2)"), folder=tmp_path).stdout == "2\n"
        assert len(names()) == 1
    assert names() == []
