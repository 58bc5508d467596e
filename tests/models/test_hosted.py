"""One try of a hosted model against a real server that answers well, badly, late or not at all."""

import errno
import time
from typing import Any
from unittest.mock import Mock

import pytest

from earmark.errors import ConfigError
from earmark.models import CallFailed
from earmark.models.hosted import LiteLLM
from earmark.records import Message, Request, Sampling
from earmark.testing.models import request_of
from tests.models.server import (
    BROKEN,
    DEAD_PORT_BASE,
    DRIP,
    GARBAGE,
    HANG,
    NO_CHOICES,
    RESET,
    TOO_MANY,
    ChatServer,
    Reply,
    cut,
)

pytestmark = pytest.mark.usefixtures("warm")
GPT = "litellm.llms.openai.chat.gpt_transformation"
SECRET_PROMPT = "the words of a prompt that no message may hold"


def hosted(base: str | None, **more: Any) -> LiteLLM:
    return LiteLLM(
        **{
            "name": "local",
            "model": "openai/local-model",
            "api_base": base,
            "timeout_seconds": 20.0,
            **more,
        }
    )


@pytest.mark.parametrize("model", ["bedrock/a", "bedrock/converse/a", "sagemaker_chat/a"])
def test_a_library_that_set_up_left_out_is_named_before_a_call(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earmark.models.hosted.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"boto3, .* run `pip install -c constraints.txt boto3`"):
        hosted(None, model=model).preflight()
    hosted(None).preflight()  # others need none


@pytest.mark.parametrize("model", ["openai/local-model", "hosted_vllm/local-model"])
@pytest.mark.parametrize(
    ("reply", "reason", "flags"),
    [
        (Reply(status=401), "refuses the key", ""),
        (Reply(status=403), "refuses the key", ""),
        (Reply(status=404), "no such model", ""),
        (Reply(status=400), "HTTP 400", ""),
        (Reply(status=400, code="context_length_exceeded"), "longer than the model's context", ""),
        (Reply(status=429, code="insufficient_quota"), "no credit", ""),
        (Reply(status=429), "fewer calls", "retryable throttled"),
        (BROKEN, "HTTP 500", "retryable"),
        (Reply(status=503), "HTTP 503", "retryable"),
        (Reply(status=504), "HTTP 504", "retryable billed"),
        (RESET, "the connection to .* broke", "retryable billed"),
        (GARBAGE, "not with a chat completion", "retryable billed"),
    ],
    ids=[
        "401",
        "403",
        "404",
        "400",
        "length",
        "quota",
        "429",
        "500",
        "503",
        "504",
        "reset",
        "html",
    ],
)
def test_a_failure_says_what_may_be_done_about_it(
    reply: Reply, reason: str, flags: str, model: str
) -> None:
    with (
        ChatServer(reply) as server,
        pytest.raises(CallFailed, match=f"model 'local': .*{reason}") as caught,
    ):
        hosted(server.api_base, model=model).complete(request_of())
    known = ("retryable", "billed", "throttled", "unreachable")
    assert [flag for flag in known if getattr(caught.value, flag)] == flags.split()
    assert server.requests == 1


def test_a_dead_server_is_unreachable() -> None:
    with pytest.raises(CallFailed, match=r"no server answers at 127\.0\.0\.1:9") as caught:
        hosted(DEAD_PORT_BASE).complete(request_of())
    assert (caught.value.retryable, caught.value.unreachable, caught.value.billed) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("model", "reader"),
    [
        ("openai/local-model", "earmark.models.wire.plain_body"),
        ("openai/local-model", "litellm.llms.openai.openai.convert_to_model_response_object"),
        ("hosted_vllm/local-model", f"{GPT}.convert_to_model_response_object"),
    ],
)
@pytest.mark.parametrize(
    "broken",
    [
        EOFError("marshal data too short"),  # a compiled file that a full disk cut short
        ImportError("cannot import name 'x'"),
        MemoryError(),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_breaks_here_after_the_answer_came_is_not_asked_again(
    broken: Exception, model: str, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, Mock(side_effect=broken))
    with (
        ChatServer() as server,
        pytest.raises(CallFailed, match=f"on this machine .{type(broken).__name__}") as caught,
    ):
        hosted(server.api_base, model=model).complete(request_of())
    assert (caught.value.retryable, caught.value.billed) == (False, True)
    assert server.requests == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0), ("soon", None)],
)
def test_the_wait_that_a_provider_asks_for_is_read(value: str, seconds: float | None) -> None:
    with (
        ChatServer(Reply(status=429, retry_after=value)) as server,
        pytest.raises(CallFailed, match="fewer calls") as caught,
    ):
        hosted(server.api_base).complete(request_of())
    assert caught.value.wait_seconds == seconds


