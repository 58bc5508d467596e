"""The canary: recorded once, passes while nothing drifts, else stops with a reason."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earmark.embedders import canary, known_sounds
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
    (kept,) = (tmp_path / "canary").glob("*.json")
    write_json(kept, {**read_json(kept), "versions": {"numpy": "0.1"}})
    with pytest.raises(
        MetricUnavailable, match=r"canary of drifting: .*recorded.*numpy 0\.1 -> .*delete .*canary"
    ):
        canary.check(kind(drift=0.05), cache=tmp_path)


class Named(Drifting):
    """The same, which names its weights and counts how often it is measured."""

    def __init__(self, drift: float = 0.0, content: str | None = "weights 1") -> None:
        super().__init__(drift)
        self.content, self.calls = content, 0

    def content_id(self) -> str | None:
        return self.content

    def embed_features(self, clips: Sequence[Clip]) -> Any:
        self.calls += 1
        return super().embed_features(clips)


def checks(embedder: Named, cache: Path, times: int = 1) -> int:
    """How often an embedder is measured in so many checks."""
    before = embedder.calls
    for _ in range(times):
        canary.check(embedder, cache=cache)
    return embedder.calls - before


def test_what_passed_is_not_measured_again_while_nothing_changed(tmp_path: Path) -> None:
    embedder = Named()
    assert checks(embedder, tmp_path, times=3) == 1
    assert "passed before" in canary.check(embedder, cache=tmp_path)
    assert checks(Named(content="weights 2"), tmp_path, times=3) == 1
    assert checks(Named(content=None), tmp_path, times=3) == 3


@pytest.mark.parametrize(
    "name", ["machine", "versions", "folder_digest"], ids=["processor", "library", "code"]
)
def test_a_change_of_what_a_cosine_depends_on_is_measured(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks(Named(), tmp_path, times=2) == 1
    monkeypatch.setattr(canary, name, lambda *_: {} if name == "versions" else "other")
    assert checks(Named(), tmp_path) == 1
    with pytest.raises(MetricUnavailable, match="must be within"):
        canary.check(Named(drift=0.05, content="weights 3"), cache=tmp_path)


def test_a_changed_record_is_measured_against(tmp_path: Path) -> None:
    canary.check(Named(), cache=tmp_path)
    (kept,) = (tmp_path / "canary").glob("*.json")
    numbers = {name: value + 0.05 for name, value in read_json(kept)["numbers"].items()}
    write_json(kept, {**read_json(kept), "numbers": numbers})
    with pytest.raises(MetricUnavailable, match="must be within"):
        canary.check(Named(), cache=tmp_path)


def test_a_failure_is_never_kept(tmp_path: Path) -> None:
    canary.check(Named(), cache=tmp_path)
    other = Named(drift=0.05, content="weights 2")
    for _ in range(2):
        with pytest.raises(MetricUnavailable, match="must be within"):
            canary.check(other, cache=tmp_path)


@pytest.mark.parts
def test_a_changed_file_of_the_stand_in_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its id names the version of a package, not the bytes of its files."""
    import shutil

    from safetensors.torch import load_file, save_file

    from earmark.embedders import minilm, yamnet_minilm
    from earmark.embedders.packaged import packaged_file

    embedder = yamnet_minilm.YamnetMinilm()
    canary.check(embedder, cache=tmp_path)
    folder = tmp_path / "model"
    shutil.copytree(packaged_file(minilm.PACKAGE, minilm.FOLDER), folder)
    weights = load_file(folder / "model.safetensors")
    weights["embeddings.word_embeddings.weight"] *= -1
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    monkeypatch.setattr(minilm, "packaged_file", lambda *_: folder)
    monkeypatch.setattr(yamnet_minilm, "_encoder", minilm.MiniLm)
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path / "cache"))
    with pytest.raises(MetricUnavailable, match="must be within"):
        canary.check(embedder, cache=tmp_path)


def test_broken_weights_stop(tmp_path: Path) -> None:
    with pytest.raises(MetricUnavailable, match="must be finite"):
        canary.check(Reading(drift=float("nan")), cache=tmp_path)


def test_a_number_that_is_gone_has_drifted() -> None:
    assert canary.largest_drift({"a": 1.0}, {"a": 1.0, "b": 2.0}) == (float("inf"), "b")


def test_an_embedder_that_embeds_nothing_has_no_canary(tmp_path: Path) -> None:
    assert canary.check(NoEmbedder(), cache=tmp_path) == "embeds nothing"
    assert list(tmp_path.iterdir()) == []


def test_the_sounds_are_the_same_bytes_everywhere(tmp_path: Path) -> None:
    known_sounds.write_sounds(tmp_path)
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
    assert list((tmp_path / "canary").glob("*.json")) == []
