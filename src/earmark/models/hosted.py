"""Every hosted and local language model, by its litellm name.

One class serves all: a model is a YAML. Each `complete` is one try; wrappers/retry.py decides about
the next one. Refusals and truncations are Completions; whatever brought no answer is a CallFailed.
"""

import math
import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, get_args
from urllib.parse import urlsplit

from earmark.errors import ConfigError
from earmark.models import transport
from earmark.models.batches import HostedBatches
from earmark.models.capabilities import Capabilities, OnUnsupported, fit, load_capabilities, options
from earmark.models.exchange import completion_of, to_wire
from earmark.models.failures import Endpoint
from earmark.models.pacing import Pacing
from earmark.records import Completion, Request, Sampling

LISTEN_TOKENS = 256  # of an answer about recordings
AMAZON = ("bedrock", "sagemaker")  # providers that litellm calls through boto3


class LiteLLM:
    """A model behind litellm. Keys, in YAML and here:

    name             what tables call it; the YAML's file name
    model            litellm's name: provider/model
    api_base         address of a server of your own; null for the provider's
    api_key_env      name of the environment variable that holds the key; null where none is needed
    capabilities     see capabilities.Capabilities
    on_unsupported   refuse unsupported sampling (ConfigError), or clamp it (then
                     Completion.effective records what was in force)
    timeout_seconds  for one try, from sending to the last byte
    retries          tries after the first, for 429, 5xx, timeouts and broken connections
    concurrency      most calls under way at this provider from this process; 429 lowers it,
                     good answers raise it again
    """

    def __init__(
        self,
        *,
        name: str,
        model: str,
        api_base: str | None = None,
        api_key_env: str | None = None,
        capabilities: Mapping[str, Any] | Capabilities | None = None,
        on_unsupported: OnUnsupported = "refuse",
        timeout_seconds: float = 180.0,
        retries: int = 5,
        concurrency: int = 8,
    ) -> None:
        self.name = name
        self.capabilities = load_capabilities(name, capabilities)
        self.pacing = Pacing(api_base or model.split("/", 1)[0], retries, concurrency)
        self._endpoint = Endpoint(name, model, api_base, timeout_seconds)
        self._api_key_env = api_key_env
        self._on_unsupported = on_unsupported
        self._check_settings()

    @property
    def identity(self) -> Mapping[str, Any]:
        """Name, model, address and whatever shapes what is sent. Price, context, timeouts and
        retries change no answer.
        """
        return {
            "name": self.name,
            "model": self._endpoint.model,
            "api_base": self._endpoint.api_base,
            "on_unsupported": self._on_unsupported,
            "capabilities": self.capabilities.deciding,
        }

    def preflight(self, sampling: Sampling | None = None) -> None:
        """Check library, key, sampling and address; no call is made.

        Raises:
            ConfigError: boto3 or the key is missing, or `sampling` is unsupported.
            CallFailed: no server accepts a connection at `api_base`.
        """
        self._check_library()
        self._key()
        if sampling is not None:
            self.effective(sampling)
        transport.check_connection(self._endpoint)

    def effective(self, requested: Sampling) -> Sampling:
        """The sampling in force when `requested` is asked for. ConfigError where it is unsupported
        and must not be clamped.
        """
        return fit(
            requested, self.capabilities, name=self.name, on_unsupported=self._on_unsupported
        )

    def max_usd(self, request: Request) -> float | None:
        """The most that one try can cost in USD; None where price or length of the answer is
        unknown.
        """
        return self.capabilities.max_usd(request)

    def complete(self, request: Request) -> Completion:
        """Ask once. Raises CallFailed, ConfigError."""
        effective = self.effective(request.sampling)
        reply = transport.chat(
            self._endpoint,
            messages=to_wire(request.messages, system=self.capabilities.system),
            options=options(effective, self.capabilities),
            api_key=self._key() or "none",
        )
        return completion_of(reply, request, effective=effective, capabilities=self.capabilities)

    def batches(self) -> HostedBatches:
        """The batches of the model's provider. Raises ConfigError where litellm offers none."""
        return HostedBatches(self._endpoint, self.capabilities, fit=self.effective, key=self._key)

    def listen(self, question: str, recordings: Sequence[bytes]) -> str:
        """The answer about WAV files, of a model that takes audio, at temperature 0 where it can.

        Raises:
            CallFailed: no answer came.
            ConfigError: the key is missing.
        """
        wanted = Sampling(temperature=0.0, max_tokens=LISTEN_TOKENS)
        effective = fit(wanted, self.capabilities, name=self.name, on_unsupported="clamp")
        encoded = [{"data": b64encode(one).decode(), "format": "wav"} for one in recordings]
        sounds = [{"type": "input_audio", "input_audio": one} for one in encoded]
        reply = transport.chat(
            self._endpoint,
            messages=[{"role": "user", "content": [{"type": "text", "text": question}, *sounds]}],
            options=options(effective, self.capabilities),
            api_key=self._key() or "none",
        )
        return reply.text

    def close(self) -> None:
        """Nothing is held."""

    def _key(self) -> str | None:
        if self._api_key_env is None:
            return None
        key = os.environ.get(self._api_key_env, "").strip()
        if not key and self._endpoint.local:
            return None  # a server of your own may need none; one that does answers 401
        if not key:
            raise ConfigError(
                f"model '{self.name}': needs a key in the environment variable "
                f"{self._api_key_env}, which is not set; export it"
            )
        return key

    def _check_library(self) -> None:
        """`make setup` leaves boto3 out."""
        if self._endpoint.model.startswith(AMAZON) and find_spec("boto3") is None:
            raise ConfigError(
                f"model '{self.name}': {self._endpoint.model} is called through boto3, which is not"
                " installed; run `pip install -c constraints.txt boto3`"
            )

    def _check_settings(self) -> None:
        timeout_seconds, pacing = self._endpoint.timeout_seconds, self.pacing
        if self._on_unsupported not in get_args(OnUnsupported):
            raise self._wrong("on_unsupported", "refuse or clamp", self._on_unsupported)
        if not (math.isfinite(timeout_seconds) and timeout_seconds > 0):
            raise self._wrong("timeout_seconds", "above 0", timeout_seconds)
        if pacing.retries < 0:
            raise self._wrong("retries", "0 or more", pacing.retries)
        if pacing.concurrency < 1:
            raise self._wrong("concurrency", "1 or more", pacing.concurrency)
        if self._endpoint.api_base is not None:
            self._check_address(self._endpoint.api_base)

    def _check_address(self, api_base: str) -> None:
        try:
            address = urlsplit(api_base)
            _ = address.port
        except ValueError as error:
            raise self._wrong("api_base", f"an address ({error})", api_base) from None
        if "@" in address.netloc or address.query or address.fragment:
            # Records and tables show the address.
            rule = "an address without user, password, query and # (set api_key_env for a key)"
            raise self._wrong("api_base", rule, f"…{address.hostname or ''}…")
        if address.scheme not in ("http", "https") or not address.hostname:
            rule = "an address that begins with http:// or https:// and a host"
            raise self._wrong("api_base", rule, api_base)
        if not api_base.isprintable() or " " in api_base:
            raise self._wrong("api_base", "an address without spaces and line ends", api_base)

    def _wrong(self, key: str, rule: str, value: object) -> ConfigError:
        where = f"set model.{key} or correct conf/model/{self.name}.yaml"
        return ConfigError(f"model '{self.name}': {key} must be {rule}, got {value!r}; {where}")
