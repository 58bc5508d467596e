"""Servers as the field has them: whatever shape their answers and errors have, each is read or
named.
"""

import json
import time
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.errors import CompletionError, ModelUnavailable
from earmark.extract import extract
from earmark.extract.answers import check_completion
from earmark.models import CallFailed
from earmark.models.hosted import LiteLLM
from earmark.models.wire import plain_body
from earmark.models.wrappers.cassette import Cassette
from earmark.models.wrappers.retry import Retry
from earmark.records import Completion, Sampling
from earmark.testing.models import request_of
from tests.extract.shapes import SINE, fence
from tests.models.server import DEAD_PORT_BASE, ChatServer, Reply

pytestmark = pytest.mark.usefixtures("warm")
MODELS = ["openai/local-model", "hosted_vllm/local-model"]
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


def body(
    message: dict[str, Any], finish_reason: str | None = "stop", usage: Any = None, **top: Any
) -> Reply:
    """A chat completion under HTTP 200, as a server might write it."""
    choice = {"index": 0, "message": {"role": "assistant", **message}}
    value = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{**choice, "finish_reason": finish_reason}],
        "usage": USAGE if usage is None else usage,
        **top,
    }
    return Reply(raw=json.dumps(value).encode())


def ask(reply: Reply, model: str = MODELS[0], **more: Any) -> Completion:
    with ChatServer(reply) as server:
        hosted = LiteLLM(
            name="local", model=model, api_base=server.api_base, timeout_seconds=20.0, **more
        )
        return hosted.complete(request_of())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "ab", None),
        ({"content": ["a", {"type": "output_text", "text": "b"}]}, "ab", None),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                    {"type": "text", "text": "a"},
                ]
            },
            "a",
            "hm",
        ),
        (
            {"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}]},
            "a",
            "hm",
        ),
        ({"content": [{"type": "image_url"}, {"type": "text", "text": "a"}]}, "a", None),
        ({"content": "a", "reasoning_content": "hm"}, "a", "hm"),
        ({"content": "a", "reasoning": "hm"}, "a", "hm"),
        ({"content": "<think>hm</think>a"}, "a", "hm"),
        ({"content": None, "reasoning_content": "hm"}, "", "hm"),
        ({"content": []}, "", None),
        ({"content": None}, "", None),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else "",
)
def test_an_answer_in_parts_is_one_text_and_reasoning_stands_apart(
    message: dict[str, Any], text: str, reasoning: str | None, model: str
) -> None:
    completion = ask(body(message), model)
    assert (completion.text.strip(), completion.reasoning) == (text, reasoning)


