import numpy as np
import soundfile as sf
from scipy import signal

RATE = 44100
RNG = np.random.default_rng(7)


def clock(seconds):
    return np.arange(round(seconds * RATE)) / RATE


def blank(seconds):
    return np.zeros(round(seconds * RATE))


def white(seconds):
    return RNG.standard_normal(round(seconds * RATE))


def colour(seconds, slope_db):
    """Noise whose level changes by `slope_db` per octave: -3 is pink, -6 is brown."""
    spectrum = np.fft.rfft(white(seconds))
    hz = np.maximum(np.fft.rfftfreq(round(seconds * RATE), 1 / RATE), 20)
    sound = np.fft.irfft(spectrum * (hz / 1000) ** (slope_db / 6.02), round(seconds * RATE))
    return sound / np.std(sound)


def band(sound, low, high, order=2):
    return signal.sosfilt(signal.butter(order, [low, high], "band", fs=RATE, output="sos"), sound)


def lowpass(sound, high, order=2):
    return signal.sosfilt(signal.butter(order, high, "low", fs=RATE, output="sos"), sound)


def highpass(sound, low, order=2):
    return signal.sosfilt(signal.butter(order, low, "high", fs=RATE, output="sos"), sound)


def ring(sound, hz, width):
    """One resonance."""
    pole = np.exp(-np.pi * width / RATE)
    return signal.lfilter([1 - pole], [1, -2 * pole * np.cos(2 * np.pi * hz / RATE), pole**2], sound)


def slow(seconds, rate, low=0.0, high=1.0):
    """A random curve that wanders `rate` times per second between two levels."""
    knots = RNG.uniform(low, high, int(seconds * rate) + 4)
    at = np.arange(len(knots)) / rate
    return np.interp(clock(seconds), at, knots)


def fall(seconds, rate, attack=0.002):
    t = clock(seconds)
    return np.exp(-rate * t) * np.minimum(1, t / attack)


def sine(hz, seconds):
    return np.sin(2 * np.pi * np.cumsum(np.broadcast_to(hz, clock(seconds).shape)) / RATE)


def buzz(hz, seconds, dull=1.0, partials=40):
    """A harmonic tone; `hz` may be a curve; partials fall as 1 / k ** dull."""
    hz = np.broadcast_to(hz, clock(seconds).shape)
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    return sum(np.sin(k * phase) * (k * hz < 18000) / k**dull for k in range(1, partials + 1))


def modes(frequencies, levels, rates, seconds):
    """A struck body: partials that each fade at their own rate."""
    return sum(a * np.sin(2 * np.pi * f * clock(seconds)) * np.exp(-d * clock(seconds)) for f, a, d in zip(frequencies, levels, rates))


def curve(seconds, *points):
    """A line through (time, value) points."""
    return np.interp(clock(seconds), *zip(*points))


def cry(pitch, mouth, breath=0.1, dull=0.7, attack=0.03, release=0.08):
    """A throat: a pitch curve in Hz, with breath, through the resonances (hz, width, level) of a mouth; peak 1."""
    seconds = len(pitch) / RATE
    air = buzz(pitch, seconds, dull) + breath * white(seconds)
    sound = sum(level * ring(air, hz, width) * hz / width for hz, width, level in mouth)
    sound = sound * np.minimum(1, np.minimum(clock(seconds) / attack, clock(seconds)[::-1] / release))
    return sound / np.abs(sound).max()


def pulses(rate):
    """Single clicks, `rate` of them per second; a number per sample."""
    return np.diff(np.floor(np.cumsum(rate) / RATE), prepend=0.0)


def knock(frequencies, rate, seconds, noise=0.6, bright=2500):
    """A hard thing struck: partials that fade, the lower the longer, and the noise of the touch."""
    body = modes(frequencies, [0.8**k for k in range(len(frequencies))], [rate * 1.3**k for k in range(len(frequencies))], seconds)
    return body + noise * lowpass(white(seconds), bright) * fall(seconds, 4 * rate, 0.0005)


def place(track, start, sound, level=1.0):
    at = round(start * RATE)
    room = track[at : at + len(sound)]
    room += level * sound[: len(room)]


def room(sound, seconds=0.4, share=0.3, bright=5000):
    """The sound in a room: an echo of decaying noise."""
    tail = lowpass(white(seconds), bright) * np.exp(-6.9 * clock(seconds) / seconds)
    wet = signal.fftconvolve(sound, tail)[: len(sound)]
    return sound + share * wet * np.std(sound) / (np.std(wet) + 1e-9)


def save(sound, peak=0.7):
    edge = np.minimum(1, np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / 200)
    sf.write("out.wav", peak * edge * sound / np.abs(sound).max(), RATE, subtype="PCM_16")
