"""The canary: recorded once, passes while nothing drifts, else stops with a reason."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earmark.embedders import canary
from earmark.embedders.none import NoEmbedder
from earmark.errors import MetricUnavailable
from earmark.identity import file_digest
from earmark.records import Clip
from earmark.storage.atomic import read_json, write_json


class Drifting:
    """A real, tiny embedder of sets: levels and lengths; `drift` is added to one of them."""

    name, standin, id = "drifting", True, "drifting 1"

    def __init__(self, drift: float = 0.0) -> None:
        self.drift = drift

    def embed_features(self, clips: Sequence[Clip]) -> Any:
        return np.array(
            [[c.peak, c.rms + self.drift, c.dc_offset + 0.1] for c in clips], np.float32
        )


class Reading(Drifting):
    """The same with captions."""

    id = "reading 1"

    def embed_audio(self, clips: Sequence[Clip]) -> Any:
        rows = self.embed_features(clips)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def embed_text(self, captions: Sequence[str]) -> Any:
        return np.array([[1, 0, 0]] * len(captions), np.float32)


@pytest.mark.parametrize("kind", [Drifting, Reading])
def test_the_first_measurement_is_the_record_of_the_next(
    kind: type[Drifting], tmp_path: Path
) -> None:
    assert canary.check(kind(), cache=tmp_path) == "canary recorded"
    assert (
        canary.check(kind(), cache=tmp_path)
        == "canary matches its record (largest difference 0.0e+00)"
    )
    assert "matches its record" in canary.check(kind(drift=1e-5), cache=tmp_path)


@pytest.mark.parametrize("kind", [Drifting, Reading])
def test_a_drift_stops_and_says_what_to_do(kind: type[Drifting], tmp_path: Path) -> None:
    canary.check(kind(), cache=tmp_path)
    (kept,) = (tmp_path / "canary").iterdir()
    write_json(kept, {**read_json(kept), "versions": {"numpy": "0.1"}})
    with pytest.raises(
        MetricUnavailable, match=r"canary of drifting: .*recorded.*numpy 0\.1 -> .*delete .*canary"
    ):
        canary.check(kind(drift=0.05), cache=tmp_path)


def test_broken_weights_stop(tmp_path: Path) -> None:
    with pytest.raises(MetricUnavailable, match="must be finite"):
        canary.check(Reading(drift=float("nan")), cache=tmp_path)


def test_a_number_that_is_gone_has_drifted() -> None:
    assert canary.largest_drift({"a": 1.0}, {"a": 1.0, "b": 2.0}) == (float("inf"), "b")


def test_an_embedder_that_embeds_nothing_has_no_canary(tmp_path: Path) -> None:
    assert canary.check(NoEmbedder(), cache=tmp_path) == "embeds nothing"
    assert list(tmp_path.iterdir()) == []


def test_the_sounds_are_the_same_bytes_everywhere(tmp_path: Path) -> None:
    canary.write_sounds(tmp_path)
    assert file_digest(tmp_path / "noise.wav")[:16] == "1a8e6711b63a3e7c"
    assert {path.name for path in tmp_path.iterdir()} == {
        "noise.wav",
        "beep.wav",
        "bell.wav",
        "claps.wav",
    }


@pytest.mark.parts
def test_the_stand_in_is_held_against_what_was_measured_elsewhere(tmp_path: Path) -> None:
    """After an intended change of the stand-in, run `python -m earmark.embedders.canary`."""
    from earmark.embedders.yamnet_minilm import YamnetMinilm

    assert "matches its record" in canary.check(YamnetMinilm(), cache=tmp_path)
    assert list(tmp_path.iterdir()) == []
