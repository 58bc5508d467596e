"""The server process of a packaged model, seen from its parent; child.py is what it runs."""

import select
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO

from earmark.errors import ModelUnavailable

START_SECONDS = 120.0
STOP_SECONDS = 5.0
CHILD = Path(__file__).with_name("child.py")


class ServerProcess:
    """A running server at `address`, http://127.0.0.1:PORT.

    Raises:
        ModelUnavailable: it does not start.
    """

    def __init__(
        self, gguf: Path, *, alias: str, context_tokens: int, output_tokens: int, threads: int
    ) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 close() closes it
        settings = (str(gguf), alias, str(context_tokens), str(output_tokens), str(threads))
        self._process = self._start([sys.executable, "-P", str(CHILD), *settings])
        try:
            self.address = self._wait_until_healthy(time.monotonic() + START_SECONDS)
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """True while the child runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def close(self) -> None:
        """End the child; safe to call twice."""
        if self.alive:
            self._process.kill()  # it holds nothing that needs an orderly end
        self._process.wait(STOP_SECONDS)
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        started: Future[subprocess.Popen[bytes]] = Future()

        def keep() -> None:
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
                )
            except OSError as error:
                started.set_exception(
                    ModelUnavailable(f"the server process cannot be started ({error.strerror})")
                )
                return
            started.set_result(process)
            process.wait()

        # Linux ends the child with the *thread* that started it: a pool's worker would take the
        # server with it when it goes.
        threading.Thread(target=keep, name="earmark-packaged-model", daemon=True).start()
        return started.result()

    def _wait_until_healthy(self, deadline: float) -> str:
        address = self._read_address(self._process.stdout, deadline)
        while time.monotonic() < deadline and self.alive:
            try:
                health = f"{address}/health"
                with urllib.request.urlopen(health, timeout=5.0) as response:  # noqa: S310 our own server
                    if response.status == 200:
                        return address
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.05)
        raise self._unavailable()

    def _read_address(self, stream: IO[bytes] | None, deadline: float) -> str:
        while stream is not None and (left := deadline - time.monotonic()) > 0:
            if not select.select([stream], [], [], left)[0]:
                break
            line = stream.readline()
            if line.startswith(b"address "):
                return line.split()[1].decode()
            if not line:
                break
        raise self._unavailable()

    def _unavailable(self) -> ModelUnavailable:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else "it printed nothing"
        return ModelUnavailable(f"the local server did not start ({last}); see docs/models.md")
