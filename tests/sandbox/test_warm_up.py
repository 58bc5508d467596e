"""What a worker calls before it forks leaves nothing that a program could find."""

import os
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from earmark.sandbox.inside import warm_up

LOADED = ["numpy", "scipy.signal", "scipy.io.wavfile", "soundfile"]


@pytest.fixture(autouse=True)
def _loaded() -> None:
    for name in LOADED:
        __import__(name)


def test_generators_settings_and_files_are_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.random.seed(7)
    before, errors = np.random.get_state()[1].tolist(), np.geterr()  # type: ignore[index]
    warm_up.call_once(LOADED)
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]
    assert np.geterr() == errors
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", LOADED)
def test_every_call_is_made(name: str) -> None:
    """A call that fails is left out in silence, so this is where it would be seen."""
    warm_up.CALLS[name]()


def test_only_what_is_loaded_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    for name in LOADED:
        monkeypatch.setitem(warm_up.CALLS, name, partial(made.append, name))
    warm_up.call_once(["numpy"])
    assert made == ["numpy"]
    monkeypatch.delitem(sys.modules, "soundfile")
    warm_up.call_once(["soundfile"])
    assert made == ["numpy"]


def test_a_package_that_cannot_be_called_costs_nothing_but_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(warm_up.CALLS, "numpy", lambda: os.stat("/nowhere"))
    warm_up.call_once(["numpy"])
