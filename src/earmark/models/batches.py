"""A provider's batches over litellm: many requests in one file, answered within a day, for half.

The protocol is OpenAI's: a file of JSON lines is uploaded, a batch is made of it, and its results
come as two files, of answers and of errors. litellm has it for OpenAI, for any server that speaks
it, and for its own proxy, which brings it to other providers.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, TypeVar

from earmark.errors import ConfigError
from earmark.models import BatchState, CallFailed, failures, transport
from earmark.models.capabilities import Capabilities, options
from earmark.models.exchange import completion_of, to_wire
from earmark.models.failures import POLICY_CODES, RETRIED_STATUS, Endpoint
from earmark.models.transport import Reply
from earmark.models.wire import plain_body
from earmark.records import Completion, Json, Request, Sampling
from earmark.storage.foreign import json_of

PROVIDERS = ("openai", "hosted_vllm", "litellm_proxy")
URL = "/v1/chat/completions"
WINDOW = "24h"  # the only one there is
PAGE, MAX_PAGES = 100, 20  # of a list of batches: the newest come first
CODE_CHARS = 60
NOT_FOUND = "offers no batches, or has lost this one (HTTP 404); set asking=each where it has none"
T = TypeVar("T")


class HostedBatches:
    """The batches of the provider of one model.

    Args:
        endpoint: of the model.
        capabilities: of the model, at its list price.
        fit: the sampling in force for a requested one.
        key: the API key, or None.

    Raises:
        ConfigError: litellm offers no batches of this provider.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        capabilities: Capabilities,
        *,
        fit: Callable[[Sampling], Sampling],
        key: Callable[[], str | None],
    ) -> None:
        self._provider, _, self._model = endpoint.model.partition("/")
        if self._provider not in PROVIDERS:
            rule = f"litellm makes batches for {', '.join(PROVIDERS)}, not for {self._provider}"
            hint = "set asking=each for it, or reach it through a litellm proxy"
            raise ConfigError(f"asking=batch: model '{endpoint.name}': {rule}; {hint}")
        self._endpoint, self._capabilities, self._fit, self._key = endpoint, capabilities, fit, key

    def upload(self, requests: Mapping[str, Request]) -> str:
        """The id of the file that holds the requests, each under its key."""

        def call(litellm: ModuleType) -> Any:  # noqa: ANN401  litellm's
            lines = [self._line(litellm, key, request) for key, request in requests.items()]
            file = ("requests.jsonl", "\n".join(lines).encode(), "application/jsonl")
            return litellm.create_file(file=file, purpose="batch", **self._access)

        return self._id(self._call(call))

    def start(self, file: str) -> str:
        """The id of the batch that is made of an uploaded file."""
        made = self._call(
            lambda litellm: litellm.create_batch(
                completion_window=WINDOW, endpoint=URL, input_file_id=file, **self._access
            ),
        )
        return self._id(made)

    def find(self, file: str) -> str | None:
        """The id of a batch that was made of this file; None where there is none."""
        after: str | None = None
        for _ in range(MAX_PAGES):
            page = self._call(self._listing(after))
            batches = list(getattr(page, "data", None) or [])
            for batch in batches:
                if getattr(batch, "input_file_id", None) == file:
                    return self._id(batch)
            if not batches or not getattr(page, "has_more", False):
                return None
            after = self._id(batches[-1])
        return None

    def state(self, batch: str) -> BatchState:
        """How far a batch is."""
        known = self._call(lambda litellm: litellm.retrieve_batch(batch_id=batch, **self._access))
        counts = getattr(known, "request_counts", None)
        files = [getattr(known, f"{kind}_file_id", None) for kind in ("output", "error")]
        problems = getattr(getattr(known, "errors", None), "data", None) or []
        codes = [str(getattr(one, "code", None) or "no code") for one in problems]
        return BatchState(
            id=batch,
            status=str(getattr(known, "status", "")),
            total=int(getattr(counts, "total", 0) or 0),
            done=int(getattr(counts, "completed", 0) or 0),
            failed=int(getattr(counts, "failed", 0) or 0),
            files=tuple(file for file in files if file),
            codes=tuple(dict.fromkeys(code[:CODE_CHARS] for code in codes)),
        )

    def results(
        self, state: BatchState, requests: Mapping[str, Request]
    ) -> Iterator[tuple[str, Completion | CallFailed]]:
        """What each request of a batch that has ended became; some may be missing."""
        for file in state.files:
            for row in self._rows(file):
                key = row.get("custom_id")
                if isinstance(key, str) and key in requests:
                    yield key, self._result(row, requests[key], batch=state.id)

    @property
    def _access(self) -> dict[str, Any]:
        return {
            "custom_llm_provider": self._provider,
            "api_base": self._endpoint.api_base,
            "api_key": self._key() or "none",
            "timeout": self._endpoint.timeout_seconds,
            "max_retries": 0,  # a hidden retry could submit a second batch
        }

    def _call(self, call: Callable[[ModuleType], T]) -> T:
        return transport.call_once(self._endpoint, call, not_found=NOT_FOUND)

    def _listing(self, after: str | None) -> Callable[[ModuleType], object]:
        def call(litellm: ModuleType) -> object:
            return litellm.list_batches(after=after, limit=PAGE, **self._access)

        return call

    def _line(self, litellm: ModuleType, key: str, request: Request) -> str:
        """One request as it would be sent by itself."""
        sampling = options(self._fit(request.sampling), self._capabilities)
        sent = litellm.get_optional_params(
            model=self._model, custom_llm_provider=self._provider, **sampling
        )
        extra = sent.pop("extra_body", None) or {}
        sent.pop("stream", None)
        messages = to_wire(request.messages, system=self._capabilities.system)
        body = {"model": self._model, "messages": messages, **sent, **extra}
        return json.dumps({"custom_id": key, "method": "POST", "url": URL, "body": body})

    def _rows(self, file: str) -> Iterator[Json]:
        content = self._call(lambda litellm: litellm.file_content(file_id=file, **self._access))
        for line in content.content.decode(errors="replace").split("\n"):
            try:
                row = json_of(line) if line.strip() else None
            except ValueError:
                continue  # its request counts as unanswered
            if isinstance(row, dict):
                yield row

    def _result(self, row: Json, request: Request, *, batch: str) -> Completion | CallFailed:
        response = row.get("response")
        body = response.get("body") if isinstance(response, dict) else None
        status, plain = plain_body(json.dumps(body))
        if not isinstance(response, dict) or response.get("status_code") != 200:
            status = _status(response)
        if status == 200 and plain is not None:
            try:
                reply = self._reply(plain)
            except CallFailed as failure:
                return failure
            return self._completion(reply, request, batch)
        code = _code(row, body)
        if code in POLICY_CODES:  # as when it is asked by itself: a refusal is an answer
            refused = Reply("", self._endpoint.model, "content_filter", None)
            return self._completion(refused, request, batch)
        why = f"its batch {batch} brought an error ({code or f'HTTP {status}'})"
        hint = "start the same line again to ask anew"
        return CallFailed(
            f"model '{self._endpoint.name}': {why}; {hint}", retryable=status in RETRIED_STATUS
        )

    def _reply(self, body: str) -> Reply:
        try:
            response = transport.read_completion(json.loads(body))
        except Exception:  # noqa: BLE001 litellm raises anything at what is no completion
            raise failures.not_a_completion(self._endpoint) from None
        return transport.reply_of(response, self._endpoint, seconds=None)

    def _completion(self, reply: Reply, request: Request, batch: str) -> Completion:
        return completion_of(
            reply,
            request,
            effective=self._fit(request.sampling),
            capabilities=self._capabilities.in_batches,
            batch=batch,
        )

    def _id(self, made: object) -> str:
        value = getattr(made, "id", None)
        if isinstance(value, str) and value:
            return value
        what = f"{self._endpoint.address} answered, but not as a provider with batches"
        hint = "set asking=each, or correct model.api_base"
        raise CallFailed(f"model '{self._endpoint.name}': {what}; {hint}", retryable=False)


def _status(response: object) -> int:
    status = response.get("status_code") if isinstance(response, dict) else None
    return status if isinstance(status, int) and status != 200 else 500


def _code(row: Json, body: object) -> str:
    """The provider's code for what went wrong with a request."""
    inner = body.get("error") if isinstance(body, dict) else None
    for error in (row.get("error"), inner):
        if isinstance(error, dict) and error.get("code"):
            return str(error["code"])[:CODE_CHARS]
    return ""
