"""The laws of every embedder, as tests to inherit. They test no accuracy.

A subclass gives fixtures: `embedder`, `clips` (four or more, of different lengths and sounds) and,
where it embeds text, `captions`.
"""

# ruff: noqa: S101  # a contract suite asserts

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from earmark.embedders import AudioEmbedder, Embedder, EmbeddingError
from earmark.errors import AudioError
from earmark.records import Clip
from earmark.testing.audio import RATE_HZ, chunk, form, riff, tone, wav16, wav_float

TOLERANCE = 1e-6


def bad_clips(folder: Path) -> list[Clip]:
    """NaN, silence, one frame, an hour, 8 kHz, stereo, DC, as records that were not checked."""
    still = np.zeros((RATE_HZ, 1))
    hour = riff(
        form(rate_hz=8000, bits=16),
        chunk(b"data", b"", claimed=2 * 8000 * 3600),
        claimed=2 * 8000 * 3600 + 36,
    )
    files = {
        "nan": (wav_float(np.full((RATE_HZ, 1), np.nan)), RATE_HZ, 1, RATE_HZ),
        "silence": (wav16(still), RATE_HZ, 1, RATE_HZ),
        "one_frame": (wav16(np.full((1, 1), 0.5)), RATE_HZ, 1, 1),
        "hour": (hour, 8000, 1, 8000 * 3600),
        "eight_khz": (wav16(tone(rate_hz=8000), rate_hz=8000), 8000, 1, 4000),
        "stereo": (wav16(tone(channels=2)), RATE_HZ, 2, RATE_HZ // 2),
        "dc": (wav16(still + 0.5), RATE_HZ, 1, RATE_HZ),
    }
    return [_unchecked(folder / f"{name}.wav", *facts) for name, facts in files.items()]


def _unchecked(path: Path, body: bytes, rate_hz: int, channels: int, frames: int) -> Clip:
    path.write_bytes(body)
    if path.stem == "hour":
        with path.open("r+b") as stream:
            stream.truncate(len(body) + 2 * frames)  # a sparse file: an hour of zeros takes no room
    levels = {"peak": 0.5, "rms": 0.5, "dc_offset": 0.0, "clipped_fraction": 0.0}
    return Clip(
        str(path), rate_hz, channels, frames, frames / rate_hz, **levels, sha256=f"{path.stem:_<64}"
    )


def _require_finite_or_reason(embed: Any, clip: Clip) -> None:  # noqa: ANN401  # an embedder's method
    reason, rows = "", np.empty((0, 1))
    try:
        rows = embed([clip])
    except (EmbeddingError, AudioError) as error:
        reason = str(error).strip()
    assert reason or (len(rows) == 1 and np.isfinite(rows).all()), clip.path


def _smallest_distance(rows: Any) -> float:  # noqa: ANN401  # float rows
    """The smallest distance between two different rows."""
    between = np.linalg.norm(rows[:, None] - rows[None], axis=-1)
    return float(between[~np.eye(len(rows), dtype=bool)].min())


class AudioEmbedderContract:
    """Laws of every embedder."""

    def test_it_names_itself_and_its_pipeline(self, embedder: AudioEmbedder) -> None:
        """A name for its numbers, an id for what made them, and the stand-in's mark."""
        assert embedder.name
        assert embedder.id
        assert isinstance(embedder.standin, bool)
        assert not (embedder.standin and "clap" in embedder.name)

    def test_features_are_one_finite_row_for_each_clip(
        self, embedder: AudioEmbedder, clips: Sequence[Clip]
    ) -> None:
        """(n, k) float32; different sounds have different rows, or rows would mean nothing."""
        rows = embedder.embed_features(clips)
        assert rows.dtype == np.float32
        assert rows.shape[0] == len(clips)
        assert np.isfinite(rows).all()
        assert _smallest_distance(rows) > 100 * TOLERANCE

    def test_features_do_not_depend_on_company(
        self, embedder: AudioEmbedder, clips: Sequence[Clip]
    ) -> None:
        """The same alone, in a batch, in any order, twice."""
        self.same_alone_and_together(embedder.embed_features, clips)

    def test_no_clips_give_no_rows(self, embedder: AudioEmbedder) -> None:
        """(0, k)."""
        assert len(embedder.embed_features([])) == 0

    def test_bad_audio_gives_features_or_a_reason(
        self, embedder: AudioEmbedder, tmp_path: Path
    ) -> None:
        """Never another exception, never a row that is not finite."""
        for clip in bad_clips(tmp_path):
            _require_finite_or_reason(embedder.embed_features, clip)

    @staticmethod
    def same_alone_and_together(embed: Any, items: Sequence[Any]) -> None:  # noqa: ANN401  # clips or captions
        """Rows within 1e-6 whatever else is embedded with them."""
        together = embed(items)
        backwards = embed(list(reversed(items)))[::-1]
        alone = np.concatenate([embed([item]) for item in items])
        for other in (backwards, alone, embed(items)):
            np.testing.assert_allclose(other, together, atol=TOLERANCE, rtol=0)


class EmbedderContract(AudioEmbedderContract):
    """Laws of embedders that compare clips with captions."""

    def test_both_halves_are_unit_rows_of_one_space(
        self, embedder: Embedder, clips: Sequence[Clip], captions: Sequence[str]
    ) -> None:
        """Unit length, equal width, float32; different captions differ."""
        audio, text = embedder.embed_audio(clips), embedder.embed_text(captions)
        assert audio.dtype == text.dtype == np.float32
        assert (len(audio), len(text)) == (len(clips), len(captions))
        assert audio.shape[1] == text.shape[1]
        np.testing.assert_allclose(np.linalg.norm(audio, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(text, axis=1), 1, atol=1e-5)
        assert _smallest_distance(text) > 100 * TOLERANCE

    def test_audio_rows_do_not_depend_on_company(
        self, embedder: Embedder, clips: Sequence[Clip]
    ) -> None:
        """The same alone, in a batch, in any order, twice."""
        self.same_alone_and_together(embedder.embed_audio, clips)

    def test_bad_audio_gives_a_row_or_a_reason(self, embedder: Embedder, tmp_path: Path) -> None:
        """Never another exception, never a row that is not finite."""
        for clip in bad_clips(tmp_path):
            _require_finite_or_reason(embedder.embed_audio, clip)

    def test_text_rows_do_not_depend_on_company(
        self, embedder: Embedder, captions: Sequence[str]
    ) -> None:
        """The same alone, in a batch, in any order, twice."""
        self.same_alone_and_together(embedder.embed_text, captions)
