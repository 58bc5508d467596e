"""The contract, held by every model and wrapper: hosted, with retries, with a budget, recorded,
replayed, and all at once.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from earmark.models import Model
from earmark.models.hosted import LiteLLM
from earmark.models.wrappers.budget import Budget
from earmark.models.wrappers.cassette import Cassette
from earmark.models.wrappers.retry import Retry
from earmark.testing.models import KEY_VARIABLE, ModelContract, State
from tests.models.server import BROKEN, ChatServer, Reply, cut, fenced

REPLIES: dict[State, Reply] = {
    "ordinary": fenced("print('a sine')"),
    "truncated": cut(),
    "refused": Reply(text="", refusal="I will not."),
    "unavailable": BROKEN,
}
PRICED = {
    "price": {"input_usd_per_million": 1.0, "output_usd_per_million": 2.0},
    "output_tokens": 4096,
    "context_tokens": 100_000,
}


def hosted(api_base: str, **more: Any) -> LiteLLM:
    options = {
        "name": "local",
        "model": "openai/local-model",
        "api_key_env": KEY_VARIABLE,
        "retries": 0,
        "timeout_seconds": 30.0,
    }
    return LiteLLM(api_base=api_base, **{**options, **more})


class TestHosted(ModelContract):
    @contextmanager
    def model(self, state: State) -> Iterator[Model]:
        with ChatServer(REPLIES[state]) as server:
            model = hosted(server.api_base)
            yield model
            model.close()


class TestOtherTransport(ModelContract):
    """Another of litellm's own transports: errors and refusals take other ways through it."""

    @contextmanager
    def model(self, state: State) -> Iterator[Model]:
        with ChatServer(REPLIES[state]) as server:
            yield hosted(server.api_base, model="hosted_vllm/local-model")


class TestBudget(ModelContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    @contextmanager
    def model(self, state: State) -> Iterator[Model]:
        with ChatServer(REPLIES[state]) as server:
            yield Budget(
                hosted(server.api_base, capabilities=PRICED),
                budget_usd=1.0,
                ledger=self.folder / "ledger.json",
            )


class TestRetry(ModelContract):
    @contextmanager
    def model(self, state: State) -> Iterator[Model]:
        with ChatServer(REPLIES[state]) as server:
            yield Retry(hosted(server.api_base))


class TestComposed(ModelContract):
    """As a run composes them."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    @contextmanager
    def model(self, state: State) -> Iterator[Model]:
        with ChatServer(REPLIES[state]) as server:
            model = hosted(server.api_base, capabilities=PRICED)
            budget = Budget(model, budget_usd=1.0, ledger=self.folder / "ledger.json")
            yield Cassette(Retry(budget, pacing=model.pacing), self.folder / server.api_base[-8:-3])


class TestRecording(ModelContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    @contextmanager
    def model(self, state: State) -> Iterator[Model]:
        with ChatServer(REPLIES[state]) as server:
            yield Cassette(hosted(server.api_base), self.folder / server.api_base[-8:-3])


class TestReplay(ModelContract):
    """What was recorded of a server that is gone; `unavailable` is a gap in the recording."""

    threads = 1

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    @contextmanager
    def model(self, state: State) -> Iterator[Model]:
        self.folder.mkdir(exist_ok=True)
        with ExitStack() as stack:
            server = stack.enter_context(ChatServer(REPLIES[state]))
            gone = hosted(server.api_base)
            if state != "unavailable":
                Cassette(gone, self.folder).complete(self.request())
            stack.close()
            yield Cassette(gone, self.folder, replay=True)
