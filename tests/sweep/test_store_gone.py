"""A store that is gone is asked once a minute, not once a cell."""

import pytest

from earmark import watch
from earmark.errors import TrackingUnavailable


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
