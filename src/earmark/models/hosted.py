"""Every hosted and local language model, by its litellm name.

In: Requests. Out: Completions with requested and effective Sampling. One class serves all: a model is a YAML. Refusals and
truncations are Completions; whatever brought no answer is ModelUnavailable after the last retry, in our words. Nothing is
cached and nothing is parsed here.
"""

import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, get_args
from urllib.parse import urlsplit

from earmark.errors import ConfigError, ModelUnavailable
from earmark.models import transport
from earmark.models.capabilities import Capabilities, OnUnsupported, capabilities_of, fitted, sent
from earmark.models.optional import Charge, Hold
from earmark.models.pacing import LONGEST_WAIT_SECONDS, backoff_seconds, gate_of
from earmark.models.transport import CallFailed
from earmark.records import Completion, Message, Request, Sampling


class LiteLLM:
    """A model behind litellm. Keys, in YAML and here:

    name             what tables call it; the YAML's file name
    model            litellm's name: provider/model
    api_base         address of a server of one's own; None for the provider's
    api_key_env      name of the environment variable that holds the key; None where none is needed
    capabilities     see capabilities.Capabilities
    on_unsupported   refuse a sampling wish the model cannot grant (ConfigError), or clamp it (recorded in Completion.effective)
    timeout_seconds  for one try, from sending to the last byte
    retries          tries after the first, for 429, 5xx, timeouts and broken connections
    concurrency      most calls under way at this provider from this process; lowered by 429, raised again by good answers
    smoke            True for a backend that only shows that things run: never rank it
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
        smoke: bool = False,
    ) -> None:
        self.name = name
        self.smoke = smoke
        self.capabilities = capabilities_of(name, capabilities)
        self._model, self._api_base, self._api_key_env = model, api_base, api_key_env
        self._on_unsupported, self._timeout_seconds, self._retries = (
            on_unsupported,
            timeout_seconds,
            retries,
        )
        self._refuse_nonsense(concurrency)
        self._gate = gate_of(api_base or model.split("/", 1)[0], concurrency)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Name, model, address and whatever shapes what is sent. Price, context, timeouts and retries change no answer."""
        return {
            "name": self.name,
            "model": self._model,
            "api_base": self._api_base,
            "on_unsupported": self._on_unsupported,
            "capabilities": self.capabilities.deciding,
        }

    def preflight(self, sampling: Sampling | None = None) -> None:
        """ConfigError when the key is missing, or `sampling` cannot be granted; asks nobody."""
        self._key()
        if sampling is not None:
            self.effective(sampling)

    def effective(self, requested: Sampling) -> Sampling:
        """What will be in force when `requested` is asked. ConfigError where the model cannot and must not clamp."""
        return fitted(
            requested, self.capabilities, name=self.name, on_unsupported=self._on_unsupported
        )

    def max_usd(self, request: Request) -> float | None:
        """The most that one try can cost in USD; None where price or length of the answer is unknown."""
        return self.capabilities.max_usd(request)

    def complete(self, request: Request) -> Completion:
        """Ask until answered or out of retries. Raises ModelUnavailable, ConfigError."""
        return self.complete_metered(request, hold=_unmetered)

    def complete_metered(self, request: Request, *, hold: Hold) -> Completion:
        """As complete(), with each try inside `hold(most it can cost)`."""
        effective = self.effective(request.sampling)
        failures = 0
        while True:
            try:
                with self._gate.turn(), hold(self.max_usd(request) or 0.0) as charge:
                    return self._charged(request, effective, charge)
            except CallFailed as failure:
                wait_seconds = self._wait_seconds(failure, failures)
            failures += 1
            time.sleep(wait_seconds)

    def close(self) -> None:
        """Nothing is held."""

    def _charged(self, request: Request, effective: Sampling, charge: Charge) -> Completion:
        try:
            completion = self._once(request, effective)
        except CallFailed as failure:
            charge.usd = charge.usd if failure.billed else 0.0
            raise
        except ConfigError:
            charge.usd = 0.0
            raise
        charge.usd = charge.usd if completion.cost_usd is None else completion.cost_usd
        self._gate.went_well()
        return completion

    def _once(self, request: Request, effective: Sampling) -> Completion:
        reply = transport.ask(
            model=self._model,
            messages=_wire(request.messages, system=self.capabilities.system),
            options=sent(effective, self.capabilities),
            api_base=self._api_base,
            api_key=self._key() or "none",
            timeout_seconds=self._timeout_seconds,
        )
        return Completion(
            text=reply.text,
            model=reply.model,
            finish_reason=reply.finish_reason,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            seconds=reply.seconds,
            cost_usd=self._cost_usd(reply),
            requested=request.sampling,
            effective=effective,
        )

    def _cost_usd(self, reply: transport.Reply) -> float | None:
        price = self.capabilities.price
        if price is None or reply.prompt_tokens is None or reply.completion_tokens is None:
            return None
        return price.usd(reply.prompt_tokens, reply.completion_tokens)

    def _wait_seconds(self, failure: CallFailed, failures: int) -> float:
        asked = failure.wait_seconds
        if not failure.again or failures >= self._retries or (asked or 0.0) > LONGEST_WAIT_SECONDS:
            wait = "" if asked is None else f"; it asks to wait {asked:g} s"
            raise ModelUnavailable(
                f"model '{self.name}': {failure}{wait} (tries: {failures + 1}); see docs/models.md"
            ) from None
        wait_seconds = backoff_seconds(failures) if asked is None else asked + backoff_seconds(0)
        if failure.throttled:
            self._gate.too_many(wait_seconds)
        return wait_seconds

    def _key(self) -> str | None:
        if self._api_key_env is None:
            return None
        key = os.environ.get(self._api_key_env, "").strip()
        if not key:
            raise ConfigError(
                f"model '{self.name}': needs a key in the environment variable {self._api_key_env}, which is not set; export it"
            )
        return key

    def _refuse_nonsense(self, concurrency: int) -> None:
        where = f"see conf/model/{self.name}.yaml"
        if self._on_unsupported not in get_args(OnUnsupported):
            raise ConfigError(
                f"model '{self.name}': on_unsupported must be refuse or clamp, got {self._on_unsupported!r}; {where}"
            )
        if not (math.isfinite(self._timeout_seconds) and self._timeout_seconds > 0):
            raise ConfigError(
                f"model '{self.name}': timeout_seconds must be above 0, got {self._timeout_seconds}; {where}"
            )
        if self._retries < 0 or concurrency < 1:
            said = f"retries={self._retries}, concurrency={concurrency}"
            raise ConfigError(
                f"model '{self.name}': retries must be 0 or more and concurrency 1 or more, got {said}; {where}"
            )
        if self._api_base is not None and urlsplit(self._api_base).scheme not in ("http", "https"):
            raise ConfigError(
                f"model '{self.name}': api_base must begin with http:// or https://, got {self._api_base!r}; {where}"
            )
        if "@" in urlsplit(self._api_base or "").netloc:
            raise ConfigError(
                f"model '{self.name}': api_base must hold no user or password; use api_key_env; {where}"
            )


@contextmanager
def _unmetered(max_usd: float) -> Iterator[Charge]:
    yield Charge(max_usd)


def _wire(messages: tuple[Message, ...], *, system: bool) -> list[dict[str, str]]:
    plain = [{"role": message.role, "content": message.content} for message in messages]
    if system or not plain or plain[0]["role"] != "system":
        return plain
    # A model without a system role hears the same words at the head of the first user message.
    head, rest = plain[0]["content"], plain[1:]
    if rest and rest[0]["role"] == "user":
        return [{"role": "user", "content": f"{head}\n\n{rest[0]['content']}"}, *rest[1:]]
    return [{"role": "user", "content": head}, *rest]
