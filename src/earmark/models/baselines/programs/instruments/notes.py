import numpy as np
import soundfile as sf
from scipy import signal

RATE = 44100


def hz(midi):
    return 440.0 * 2 ** ((midi - 69) / 12)


def clock(seconds):
    return np.arange(round(seconds * RATE)) / RATE


def tone(frequency, seconds, partials, attack=0.005, fall=0.0, release=0.03):
    """Partials {multiple: level}; `frequency` in Hz, a number or a curve; `fall` is the decay rate per second."""
    t = clock(seconds)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(frequency, t.shape)) / RATE
    highest = RATE / 2 / np.max(frequency)
    sound = sum(level * np.sin(k * phase) * np.exp(-fall * (0.6 + 0.4 * k) * t) for k, level in partials.items() if k < highest)
    return sound * np.minimum(1, t / attack) * np.minimum(1, (seconds - t) / release)


SINE = {1: 1.0}
PIANO = {1: 1.0, 2: 0.55, 3: 0.35, 4: 0.22, 5: 0.14, 6: 0.1, 7: 0.06, 8: 0.04}
FLUTE = {1: 1.0, 2: 0.3, 3: 0.1, 4: 0.03}
ORGAN = {1: 1.0, 2: 0.7, 3: 0.3, 4: 0.5, 6: 0.2, 8: 0.25}
REED = {1: 1.0, 3: 0.6, 5: 0.35, 7: 0.2, 9: 0.12, 2: 0.03, 4: 0.04}
BRASS = {k: 1 / k**0.8 for k in range(1, 16)}
STRING = {k: 1 / k for k in range(1, 25)}
SAW = {k: 1 / k for k in range(1, 40)}
SQUARE = {k: 1 / k for k in range(1, 60, 2)}
TRIANGLE = {k: (-1) ** (k // 2) / k**2 for k in range(1, 40, 2)}


def piano(midi, seconds):
    return tone(hz(midi), seconds, PIANO, fall=2.2)


def pluck(midi, seconds, bright=0.5, keep=0.996):
    """A string plucked and left to ring: noise that runs round a delay line and grows duller."""
    length = RATE / hz(midi) - 0.5
    whole = int(length)
    part = (1 - (length - whole)) / (1 + (length - whole))
    chance = np.random.default_rng(midi)
    burst = np.zeros(round(seconds * RATE))
    burst[:whole] = chance.uniform(-1, 1, whole)
    burst = signal.lfilter([bright], [1, bright - 1], burst)
    loop = np.convolve([0.5 * keep, 0.5 * keep], [part, 1])
    back = np.concatenate([np.zeros(whole), loop])
    ahead = np.concatenate([[1, part], np.zeros(len(back) - 2)])
    return signal.lfilter([1, part], ahead - back, burst) * np.minimum(1, (seconds - clock(seconds)) / 0.03)


def place(track, start, sound):
    at = round(start * RATE)
    room = track[at : at + len(sound)]
    room += sound[: len(room)]


def blank(seconds):
    return np.zeros(round(seconds * RATE))


def play(notes, seconds, voice):
    """Notes are (start, midi, length)."""
    track = blank(seconds)
    for start, midi, length in notes:
        place(track, start, voice(midi, length))
    return track


def save(sound, peak=0.7):
    edge = np.minimum(1, np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / 100)
    edge = edge if sound.ndim == 1 else edge[:, None]
    sf.write("out.wav", peak * edge * sound / np.abs(sound).max(), RATE, subtype="PCM_16")
