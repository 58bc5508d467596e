"""Draws the spectrogram of a clip: WAV file -> PNG.

The picture is 480 x 220 pixels, time in s against frequency in Hz on a logarithmic axis, the
loudest point white and 80 dB below it black. The same clip always gives the same bytes.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from earmark.audio import samples

WIDTH_PX, HEIGHT_PX = 480, 220
LEFT_PX, BOTTOM_PX, TOP_PX, RIGHT_PX = 44, 22, 6, 10
RANGE_DB = 80.0
LOWEST_HZ = 40.0
# Of the window, rounded up to a length with a fast FFT. 22 Hz between bins: semitones are distinct
# from 350 Hz upwards.
WINDOW_SECONDS = 0.046
FONT = ImageFont.load_default(size=11)

# Dark to light in even steps of lightness, so that it reads the same in grey and to the
# colour-blind.
ANCHORS = np.array(
    [
        [0, 0, 4],
        [40, 11, 84],
        [101, 21, 110],
        [159, 42, 99],
        [212, 72, 66],
        [245, 125, 21],
        [250, 193, 39],
        [252, 255, 164],
    ]
)
SHADES = 64  # 1.25 dB each: finer steps double the file and are invisible
RAMP = np.stack(
    [np.interp(np.linspace(0, 7, SHADES), np.arange(8), ANCHORS[:, band]) for band in range(3)],
    axis=1,
).astype(np.uint8)
WHITE, BLACK, GREY = SHADES, SHADES + 1, SHADES + 2
PALETTE = [*RAMP.ravel().tolist(), 255, 255, 255, 0, 0, 0, 90, 90, 90]


def png(clip_path: Path) -> bytes:
    """The spectrogram of a clip as a PNG file. Raises AudioError for a clip that cannot be read."""
    frames, rate_hz = samples(clip_path)
    picture = draw(frames.mean(axis=1, dtype=np.float32), rate_hz)
    file = BytesIO()
    picture.save(file, format="PNG", compress_level=3)
    return file.getvalue()


def draw(mono: NDArray[np.float32], rate_hz: int) -> Image.Image:
    """The picture of (frames,) samples, full scale 1.0."""
    columns, rows = WIDTH_PX - LEFT_PX - RIGHT_PX, HEIGHT_PX - BOTTOM_PX - TOP_PX
    top_hz = rate_hz / 2
    heights_hz = np.geomspace(top_hz, min(LOWEST_HZ, top_hz / 2), rows)
    image = Image.new("P", (WIDTH_PX, HEIGHT_PX), WHITE)
    image.putpalette(PALETTE)
    levels = levels_db(mono, rate_hz, columns=columns, heights_hz=heights_hz)
    shades = np.clip(levels / RANGE_DB + 1, 0, 1)
    image.paste(Image.fromarray((shades * (SHADES - 1)).astype(np.uint8)), (LEFT_PX, TOP_PX))
    _axes(
        ImageDraw.Draw(image), seconds=len(mono) / rate_hz, heights_hz=heights_hz, columns=columns
    )
    return image


def levels_db(
    mono: NDArray[np.float32], rate_hz: int, *, columns: int, heights_hz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(len(heights_hz), columns) levels in dB relative to the loudest point, at least -RANGE_DB."""
    from scipy.fft import next_fast_len, rfft

    window = next_fast_len(max(64, round(WINDOW_SECONDS * rate_hz)), real=True)
    padded = np.pad(mono, window // 2 + 1)
    starts = np.linspace(0, len(padded) - window, columns).astype(int)
    taper = np.hanning(window).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, window)[starts] * taper
    power = np.abs(rfft(windows, axis=1)) ** 2
    edges_hz = np.append(heights_hz, heights_hz[-1] ** 2 / heights_hz[-2])
    edges = np.clip(edges_hz * window / rate_hz, 0, power.shape[1] - 1)
    # A row may span several bins: the loudest is shown, so that a thin partial does not vanish.
    low, high = np.floor(edges[1:]).astype(int), np.ceil(edges[:-1]).astype(int)
    rows = np.stack([power[:, a : b + 1].max(axis=1) for a, b in zip(low, high, strict=True)])
    loudest = max(float(rows.max()), 1e-20)
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(rows / loudest, 10 ** (-RANGE_DB / 10)))
    return levels


def _axes(
    pen: ImageDraw.ImageDraw, *, seconds: float, heights_hz: NDArray[np.float64], columns: int
) -> None:
    floor_px = HEIGHT_PX - BOTTOM_PX
    pen.fontmode = "1"  # no smoothed edges: the palette has no greys for them
    for hertz in (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000):
        if heights_hz[-1] <= hertz <= heights_hz[0]:
            row = TOP_PX + int(np.argmin(np.abs(heights_hz - hertz)))
            pen.line([(LEFT_PX - 4, row), (LEFT_PX - 1, row)], fill=BLACK)
            label = f"{hertz // 1000}k" if hertz >= 1000 else str(hertz)
            pen.text((LEFT_PX - 6, row), label, fill=BLACK, font=FONT, anchor="rm")
    pen.text((2, floor_px + 4), "Hz", fill=GREY, font=FONT)
    for tick in ticks_seconds(seconds):
        column = LEFT_PX + round(tick / seconds * (columns - 1))
        pen.line([(column, floor_px), (column, floor_px + 3)], fill=BLACK)
        pen.text((column, floor_px + 5), f"{tick:g}", fill=BLACK, font=FONT, anchor="ma")
    pen.text((WIDTH_PX - 4, floor_px + 5), "s", fill=GREY, font=FONT, anchor="ra")


def ticks_seconds(seconds: float) -> list[float]:
    """Three to seven round times from 0 to at most 95 % of `seconds`."""
    step = 10.0 ** np.floor(np.log10(seconds))
    step = next(
        s for s in (step / 10, step / 5, step / 4, step / 2, step, 2 * step) if seconds / s <= 7
    )
    return [round(float(at * step), 6) for at in range(int(0.95 * seconds / step) + 1)]
