# ruff: noqa: S101 - a contract suite asserts
"""The contract of every Model: a class of tests to inherit.

A subclass says how to bring its model into each of four states. A state that it can never be in (a
baseline never refuses) is left out of `states`.
"""

import json
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import ClassVar, Literal

import pytest

from earmark.errors import CompletionError, ModelUnavailable
from earmark.extract.answers import check_completion
from earmark.models import Model
from earmark.records import Completion, Message, Request, Sampling

State = Literal["ordinary", "truncated", "refused", "unavailable"]
KEY_VARIABLE = "EARMARK_CONTRACT_KEY"
KEY = "sk-contract-9f2c61"
PROMPT = "Write a Python program that writes one second of a 440 Hz sine to out.wav."


def request_of(
    prompt: str = PROMPT,
    *,
    task_id: str = "contract",
    sample: int = 0,
    sampling: Sampling | None = None,
) -> Request:
    """A first-turn request of one user message."""
    wanted = Sampling(temperature=0.5, max_tokens=64) if sampling is None else sampling
    return Request(
        task_id=task_id,
        seconds=1.0,
        sample=sample,
        turn=0,
        messages=(Message("user", prompt),),
        sampling=wanted,
    )


class ModelContract(ABC):
    """Inherit, and define `model`. A hosted model reads its key from the variable KEY_VARIABLE,
    which holds KEY here.
    """

    states: ClassVar[frozenset[State]] = frozenset(
        {"ordinary", "truncated", "refused", "unavailable"}
    )
    threads: ClassVar[int] = 8

    @abstractmethod
    def model(self, state: State) -> AbstractContextManager[Model]:
        """A fresh model whose next answers are of `state`; the caller's with block closes it."""

    def request(self) -> Request:
        """A request that the model can answer; a baseline needs one of its own tasks."""
        return request_of()

    @pytest.fixture(autouse=True)
    def _key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(KEY_VARIABLE, KEY)

    def test_an_ordinary_answer_is_a_whole_completion(self) -> None:
        with self._in("ordinary") as model:
            completion = model.complete(self.request())
        assert completion.text.strip()
        check_completion(completion)
        self._is_well_formed(completion)

    def test_a_truncated_answer_is_a_completion_that_says_so(self) -> None:
        self._fails_as("truncated")

    def test_a_refused_answer_is_a_completion_that_says_so(self) -> None:
        self._fails_as("refused")

    def test_unavailable_is_ours_and_shows_no_secret(self) -> None:
        with (
            self._in("unavailable") as model,
            pytest.raises(ModelUnavailable, match=r"\w: .*; |\w; ") as caught,
        ):
            model.complete(self.request())
        assert KEY not in str(caught.value)
        assert PROMPT not in str(caught.value)

    def test_threads_share_one_model(self) -> None:
        requests = [replace(self.request(), sample=sample) for sample in range(self.threads)]
        with self._in("ordinary") as model, ThreadPoolExecutor(self.threads) as pool:
            completions = list(pool.map(model.complete, requests))
        assert len(completions) == self.threads
        for completion in completions:
            self._is_well_formed(completion)

    def test_identity_is_plain_stable_and_holds_no_key(self) -> None:
        with self._in("ordinary") as model, self._in("ordinary") as twin:
            before = json.dumps(dict(model.identity), sort_keys=True, allow_nan=False)
            model.complete(self.request())
            after = json.dumps(dict(model.identity), sort_keys=True, allow_nan=False)
            assert twin.identity["name"] == model.identity["name"]
        assert before == after
        assert KEY not in before

    def test_closing_twice_is_harmless(self) -> None:
        with self._in("ordinary") as model:
            model.close()
            model.close()
            assert model.identity

    def _in(self, state: State) -> AbstractContextManager[Model]:
        if state not in self.states:
            pytest.skip(f"this model is never {state}")
        return self.model(state)

    def _fails_as(self, kind: Literal["truncated", "refused"]) -> None:
        with self._in(kind) as model:
            completion = model.complete(self.request())
        with pytest.raises(CompletionError, match=r"the (reply|provider) ") as caught:
            check_completion(completion)
        assert (caught.value.failure.stage, caught.value.failure.kind) == ("model", kind)
        self._is_well_formed(completion)

    def _is_well_formed(self, completion: Completion) -> None:
        assert completion.model
        assert completion.finish_reason
        assert completion.seconds is None or completion.seconds >= 0
        assert completion.requested == self.request().sampling
        assert completion.prompt_tokens is None or completion.prompt_tokens > 0
        assert completion.completion_tokens is None or completion.completion_tokens >= 0
        assert completion.cost_usd is None or completion.cost_usd >= 0
