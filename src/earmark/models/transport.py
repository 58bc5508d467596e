"""One call over litellm, with its many errors made few.

In: model, messages, options. Out: a Reply, or CallFailed that says in our words what happened, whether to try again and whether
the provider may bill it. No retries, no limits, no cost. What a provider writes in an error is not repeated: it may quote
the prompt or part of the key; its own log, or LITELLM_LOG=DEBUG, shows it.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

from earmark.errors import ConfigError

T = TypeVar("T")

RETRIED_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
# A proxy stood between and got no answer, or none that it understood: the provider may have written one.
MAYBE_BILLED_STATUS = frozenset({408, 502, 504, 520, 524})
NO_SERVER = frozenset({"ConnectError", "ConnectTimeout", "UnsupportedProtocol"})
POLICY_CODES = ("content_policy_violation", "content_filter")
LENGTH_CODES = ("context_length_exceeded", "exceed_context_size_error")
QUOTA_CODES = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `seconds` is the time of this call alone, without waits and earlier tries."""

    text: str
    model: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float


class CallFailed(Exception):
    """One call that brought no answer; ours, caught by whoever retries."""

    def __init__(
        self,
        reason: str,
        *,
        again: bool,
        billed: bool = False,
        throttled: bool = False,
        wait_seconds: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.again = again
        self.billed = billed
        self.throttled = throttled
        self.wait_seconds = wait_seconds


def ask(
    *,
    model: str,
    messages: list[dict[str, str]],
    options: Mapping[str, Any],
    api_base: str | None,
    api_key: str | None,
    timeout_seconds: float,
) -> Reply:
    """Call once and wait at most `timeout_seconds`. Raises CallFailed, or ConfigError for an option that litellm knows to be wrong."""
    litellm = _litellm()

    def call() -> object:
        return litellm.completion(
            model=model,
            messages=messages,
            api_base=api_base,
            api_key=api_key,
            timeout=timeout_seconds,
            max_retries=0,  # retries are counted, paced and charged by us: hidden ones would be none of these
            num_retries=0,
            **options,
        )

    started = time.monotonic()
    try:
        response = _within(timeout_seconds, call)
    except Exception as error:
        return _failed(error, litellm, model=model, seconds=time.monotonic() - started)
    return _reply(response, model=model, seconds=time.monotonic() - started)


def count_tokens(messages: Sequence[tuple[str, str]]) -> int:
    """Tokens of (role, content) pairs by the tokenizer that litellm brings along: an estimate for every provider."""
    plain = [{"role": role, "content": content} for role, content in messages]
    return int(_litellm().token_counter(model="gpt-4o", messages=plain))


@cache
def _litellm() -> ModuleType:
    # Otherwise the import fetches a price list from the network, and reads a .env file of whatever folder we are in.
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
    # The transport's own timeout runs anew with each byte: a server that drips would hold a call for ever.
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name="earmark-ask", daemon=True).start()
    return future.result(timeout=seconds + 1.0)


def _reply(response: object, *, model: str, seconds: float) -> Reply:
    try:
        choice = response.choices[0]  # type: ignore[attr-defined] # litellm's own class, or whatever the server sent
        refusal = (getattr(choice.message, "provider_specific_fields", None) or {}).get("refusal")
        content = choice.message.content or ""
        finish_reason = str(choice.finish_reason or "stop")
        usage = getattr(response, "usage", None)
    except (AttributeError, IndexError, TypeError):
        raise CallFailed(
            "the server sent something that is no chat completion", again=True, billed=True
        ) from None
    prompt_tokens, completion_tokens = (
        getattr(usage, "prompt_tokens", None),
        getattr(usage, "completion_tokens", None),
    )
    told = bool(prompt_tokens)  # litellm fills in zeros where the server said nothing
    return Reply(
        text=_clean(str(content or refusal or "")),
        model=str(getattr(response, "model", None) or model),
        finish_reason="refusal" if refusal else finish_reason,
        prompt_tokens=prompt_tokens if told else None,
        completion_tokens=completion_tokens if told else None,
        seconds=seconds,
    )


def _clean(text: str) -> str:
    # Lone surrogates cannot be hashed or written; a server may send them as JSON escapes.
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _failed(error: Exception, litellm: ModuleType, *, model: str, seconds: float) -> Reply:
    if isinstance(error, litellm.UnsupportedParamsError):
        raise ConfigError(
            f"model '{model}': litellm says it does not take one of the options sent; correct `capabilities` in its YAML"
        ) from None
    if isinstance(error, litellm.ContentPolicyViolationError) or _says(error, POLICY_CODES):
        # The provider's policy is part of what is asked: this is an answer, and asking again would bring the same one.
        return Reply(
            text="",
            model=model,
            finish_reason="content_filter",
            prompt_tokens=None,
            completion_tokens=None,
            seconds=seconds,
        )
    if isinstance(error, litellm.ContextWindowExceededError) or _says(error, LENGTH_CODES):
        raise CallFailed(
            "the prompt is longer than the model's context; use fewer examples or turns",
            again=False,
        ) from None
    raise _of_status(error) if _answered(error) else _of_silence(error, litellm, seconds) from None


def _of_status(error: Exception) -> CallFailed:
    status = getattr(error, "status_code", None)
    if status in (401, 403):
        return CallFailed(
            f"the provider refuses the key (HTTP {status}); check it, and that it may use this model",
            again=False,
        )
    if status == 404:
        return CallFailed(
            "the provider knows no such model or address (HTTP 404); check model and api_base",
            again=False,
        )
    if _says(error, QUOTA_CODES):
        return CallFailed(
            "the account has no credit left (HTTP 429); add some, then start again", again=False
        )
    throttled = status == 429
    reason = (
        f"too many requests (HTTP {status})"
        if throttled
        else f"the provider answered HTTP {status}"
    )
    billed = status in MAYBE_BILLED_STATUS
    return CallFailed(
        reason,
        again=status in RETRIED_STATUS,
        billed=billed,
        throttled=throttled,
        wait_seconds=_retry_after_seconds(error),
    )


def _of_silence(error: Exception, litellm: ModuleType, seconds: float) -> CallFailed:
    if NO_SERVER.intersection(type(link).__name__ for link in _chain(error)):
        return CallFailed("nobody listens at its address", again=True)
    if isinstance(error, TimeoutError | litellm.Timeout):
        return CallFailed(f"no answer within {seconds:.0f} s", again=True, billed=True)
    return CallFailed("the connection broke or the answer was garbage", again=True, billed=True)


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _answered(error: Exception) -> bool:
    return any("HTTPStatusError" in type(link).__name__ for link in _chain(error))


def _says(error: Exception, codes: tuple[str, ...]) -> bool:
    # The code is on one of the chained errors, or only in the body that litellm quotes.
    text = str(error)
    return any(getattr(link, "code", None) in codes for link in _chain(error)) or any(
        f'"{code}"' in text for code in codes
    )


def _retry_after_seconds(error: Exception) -> float | None:
    headers = (
        getattr(error, "litellm_response_headers", None)
        or getattr(getattr(error, "response", None), "headers", None)
        or {}
    )
    value = {str(name).lower(): text for name, text in dict(headers).items()}.get("retry-after")
    if value is None:
        return None
    try:
        return max(float(value), 0.0)
    except ValueError:
        return _seconds_until(str(value))


def _seconds_until(date: str) -> float | None:
    try:
        return max(parsedate_to_datetime(date).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None
