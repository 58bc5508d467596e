"""What is spent is counted in one file by all processes."""

import json
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.errors import ConfigError, HarnessError
from earmark.models.wrappers.ledger import BudgetSpent, Ledger


@settings(deadline=None, max_examples=25)  # each call is written to the disk twice
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12),
    st.floats(0.1, 3),
)
def test_whatever_is_held_and_paid_the_sum_stays_below(
    calls: list[tuple[float, float]], budget_usd: float
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.json", budget_usd=budget_usd)
        paid = 0.0
        for max_usd, share in calls:
            try:
                with ledger.reserved(max_usd) as reservation:
                    assert ledger.spent_usd <= budget_usd + 1e-12
                    ledger.settle(reservation, max_usd * share)
            except BudgetSpent:
                assert paid + max_usd > budget_usd - 1e-12
            else:
                paid += max_usd * share
        assert ledger.spent_usd == pytest.approx(paid)
        assert paid <= budget_usd + 1e-12


def test_ledgers_of_one_file_share_it(tmp_path: Path) -> None:
    ledgers = [Ledger(tmp_path / "ledger.json", budget_usd=1.0) for _ in range(4)]
    refused = []

    def spend(ledger: Ledger) -> None:
        for _ in range(10):
            try:
                with ledger.reserved(0.0625) as reservation:  # adds up without rounding
                    ledger.settle(reservation, 0.0625)
            except BudgetSpent:
                refused.append(ledger)

    threads = [threading.Thread(target=spend, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert ledgers[0].spent_usd == pytest.approx(1.0)
    assert len(refused) == 40 - 16


def test_a_reservation_that_was_never_settled_stays_held(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    path.write_text(json.dumps({"spent_usd": 0.5, "held_usd": {"of a killed process": 0.4}}))
    ledger = Ledger(path, budget_usd=1.0)
    assert ledger.spent_usd == pytest.approx(0.9)
    with (
        pytest.raises(
            BudgetSpent,
            match=r"budget_usd=1: 0\.5000 USD .* and 0\.4000 held .* may cost 0\.2000; raise it",
        ),
        ledger.reserved(0.2),
    ):
        pass


@pytest.mark.parametrize("budget_usd", [0.0, -1.0, float("nan"), float("inf")])
def test_a_budget_is_a_number_above_zero(budget_usd: float, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="budget_usd must be a number above 0"):
        Ledger(tmp_path / "ledger.json", budget_usd=budget_usd)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"spent_usd": -5, "held_usd": {}}',
        '{"spent_usd": 0, "held_usd": {"a": -5}}',
        '{"spent_usd": "much", "held_usd": {}}',
        "half",
    ],
)
def test_a_damaged_ledger_is_named_and_not_taken_for_empty(text: str, tmp_path: Path) -> None:
    (tmp_path / "ledger.json").write_text(text)
    with (
        pytest.raises(HarnessError, match=r"ledger\.json.*is then forgotten"),
        Ledger(tmp_path / "ledger.json", budget_usd=1.0).reserved(0.1),
    ):
        pass
