"""An exception of litellm -> what happened, what to do about it, and whether another try may help.

What a provider writes in an error is not repeated, because it may quote the prompt or part of the
key; LITELLM_LOG=DEBUG shows it.
"""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from types import ModuleType

from earmark.errors import ConfigError
from earmark.models import CallFailed

RETRIED_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
# A proxy got no answer, or none that it understood: the provider may have written one.
MAYBE_BILLED_STATUS = frozenset({408, 502, 504, 520, 524})
NO_SERVER = frozenset({"ConnectError", "ConnectTimeout", "UnsupportedProtocol"})
POLICY_CODES = ("content_policy_violation", "content_filter")
LENGTH_CODES = ("context_length_exceeded", "exceed_context_size_error")
QUOTA_CODES = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")


def is_policy(error: Exception, litellm: ModuleType) -> bool:
    """True when the provider's content policy stopped the request."""
    return isinstance(error, litellm.ContentPolicyViolationError) or _has_code(error, POLICY_CODES)


def explain(
    error: Exception, litellm: ModuleType, *, name: str, seconds: float
) -> CallFailed | ConfigError:
    """The error to raise for an exception that ended a call after `seconds`; `name` is the model's."""
    model = f"model '{name}'"
    if isinstance(error, litellm.UnsupportedParamsError):
        hint = f"correct `capabilities` in conf/model/{name}.yaml"
        return ConfigError(f"{model}: litellm refuses to send one of the options; {hint}")
    if isinstance(error, litellm.ContextWindowExceededError) or _has_code(error, LENGTH_CODES):
        reason = "the prompt is longer than the model's context; use fewer examples or turns"
        return CallFailed(f"{model}: {reason}", retryable=False)
    if _has_status(error):
        return _by_status(error, model)
    if NO_SERVER.intersection(type(link).__name__ for link in _chain(error)):
        reason = "no server answers at its address; start it, or set model.api_base"
        return CallFailed(f"{model}: {reason}", retryable=True, unreachable=True)
    if isinstance(error, TimeoutError | litellm.Timeout):
        reason = f"no answer within {seconds:.0f} s; set a longer model.timeout_seconds"
    else:
        reason = "the connection broke or the answer was garbage; check model.api_base"
    return CallFailed(f"{model}: {reason}", retryable=True, billed=True)


def _by_status(error: Exception, model: str) -> CallFailed:
    status = getattr(error, "status_code", None)
    final = {
        401: f"the provider refuses the key (HTTP {status}); check it, and that it may use this model",
        403: f"the provider refuses the key (HTTP {status}); check it, and that it may use this model",
        404: "the provider knows no such model or address (HTTP 404); check model.model and model.api_base",
    }
    if status in final:
        return CallFailed(f"{model}: {final[status]}", retryable=False)
    if _has_code(error, QUOTA_CODES):
        reason = "the account has no credit left (HTTP 429); add some, then start again"
        return CallFailed(f"{model}: {reason}", retryable=False)
    throttled = status == 429
    what = "asks for fewer calls with" if throttled else "answered"
    return CallFailed(
        f"{model}: the provider {what} HTTP {status}; see docs/models.md",
        retryable=status in RETRIED_STATUS,
        billed=status in MAYBE_BILLED_STATUS,
        throttled=throttled,
        wait_seconds=_retry_after_seconds(error),
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _has_status(error: Exception) -> bool:
    """True when a server answered with an HTTP status; litellm invents one where none did."""
    return any("HTTPStatusError" in type(link).__name__ for link in _chain(error))


def _has_code(error: Exception, codes: tuple[str, ...]) -> bool:
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
