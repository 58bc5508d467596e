"""A store that is gone is asked once a minute, not once a run; and what is kept of a store's
address holds no password.
"""

import math
from pathlib import Path

import pytest

from earmark.config.compose import compose
from earmark.errors import TrackingUnavailable
from earmark.sweep import outage
from earmark.sweep.launch import sweep_facts
from earmark.sweep.plan import plan
from earmark.sweep.session import run_job
from tests.sweep.conftest import SMALL


def test_a_store_that_is_gone_is_let_be_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "_gone_until", [0.0])
    asked = []

    def dead() -> None:
        asked.append(1)
        raise TrackingUnavailable("no answer")

    assert not outage.try_tracking(dead)
    assert not outage.try_tracking(dead)
    assert len(asked) == 1
    monkeypatch.setattr(outage, "_gone_until", [0.0])
    assert outage.try_tracking(lambda: asked.append(2))
    assert outage.try_tracking(lambda: asked.append(3))
    assert asked == [1, 2, 3]


def test_no_record_holds_the_password_of_a_store(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "postgresql://someone:hushhush@db.example/runs"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    config = compose([*SMALL, "model=silence", "name=hush"])
    assert config.tracking.uri == address
    monkeypatch.setattr(outage, "_gone_until", [math.inf])  # no test calls that address
    assert run_job(config) is not None
    words = [f"tracking.uri={address}", "name=hush"]
    result = sweep_facts(plan(words, multirun=False), words)
    assert "hushhush" not in str(result)
    texts = [path.read_text(errors="replace") for path in root.rglob("*.json")]
    assert any("postgresql://someone:***@db.example/runs" in text for text in texts)
    assert not [text for text in texts if "hushhush" in text]
