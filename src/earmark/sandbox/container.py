"""Isolation `container`: docker or podman, one long-lived container per worker; for macOS, and where nothing else holds.

In: Programs. Out: Executions. In the container a supervisor and a worker do what they do elsewhere, as far as the container's kernel offers
it; the harness reaches them by two pipes and keeps a clock of its own. The image is the user's: see conf/sandbox/Containerfile.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from typing import Any

from earmark.errors import SandboxUnavailable
from earmark.records import Found, Isolation, Limits
from earmark.sandbox import interpreter
from earmark.sandbox.inside import frames
from earmark.sandbox.inside.supervise import GRACE_SECONDS, Lost, Outcome
from earmark.sandbox.runtime import Runtime
from earmark.sandbox.worker import START_SECONDS
from earmark.sandbox.workers import Workers

ENGINES = ("podman", "docker")
MOUNT, WORK, SITE, INSIDE, USER = "/work", "/work/own", "/site", "/inside", "65534"
SERVE = "from earmark.sandbox.inside.contained import main; main()"
PROCESSES = 64
ROOM_BYTES = (
    512 * 1024**2
)  # beside what one program may take: the supervisor, the worker and what it has imported
CUTS, FOUND = (None, "timeout", "output", "memory"), Found.__args__  # type: ignore[attr-defined]  # the words of a Literal


@cache
def find() -> str:
    """The first engine that answers."""
    for name in ENGINES:
        if (program := shutil.which(name)) and _answers(program):
            return program
    raise SandboxUnavailable(
        "neither podman nor docker answers; install one, start its service, and build conf/sandbox/Containerfile"
    )


def _answers(program: str) -> bool:
    try:
        return (
            subprocess.run(
                [program, "version"], capture_output=True, check=False, timeout=10
            ).returncode
            == 0
        )
    except (OSError, subprocess.SubprocessError):
        return False


class Container(Workers):
    """A container per worker, without network, capabilities or a root that can be written.

    Args:
        image: an image whose python3 is 3.11 or newer and whose /site holds the listed packages; it is never fetched.
        engine: the program; by default the first of podman and docker that answers.
        options: words given to the engine before `run`, and
        run_options: after it.
    """

    isolation: Isolation = "container"

    def __init__(
        self,
        *,
        limits: Limits,
        image: str = "earmark-sandbox",
        engine: str | None = None,
        options: Sequence[str] = (),
        run_options: Sequence[str] = (),
        workers: int | None = None,
        warm: bool = True,
        recycle_after: int = 500,
        name: str = "container",
    ) -> None:
        super().__init__(
            limits=limits, workers=workers, warm=warm, recycle_after=recycle_after, name=name
        )
        self.image, self.engine, self.options, self.run_options = (
            image,
            engine,
            tuple(options),
            tuple(run_options),
        )

    def opened(self, runtime: Runtime, slot: int, *, warm: bool) -> "Contained":
        """A container of its own, named after this sandbox's folder."""
        engine = self.engine or find()
        name = f"{runtime.path.name}-{slot}-{os.urandom(4).hex()}"
        told = self.settings(
            scratch=WORK,
            site=SITE,
            inside=INSIDE,
            read=["/usr", "/lib", "/lib64", SITE, "/dev/urandom"],
        )
        env = interpreter.environment(home=WORK, inside=INSIDE)
        settings = told | {"preload": told["preload"] if warm else [], "filter": None, "env": env}
        return Contained(
            [engine, *self.options],
            [*self._words(runtime, name), self.image],
            name,
            settings,
            self.limits,
        )

    def _words(self, runtime: Runtime, name: str) -> list[str]:
        bounds, room = (
            self.limits,
            self.limits.memory_bytes + self.limits.scratch_bytes + ROOM_BYTES,
        )
        work = f"{MOUNT}:rw,noexec,nosuid,nodev,size={bounds.scratch_bytes},mode=1777"
        words = [
            "run",
            "--rm",
            "--interactive",
            "--pull",
            "never",
            "--name",
            name,
            "--network",
            "none",
            "--read-only",
            "--cap-drop",
            "ALL",
        ]
        words += [
            "--security-opt",
            "no-new-privileges",
            "--user",
            f"{USER}:{USER}",
            "--pids-limit",
            str(2 * PROCESSES),
            "--tmpfs",
            work,
        ]
        words += [
            "--memory",
            str(room),
            "--memory-swap",
            str(room),
            "--volume",
            f"{runtime.inside}:{INSIDE}:ro",
            "--workdir",
            MOUNT,
        ]
        return [
            *words,
            "--ulimit",
            "nofile=1024:1024",
            "--env",
            f"PYTHONPATH={INSIDE}",
            "--entrypoint",
            "python3",
            *self.run_options,
        ]


