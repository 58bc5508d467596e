"""Errors of servers as the field has them: each is named, with what to do about it."""

import json
import time
from email.utils import formatdate
from typing import Any

import pytest

from earmark.errors import ModelUnavailable
from earmark.models import CallFailed
from earmark.models.hosted import LiteLLM
from earmark.models.wrappers.cassette import Cassette
from earmark.models.wrappers.retry import Retry
from earmark.records import Sampling
from earmark.testing.models import request_of
from tests.models.server import DEAD_PORT_BASE, ChatServer, Reply
from tests.models.test_servers import MODELS, ask, body

pytestmark = pytest.mark.usefixtures("warm")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("reason", ["error", "abort", "insufficient_system_resource"])
def test_an_answer_that_its_server_gave_up_is_no_answer(reason: str, model: str) -> None:
    with pytest.raises(CallFailed, match=rf"broke off \({reason}\)") as caught:
        ask(body({"content": "x ="}, reason), model)
    assert (caught.value.retryable, caught.value.billed) == (True, True)


@pytest.mark.parametrize("model", [*MODELS, "ollama_chat/local-model"])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"message": "a secret", "code": 503}, "HTTP 503"),
        ({"message": "a secret", "code": "overloaded"}, "HTTP 500"),
        ("a secret", "HTTP 500"),
    ],
)
def test_an_error_under_http_200_is_an_error(error: object, reason: str, model: str) -> None:
    with pytest.raises(CallFailed, match=reason) as caught:
        ask(Reply(raw=json.dumps({"error": error}).encode()), model)
    assert (caught.value.retryable, caught.value.billed) == (True, False)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("model", [*MODELS, "ollama_chat/local-model", "anthropic/m", "gemini/m"])
@pytest.mark.parametrize("raw", [b"<html>login</html>", b"", b"[]", b'{"detail": "no"}', b"null"])
def test_what_is_no_completion_is_named_with_its_server(raw: bytes, model: str) -> None:
    with pytest.raises(
        CallFailed, match=r"127\.0\.0\.1:\d+ answered, but not with a chat completion; check model"
    ):
        ask(Reply(raw=raw), model)


class Refusing(ChatServer):
    """Answers every call with one status and body."""

    def __init__(self, status: int, value: object) -> None:
        super().__init__(Reply(status=status, raw=json.dumps(value).encode()))


@pytest.mark.parametrize("model", [*MODELS, "ollama_chat/local-model"])
@pytest.mark.parametrize(
    ("status", "value"),
    [
        (400, {"message": "This model's maximum context length is 2048 tokens. However, …"}),
        (400, {"error": {"message": "the request exceeds the available context size, try it"}}),
        (500, {"error": {"message": "context shift is disabled", "code": 500}}),
        (400, {"error": "input length exceeds maximum context length"}),
        (400, {"error": {"message": "x", "code": "context_length_exceeded"}}),
        (400, {"error": {"message": "prompt is too long: 9000 tokens > 8192 maximum"}}),
    ],
)
def test_a_prompt_that_is_too_long_is_said_in_every_wording(
    status: int, value: dict[str, Any], model: str
) -> None:
    with (
        Refusing(status, value) as server,
        pytest.raises(CallFailed, match="longer than the model's context") as caught,
    ):
        LiteLLM(name="local", model=model, api_base=server.api_base).complete(request_of())
    assert not caught.value.retryable


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("message", "setting"),
    [
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "refuses max_tokens .* set model.capabilities.max_tokens_name=max_completion_tokens",
        ),
        (
            "Unsupported value: 'temperature' does not support 0.5 with this model.",
            "refuses temperature .* set model.capabilities.temperature=1 .*clamp",
        ),
        ("top_p is not supported", "refuses top_p .* set model.capabilities.top_p=false"),
        ("unknown field: seed", "refuses seed .* set model.capabilities.seed=false"),
        ("System role not supported", "refuses system .* set model.capabilities.system=false"),
        (
            "Unrecognized request argument supplied: reasoning_effort",
            "refuses reasoning_effort .* set model.capabilities.reasoning_efforts=",
        ),
    ],
)
def test_a_refused_parameter_is_named_with_the_setting_that_leaves_it_out(
    message: str, setting: str, model: str
) -> None:
    with (
        Refusing(400, {"error": {"message": message, "type": "invalid_request_error"}}) as server,
        pytest.raises(CallFailed, match=setting) as caught,
    ):
        LiteLLM(name="local", model=model, api_base=server.api_base).complete(request_of())
    assert not caught.value.retryable


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("value", "low", "high"),
    [("nan", None, None), ("inf", None, None), ("-inf", None, None), ("date", 80, 100)],
)
def test_an_odd_retry_after_is_no_wait(
    value: str, low: float | None, high: float | None, model: str
) -> None:
    text = formatdate(time.time() + 95, usegmt=True) if value == "date" else value
    with pytest.raises(CallFailed, match="fewer calls") as caught:
        ask(Reply(status=429, retry_after=text), model)
    wait_seconds = caught.value.wait_seconds
    assert (wait_seconds is None) == (low is None)
    if wait_seconds is not None and low is not None and high is not None:
        assert low < wait_seconds < high


def dead(name: str, retries: int = 2) -> LiteLLM:
    return LiteLLM(name=name, model=MODELS[0], api_base=DEAD_PORT_BASE, retries=retries)


def test_a_dead_server_is_found_before_the_first_call() -> None:
    for model in (dead("a"), Retry(dead("a"))):
        with pytest.raises(CallFailed, match=r"no server answers at 127\.0\.0\.1:9; start it, or"):
            model.preflight(Sampling(temperature=0.5))


def test_a_dead_server_is_no_obstacle_where_answers_are_recorded(tmp_path: Any) -> None:
    cassette = Cassette(Retry(dead("a")), tmp_path)
    with pytest.raises(CallFailed, match="no server answers"):
        cassette.preflight()
    with ChatServer() as server:
        live = LiteLLM(name="a", model=MODELS[0], api_base=server.api_base)
        Cassette(live, tmp_path).complete(request_of())
    Cassette(live, tmp_path).preflight()


def test_a_dead_server_costs_all_tries_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = list[float]()
    monkeypatch.setattr("earmark.models.wrappers.retry.time.sleep", waits.append)
    model = Retry(LiteLLM(name="b", model=MODELS[0], api_base="http://127.0.0.1:7/v1", retries=3))
    for tries in (4, 1, 1):
        with pytest.raises(ModelUnavailable, match=rf"127\.0\.0\.1:7.*\(tries: {tries}\)"):
            model.complete(request_of())
    assert len(waits) == 3


def test_a_server_that_came_back_is_tried_as_often_as_before() -> None:
    with ChatServer([Reply(), Reply(status=503), Reply()]) as server:
        live = Retry(LiteLLM(name="c", model=MODELS[0], api_base=server.api_base, retries=3))
        live._limiter.down = True
        assert live.complete(request_of()).text == "hello"
        assert not live._limiter.down
        assert live.complete(request_of("again")).text == "hello"
    assert server.requests == 3
