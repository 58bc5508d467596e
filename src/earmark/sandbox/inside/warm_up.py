"""Calls what synthesis programs call, once, so that a forked program finds it ready.

An import leaves much undone: tables of a ufunc, plans of a transform and the pages of a library's
code come with the first call, and each program would pay for them again. No generator that a
program may find is touched, and nothing is written outside memory.
"""

from __future__ import annotations

import io
import sys

RATE_HZ = 44100


def call_once(loaded: list[str]) -> None:
    """Make the first calls of those packages that are loaded, as far as they have them."""
    for name, calls in CALLS.items():
        if name in loaded and name in sys.modules:
            try:
                calls()
            except Exception:  # noqa: BLE001, S112  # another version: its programs are slower, no more
                continue


def _numpy() -> None:
    import numpy as np

    seconds = np.arange(RATE_HZ) / RATE_HZ
    noise = np.random.default_rng(0).standard_normal(RATE_HZ)
    sound = 0.5 * np.sin(2 * np.pi * 440 * seconds) * np.exp(-seconds) + noise
    np.fft.irfft(np.fft.rfft(sound))
    np.convolve(sound[:1000], noise[:100])
    np.cumsum(np.interp(seconds, [0, 1], [0, 1]))
    (np.clip(sound / np.abs(sound).max(), -1, 1) * 32767).astype(np.int16).tobytes()


def _signal() -> None:
    import numpy as np
    from scipy import signal

    seconds = np.arange(RATE_HZ) / RATE_HZ
    sound = signal.chirp(seconds, 100, 1, 1000) + signal.sawtooth(seconds)
    signal.sosfilt(signal.butter(4, [200, 2000], "band", fs=RATE_HZ, output="sos"), sound)
    b, a = signal.butter(2, 0.1)
    signal.filtfilt(b, a, signal.lfilter(b, a, sound))
    signal.fftconvolve(sound, np.ones(1000))
    signal.resample(sound[:1000], 500)


def _wavfile() -> None:
    import numpy as np
    from scipy.io import wavfile

    wavfile.write(io.BytesIO(), RATE_HZ, np.zeros(1000, np.int16))


def _soundfile() -> None:
    import soundfile

    soundfile.write(io.BytesIO(), [0.0] * 1000, RATE_HZ, format="WAV")


CALLS = {
    "numpy": _numpy,
    "scipy.signal": _signal,
    "scipy.io.wavfile": _wavfile,
    "soundfile": _soundfile,
}
