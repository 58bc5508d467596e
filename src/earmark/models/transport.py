"""One call over litellm: a Reply, or a CallFailed that says what happened in our own words.

Nothing is retried, limited or priced here.
"""

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from earmark.models import CallFailed, failures
from earmark.models.failures import Endpoint
from earmark.records import LENGTH_REASONS, REFUSED_REASONS

T = TypeVar("T")
CONNECT_SECONDS = 5.0

# Finish reasons of an answer that its own server gave up.
BROKEN_REASONS = frozenset({"error", "abort", "insufficient_system_resource"})
# litellm reaches these by an HTTP client that a caller may give, and OpenAI's by `client_session`.
OWN_CLIENT = ("hosted_vllm/", "ollama_chat/")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `seconds` is the time of this call alone, without waits and earlier tries;
    None for one of a batch.
    """

    text: str
    model: str
    finish_reason: str
    seconds: float | None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning: str | None = None
    reasoning_tokens: int | None = None


def chat(
    endpoint: Endpoint,
    *,
    messages: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
    api_key: str | None,
) -> Reply:
    """Call once and wait at most `timeout_seconds`.

    Raises:
        CallFailed: no answer came.
        ConfigError: litellm refuses to send one of the options.
    """
    litellm = _litellm()
    client = _own_client() if endpoint.model.startswith(OWN_CLIENT) else None

    def call() -> object:
        return litellm.completion(
            model=endpoint.model,
            messages=list(messages),
            api_base=endpoint.api_base,
            api_key=api_key,
            timeout=endpoint.timeout_seconds,
            client=client,
            max_retries=0,  # retry.py tries again: a hidden retry would be unpaced and unpaid
            num_retries=0,
            **options,
        )

    started = time.monotonic()
    try:
        response = _within(endpoint.timeout_seconds, call)
    except Exception as error:  # noqa: BLE001 litellm and its transports raise anything
        seconds = time.monotonic() - started
        if failures.is_policy(error, litellm):
            # The policy is part of what is measured: a refusal is an answer, and no try changes it.
            return Reply("", endpoint.model, "content_filter", seconds)
        raise failures.explain(error, litellm, endpoint=endpoint, seconds=seconds) from None
    return reply_of(response, endpoint, seconds=time.monotonic() - started)


def call_once(endpoint: Endpoint, call: Callable[[ModuleType], T], *, not_found: str) -> T:
    """What `call` gets from litellm, which it is given, about anything but a completion.

    Raises:
        CallFailed: nothing came back; `not_found` says why an HTTP 404 did.
        ConfigError: litellm refuses the call.
    """
    litellm = _litellm()
    started = time.monotonic()
    try:
        return _within(endpoint.timeout_seconds, lambda: call(litellm))
    except Exception as error:  # noqa: BLE001 litellm and its transports raise anything
        seconds = time.monotonic() - started
        raise failures.explain(
            error, litellm, endpoint=endpoint, seconds=seconds, not_found=not_found
        ) from None


def check_connection(endpoint: Endpoint) -> None:
    """Raise CallFailed when no server accepts a connection at `api_base`; nothing is sent."""
    host, port = endpoint.host_and_port
    scheme = urlsplit(endpoint.api_base or "").scheme
    if not host or (scheme in getproxies() and not proxy_bypass(host)):
        return
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except OSError:
        raise failures.unreachable(endpoint) from None


def count_tokens(messages: Sequence[tuple[str, str]]) -> int:
    """Tokens of (role, content) pairs by litellm's tokenizer: an estimate for every provider."""
    plain = [{"role": role, "content": content} for role, content in messages]
    return int(_litellm().token_counter(model="gpt-4o", messages=plain))


@cache
def _litellm() -> ModuleType:
    # Otherwise the import fetches a price list, and reads a .env file of the current folder.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    import litellm

    from earmark.models.wire import PlainClient

    module: ModuleType = litellm
    litellm.suppress_debug_info = True
    litellm.client_session = PlainClient(follow_redirects=True)
    if not os.environ.get("LITELLM_LOG"):
        for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    return module


@cache
def _own_client() -> object:
    from litellm.llms.custom_httpx.http_handler import HTTPHandler

    return HTTPHandler(client=_litellm().client_session)


def _within(seconds: float, call: Callable[[], T]) -> T:
    # The transport's own timeout starts anew with each byte: a server that drips could hold a call.
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 it is raised again by result()
            future.set_exception(error)

    threading.Thread(target=work, name="earmark-call", daemon=True).start()
    return future.result(timeout=seconds + 1.0)


def read_completion(body: Mapping[str, Any]) -> object:
    """The JSON of a chat completion as litellm reads one that it called for itself."""
    litellm = _litellm()
    made = litellm.ModelResponse()
    return litellm.utils.convert_to_model_response_object(
        response_object=dict(body), model_response_object=made
    )


def reply_of(response: object, endpoint: Endpoint, *, seconds: float | None) -> Reply:
    """What a chat completion, as litellm reads it, says. Raises CallFailed."""
    try:
        choice = response.choices[0]  # type: ignore[attr-defined] # litellm's class, or what was sent
        message = choice.message
        fields = getattr(message, "provider_specific_fields", None) or {}
        refusal, text = fields.get("refusal"), message.content or _tool_calls(message)
        reason = _finish_reason(choice)
    except (AttributeError, IndexError, TypeError):
        raise failures.not_a_completion(endpoint) from None
    if reason in BROKEN_REASONS:
        raise CallFailed(
            f"model '{endpoint.name}': the provider broke off ({reason}); see docs/models.md",
            retryable=True,
            billed=True,
        )
    reasoning = getattr(message, "reasoning_content", None)
    return Reply(
        text=_without_surrogates(str(text or refusal or "")),
        model=str(getattr(response, "model", None) or endpoint.model),
        finish_reason="refusal" if refusal else reason,
        seconds=seconds,
        reasoning=_without_surrogates(str(reasoning)) if reasoning else None,
        **_counts(getattr(response, "usage", None), answered=bool(text or reasoning)),
    )


def _finish_reason(choice: object) -> str:
    """The finish reason; litellm takes a spelling that it does not know for an ordinary end."""
    fields = getattr(choice, "provider_specific_fields", None) or {}
    native = str(fields.get("native_finish_reason") or "").lower()
    if native in LENGTH_REASONS:
        return "length"
    if native in REFUSED_REASONS or native in BROKEN_REASONS:
        return native
    return str(getattr(choice, "finish_reason", None) or "stop")


def _tool_calls(message: object) -> str:
    """The arguments of tool calls, one JSON text each, for an answer that holds nothing else."""
    calls = getattr(message, "tool_calls", None) or []
    arguments = [str(call.function.arguments or "") for call in calls]
    return arguments[0] if len(arguments) == 1 else json.dumps(arguments) if arguments else ""


def _counts(usage: object, *, answered: bool) -> dict[str, int | None]:
    """Token counts; litellm fills in zeros where the server sent nothing."""
    prompt_tokens = _tokens(getattr(usage, "prompt_tokens", None)) or None
    completion_tokens = _tokens(getattr(usage, "completion_tokens", None))
    if not completion_tokens and (answered or prompt_tokens is None):
        completion_tokens = None
    details = getattr(usage, "completion_tokens_details", None)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "reasoning_tokens": _tokens(getattr(details, "reasoning_tokens", None)),
    }


def _tokens(value: object) -> int | None:
    # A count below zero would be a cost below zero, and a budget that grows.
    return value if isinstance(value, int) and value >= 0 else None


def _without_surrogates(text: str) -> str:
    # Lone surrogates cannot be hashed or written; a server may send them as JSON escapes.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
