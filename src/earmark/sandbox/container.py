"""Isolation `container`: docker or podman, one long-lived container per worker.

For macOS, and where nothing else works. Inside the container a supervisor and a worker do what
they do elsewhere, as far as the container's kernel offers it; the harness reaches them by two
pipes and keeps a clock of its own. The user builds the image: see conf/sandbox/Containerfile.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from typing import Any, get_args

from earmark.errors import SandboxUnavailable
from earmark.records import Isolation, Limits, ResultKind
from earmark.sandbox import interpreter
from earmark.sandbox.folder import SandboxFolder
from earmark.sandbox.inside import pipes
from earmark.sandbox.inside.supervisor import GRACE_SECONDS, Outcome, WorkerLost
from earmark.sandbox.pool import WorkerPool
from earmark.sandbox.worker import START_SECONDS

ENGINES = ("podman", "docker")
MOUNT, WORK, TEMP = "/work", "/work/own", "/tmp"  # noqa: S108  # the container's own
SITE, INSIDE, USER = "/site", "/inside", "65534"
SERVE = "from earmark.sandbox.inside.container_init import main; main()"
PYTHON_FLAGS = ("-S", "-s", "-P", "-B", "-X", "utf8")
READABLE = ["/usr", "/lib", "/lib64", SITE, "/dev/urandom"]
PROCESSES = 64
# Memory for the supervisor, the worker and its imports, on top of what one program may take.
OVERHEAD_BYTES = 512 * 1024**2
CUTS, RESULTS = (None, "timeout", "output", "memory"), get_args(ResultKind)


@cache
def find() -> str:
    """The first engine that answers."""
    for name in ENGINES:
        if (program := shutil.which(name)) and _answers(program):
            return program
    raise SandboxUnavailable(
        "neither podman nor docker answers; install one, start its service, "
        "and build conf/sandbox/Containerfile"
    )


def _answers(program: str) -> bool:
    try:
        done = subprocess.run([program, "version"], capture_output=True, check=False, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


class Container(WorkerPool):
    """A container per worker, without network, capabilities or a root that can be written.

    Args:
        limits: what a program may use.
        image: an image whose python3 is 3.11 or newer and whose /site holds the listed packages. It
            is never fetched.
        engine: the engine's program; by default the first of podman and docker that answers.
        options: arguments of the engine before `run`.
        run_options: arguments after `run`.
        workers: how many containers run at once; by default one per core.
        warm: False starts a new container for every program.
        recycle_after: after so many programs a container is replaced.
        name: recorded with the run.
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
        self.image, self.engine = image, engine
        self.options, self.run_options = tuple(options), tuple(run_options)

    def start_worker(
        self, folder: SandboxFolder, slot: int, preload: Sequence[str] = ()
    ) -> "ContainerWorker":
        """A container of its own, named after this sandbox's folder."""
        engine = [self.engine or find(), *self.options]
        name = f"{folder.path.name}-{slot}-{os.urandom(4).hex()}"
        settings = self.settings(own=[WORK, TEMP], site=SITE, inside=INSIDE, read=READABLE)
        settings["filter"] = None  # made inside, where the kernel is known
        settings["env"] = interpreter.environment(home=WORK, temp=TEMP, inside=INSIDE)
        settings["preload"] = list(preload)
        command = [*engine, "run", *self._run_arguments(folder, name), self.image]
        kill = [*engine, "kill", name]
        return ContainerWorker(command, kill=kill, settings=settings, limits=self.limits)

    def _run_arguments(self, folder: SandboxFolder, name: str) -> list[str]:
        limits = self.limits
        memory = str(limits.memory_bytes + limits.scratch_bytes + OVERHEAD_BYTES)
        tmpfs = f"rw,noexec,nosuid,nodev,size={limits.scratch_bytes},mode=1777"
        return [
            *("--rm", "--interactive", "--pull", "never", "--network", "none"),
            *("--read-only", "--cap-drop", "ALL"),
            *["--security-opt", "no-new-privileges", "--ulimit", "nofile=1024:1024"],
            *("--name", name),
            *("--user", f"{USER}:{USER}"),
            *("--pids-limit", str(2 * PROCESSES)),
            *("--tmpfs", f"{MOUNT}:{tmpfs}", "--tmpfs", f"{TEMP}:{tmpfs}"),
            *("--memory", memory, "--memory-swap", memory),
            *("--volume", f"{folder.inside}:{INSIDE}:ro"),
            *("--workdir", MOUNT),
            *("--env", f"PYTHONPATH={INSIDE}"),
            *("--entrypoint", "python3"),
            *self.run_options,
        ]


