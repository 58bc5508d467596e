"""Batches bring the same answers under the same keys, for half; none is submitted or paid twice."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earmark.errors import ConfigError, HarnessError, ModelUnavailable
from earmark.models import BatchState, pacing_of
from earmark.models.capabilities import BATCH_PRICE
from earmark.models.hosted import LiteLLM
from earmark.models.wrappers import batched as wrapper
from earmark.models.wrappers.batch_journal import BatchJournal
from earmark.models.wrappers.batched import Batched
from earmark.models.wrappers.cassette import Cassette
from earmark.models.wrappers.ledger import BudgetSpent, Ledger
from earmark.models.wrappers.retry import Retry
from earmark.records import Message, Request, Sampling
from earmark.testing.models import request_of
from tests.models.batch_server import REFUSED, BatchServer
from tests.models.server import Asked, Reply, cut
from tests.models.test_budget import COST_USD, hosted

pytestmark = pytest.mark.usefixtures("warm")
REQUESTS = [request_of(f"prompt {n}") for n in range(4)]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapper, "FIRST_LOOK_SECONDS", 0.01)


def asked_together(
    model: LiteLLM,
    folder: Path,
    *,
    ledger: Ledger | None = None,
    requests: list[Request] = REQUESTS,
) -> Batched:
    batched = Batched(model, folder, ledger=ledger)
    batched.submit(requests)
    batched.collect(requests)
    return batched


def echo(asked: Asked) -> Reply:
    return Reply(text=f"answer to {asked.prompt}")


def test_an_answer_is_recorded_as_if_it_had_been_asked_by_itself_for_half(tmp_path: Path) -> None:
    with BatchServer(echo) as server:
        model = hosted(server.api_base)
        asked_together(model, tmp_path)
        assert (server.requests, len(server.batches)) == (0, 1)
        each = Cassette(Retry(model), tmp_path)
        for request in REQUESTS:
            answer = each.complete(request)
            alone = model.complete(request)
            assert answer.batch == "batch_0"
            assert answer.seconds is None
            assert answer.cost_usd == pytest.approx(BATCH_PRICE * (alone.cost_usd or 0))
            assert replace(answer, batch=None, seconds=None, cost_usd=None) == replace(
                alone, batch=None, seconds=None, cost_usd=None
            )
        assert server.requests == len(REQUESTS)  # those of `alone`: none of the cassette's


@pytest.mark.parametrize("name", ["openai/gpt-4o", "openai/gpt-5-mini", "hosted_vllm/a/b"])
def test_a_line_of_the_file_is_what_would_be_sent_by_itself(name: str, tmp_path: Path) -> None:
    talk = (Message("system", "be brief"), Message("user", "hello"))
    sampling = Sampling(max_tokens=20, seed=3)
    request = Request("a", 1.0, 0, 0, talk, sampling)
    with BatchServer() as server:
        model = hosted(server.api_base, model=name, capabilities={"system": False})
        asked_together(model, tmp_path, requests=[request])
        model.complete(request)
        [batch] = server.batches.values()
        [line] = batch.lines
        assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
        assert line["body"] == server.log[0].body


def test_what_is_recorded_or_under_way_is_not_submitted_again(tmp_path: Path) -> None:
    with BatchServer(echo, looks=None) as server:
        model = hosted(server.api_base)
        Cassette(Retry(model), tmp_path).complete(REQUESTS[0])
        for _ in range(2):  # as after kill -9: nothing but the disk is left of the first
            Batched(model, tmp_path).submit(REQUESTS[:3])
        Batched(model, tmp_path).submit(REQUESTS)
        lines = [len(batch.lines) for batch in server.batches.values()]
        assert lines == [2, 1]
        server.looks = 1
        Batched(model, tmp_path).collect(REQUESTS)
        cassette = Cassette(model, tmp_path)
        assert all(cassette.find(cassette.key(one)) for one in REQUESTS)


class Killed(BaseException):
    """Nothing in the product can catch it, as nothing can catch SIGKILL."""


@pytest.mark.parametrize("step", ["upload", "start"])
@pytest.mark.parametrize("arrived", [False, True], ids=["before", "after"])
def test_a_process_that_is_killed_while_it_submits_leaves_one_batch(
    step: str, arrived: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with BatchServer(echo) as server:
        model = hosted(server.api_base)
        batched = Batched(model, tmp_path)
        real = getattr(batched._service, step)

        def dies(*given: Any) -> str:
            if arrived:
                real(*given)
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(batched._service, step, dies)
            with pytest.raises(Killed):
                batched.submit(REQUESTS)
        assert len(server.batches) == (step == "start" and arrived)
        asked_together(model, tmp_path)
        assert len(server.batches) == 1
        cassette = Cassette(model, tmp_path)
        assert all(cassette.find(cassette.key(one)) for one in REQUESTS)


def test_whether_a_batch_was_submitted_is_never_guessed(tmp_path: Path) -> None:
    with BatchServer(echo) as server:
        model = hosted(server.api_base)
        batched = Batched(model, tmp_path)
        batched.submit(REQUESTS)
        [entry] = (journal := BatchJournal(tmp_path)).entries(model.identity)
        journal.save(replace(entry, batch=None))
        server.lists = False  # a server that cannot say which batches there are
        with pytest.raises(
            ModelUnavailable, match=rf"may go on there.*delete .*{entry.name}\.json"
        ):
            batched.submit(REQUESTS)
        assert len(server.batches) == 1
        journal.drop(entry)
        batched.submit(REQUESTS)
        assert len(server.batches) == 2


def test_a_part_that_fails_is_named_and_asked_again_alone(tmp_path: Path) -> None:
    failing = [Reply(status=400, code="invalid_request"), Reply(status=429, code="slow_down")]

    def answer(asked: Asked) -> Reply:
        return (
            failing[asked.number] if asked.number < 2 and len(server.batches) == 1 else echo(asked)
        )

    with BatchServer(answer) as server:
        model = hosted(server.api_base)
        batched = asked_together(model, tmp_path)
        for request, code in zip(REQUESTS, ["invalid_request", "slow_down"], strict=False):
            with pytest.raises(ModelUnavailable, match=f"batch_0 brought an error .{code}.; start"):
                Cassette(batched, tmp_path).complete(request)
        assert Cassette(batched, tmp_path).complete(REQUESTS[2]).text == "answer to prompt 2"
        asked_together(model, tmp_path)
        assert [len(one.lines) for one in server.batches.values()] == [4, 2]
        assert Cassette(batched, tmp_path).complete(REQUESTS[0]).text == "answer to prompt 0"
        assert server.requests == 0


@pytest.mark.parametrize("answered", [0, 2])
def test_what_has_expired_is_asked_again_alone(answered: int, tmp_path: Path) -> None:
    with BatchServer(echo, ends="expired", expires=lambda number: number >= answered) as server:
        model = hosted(server.api_base)
        batched = asked_together(model, tmp_path)
        with pytest.raises(ModelUnavailable, match=r"batch_expired|expired before it was answered"):
            batched.complete(REQUESTS[3])
        server.ends, server.expires = "completed", lambda _: False
        asked_together(model, tmp_path)
        assert [len(one.lines) for one in server.batches.values()] == [4, 4 - answered]
        cassette = Cassette(model, tmp_path)
        assert all(cassette.find(cassette.key(one)) for one in REQUESTS)


def test_a_batch_that_the_provider_refuses_says_why(tmp_path: Path) -> None:
    with BatchServer(ends="failed", codes=("token_limit_exceeded",)) as server:
        batched = asked_together(hosted(server.api_base), tmp_path)
        with pytest.raises(ModelUnavailable, match=r"ended as failed .token_limit_exceeded."):
            batched.complete(REQUESTS[0])


def test_a_refusal_and_a_cut_are_answers(tmp_path: Path) -> None:
    with BatchServer([REFUSED, cut(), Reply(refusal="no"), Reply(raw=b"{}")]) as server:
        model = hosted(server.api_base)
        batched = asked_together(model, tmp_path)
        cassette = Cassette(batched, tmp_path)
        reasons = [cassette.complete(one).finish_reason for one in REQUESTS[:3]]
        assert reasons == ["content_filter", "length", "refusal"]
        with pytest.raises(ModelUnavailable, match="not with a chat completion"):
            cassette.complete(REQUESTS[3])


def test_the_whole_batch_is_held_and_then_charged_what_it_cost(tmp_path: Path) -> None:
    with BatchServer(echo, looks=None) as server:
        model = hosted(server.api_base)
        most = BATCH_PRICE * sum(model.max_usd(one) or 0 for one in REQUESTS)
        ledger = Ledger(tmp_path / "ledger.json", budget_usd=most)
        batched = Batched(model, tmp_path, ledger=ledger)
        batched.submit(REQUESTS)
        assert ledger.spent_usd == pytest.approx(most)
        Batched(model, tmp_path, ledger=ledger).submit(REQUESTS)  # held once, not twice
        assert ledger.spent_usd == pytest.approx(most)
        with pytest.raises(BudgetSpent, match="the next batch may cost"):
            batched.submit([request_of("one more")])
        server.looks = 0
        for _ in range(2):
            batched.collect(REQUESTS)
            assert ledger.spent_usd == pytest.approx(4 * BATCH_PRICE * COST_USD)
        assert len(server.batches) == 1


def test_a_batch_that_another_sweep_collected_is_settled_when_its_own_comes_back(
    tmp_path: Path,
) -> None:
    with BatchServer(echo) as server:
        model = hosted(server.api_base)
        mine = Ledger(tmp_path / "mine.json", budget_usd=100)
        Batched(model, tmp_path, ledger=mine).submit(REQUESTS)
        Batched(model, tmp_path).collect(REQUESTS)
        Batched(model, tmp_path, ledger=mine).submit(REQUESTS)
        assert mine.spent_usd == pytest.approx(4 * BATCH_PRICE * COST_USD)


def test_a_batch_that_does_not_fit_is_not_sent(tmp_path: Path) -> None:
    with BatchServer() as server:
        model = hosted(server.api_base)
        ledger = Ledger(tmp_path / "ledger.json", budget_usd=1e-6)
        with pytest.raises(BudgetSpent, match="the next batch may cost"):
            Batched(model, tmp_path, ledger=ledger).submit(REQUESTS)
        assert not server.files
        assert ledger.spent_usd == 0
        assert not BatchJournal(tmp_path).entries(model.identity)


def test_a_model_without_a_price_is_refused_under_a_budget(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json", budget_usd=1.0)
    model = hosted("http://127.0.0.1:9/v1", capabilities={})
    with pytest.raises(ConfigError, match="cannot be held to a budget"):
        Batched(model, tmp_path, ledger=ledger)


def test_what_a_batch_cost_is_unknown_where_an_answer_has_no_price(tmp_path: Path) -> None:
    with BatchServer(echo) as server:
        priceless = hosted(server.api_base, capabilities={})
        priced = hosted(server.api_base)
        for model, cost_usd in ((priceless, None), (priced, 4 * BATCH_PRICE * COST_USD)):
            folder = tmp_path / repr(cost_usd)
            asked_together(model, folder)
            [entry] = BatchJournal(folder).entries(model.identity)
            assert entry.ended
            assert entry.cost_usd == pytest.approx(cost_usd)


def test_a_provider_that_is_gone_loses_no_batch(tmp_path: Path) -> None:
    with BatchServer(echo, looks=None) as server:
        model = hosted(server.api_base, retries=1)
        batched = Batched(model, tmp_path)
        batched.submit(REQUESTS)
        server.down = True
        with pytest.raises(ModelUnavailable, match="batch_0 may go on there: the same line again"):
            batched.collect(REQUESTS)
        server.down, server.looks = False, 1
        asked_together(model, tmp_path)
        assert len(server.batches) == 1


def test_what_a_batch_asks_is_not_asked_by_itself_meanwhile(tmp_path: Path) -> None:
    with BatchServer(echo, looks=None) as server:
        model = hosted(server.api_base)
        Batched(model, tmp_path).submit(REQUESTS[:1])
        each = Cassette(Retry(model), tmp_path)
        with pytest.raises(
            ModelUnavailable, match=r"asked already, by the batch batch_0; .* delete"
        ):
            each.complete(REQUESTS[0])
        assert each.complete(REQUESTS[1]).text == "answer to prompt 1"


def test_a_journal_that_lies_is_refused(tmp_path: Path) -> None:
    with BatchServer(looks=None) as server:
        model = hosted(server.api_base)
        Batched(model, tmp_path).submit(REQUESTS)
        [path] = (tmp_path / ".batches").glob("*.json")
        stored, honest = json.loads(path.read_text()), json.loads(path.read_text())
        honest["requests"][next(iter(honest["requests"]))]["sample"] = 7
        for text, rule in (
            (json.dumps(honest), "under other names"),
            (json.dumps({**stored, "ended": True, "cost_usd": -9}), "a cost must be at least 0"),
            (json.dumps({**stored, "max_usd": -9}), "a cost must be at least 0"),
            (json.dumps({**stored, "cost_usd": float("nan")}), "no finite number"),
            ("{}", "a batch of this version"),
            ("nothing", "cannot be read as JSON"),
        ):
            path.write_text(text)
            with pytest.raises(HarnessError, match=rule):
                Batched(model, tmp_path).submit(REQUESTS)
        assert len(server.batches) == 1


@pytest.mark.parametrize("name", ["anthropic/claude-haiku-4-5", "gemini/gemini-2.5-flash"])
def test_a_provider_without_batches_is_refused_by_name(name: str, tmp_path: Path) -> None:
    model = LiteLLM(name="mine", model=name)
    with pytest.raises(ConfigError, match=r"asking=batch: model 'mine': .* not for (anth|gem)"):
        Batched(model, tmp_path)


def test_half_the_list_price_is_what_the_table_of_litellm_says() -> None:
    import litellm

    known = 0
    for name in ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"):
        row = litellm.model_cost[name]
        for kind in ("input", "output"):
            if (in_batches := row.get(f"{kind}_cost_per_token_batches")) is not None:
                known += 1
                assert in_batches == pytest.approx(BATCH_PRICE * row[f"{kind}_cost_per_token"])
    assert known >= 6


def test_a_server_without_batches_says_so_before_anything_is_paid(tmp_path: Path) -> None:
    with BatchServer() as server:
        server.offers = False
        model = hosted(server.api_base)
        with pytest.raises(ModelUnavailable, match=r"offers no batches.*set asking=each"):
            Batched(model, tmp_path).submit(REQUESTS)
        assert not BatchJournal(tmp_path).entries(model.identity)


def test_the_state_of_a_batch_ends_as_the_provider_says() -> None:
    ends = ["completed", "failed", "expired", "cancelled"]
    goes_on = ["validating", "in_progress", "finalizing", "cancelling"]
    assert all(BatchState("b", one).ended for one in ends)
    assert not any(BatchState("b", one).ended for one in goes_on)
    assert pacing_of(hosted("http://127.0.0.1:9/v1", retries=3)).retries == 3


@pytest.mark.parametrize(
    "rows",
    [
        "nothing of ours",
        '{"custom_id": ["a"], "response": 7}',
        '{"custom_id": "KEY"}',
        '{"custom_id": "KEY", "response": {"status_code": 200, "body": [1]}}',
        '{"custom_id": "KEY", "response": {"status_code": 200, "body": {"choices": [{}]}}}',
        '{"custom_id": "KEY", "response": {"status_code": "\\u001b[31m", "body": null}}',
        '{"custom_id": "KEY", "error": {"code": "\\u001b[31m\\n", "message": "x"}}',
        '{"custom_id": "KEY", "response": {"status_code": 200, "body": {"usage": NaN}}}',
        '{"custom_id": "KEY", "response": {"body": ' + "[" * 5000 + "]" * 5000 + "}}",
        "\x00\xff",
    ],
)
def test_results_that_make_no_sense_are_no_answers(rows: str, tmp_path: Path) -> None:
    with BatchServer(echo) as server:
        model = hosted(server.api_base)
        batched = Batched(model, tmp_path)
        batched.submit(REQUESTS[:1])
        [batch] = server.batches.values()
        server.looks = 0
        server.look(batch)
        key = batch.lines[0]["custom_id"]
        server.files[f"out-{batch.id}"] = rows.replace("KEY", key).encode("latin-1")
        batched.collect(REQUESTS[:1])
        with pytest.raises(ModelUnavailable, match=r"batch|chat completion"):
            batched.complete(REQUESTS[0])
        assert Cassette(model, tmp_path).recorded(REQUESTS[0]) is None


def test_an_answer_to_what_was_not_asked_is_dropped(tmp_path: Path) -> None:
    with BatchServer(echo) as server:
        model = hosted(server.api_base)
        batched = Batched(model, tmp_path)
        batched.submit(REQUESTS[:1])
        [batch] = server.batches.values()
        server.looks = 0
        server.look(batch)
        name = f"out-{batch.id}"
        other = server.files[name].replace(batch.lines[0]["custom_id"].encode(), b"../../etc")
        server.files[name] += other
        batched.collect(REQUESTS[:1])
        kept = [path.name for path in tmp_path.rglob("*.json") if len(path.name) > 60]
        assert kept == [f"{batch.lines[0]['custom_id']}.json"]
