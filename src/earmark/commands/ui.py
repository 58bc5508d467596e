"""`earmark ui`: the MLflow UI on this project's store, on loopback until Ctrl-C.

It needs no network: what would wait for one is switched off.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress

from earmark import paths
from earmark.errors import ConfigError, TrackingUnavailable
from earmark.storage.urls import file_url, tracking_uri
from earmark.tracking import views
from earmark.tracking.connection import ENVIRONMENT, connect

START_SECONDS = 90.0
EXPERIMENT = "earmark"
HIGHEST_PORT = 65535


def command(uri: str, *, port: int) -> list[str]:
    """The server's command line: one worker, since each holds half a gigabyte."""
    artifacts = file_url(paths.artifacts())
    place = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return [
        sys.executable,
        "-m",
        "mlflow",
        "server",
        "--backend-store-uri",
        uri,
        "--default-artifact-root",
        artifacts,
        *place,
    ]


def started(uri: str, *, port: int) -> "subprocess.Popen[bytes]":
    """The server, once it answers.

    Raises:
        ConfigError: the port is taken.
        TrackingUnavailable: the server ended, or does not answer.
    """
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise ConfigError(
                f"--port {port}: something listens there already; choose another port"
            )
    server = subprocess.Popen(
        command(uri, port=port),
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        if _answers(server, f"http://127.0.0.1:{port}/health"):
            return server
        code = server.poll()
    except KeyboardInterrupt:
        stop(server)
        raise
    stop(server)
    what = (
        f"ended with code {code}"
        if code is not None
        else f"did not answer within {START_SECONDS:g} s"
    )
    raise TrackingUnavailable(f"the MLflow server {what}; its own words are above")


def _answers(server: "subprocess.Popen[bytes]", health: str) -> bool:
    """Wait until it does; False when it has ended or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(health, timeout=2):  # noqa: S310  our own server's address
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def stop(server: "subprocess.Popen[bytes]") -> None:
    """End the server and its worker; safe when it has ended."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):  # nothing of the group is left
            os.killpg(server.pid, number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=2)


def main(argv: list[str]) -> int:
    """Run the command until Ctrl-C. Returns 0, or the server's exit code when it ends by itself."""
    parser = argparse.ArgumentParser(
        prog="earmark ui", description="Open the MLflow UI on this project's store; Ctrl-C ends it."
    )
    parser.add_argument("--port", type=int, default=5000)
    port = parser.parse_args(argv).port
    if not 1 <= port <= HIGHEST_PORT:
        raise ConfigError(f"--port {port}: must be within 1..{HIGHEST_PORT}; 5000 is usual")
    uri = tracking_uri()
    base = f"http://127.0.0.1:{port}"
    with connect(uri, artifacts=str(paths.artifacts()), experiment=EXPERIMENT) as (
        client,
        experiment,
    ):
        view = views.save(client, experiment)
    print(f"starting the MLflow UI on {base} ...", flush=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            number, signal.default_int_handler
        )  # the server is in a group of its own and would outlive us
    server = started(uri, port=port)
    print(
        f"open it   {base}/#/experiments/{experiment}/runs?workflowType=machine_learning\n"
        f"compare   {base}/{view}\nCtrl-C ends it",
        flush=True,
    )
    try:
        return server.wait()
    except KeyboardInterrupt:
        print("\nended")
        return 0
    finally:
        stop(server)
