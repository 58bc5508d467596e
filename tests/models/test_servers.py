"""Answers of servers as the field has them: whatever their shape, each is read."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.errors import CompletionError
from earmark.extract import extract
from earmark.extract.answers import check_completion
from earmark.models.hosted import LiteLLM
from earmark.models.wire import plain_body
from earmark.records import Completion, Sampling
from earmark.testing.models import request_of
from tests.extract.shapes import SINE, fence
from tests.models.server import ChatServer, Reply

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
        with pytest.raises(CompletionError, match=r"^the (reply|provider) ") as caught:
            check_completion(completion)
        assert caught.value.failure.kind == kind


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
