"""A store that is gone is asked once a minute, not once a run; and what is kept of a store's address holds no password."""

from pathlib import Path

import pytest

from earmark.config.compose import compose, plain
from earmark.config.factory import run_one
from earmark.errors import TrackingUnavailable
from earmark.storage.folders import RunFolder
from earmark.sweep import launch as launching
from earmark.sweep import watch
from earmark.sweep.plan import plan
from tests.sweep.conftest import SMALL


def test_a_store_that_is_gone_is_let_be_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_gone_until", [0.0])
    asked = []

    def dead() -> None:
        asked.append(1)
        raise TrackingUnavailable("nobody there")

    assert not watch.attempted(dead)
    assert not watch.attempted(dead)
    assert len(asked) == 1
    monkeypatch.setattr(watch, "_gone_until", [0.0])
    assert watch.attempted(lambda: asked.append(2))
    assert watch.attempted(lambda: asked.append(3))
    assert asked == [1, 2, 3]


def test_no_record_holds_the_password_of_a_store(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "postgresql://someone:hushhush@db.example/runs"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    config = plain(compose([*SMALL, "model=silence", "name=hush"]))
    assert config["tracking"]["uri"] == address
    run_one(config, RunFolder(root / "multirun" / "hush" / "run"))
    words = [f"tracking.uri={address}", "name=hush"]
    told = launching._asked(plan(words, multirun=False), words)
    assert "hushhush" not in str(told)
    texts = [path.read_text(errors="replace") for path in root.rglob("*.json")]
    assert any("postgresql://someone:***@db.example/runs" in text for text in texts)
    assert not [text for text in texts if "hushhush" in text]
