"""A real MLflow server on a real PostgreSQL on loopback, to stop and start in tests."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from earmark.tracking.connection import ENVIRONMENT

USER = "nobody"  # PostgreSQL refuses to run as root


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def programs() -> Path:
    """The folder of PostgreSQL's programs; the test is skipped where there is none."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'psycopg[binary]'")
    if (found := shutil.which("initdb") or shutil.which("psql")) is None:
        pytest.skip("no PostgreSQL on PATH: apt-get install postgresql")
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), reverse=True
    )  # where Debian keeps all but the client
    for folder in (*folders, Path(found).resolve().parent):
        if all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    pytest.skip("no PostgreSQL server: apt-get install postgresql")


@contextmanager
def database() -> Iterator[str]:
    """A fresh cluster outside pytest's folders, which that user cannot read; its SQLAlchemy URI."""
    home = programs()
    with tempfile.TemporaryDirectory(prefix="earmark-postgres-") as folder:
        yield from _running(home, Path(folder))


def _running(home: Path, place: Path) -> Iterator[str]:
    as_user = {"user": USER} if os.geteuid() == 0 else {}
    if as_user:
        shutil.chown(place, USER)
    data, port = place / "data", free_port()
    quiet = {"stdout": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run(
        [home / "initdb", "-D", data, "-U", "earmark", "-A", "trust", "--no-sync"],
        check=True,
        **quiet,
        **as_user,
    )  # type: ignore[call-overload]
    settings = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={place}")
    options = " ".join(f"-c {setting}" for setting in (*settings, "fsync=off"))
    start = [
        home / "pg_ctl",
        "-D",
        data,
        "-w",
        "-t",
        "120",
        "-l",
        place / "log",
        "-o",
        options,
        "start",
    ]
    subprocess.run(start, check=True, **quiet, **as_user)  # type: ignore[call-overload]
    try:
        yield f"postgresql://earmark@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [home / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=True, **quiet, **as_user
        )  # type: ignore[call-overload]


@dataclass
class MlflowServer:
    """An MLflow server that a test can stop and start again on the same port."""

    store: str
    artifacts: Path | str  # a folder, or the URL of a bucket
    port: int
    variables: Mapping[str, str] = field(default_factory=dict)
    running: "subprocess.Popen[bytes] | None" = None

    @property
    def uri(self) -> str:
        """What MLFLOW_TRACKING_URI is to be."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        artifacts = self.artifacts
        destination = artifacts.as_uri() if isinstance(artifacts, Path) else artifacts
        kept = ["--backend-store-uri", self.store, "--artifacts-destination", destination]
        line = [sys.executable, "-m", "mlflow", "server", *kept, *place]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        variables = {**os.environ, **ENVIRONMENT, **self.variables}
        self.running = subprocess.Popen(line, env=variables, start_new_session=True, **quiet)  # type: ignore[call-overload]
        for _ in range(600):
            with (
                suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(f"{self.uri}/health", timeout=2),
            ):
                return
            assert self.running is not None
            assert self.running.poll() is None, "the server ended"
            time.sleep(0.2)
        raise AssertionError("the server does not answer")

    def stop(self) -> None:
        """Kill it and its worker, as a machine that goes down would."""
        if self.running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, 9)
            self.running.wait()
            self.running = None
