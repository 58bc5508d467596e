"""One call over litellm: a Reply, or a CallFailed that says what happened in our own words.

Nothing is retried, limited or priced here.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

from earmark.models import CallFailed, failures

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is called: `name` is for messages, `model` is litellm's name, `api_base` None for the
    provider's own address.
    """

    name: str
    model: str
    api_base: str | None
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `seconds` is the time of this call alone, without waits and earlier tries."""

    text: str
    model: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float


def chat(
    endpoint: Endpoint,
    *,
    messages: list[dict[str, str]],
    options: Mapping[str, Any],
    api_key: str | None,
) -> Reply:
    """Call once and wait at most `timeout_seconds`. Raises CallFailed; ConfigError for an option
    that litellm refuses to send.
    """
    litellm = _litellm()

    def call() -> object:
        return litellm.completion(
            model=endpoint.model,
            messages=messages,
            api_base=endpoint.api_base,
            api_key=api_key,
            timeout=endpoint.timeout_seconds,
            # wrappers/retry.py tries again: a hidden retry would be neither paced nor paid
            max_retries=0,
            num_retries=0,
            **options,
        )

    started = time.monotonic()
    try:
        response = _within(endpoint.timeout_seconds, call)
    except Exception as error:  # noqa: BLE001 litellm and its transports raise anything
        seconds = time.monotonic() - started
        if failures.is_policy(error, litellm):
            # The provider's policy is part of what is measured: this is an answer, and asking again
            # would bring the same one.
            return Reply("", endpoint.model, "content_filter", None, None, seconds)
        raise failures.explain(error, litellm, name=endpoint.name, seconds=seconds) from None
    return _reply(response, endpoint, seconds=time.monotonic() - started)


def count_tokens(messages: Sequence[tuple[str, str]]) -> int:
    """Tokens of (role, content) pairs by the tokenizer that litellm brings along: an estimate for
    every provider.
    """
    plain = [{"role": role, "content": content} for role, content in messages]
    return int(_litellm().token_counter(model="gpt-4o", messages=plain))


@cache
def _litellm() -> ModuleType:
    # Otherwise the import fetches a price list from the network, and reads a .env file of the
    # current folder.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    import litellm

    module: ModuleType = litellm
    litellm.suppress_debug_info = True
    if not os.environ.get("LITELLM_LOG"):
        for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    return module


def _within(seconds: float, call: Callable[[], T]) -> T:
    # The transport's own timeout starts anew with each byte: a server that drips would hold a call
    # for ever.
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 it is raised again by result()
            future.set_exception(error)

    threading.Thread(target=work, name="earmark-call", daemon=True).start()
    return future.result(timeout=seconds + 1.0)


def _reply(response: object, endpoint: Endpoint, *, seconds: float) -> Reply:
    try:
        choice = response.choices[0]  # type: ignore[attr-defined] # litellm's own class, or whatever the server sent
        refusal = (getattr(choice.message, "provider_specific_fields", None) or {}).get("refusal")
        content = choice.message.content or ""
        finish_reason = str(choice.finish_reason or "stop")
        usage = getattr(response, "usage", None)
    except (AttributeError, IndexError, TypeError):
        raise CallFailed(
            f"model '{endpoint.name}': the server sent something that is not a chat completion; check model.api_base",
            retryable=True,
            billed=True,
        ) from None
    prompt_tokens = getattr(usage, "prompt_tokens", None)
    known = bool(prompt_tokens)  # litellm fills in zeros where the server sent nothing
    return Reply(
        text=_without_surrogates(str(content or refusal or "")),
        model=str(getattr(response, "model", None) or endpoint.model),
        finish_reason="refusal" if refusal else finish_reason,
        prompt_tokens=prompt_tokens if known else None,
        completion_tokens=getattr(usage, "completion_tokens", None) if known else None,
        seconds=seconds,
    )


def _without_surrogates(text: str) -> str:
    # Lone surrogates cannot be hashed or written; a server may send them as JSON escapes.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
