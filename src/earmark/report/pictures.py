"""Clips and spectrograms small enough to travel inside a page: files -> data URIs.

In: WAV and PNG files. Out: data URIs, and nothing once the budget is spent. Lossy: what is scored is never what is encoded here.
"""

import base64
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from earmark.audio import samples
from earmark.errors import AudioError

MP3_RATES_HZ = frozenset({16000, 22050, 24000, 32000, 44100, 48000})
THUMBNAIL_PX = (240, 110)


@dataclass
class Budget:
    """Bytes that may still be inlined."""

    left_bytes: int

    def spend(self, uri: str) -> str | None:
        """The URI when it still fits, else None; the first that does not fit ends nothing, smaller ones may follow."""
        if len(uri) > self.left_bytes:
            return None
        self.left_bytes -= len(uri)
        return uri


@lru_cache(maxsize=1024)  # a cell's own page and the sweep's carry the same clips
def sound(wav: Path) -> str | None:
    """The clip as a data URI: MP3 where its rate allows, since every browser plays it, else the WAV itself; None when unreadable."""
    try:
        frames, rate_hz = samples(wav)
    except (AudioError, OSError):
        return None  # the page then says that the clip is missing; the folder keeps whatever is there
    if rate_hz not in MP3_RATES_HZ:
        return _uri("audio/wav", wav.read_bytes())
    import soundfile

    coded = io.BytesIO()
    form = {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "VARIABLE", "compression_level": 0.6}
    soundfile.write(coded, frames.mean(axis=1), rate_hz, **form)
    return _uri("audio/mpeg", coded.getvalue())


def picture(png: Path) -> str | None:
    """The spectrogram as a small WebP data URI; None when there is none."""
    if not png.is_file():
        return None
    from PIL import Image

    coded = io.BytesIO()
    with Image.open(png) as image:
        image.convert("RGB").resize(THUMBNAIL_PX).save(coded, format="WEBP", quality=60)
    return _uri("image/webp", coded.getvalue())


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
