"""A budget is never crossed: not by threads, not by processes, not by retries, not by calls that
were cut off.
"""

import random
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from earmark.errors import ConfigError, ModelUnavailable
from earmark.models import CallFailed, preflight
from earmark.models.hosted import LiteLLM
from earmark.models.wrappers.budget import Budget
from earmark.models.wrappers.cassette import Cassette
from earmark.models.wrappers.ledger import BudgetSpent
from earmark.models.wrappers.retry import Retry
from earmark.records import Completion, Request, Sampling
from earmark.testing.models import request_of
from tests.models.server import BROKEN, GARBAGE, RESET, TOO_MANY, Asked, ChatServer, Reply

pytestmark = pytest.mark.usefixtures("warm")
# One answer of the test server costs 11 and 7 tokens: 0.018 USD. The most it can cost is far more.
PRICE = {"input_usd_per_million": 1000.0, "output_usd_per_million": 1000.0}
COST_USD = 0.018


def hosted(api_base: str, **more: Any) -> LiteLLM:
    can = {"price": PRICE, "output_tokens": 100}
    return LiteLLM(
        **{
            "name": "local",
            "model": "openai/local-model",
            "api_base": api_base,
            "capabilities": can,
            "timeout_seconds": 20.0,
            **more,
        }
    )


def slow(asked: Asked) -> Reply:
    return Reply(text=asked.prompt, delay_seconds=random.Random(asked.number).uniform(0, 0.02))


def test_concurrent_calls_stop_before_the_budget(tmp_path: Path) -> None:
    max_usd = hosted("http://127.0.0.1:1/v1").max_usd(request_of("prompt 00"))
    assert max_usd is not None
    budget_usd = 0.5

    def answer_to(n: int) -> str:
        try:
            return budget.complete(request_of(f"prompt {n:02}")).text
        except BudgetSpent:
            return "spent"

    with ChatServer(slow) as server, ThreadPoolExecutor(8) as pool:
        budget = Budget(
            hosted(server.api_base), budget_usd=budget_usd, ledger=tmp_path / "ledger.json"
        )
        texts = list(pool.map(answer_to, range(60)))
    answered = len(texts) - texts.count("spent")
    assert server.requests == answered
    assert budget.spent_usd == pytest.approx(answered * COST_USD)
    assert budget.spent_usd <= budget_usd
    assert budget.spent_usd > budget_usd - 8 * max_usd  # and not much is left


@pytest.mark.parametrize(
    ("first", "charged_for_nothing"),
    [
        (BROKEN, False),
        (TOO_MANY, False),
        (RESET, True),
        (GARBAGE, True),
        *((Reply(status=code), True) for code in (408, 502, 504, 524)),
    ],
    ids=["500", "429", "reset", "garbage", "408", "502", "504", "524"],
)
def test_a_try_that_may_have_been_billed_is_paid_in_full(
    first: Reply, charged_for_nothing: bool, tmp_path: Path
) -> None:
    with ChatServer([first, "answer"]) as server:
        model = hosted(server.api_base)
        budget = Budget(model, budget_usd=10.0, ledger=tmp_path / "ledger.json")
        Retry(budget).complete(request_of())
    max_usd = model.max_usd(request_of())
    assert max_usd is not None
    assert budget.spent_usd == pytest.approx(COST_USD + (max_usd if charged_for_nothing else 0.0))


def test_a_retry_that_does_not_fit_is_not_made(tmp_path: Path) -> None:
    with ChatServer(RESET) as server:
        model = hosted(server.api_base)
        max_usd = model.max_usd(request_of())
        assert max_usd is not None
        budget = Budget(model, budget_usd=2.5 * max_usd, ledger=tmp_path / "ledger.json")
        with pytest.raises(BudgetSpent, match="the next call may cost"):
            Retry(budget).complete(request_of())
    assert server.requests == 2
    assert budget.spent_usd == pytest.approx(2 * max_usd)


