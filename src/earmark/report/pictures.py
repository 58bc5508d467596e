"""Clips and spectrograms small enough to travel inside a page: files -> data URIs.

In: WAV and PNG files. Out: data URIs, and nothing once the budget is spent. Lossy: what is scored is never what is encoded here.
"""

import base64
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.audio import samples
from earmark.errors import AudioError

if TYPE_CHECKING:
    from PIL.Image import Image

MP3_RATES_HZ = frozenset({16000, 22050, 24000, 32000, 44100, 48000})
MISSES = 16
THUMBNAIL_PX = (240, 110)


@dataclass
class Budget:
    """Bytes that may still be inlined."""

    left_bytes: int
    misses: int = 0

    @property
    def spent(self) -> bool:
        """True when so little is left that encoding what will not fit would be a waste of time."""
        return self.misses >= MISSES

    def spend(self, uri: str) -> str | None:
        """The URI when it still fits, else None; the first that does not fit ends nothing, smaller ones may follow."""
        if len(uri) > self.left_bytes:
            self.misses += 1
            return None
        self.left_bytes -= len(uri)
        return uri


@lru_cache(maxsize=1024)  # a run's own page and the sweep's carry the same clips
def sound(wav: Path) -> str | None:
    """The clip as a data URI: MP3 where its rate allows, since every browser plays it, else the WAV itself; None when unreadable."""
    try:
        frames, rate_hz = samples(wav)
    except (AudioError, OSError):
        return (
            None  # the page then says that the clip is missing; the folder keeps whatever is there
        )
    if rate_hz not in MP3_RATES_HZ:
        return _uri("audio/wav", wav.read_bytes())
    import soundfile

    coded = io.BytesIO()
    form = {
        "format": "MP3",
        "subtype": "MPEG_LAYER_III",
        "bitrate_mode": "VARIABLE",
        "compression_level": 0.6,
    }
    soundfile.write(coded, frames.mean(axis=1), rate_hz, **form)
    return _uri("audio/mpeg", coded.getvalue())


def picture(png: Path) -> str | None:
    """The spectrogram as a small WebP data URI; None when there is none."""
    if not png.is_file():
        return None
    coded = io.BytesIO()
    small(png).save(coded, format="WEBP", quality=60)
    return _uri("image/webp", coded.getvalue())


def small(png: Path) -> "Image":
    """The spectrogram at the size of a thumbnail."""
    from PIL import Image as Images

    with Images.open(png) as image:
        return image.convert("RGB").resize(THUMBNAIL_PX)


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