class Contained:
    """One container, alive until killed or lost."""

    def __init__(
        self, engine: list[str], run: list[str], name: str, settings: dict[str, Any], limits: Limits
    ) -> None:
        self.limits, self.programs = limits, 0
        self._ending = [*engine, "kill", name]
        self._errors = tempfile.TemporaryFile()  # closed by kill
        self._process = subprocess.Popen(
            [*engine, *run, "-S", "-s", "-P", "-B", "-X", "utf8", "-c", SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        assert (
            self._process.stdin is not None and self._process.stdout is not None
        )  # both are pipes
        self._to, self._from = self._process.stdin, self._process.stdout
        try:
            frames.send(self._to.fileno(), settings, seconds=START_SECONDS)
            frames.receive(self._from.fileno(), max_bytes=0, seconds=START_SECONDS)
        except frames.Ended as error:
            said = self._said() or str(error)
            self.kill()
            raise SandboxUnavailable(
                f"a container did not start: {said}; `earmark doctor` says what works here"
            ) from error

    def _said(self) -> str:
        self._errors.seek(0)
        return " / ".join(
            self._errors.read(65536).decode(errors="replace").strip().splitlines()[-3:]
        )

    def run(self, source: bytes) -> Outcome:
        """Run one program. Raises supervise.Lost, after which the container is of no use."""
        self.programs += 1
        seconds = (
            self.limits.wall_seconds + 3 * GRACE_SECONDS
        )  # the supervisor inside has its own clock; this one is for when it fails
        try:
            frames.send(self._to.fileno(), {"processes": PROCESSES}, source, seconds=GRACE_SECONDS)
            told, held = frames.receive(
                self._from.fileno(), max_bytes=self.limits.file_bytes, seconds=seconds
            )
            return _outcome(told, held)
        except (frames.Ended, KeyError, TypeError, ValueError) as error:
            raise Lost(f"the container does not answer: {error}") from error

    def end(self) -> None:
        """Begin to end it: the supervisor inside ends with its input. Safe to call twice."""
        self._to.close()

    def kill(self) -> None:
        """End it, and wait for its end; safe to call twice."""
        self.end()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            subprocess.run(self._ending, capture_output=True, check=False, timeout=60)
            self._process.kill()
            self._process.wait()
        self._from.close()
        self._errors.close()


def _outcome(told: dict[str, Any], held: bytes) -> Outcome:
    """What the supervisor told, each part of the kind it must have."""
    if told["cut"] not in CUTS or told["found"] not in FOUND:
        raise ValueError(f"{told['cut']!r}, {told['found']!r}")
    stdout, stderr = (str(stream) for stream in told["streams"])
    use = float(told["seconds"]), float(told["cpu_seconds"]), int(told["peak_bytes"])
    outcome = Outcome(int(told["status"]), told["cut"], (stdout, stderr), *use, told["found"])
    if told["found"] == "file":
        with tempfile.TemporaryFile() as stream:
            stream.write(held)
            stream.seek(0)
            outcome.result = os.dup(stream.fileno())
    return outcome
