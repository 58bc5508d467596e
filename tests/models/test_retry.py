"""What is tried again, how often, how soon, and by how many callers at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from earmark.errors import ConfigError, EarmarkError, ModelUnavailable
from earmark.models import CallFailed, Model
from earmark.models.hosted import LiteLLM
from earmark.models.pacing import Pacing, limiter_for
from earmark.models.wrappers.retry import Retry
from earmark.records import Completion, Request
from earmark.testing.models import request_of
from tests.models.server import (
    BROKEN,
    GARBAGE,
    NO_CHOICES,
    RESET,
    TOO_MANY,
    Asked,
    ChatServer,
    Reply,
)

pytestmark = pytest.mark.usefixtures("warm")
SECRET_PROMPT = "the words of a prompt that no message may hold"
MODELS = ["openai/local-model", "hosted_vllm/local-model"]


def retrying(api_base: str, *, model: str = MODELS[0], **more: Any) -> Model:
    options = {"name": "local", "timeout_seconds": 20.0, **more}
    return Retry(LiteLLM(model=model, api_base=api_base, **options))


class Failing:
    """A model without a provider: each call raises the next error, then it answers."""

    def __init__(self, errors: Sequence[Exception]) -> None:
        self.identity = {"name": "failing"}
        self._errors = list(errors)

    def complete(self, request: Request) -> Completion:
        if self._errors:
            raise self._errors.pop(0)
        sampling = request.sampling
        return Completion("at last", "m", "stop", None, None, 0.0, None, sampling, sampling)

    def close(self) -> None:
        pass


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
        completion = retrying(server.api_base).complete(request_of())
    assert completion.text == "there it is"
    assert server.requests == tries


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("reply", "reason"),
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
def test_what_will_not_pass_is_tried_once(reply: Reply, reason: str, model: str) -> None:
    with (
        ChatServer(reply) as server,
        pytest.raises(ModelUnavailable, match=rf"model 'local': .*{reason}.*\(tries: 1|tries: 1, "),
    ):
        retrying(server.api_base, model=model).complete(request_of())
    assert server.requests == 1


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_there_is_an_end_to_it(retries: int) -> None:
    errors = [CallFailed("gone; wait", retryable=True) for _ in range(9)]
    model = Failing(errors)
    pacing = Pacing(f"end {retries}", retries=retries)
    with pytest.raises(ModelUnavailable, match=rf"gone; wait \(tries: {retries + 1}\)"):
        Retry(model, pacing=pacing).complete(request_of())
    assert len(model._errors) == 9 - retries - 1


def test_other_errors_pass_through_at_once() -> None:
    model = Failing([ConfigError("a rule"), ValueError("a defect")])
    with pytest.raises(ConfigError, match="a rule"):
        Retry(model).complete(request_of())
    with pytest.raises(ValueError, match="a defect"):
        Retry(model).complete(request_of())
    assert Retry(model).complete(request_of()).text == "at last"


def test_the_last_error_shows_neither_prompt_nor_key_nor_what_it_came_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-very-secret")
    with (
        ChatServer(BROKEN) as server,
        pytest.raises(ModelUnavailable, match=r"HTTP 500.* \(tries: 2\)") as caught,
    ):
        retrying(server.api_base, retries=1, api_key_env="SOME_KEY").complete(
            request_of(SECRET_PROMPT)
        )
    error: BaseException = caught.value
    assert error.__cause__ is None  # a logged traceback would show what the chained error quotes
    assert error.__suppress_context__
    assert SECRET_PROMPT not in str(error)
    assert "secret" not in str(error)


@pytest.mark.parametrize("model", MODELS)
def test_retry_after_is_honoured(model: str) -> None:
    with ChatServer([Reply(status=429, retry_after="1"), "later"]) as server:
        assert retrying(server.api_base, model=model).complete(request_of()).text == "later"
    first, second = server.log
    assert second.at - first.at >= 1.0


def test_too_many_lowers_the_calls_under_way_and_loses_none() -> None:
    def crowded(asked: Asked) -> Reply:
        busy = server.in_flight > 2
        return (
            Reply(status=429, retry_after="0.05", delay_seconds=0.02)
            if busy
            else Reply(text=asked.prompt, delay_seconds=0.05)
        )

    with ChatServer(crowded) as server, ThreadPoolExecutor(12) as pool:
        model = retrying(server.api_base, concurrency=8, retries=50)
        prompts = [f"prompt {n}" for n in range(30)]
        completions = pool.map(lambda prompt: model.complete(request_of(prompt)), prompts)
        texts = [completion.text for completion in completions]
        limit = limiter_for(server.api_base, 8).limit
    assert texts == prompts
    assert server.max_in_flight <= 8
    assert limit < 8


def test_a_storm_of_everything_answers_every_request_or_says_why() -> None:
    storm = [TOO_MANY, BROKEN, RESET, GARBAGE, Reply(status=503, retry_after="0.1"), NO_CHOICES]

    def weather(asked: Asked) -> Reply:
        return (
            storm[asked.number % 12]
            if asked.number % 12 < len(storm)
            else Reply(text=asked.prompt, delay_seconds=0.01)
        )

    def answer_to(prompt: str) -> str:
        try:
            return model.complete(request_of(prompt)).text
        except EarmarkError as error:
            return type(error).__name__

    with ChatServer(weather) as server, ThreadPoolExecutor(8) as pool:
        model = retrying(server.api_base, concurrency=6, retries=8)
        texts = list(pool.map(answer_to, [f"prompt {n}" for n in range(16)]))
    assert all(text in (f"prompt {n}", "ModelUnavailable") for n, text in enumerate(texts))
    assert sum(text.startswith("prompt") for text in texts) >= 14