@pytest.mark.parametrize(
    "reply", [BROKEN, RESET, GARBAGE, NO_CHOICES, TOO_MANY, Reply(status=400), Reply(status=401)]
)
def test_errors_show_neither_prompt_nor_key(reply: Reply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-very-secret")
    with (
        ChatServer(reply) as server,
        pytest.raises(CallFailed, match=r"model 'local': .*; \w") as caught,
    ):
        hosted(server.api_base, api_key_env="SOME_KEY").complete(request_of(SECRET_PROMPT))
    error: BaseException = caught.value
    assert error.__cause__ is None  # a logged traceback would show what the chained error quotes
    assert error.__suppress_context__
    assert SECRET_PROMPT not in str(error)
    assert "secret" not in str(error)
    assert server.log[0].headers["authorization"] == "Bearer sk-very-secret"


@pytest.mark.parametrize("reply", [HANG, DRIP], ids=["hangs", "drips"])
def test_a_server_that_never_ends_is_ours_to_report(reply: Reply) -> None:
    started = time.monotonic()
    with (
        ChatServer(reply) as server,
        pytest.raises(CallFailed, match=r"no answer within \d+ s"),
    ):
        hosted(server.api_base, timeout_seconds=1.0).complete(request_of())
    assert time.monotonic() - started < 10.0


def test_a_policy_error_is_a_refusal_not_an_outage() -> None:
    with ChatServer(Reply(status=400, code="content_policy_violation")) as server:
        completion = hosted(server.api_base).complete(request_of())
    assert (completion.text, completion.finish_reason, completion.cost_usd) == (
        "",
        "content_filter",
        None,
    )
    assert server.requests == 1


def test_what_the_server_did_not_count_is_none_not_zero() -> None:
    price = {"input_usd_per_million": 1, "output_usd_per_million": 2}
    with ChatServer(Reply(usage=False)) as server:
        completion = hosted(server.api_base, capabilities={"price": price}).complete(request_of())
    assert (completion.prompt_tokens, completion.completion_tokens, completion.cost_usd) == (
        None,
        None,
        None,
    )


def test_cost_is_tokens_times_price() -> None:
    price = {"input_usd_per_million": 100, "output_usd_per_million": 1000}
    with ChatServer() as server:
        priced = hosted(server.api_base, capabilities={"price": price}).complete(request_of())
        unpriced = hosted(server.api_base).complete(request_of())
    assert (priced.prompt_tokens, priced.completion_tokens) == (11, 7)
    assert priced.cost_usd == pytest.approx(11 * 100e-6 + 7 * 1000e-6)
    assert unpriced.cost_usd is None


def test_sampling_is_sent_and_recorded() -> None:
    wanted = Sampling(temperature=0.25, top_p=0.9, max_tokens=50, reasoning_effort="low", seed=7)
    with ChatServer() as server:
        completion = hosted(server.api_base, capabilities={"reasoning_efforts": ["low"]}).complete(
            request_of(sampling=wanted)
        )
        hosted(server.api_base).complete(request_of(sampling=Sampling()))
    full, bare = (asked.body for asked in server.log)
    assert {
        key: full[key] for key in ("temperature", "top_p", "max_tokens", "reasoning_effort", "seed")
    } == {
        "temperature": 0.25,
        "top_p": 0.9,
        "max_tokens": 50,
        "reasoning_effort": "low",
        "seed": 7,
    }
    assert completion.requested == completion.effective == wanted
    assert not {"temperature", "top_p", "max_tokens", "reasoning_effort", "seed"} & set(bare)


def test_a_clamp_is_recorded_and_a_fixed_temperature_is_not_sent() -> None:
    wanted = Sampling(temperature=0.2, seed=1)
    with ChatServer() as server:
        model = hosted(
            server.api_base, capabilities={"temperature": 1, "seed": False}, on_unsupported="clamp"
        )
        completion = model.complete(request_of(sampling=wanted))
    assert completion.requested == wanted
    assert completion.effective == Sampling(temperature=1.0)
    assert not {"temperature", "seed"} & set(server.log[0].body)


def test_a_wish_it_cannot_grant_is_refused_before_anything_is_sent() -> None:
    with ChatServer() as server:
        model = hosted(server.api_base, capabilities={"temperature": [0, 1]})
        with pytest.raises(
            ConfigError, match=r"temperature=1\.5 is not supported, .*on_unsupported=clamp"
        ):
            model.complete(request_of(sampling=Sampling(temperature=1.5)))
        with pytest.raises(ConfigError, match=r"temperature=1\.5"):
            model.preflight(Sampling(temperature=1.5))
        model.preflight(Sampling(temperature=1.0))
    assert server.requests == 0


def test_without_a_system_role_its_words_come_first() -> None:
    said = (
        Message("system", "You are a synth."),
        Message("user", "Hum."),
        Message("assistant", "mm"),
        Message("user", "Louder."),
    )
    request = Request("t", 1.0, 0, 0, said, Sampling())
    with ChatServer() as server:
        hosted(server.api_base, capabilities={"system": False}).complete(request)
        hosted(server.api_base).complete(request)
    folded, plain = (asked.messages for asked in server.log)
    assert [message["role"] for message in folded] == ["user", "assistant", "user"]
    assert folded[0]["content"] == "You are a synth.\n\nHum."
    assert plain[0] == {"role": "system", "content": "You are a synth."}


def test_a_missing_key_is_named_before_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    for api_base in (None, "https://api.example.com/v1", "http://93.184.215.14/v1"):
        model = hosted(api_base, api_key_env="NO_SUCH_KEY")
        for ask in (model.preflight, lambda model=model: model.complete(request_of())):
            with pytest.raises(
                ConfigError, match="variable NO_SUCH_KEY, which is not set; export it"
            ):
                ask()


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with ChatServer() as server:
        model = hosted(server.api_base, api_key_env="NO_SUCH_KEY")
        model.preflight()
        assert model.complete(request_of()).text == "hello"
    for host in ("localhost:1", "127.0.0.1:1", "10.1.2.3", "vllm:8000", "box.local", "[::1]:1"):
        assert hosted(f"http://{host}/v1")._endpoint.local
    for host in ("api.openai.com", "8.8.8.8", "example.com:8000"):
        assert not hosted(f"http://{host}/v1")._endpoint.local


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"on_unsupported": "ignore"}, "on_unsupported must be refuse or clamp, got 'ignore'"),
        ({"timeout_seconds": 0}, "timeout_seconds must be above 0, got 0"),
        ({"timeout_seconds": float("nan")}, "timeout_seconds must be above 0, got nan"),
        ({"retries": -1}, "retries must be 0 or more"),
        ({"concurrency": 0}, "concurrency must be 1 or more, got 0"),
        ({"api_base": "localhost:8000"}, "begins with http://"),
        ({"api_base": "http://me:hush@host/v1"}, "without user, password, query and #"),
        ({"api_base": "http://host/v1?key=hush"}, "without user, password, query and #"),
        ({"capabilities": {"temprature": 1}}, r"capabilities\.temprature"),
        ({"capabilities": {"temperature": "warm"}}, r"capabilities\.temperature"),
        (
            {"capabilities": {"price": {"input_usd_per_million": 1}}},
            r"capabilities\.price\.output_usd_per_million",
        ),
    ],
)
def test_nonsense_in_a_yaml_is_named(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        hosted(None, **wrong)
    assert "conf/model/local.yaml" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_lone_surrogates_do_not_get_through() -> None:
    with ChatServer(Reply(text="a\ud800b ü")) as server:
        assert hosted(server.api_base).complete(request_of()).text == "a?b ü"


def test_a_cut_answer_is_returned_as_it_came() -> None:
    with ChatServer(cut("```python\nx = 1")) as server:
        completion = hosted(server.api_base).complete(request_of())
    assert (completion.text, completion.finish_reason) == ("```python\nx = 1", "length")
    assert server.requests == 1