@pytest.mark.parametrize("model", MODELS)
def test_the_tokens_of_reasoning_are_kept(model: str) -> None:
    usage = {**USAGE, "completion_tokens_details": {"reasoning_tokens": 5}}
    assert ask(body({"content": "a"}, usage=usage), model).reasoning_tokens == 5
    assert ask(body({"content": "a"}), model).reasoning_tokens is None


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("codes", [[SINE], ["x = 1", SINE]], ids=["one", "two"])
def test_a_tool_call_is_an_answer(codes: list[str], model: str) -> None:
    calls = [
        {
            "id": str(number),
            "type": "function",
            "function": {"name": "run", "arguments": json.dumps({"code": code})},
        }
        for number, code in enumerate(codes)
    ]
    completion = ask(body({"content": None, "tool_calls": calls}, "tool_calls"), model)
    check_completion(completion)
    assert extract(completion.text).source == SINE + "\n"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("finish_reason", "kind"),
    [
        *((reason, "truncated") for reason in ("length", "max_tokens", "MAX_TOKENS")),
        *((reason, "truncated") for reason in ("model_length", "max_output_tokens", "token_limit")),
        *((reason, "refused") for reason in ("content_filter", "SAFETY", "refusal", "RECITATION")),
        *((reason, None) for reason in ("stop", "STOP", "eos", "eos_token", "end_turn", None)),
        *((reason, None) for reason in ("stop_sequence", "COMPLETE", "tool_calls", "anything")),
    ],
)
def test_a_finish_reason_is_read_in_every_spelling(
    finish_reason: str | None, kind: str | None, model: str
) -> None:
    completion = ask(body({"content": "x = np.sin("}, finish_reason), model)
    if kind is None:
        check_completion(completion)
    else:
        with pytest.raises(CompletionError, match=r"^the (answer|provider) ") as caught:
            check_completion(completion)
        assert caught.value.failure.kind == kind


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("reason", ["error", "abort", "insufficient_system_resource"])
def test_an_answer_that_its_server_gave_up_is_no_answer(reason: str, model: str) -> None:
    with pytest.raises(CallFailed, match=rf"broke off \({reason}\)") as caught:
        ask(body({"content": "x ="}, reason), model)
    assert (caught.value.retryable, caught.value.billed) == (True, True)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (USAGE, (11, 7)),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, (None, None)),
        ({"prompt_tokens": 11}, (11, None)),
        ({"prompt_tokens": 11, "completion_tokens": 0, "total_tokens": 11}, (11, None)),
        ({"completion_tokens": 7}, (None, 7)),
        ({"total_tokens": 18}, (None, None)),
        ({"prompt_tokens": None, "completion_tokens": None, "total_tokens": None}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_what_was_not_counted_is_unknown(
    usage: dict[str, Any], counts: tuple[int | None, int | None], model: str
) -> None:
    price = {"input_usd_per_million": 1.0, "output_usd_per_million": 1.0}
    completion = ask(body({"content": "a"}, usage=usage), model, capabilities={"price": price})
    assert (completion.prompt_tokens, completion.completion_tokens) == counts
    assert (completion.cost_usd is None) == (None in counts)


def test_an_empty_answer_may_have_no_tokens() -> None:
    usage = {"prompt_tokens": 11, "completion_tokens": 0, "total_tokens": 11}
    assert ask(body({"content": ""}, usage=usage)).completion_tokens == 0


CHUNK = 'data: {{"id":"x","object":"chat.completion.chunk","created":1,"model":"m",{rest}}}\n\n'
PIECES = [
    '"choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"h"}}]',
    '"choices":[{"index":0,"delta":{"reasoning_content":"m"}}]',
    '"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]',
    '"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"length"}]',
    '"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}',
]


@pytest.mark.parametrize("model", MODELS)
def test_an_event_stream_is_put_together(model: str) -> None:
    stream = "".join(CHUNK.format(rest=piece) for piece in PIECES) + "data: [DONE]\n\n"
    completion = ask(Reply(raw=stream.encode()), model)
    assert (completion.text, completion.reasoning, completion.finish_reason) == (
        "ab",
        "hm",
        "length",
    )
    assert (completion.prompt_tokens, completion.completion_tokens) == (11, 7)


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


def test_the_settings_that_leave_a_parameter_out_do_so() -> None:
    wanted = Sampling(temperature=0.5, top_p=0.5, max_tokens=9, reasoning_effort="low", seed=1)
    can = {"temperature": 1, "top_p": False, "seed": False, "reasoning_efforts": []}
    with ChatServer() as server:
        LiteLLM(
            name="local",
            model=MODELS[0],
            api_base=server.api_base,
            on_unsupported="clamp",
            capabilities={**can, "max_tokens_name": "max_completion_tokens"},
        ).complete(request_of(sampling=wanted))
    sent = server.log[0].body
    assert not {"temperature", "top_p", "seed", "reasoning_effort", "max_tokens"} & set(sent)
    assert sent["max_completion_tokens"] == 9


def test_the_name_of_a_limit_changes_no_identity() -> None:
    one, other = (
        LiteLLM(name="local", model=MODELS[0], capabilities={"max_tokens_name": name}).identity
        for name in ("max_tokens", "max_completion_tokens")
    )
    assert one == other


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


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "error", "type", "text", "delta", "usage", "code"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(json_values, st.booleans())
def test_no_body_breaks_the_reading_of_it(value: object, stream: bool) -> None:
    text = f"data: {json.dumps(value)}\n\n" if stream else json.dumps(value)
    status, plain = plain_body(text)
    assert 200 <= status < 600
    assert plain is None or isinstance(json.loads(plain), dict)


def test_a_fenced_program_comes_through_parts() -> None:
    parts = [{"type": "text", "text": half} for half in (fence(SINE)[:40], fence(SINE)[40:])]
    assert extract(ask(body({"content": parts})).text).source == SINE + "\n"
