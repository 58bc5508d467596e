"""An exception of litellm -> what happened, what to do about it, and whether another try may help.

What a provider writes in an error is not repeated, because it may quote the prompt or part of the
key; LITELLM_LOG=DEBUG shows it. Only the name of a refused parameter is read from it.
"""

import errno
import ipaddress
import math
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import ModuleType
from urllib.parse import urlsplit

from earmark.errors import ConfigError
from earmark.models import CallFailed

RETRIED_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
# A proxy got no answer, or none that it understood: the provider may have written one.
MAYBE_BILLED_STATUS = frozenset({408, 502, 504, 520, 524})
REFUSED_STATUS = frozenset({400, 422})
NOT_FOUND = "knows no such model or address (HTTP 404); check model.model and model.api_base"
NO_SERVER = frozenset({"ConnectError", "ConnectTimeout", "UnsupportedProtocol"})
# What breaks on this machine: a library that cannot be imported or read, no memory, no room.
BROKEN_HERE = (ImportError, EOFError, MemoryError)
BROKEN_HERE_CODES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
DISCONNECTED = frozenset({"ReadError", "RemoteProtocolError", "WriteError"})
POLICY_CODES = ("content_policy_violation", "content_filter")
LENGTH_CODES = ("context_length_exceeded", "exceed_context_size_error")
QUOTA_CODES = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
# Wordings of OpenAI, vLLM, llama.cpp and Ollama.
LENGTH_WORDS = re.compile(
    r"(maximum|available) context (length|size)|context (length|size|window) (was |is )?exceeded"
    r"|exceeds? (the |maximum |model'?s )*context|context shift is disabled|prompt is too long"
    r"|input (length|is) (exceeds|too long)|truncating input",
    re.IGNORECASE,
)
# What refuses a parameter, and the setting that leaves it out.
REFUSED_PARAMETER = re.compile(
    r"unsupported|not support|unknown|unrecognized|unexpected|not permitted|not allowed|invalid"
    r"|extra (fields|inputs)|must be|deprecated",
    re.IGNORECASE,
)
SETTINGS = {
    "max_completion_tokens": "model.capabilities.max_tokens_name=max_tokens",
    "max_tokens": "model.capabilities.max_tokens_name=max_completion_tokens",
    "temperature": "model.capabilities.temperature=1 model.on_unsupported=clamp",
    "top_p": "model.capabilities.top_p=false model.on_unsupported=clamp",
    "seed": "model.capabilities.seed=false",
    "reasoning_effort": "model.capabilities.reasoning_efforts=[] model.on_unsupported=clamp",
    "system": "model.capabilities.system=false",
}
PARAMETER = re.compile(rf"\b({'|'.join(SETTINGS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is called: `name` is for messages, `model` is litellm's name.

    `api_base` is None for the provider's own address.
    """

    name: str
    model: str
    api_base: str | None
    timeout_seconds: float

    @property
    def address(self) -> str:
        """Host and port, for messages."""
        if self.api_base is None:
            return f"the provider's address ({self.model.split('/', 1)[0]})"
        host, port = self.host_and_port
        return f"{host}:{port}"

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Of `api_base`; an empty host without one."""
        parts = urlsplit(self.api_base or "")
        return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def local(self) -> bool:
        """True for a server on this machine or in a private network."""
        host, _ = self.host_and_port
        try:
            return ipaddress.ip_address(host).is_private
        except ValueError:
            return bool(host) and ("." not in host or host.endswith((".local", ".internal")))


def is_policy(error: Exception, litellm: ModuleType) -> bool:
    """True when the provider's content policy stopped the request."""
    return isinstance(error, litellm.ContentPolicyViolationError) or _has_code(error, POLICY_CODES)


def not_a_completion(endpoint: Endpoint) -> CallFailed:
    """The error for an answer that is a web page, garbage, or some other protocol."""
    what = f"{endpoint.address} answered, but not with a chat completion"
    hint = "check model.api_base, which often ends in /v1"
    return CallFailed(f"model '{endpoint.name}': {what}; {hint}", retryable=True, billed=True)


def unreachable(endpoint: Endpoint) -> CallFailed:
    """The error for an address where no server accepts a connection."""
    reason = f"no server answers at {endpoint.address}"
    hint = "start it, or set model.api_base"
    return CallFailed(
        f"model '{endpoint.name}': {reason}; {hint}", retryable=True, unreachable=True
    )


def explain(
    error: Exception,
    litellm: ModuleType,
    *,
    endpoint: Endpoint,
    seconds: float,
    not_found: str = NOT_FOUND,
) -> CallFailed | ConfigError:
    """The error to raise for an exception that ended a call after `seconds`.

    `not_found` says what the address does not know when it answers HTTP 404, and what to do.
    """
    model = f"model '{endpoint.name}'"
    if isinstance(error, litellm.UnsupportedParamsError):
        hint = f"correct `capabilities` in conf/model/{endpoint.name}.yaml"
        return ConfigError(f"{model}: litellm refuses to send one of the options; {hint}")
    if _is_too_long(error, litellm):
        reason = "the prompt is longer than the model's context; use fewer examples or turns"
        return CallFailed(f"{model}: {reason}", retryable=False)
    if _has_status(error):
        return _by_status(error, endpoint, not_found)
    return _without_status(error, litellm, endpoint=endpoint, seconds=seconds)


def _without_status(
    error: Exception, litellm: ModuleType, *, endpoint: Endpoint, seconds: float
) -> CallFailed:
    if broken := next(filter(_is_broken_here, _chain(error)), None):
        reason = f"the call failed on this machine ({type(broken).__name__}: {broken})"
        hint = "the provider may have answered; mend that first, then start again"
        # Not tried again: what is broken here stays so, and each answer is paid for.
        return CallFailed(
            f"model '{endpoint.name}': {reason}; {hint}", retryable=False, billed=True
        )
    names = {type(link).__name__ for link in _chain(error)}
    if names & NO_SERVER:
        return unreachable(endpoint)
    if isinstance(error, TimeoutError | litellm.Timeout):
        reason = f"no answer within {seconds:.0f} s; set a longer model.timeout_seconds"
    elif names & DISCONNECTED:
        reason = f"the connection to {endpoint.address} broke; see docs/models.md"
    else:
        return not_a_completion(endpoint)
    return CallFailed(f"model '{endpoint.name}': {reason}", retryable=True, billed=True)


def _by_status(error: Exception, endpoint: Endpoint, not_found: str) -> CallFailed:
    model, status = f"model '{endpoint.name}'", getattr(error, "status_code", None)
    final = {
        401: "the provider refuses the key (HTTP 401); check it, and that it may use this model",
        403: "the provider refuses the key (HTTP 403); check it, and that it may use this model",
        404: f"{endpoint.address} {not_found}",
    }
    if status in final:
        return CallFailed(f"{model}: {final[status]}", retryable=False)
    if _has_code(error, QUOTA_CODES):
        reason = f"the account has no credit left (HTTP {status}); add some, then start again"
        return CallFailed(f"{model}: {reason}", retryable=False)
    if status in REFUSED_STATUS and (name := _refused_parameter(error)):
        reason = f"the provider refuses {name} (HTTP {status}); set {SETTINGS[name]}"
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


def _is_too_long(error: Exception, litellm: ModuleType) -> bool:
    if isinstance(error, litellm.ContextWindowExceededError) or _has_code(error, LENGTH_CODES):
        return True
    return _has_status(error) and LENGTH_WORDS.search(str(error)) is not None


def _refused_parameter(error: Exception) -> str | None:
    """The parameter that the provider names as the reason of its refusal."""
    for link in _chain(error):
        if (name := getattr(link, "param", None)) in SETTINGS:
            return str(name)
    text = str(error)
    name = PARAMETER.search(text) if REFUSED_PARAMETER.search(text) else None
    return name[1].lower() if name else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _is_broken_here(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in BROKEN_HERE_CODES
    return isinstance(error, BROKEN_HERE)


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
        seconds = float(value)
    except ValueError:
        return _seconds_until(str(value))
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _seconds_until(date: str) -> float | None:
    try:
        return max(parsedate_to_datetime(date).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None
