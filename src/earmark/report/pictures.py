"""Clips and spectrograms small enough for one page, as data URIs.

The encoding is lossy: what is scored is never what is encoded here.
"""

import base64
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.audio import samples
from earmark.errors import AudioError
from earmark.identity import file_digest
from earmark.storage.atomic import write_bytes

if TYPE_CHECKING:
    from PIL.Image import Image

MP3_RATES_HZ = frozenset({16000, 22050, 24000, 32000, 44100, 48000})
MP3 = {
    "format": "MP3",
    "subtype": "MPEG_LAYER_III",
    "bitrate_mode": "VARIABLE",
    "compression_level": 0.6,
}
MAX_MISSES = 16
THUMBNAIL_PX = (240, 110)


@dataclass
class Budget:
    """Bytes that may still be put into the page."""

    left_bytes: int
    misses: int = 0

    @property
    def exhausted(self) -> bool:
        """True when so many did not fit that encoding more would be a waste of time."""
        return self.misses >= MAX_MISSES

    def spend(self, uri: str) -> str | None:
        """The URI when it fits, else None; a smaller one may still fit after one that did not."""
        if len(uri) > self.left_bytes:
            self.misses += 1
            return None
        self.left_bytes -= len(uri)
        return uri


@lru_cache(maxsize=1024)  # a run's own page and the sweep's hold the same clips
def sound_uri(wav: Path) -> str | None:
    """The clip as MP3 where its rate allows, else as the WAV it is; None for an unreadable one."""
    try:
        frames, rate_hz = samples(wav)
    except (AudioError, OSError):
        return None  # the page then names the folder, which keeps whatever is there
    if rate_hz not in MP3_RATES_HZ:
        return _uri("audio/wav", wav.read_bytes())
    return _uri("audio/mpeg", _mp3(frames, rate_hz))


def baseline_uri(wav: Path) -> str | None:
    """The same of a baseline's clip; other sweeps have it too, so it is encoded once for all."""
    try:
        kept = paths.cache() / "listening" / f"{file_digest(wav)}.uri"
        if kept.is_file():
            return kept.read_text(encoding="ascii")
    except OSError:
        return None
    uri = sound_uri(wav)
    if uri is not None:
        write_bytes(kept, uri.encode("ascii"))
    return uri


def _mp3(frames: NDArray[np.floating], rate_hz: int) -> bytes:
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, frames.mean(axis=1), rate_hz, **MP3)
    return buffer.getvalue()


def picture_uri(png: Path) -> str | None:
    """The spectrogram as a small WebP; None when there is none."""
    if not png.is_file():
        return None
    buffer = io.BytesIO()
    thumbnail(png).save(buffer, format="WEBP", quality=60)
    return _uri("image/webp", buffer.getvalue())


def thumbnail(png: Path) -> "Image":
    """The spectrogram at the size of a thumbnail."""
    from PIL import Image as Images

    with Images.open(png) as image:
        return image.convert("RGB").resize(THUMBNAIL_PX)


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