class ContainerWorker:
    """One container, alive until it is killed or lost."""

    def __init__(
        self, command: list[str], *, kill: list[str], settings: dict[str, Any], limits: Limits
    ) -> None:
        self.limits, self.programs = limits, 0
        self.preloaded: Sequence[str] = settings["preload"]
        self._kill_command = kill
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed by kill
        self._process = subprocess.Popen(
            [*command, *PYTHON_FLAGS, "-c", SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101  # a pipe
        assert self._process.stdout is not None  # noqa: S101  # a pipe
        self._input, self._output = self._process.stdin, self._process.stdout
        try:
            pipes.send(self._input.fileno(), settings, seconds=START_SECONDS)
            pipes.receive(self._output.fileno(), max_bytes=0, seconds=START_SECONDS)
        except pipes.Ended as error:
            reason = self._last_errors() or str(error)
            self.kill()
            raise SandboxUnavailable(
                f"a container did not start: {reason}; run `earmark doctor` to see what works here"
            ) from error

    def _last_errors(self) -> str:
        self._errors.seek(0)
        text = self._errors.read(65536).decode(errors="replace")
        return " / ".join(text.strip().splitlines()[-3:])

    def run(self, source: bytes) -> Outcome:
        """Run one program. Raises WorkerLost, after which the container is of no use."""
        self.programs += 1
        # The supervisor inside has its own clock; this one is for when that fails.
        seconds = self.limits.wall_seconds + 3 * GRACE_SECONDS
        order = {"processes": PROCESSES}
        try:
            pipes.send(self._input.fileno(), order, source, seconds=GRACE_SECONDS)
            facts, content = pipes.receive(
                self._output.fileno(), max_bytes=self.limits.file_bytes, seconds=seconds
            )
            return parse_outcome(facts, content)
        except (pipes.Ended, KeyError, TypeError, ValueError) as error:
            raise WorkerLost(f"the container does not answer: {error}") from error

    def end(self) -> None:
        """Begin to end it: the supervisor inside ends with its input. Safe to call twice."""
        self._input.close()

    def kill(self) -> None:
        """End it, and wait for its end; safe to call twice."""
        self.end()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            subprocess.run(self._kill_command, capture_output=True, check=False, timeout=60)
            self._process.kill()
            self._process.wait()
        self._output.close()
        self._errors.close()


def parse_outcome(facts: dict[str, Any], content: bytes) -> Outcome:
    """The outcome that a supervisor in a container sent.

    Raises:
        KeyError, TypeError, ValueError: a part is missing, or not of the type it must have.
    """
    if facts["cut"] not in CUTS or facts["result"] not in RESULTS:
        raise ValueError(f"{facts['cut']!r}, {facts['result']!r}")
    stdout, stderr = (str(stream) for stream in facts["streams"])
    outcome = Outcome(
        status=int(facts["status"]),
        cut=facts["cut"],
        streams=(stdout, stderr),
        seconds=float(facts["seconds"]),
        cpu_seconds=float(facts["cpu_seconds"]),
        peak_bytes=int(facts["peak_bytes"]),
        result=facts["result"],
        files=tuple(str(name) for name in facts["files"]),
    )
    if outcome.result == "file":
        with tempfile.TemporaryFile() as stream:
            stream.write(content)
            stream.seek(0)
            outcome.descriptor = os.dup(stream.fileno())
    return outcome
