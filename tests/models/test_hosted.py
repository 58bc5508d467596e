"""A hosted model against a real server that answers well, badly, late or not at all."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from earmark.errors import ConfigError, EarmarkError, ModelUnavailable
from earmark.models.hosted import LiteLLM
from earmark.models.pacing import gate_of
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
    Asked,
    ChatServer,
    Reply,
    cut,
)

pytestmark = pytest.mark.usefixtures("warm")
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


@pytest.mark.parametrize(
    ("first", "tries"),
    [
        ([BROKEN, BROKEN], 3),
        ([RESET], 2),
        ([GARBAGE, NO_CHOICES], 3),
        ([Reply(status=503), TOO_MANY], 3),
        ([Reply(status=529)], 2),
    ],
    ids=["500", "reset", "garbage", "503 and 429", "529"],
)
def test_what_may_pass_is_tried_again(first: list[Reply], tries: int) -> None:
    with ChatServer([*first, "there it is"]) as server:
        completion = hosted(server.api_base).complete(request_of())
    assert completion.text == "there it is"
    assert server.requests == tries


@pytest.mark.parametrize("model", ["openai/local-model", "hosted_vllm/local-model"])
@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(status=401), "refuses the key"),
        (Reply(status=403), "refuses the key"),
        (Reply(status=404), "no such model"),
        (Reply(status=400), "HTTP 400"),
        (Reply(status=400, code="context_length_exceeded"), "longer than the model's context"),
        (Reply(status=429, code="insufficient_quota"), "no credit"),
        (Reply(status=429, retry_after="86400"), "asks to wait 86400 s"),
    ],
    ids=["401", "403", "404", "400", "length", "quota", "a day"],
)
def test_what_will_not_pass_is_asked_once(reply: Reply, said: str, model: str) -> None:
    with (
        ChatServer(reply) as server,
        pytest.raises(ModelUnavailable, match=f"model 'local': .*{said}"),
    ):
        hosted(server.api_base, model=model).complete(request_of())
    assert server.requests == 1


@pytest.mark.parametrize(
    "reply", [BROKEN, RESET, GARBAGE, NO_CHOICES, TOO_MANY, Reply(status=400), Reply(status=401)]
)
def test_errors_say_neither_prompt_nor_key(reply: Reply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-very-secret")
    with (
        ChatServer(reply) as server,
        pytest.raises(ModelUnavailable, match=r"docs/models\.md") as caught,
    ):
        hosted(server.api_base, retries=0, api_key_env="SOME_KEY").complete(
            request_of(SECRET_PROMPT)
        )
    told: BaseException | None = caught.value
    assert told is not None
    assert told.__cause__ is None  # a logged traceback would tell what the chained error quotes
    assert told.__suppress_context__
    assert SECRET_PROMPT not in str(told)
    assert "secret" not in str(told)
    assert server.log[0].headers["authorization"] == "Bearer sk-very-secret"


@pytest.mark.parametrize("reply", [HANG, DRIP], ids=["hangs", "drips"])
def test_a_server_that_never_ends_is_ours_to_report(reply: Reply) -> None:
    started = time.monotonic()
    with (
        ChatServer(reply) as server,
        pytest.raises(ModelUnavailable, match=r"no answer within \d+ s"),
    ):
        hosted(server.api_base, timeout_seconds=1.0, retries=0).complete(request_of())
    assert time.monotonic() - started < 10.0


def test_a_dead_server_is_ours_to_report() -> None:
    with pytest.raises(ModelUnavailable, match=r"nobody listens at its address \(tries: 2\)"):
        hosted(DEAD_PORT_BASE, retries=1).complete(request_of())


@pytest.mark.parametrize("model", ["openai/local-model", "hosted_vllm/local-model"])
def test_retry_after_is_honoured(model: str) -> None:
    with ChatServer([Reply(status=429, retry_after="1"), "later"]) as server:
        assert hosted(server.api_base, model=model).complete(request_of()).text == "later"
    first, second = server.log
    assert second.at - first.at >= 1.0


def test_retry_after_may_be_a_date() -> None:
    with ChatServer(
        [Reply(status=429, retry_after="Mon, 01 Jan 2001 00:00:00 GMT"), "now"]
    ) as server:
        assert hosted(server.api_base).complete(request_of()).text == "now"
    assert server.requests == 2


def test_too_many_lowers_the_calls_under_way_and_loses_none() -> None:
    def crowded(asked: Asked) -> Reply:
        busy = server.in_flight > 2
        return (
            Reply(status=429, retry_after="0.05", delay_seconds=0.02)
            if busy
            else Reply(text=asked.prompt, delay_seconds=0.05)
        )

    with ChatServer(crowded) as server, ThreadPoolExecutor(12) as pool:
        model = hosted(server.api_base, concurrency=8, retries=50)
        prompts = [f"prompt {n}" for n in range(30)]
        texts = [
            completion.text
            for completion in pool.map(lambda prompt: model.complete(request_of(prompt)), prompts)
        ]
        limit = gate_of(server.api_base, 8).limit
    assert texts == prompts
    assert server.max_in_flight <= 8
    assert limit < 8


def test_a_policy_error_is_a_refusal_not_an_outage() -> None:
    with ChatServer(Reply(status=400, code="content_policy_violation")) as server:
        completion = hosted(server.api_base).complete(request_of())
    assert (completion.text, completion.finish_reason, completion.cost_usd) == (
        "",
        "content_filter",
        None,
    )
    assert server.requests == 1


def test_what_nobody_told_is_none_not_zero() -> None:
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
    with ChatServer() as server:
        model = hosted(server.api_base, api_key_env="NO_SUCH_KEY")
        for ask in (model.preflight, lambda: model.complete(request_of())):
            with pytest.raises(
                ConfigError, match="variable NO_SUCH_KEY, which is not set; export it"
            ):
                ask()
    assert server.requests == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"on_unsupported": "ignore"}, "refuse or clamp, got 'ignore'"),
        ({"timeout_seconds": 0}, "timeout_seconds must be above 0, got 0"),
        ({"timeout_seconds": float("nan")}, "timeout_seconds must be above 0, got nan"),
        ({"retries": -1}, "retries must be 0 or more"),
        ({"concurrency": 0}, "concurrency 1 or more"),
        ({"api_base": "localhost:8000"}, "must begin with http"),
        ({"api_base": "http://me:hush@host/v1"}, "no user or password"),
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


def test_a_storm_of_everything_answers_every_request_or_says_why() -> None:
    storm = [TOO_MANY, BROKEN, RESET, GARBAGE, Reply(status=503, retry_after="0.1"), NO_CHOICES]

    def weather(asked: Asked) -> Reply:
        return (
            storm[asked.number % 12]
            if asked.number % 12 < len(storm)
            else Reply(text=asked.prompt, delay_seconds=0.01)
        )

    def told(prompt: str) -> str:
        try:
            return model.complete(request_of(prompt)).text
        except EarmarkError as error:
            return type(error).__name__

    with ChatServer(weather) as server, ThreadPoolExecutor(8) as pool:
        model = hosted(server.api_base, concurrency=6, retries=8)
        texts = list(pool.map(told, [f"prompt {n}" for n in range(16)]))
    assert all(text in (f"prompt {n}", "ModelUnavailable") for n, text in enumerate(texts))
    assert sum(text.startswith("prompt") for text in texts) >= 14