class Broken:
    """A priced model that raises what no provider reports."""

    def __init__(self, error: BaseException) -> None:
        self.identity = {"name": "broken"}
        self._error = error

    def max_usd(self, request: Request) -> float:
        return 0.25

    def complete(self, request: Request) -> Completion:
        raise self._error

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("error", "charged_usd"),
    [
        (ConfigError("nothing was sent"), 0.0),
        (CallFailed("refused; wait", retryable=True), 0.0),
        (CallFailed("lost; wait", retryable=True, billed=True), 0.25),
        (ModelUnavailable("who knows"), 0.25),
        (ValueError("a defect"), 0.25),
        (KeyboardInterrupt("stop"), 0.25),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_call_without_an_answer_is_free_only_where_that_is_certain(
    error: BaseException, charged_usd: float, tmp_path: Path
) -> None:
    budget = Budget(Broken(error), budget_usd=1.0, ledger=tmp_path / "ledger.json")
    with pytest.raises(type(error), match=str(error)):
        budget.complete(request_of())
    assert budget.spent_usd == charged_usd


def test_an_unknown_price_is_refused_before_anything(tmp_path: Path) -> None:
    with ChatServer() as server:
        for can in ({}, {"price": None, "output_tokens": 10}):
            with pytest.raises(
                ConfigError,
                match=r"model 'local' cannot .* price is unknown; set .* in conf/model/local\.yaml",
            ):
                Budget(
                    hosted(server.api_base, capabilities=can),
                    budget_usd=1.0,
                    ledger=tmp_path / "ledger.json",
                )
        endless = Budget(
            hosted(server.api_base, capabilities={"price": PRICE}),
            budget_usd=1.0,
            ledger=tmp_path / "ledger.json",
        )
        with pytest.raises(
            ConfigError, match="the longest answer, or the price of so long a prompt, is unknown"
        ):
            endless.complete(request_of(sampling=Sampling()))
    assert server.requests == 0


@pytest.mark.parametrize(
    "spoil", [Path.unlink, lambda page: page.write_text("half")], ids=["deleted", "damaged"]
)
def test_a_ledger_that_is_spoilt_while_a_call_is_under_way_loses_no_answer(
    spoil: Callable[[Path], object], tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Reply:
        spoil(tmp_path / "ledger.json")
        return Reply(text=asked.prompt)

    with ChatServer(answer) as server:
        cassette = Cassette(
            Budget(hosted(server.api_base), budget_usd=10.0, ledger=tmp_path / "ledger.json"),
            tmp_path / "cassette",
        )
        assert cassette.complete(request_of()).text == cassette.complete(request_of()).text
    assert server.requests == 1


def test_the_recorded_is_free_and_a_stop_is_resumed(tmp_path: Path) -> None:
    with ChatServer(slow) as server:
        model = hosted(server.api_base)
        max_usd = model.max_usd(request_of())
        assert max_usd is not None

        def ask(budget_usd: float, count: int) -> list[str]:
            cassette = Cassette(
                Budget(model, budget_usd=budget_usd, ledger=tmp_path / "ledger.json"),
                tmp_path / "cassette",
            )
            preflight(cassette, request_of().sampling)
            return [cassette.complete(request_of(sample=n)).text for n in range(count)]

        with pytest.raises(BudgetSpent, match="start the same line again"):
            ask(max_usd + COST_USD, 5)
        assert server.requests == 2
        assert len(ask(max_usd + 10 * COST_USD, 5)) == 5
    assert server.requests == 5
    assert not list((tmp_path / "cassette").rglob("*.error.json"))


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as stream:
        try:
            while stream.write(bytes(4096)):
                pass
        except OSError:
            return


def test_a_disk_that_fills_up_while_a_call_is_under_way_loses_no_answer(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
    ).returncode:
        pytest.skip(
            "this user may not mount a tmpfs: a disk that fills up is tried where tests run as root"
        )

    def answer(asked: Asked) -> Reply:
        fill(disk)
        return Reply(text=asked.prompt)

    try:
        with ChatServer(answer) as server:
            budget = Budget(hosted(server.api_base), budget_usd=10.0, ledger=disk / "ledger.json")
            cassette = Cassette(budget, disk / "cassette")
            assert cassette.complete(request_of()).text
            assert cassette.complete(request_of()).text
        assert server.requests == 1
        assert budget.spent_usd == pytest.approx(COST_USD)
        assert not list(disk.glob(".*.tmp"))
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
