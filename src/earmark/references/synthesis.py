"""Plain syntheses for the rendered reference: musical phrases, noisy scenes, babbled syllables.

Each takes a seeded generator and returns (frames, 1) float32 at RATE_HZ, its peak within 0.1..0.9.
They are rough by design: stand-ins for recordings.
"""

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 44100
Sound = NDArray[np.float32]
Wave = NDArray[np.float64]

# First three formants in Hz of five vowels, round numbers of an adult voice.
VOWELS = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
)


def phrase(rng: np.random.Generator) -> Sound:
    """One to four notes or a triad, plucked (a string with losses) or blown (with breath)."""
    key, count = int(rng.integers(40, 84)), int(rng.integers(1, 5))
    steps = rng.choice([0, 2, 4, 5, 7, 9, 12], size=count)
    together = count == 3
    voice = plucked if rng.random() < 0.5 else blown
    tones = [
        voice(440 * 2 ** ((key + int(step) - 69) / 12), float(rng.uniform(0.4, 1.2)), rng)
        for step in steps
    ]
    if together:
        longest = max(len(tone) for tone in tones)
        chord = np.zeros(longest)
        for tone in tones:
            chord[: len(tone)] += tone
        return _scaled(chord, rng)
    return _scaled(np.concatenate(tones), rng)


def plucked(f0_hz: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A noise burst in a delay line that averages it, one period at a time: quick in numpy."""
    period = max(2, round(RATE_HZ / f0_hz))
    turn = rng.uniform(-1, 1, period)
    turns = []
    for _ in range(int(seconds * RATE_HZ / period) + 1):
        turns.append(turn)
        turn = 0.498 * (turn + np.roll(turn, 1))
    return np.concatenate(turns)[: int(seconds * RATE_HZ)]


def blown(f0_hz: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Falling harmonics with a slow vibrato and a little breath noise."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    sway = 1 + 0.004 * np.sin(2 * np.pi * rng.uniform(4, 6) * t)
    phase = 2 * np.pi * np.cumsum(f0_hz * sway) / RATE_HZ
    partials = [k for k in range(1, 12) if k * f0_hz < RATE_HZ / 2.2]
    slope = rng.uniform(0.8, 2.0)
    tone: Wave = np.sum(
        [np.sin(k * phase + rng.uniform(0, 6)) / k**slope for k in partials], axis=0
    )
    return (tone + 0.02 * rng.normal(size=len(t))) * _swell(len(t), 0.05, 0.1)


def scene(rng: np.random.Generator) -> Sound:
    """A coloured noise bed, with knocks, chirps or gusts in it."""
    size = int(rng.uniform(1.5, 5.0) * RATE_HZ)
    sound = rng.uniform(0.05, 0.5) * coloured(size, rng.uniform(0.0, 2.0), rng)
    for _ in range(int(rng.integers(1, 9))):
        event = (_knock, _chirp, _gust)[int(rng.integers(3))](rng)
        start = int(rng.integers(0, max(1, size - len(event))))
        sound[start : start + len(event)] += event[: size - start]
    return _scaled(sound, rng)


def coloured(size: int, slope: float, rng: np.random.Generator) -> Wave:
    """Noise whose power falls as 1 / f**slope, at unit RMS."""
    spectrum = np.fft.rfft(rng.normal(size=size)) / np.maximum(np.arange(size // 2 + 1), 8) ** (
        slope / 2
    )
    noise = np.fft.irfft(spectrum, size)
    level: float = np.sqrt(np.mean(noise**2))
    return noise / level


def _knock(rng: np.random.Generator) -> Wave:
    t = np.arange(int(0.3 * RATE_HZ)) / RATE_HZ
    modes = [
        np.sin(2 * np.pi * f_hz * t) * np.exp(-t * rng.uniform(15, 80))
        for f_hz in rng.uniform(80, 4000, 5)
    ]
    knock: Wave = rng.uniform(0.3, 1.0) * np.sum(modes, axis=0)
    return knock


def _chirp(rng: np.random.Generator) -> Wave:
    size = int(rng.uniform(0.05, 0.25) * RATE_HZ)
    f_hz = np.linspace(rng.uniform(1500, 6000), rng.uniform(1500, 6000), size)
    return rng.uniform(0.3, 1.0) * np.sin(2 * np.pi * np.cumsum(f_hz) / RATE_HZ) * np.hanning(size)


def _gust(rng: np.random.Generator) -> Wave:
    size = int(rng.uniform(0.4, 1.2) * RATE_HZ)
    return rng.uniform(0.2, 0.8) * coloured(size, 1.0, rng) * np.hanning(size)


def syllables(rng: np.random.Generator) -> Sound:
    """Consonant noise and formant vowels on a falling pitch: speech without words."""
    f0_hz, parts = rng.uniform(90, 240), []
    for _ in range(int(rng.integers(3, 12))):
        f0_hz *= rng.uniform(0.92, 1.06)
        parts += [
            0.15 * coloured(int(rng.uniform(0.03, 0.09) * RATE_HZ), 0.0, rng),
            _vowel(f0_hz, rng),
        ]
        parts += [np.zeros(int(rng.choice([0, 0, 0.15]) * RATE_HZ))]
    return _scaled(np.concatenate(parts), rng)


def _vowel(f0_hz: float, rng: np.random.Generator) -> Wave:
    formants = VOWELS[int(rng.integers(len(VOWELS)))]
    size = int(rng.uniform(0.08, 0.22) * RATE_HZ)
    phase = 2 * np.pi * np.cumsum(np.linspace(f0_hz, 0.93 * f0_hz, size)) / RATE_HZ
    tone = np.zeros(size)
    for k in range(1, int(4500 / f0_hz)):
        gain = sum(
            1 / (1 + ((k * f0_hz - formant) / (60 + 0.05 * formant)) ** 2) for formant in formants
        )
        tone += gain / k**0.5 * np.sin(k * phase)
    return tone * _swell(size, 0.02, 0.03)


def _swell(size: int, rise_seconds: float, fall_seconds: float) -> Wave:
    t = np.arange(size) / RATE_HZ
    return np.minimum(1, np.minimum(t / rise_seconds, t[::-1] / fall_seconds))


def _scaled(sound: Wave, rng: np.random.Generator) -> Sound:
    """Peak somewhere within 0.1..0.9, as recordings differ in level."""
    loudest = float(np.abs(sound).max()) or 1.0
    return (sound * (rng.uniform(0.1, 0.9) / loudest)).astype(np.float32)[:, None]
