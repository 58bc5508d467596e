"""The server process of a packaged model, seen from the parent.

In: a GGUF file and its settings. Out: an address that answers /health, until closed. What the child does is in llama_child.
"""

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

from earmark.errors import ModelUnavailable

START_SECONDS = 120.0
STOP_SECONDS = 5.0
CHILD = Path(__file__).with_name("llama_child.py")


class LlamaProcess:
    """One child, started when made. `address` is http://127.0.0.1:PORT. Raises ModelUnavailable when it does not come up."""

    def __init__(
        self, gguf: Path, *, alias: str, context_tokens: int, output_tokens: int, threads: int
    ) -> None:
        self._errors = tempfile.TemporaryFile()
        settings = (str(gguf), alias, str(context_tokens), str(output_tokens), str(threads))
        self._process = self._started([sys.executable, "-P", str(CHILD), *settings])
        try:
            self.address = self._healthy(time.monotonic() + START_SECONDS)
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

    def _started(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        born: Future[subprocess.Popen[bytes]] = Future()

        def keep() -> None:
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
                )
            except OSError as error:
                born.set_exception(
                    ModelUnavailable(f"the server process cannot be started ({error.strerror})")
                )
                return
            born.set_result(process)
            process.wait()

        # Linux ends the child with the *thread* that started it: a pool's worker would take the server with it when it goes.
        threading.Thread(target=keep, name="earmark-llama", daemon=True).start()
        return born.result()

    def _healthy(self, deadline: float) -> str:
        address = self._told(deadline)
        while time.monotonic() < deadline and self.alive:
            try:
                with urllib.request.urlopen(f"{address}/health", timeout=5.0) as answer:
                    if answer.status == 200:
                        return address
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.05)
        raise self._unavailable()

    def _told(self, deadline: float) -> str:
        stream = self._process.stdout
        assert stream is not None
        while (left := deadline - time.monotonic()) > 0:
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
        last = lines[-1] if lines else "it said nothing"
        return ModelUnavailable(f"the local server did not come up ({last}); see docs/models.md")
