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


def noise(seconds, low, high, seed=1):
    """Noise between two frequencies, of standard deviation 1."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    sound = signal.sosfilt(signal.butter(2, [low, high], "band", fs=RATE, output="sos"), white)
    return sound / np.std(sound)


def drift(seconds, rate, seed):
    """A slow random curve around 0: no player holds anything quite still."""
    knots = np.random.default_rng(seed).standard_normal(int(seconds * rate) + 4)
    return np.interp(clock(seconds), np.arange(len(knots)) / rate, knots)


def played(midi, seconds, cents=3, swing=0, rate=5.5, late=0.3, seed=1):
    """The pitch that a player makes of a note: it wanders by some cents, and a vibrato sets in after `late` seconds."""
    t = clock(seconds)
    vibrato = swing * np.minimum(1, (t / late) ** 2) * np.sin(2 * np.pi * rate * t)
    return hz(midi) * 2 ** ((vibrato + cents * drift(seconds, 6, seed)) / 1200)


def swell(seconds, attack, release):
    t = clock(seconds)
    return np.sin(np.pi / 2 * np.minimum(1, t / attack)) ** 2 * np.minimum(1, (seconds - t) / release)


def body(sound, *peaks):
    """The resonances of a body: (hz, sharpness, level)."""
    return sound + sum(level * signal.lfilter(*signal.iirpeak(f, q, fs=RATE), sound) for f, q, level in peaks)


def hall(sound, seconds=0.8, share=0.25, seed=9):
    """The sound in a room whose echo fades within `seconds`."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE)
    tail = signal.sosfilt(signal.butter(1, 5000, "low", fs=RATE, output="sos"), rng.standard_normal(n)) * np.exp(-6.9 * np.arange(n) / n)
    tail[: round(0.008 * RATE)] = 0
    wet = signal.fftconvolve(sound, tail)[: len(sound)]
    return sound + share * wet * np.std(sound) / np.std(wet)


def rich(pitch, seconds, levels, attack, release, seed=1):
    """Partials that each breathe a little and come in later the higher they are; `pitch` is a curve in Hz."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(pitch, clock(seconds).shape)) / RATE
    highest = RATE / 2 / np.max(pitch)
    parts = []
    for k, level in levels.items():
        if k < highest:
            shape = swell(seconds, min(seconds / 2, attack * (0.7 + 0.06 * k)), release)
            parts.append(level * (1 + 0.12 * drift(seconds, 9, [seed, round(10 * k)])) * shape * np.sin(k * phase + k * k))
    return sum(parts)


def bowed(midi, seconds, attack=0.12, release=0.15, swing=14, late=0.3, seed=1):
    """A violin: the body has many narrow resonances, so that vibrato makes each partial louder and softer in its own way."""
    t, f = clock(seconds), hz(midi)
    pitch = played(midi, seconds, cents=5, swing=swing, late=late, seed=seed)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    wobble = np.minimum(1, (t / late) ** 2) * min(1, swing / 14)
    rng = np.random.default_rng(17)
    parts = []
    for k in range(1, 40):
        bridge = 1 + 1.5 * np.exp(-(((k * f - 2800) / 900) ** 2))
        level = 10 ** (rng.normal(0, 4) / 20) * bridge / k / (1 + (k * f / 7000) ** 4)
        depth, lag = rng.uniform(0.1, 0.5), rng.uniform(0, 6.3)
        shape = swell(seconds, min(seconds / 2, attack * (0.7 + 0.05 * k)), release)
        louder = 1 + depth * wobble * np.sin(2 * np.pi * 5.5 * t + lag) + 0.15 * drift(seconds, 12, [seed, k])
        if k * f < RATE / 2.2:
            parts.append(level * louder * shape * np.sin(k * phase + k * k))
    scratch = noise(seconds, 1200, 8000, seed) * (0.03 + 0.15 * np.exp(-t / (0.5 * attack))) * swell(seconds, attack / 3, release)
    return sum(parts) + scratch * (1 + 0.5 * drift(seconds, 40, seed + 1))


def blown(midi, seconds, attack=0.08, release=0.12, swing=8, seed=1, air=0.05):
    """A flute: few partials, a vibrato of loudness more than of pitch, and the breath."""
    t = clock(seconds)
    levels = {1: 1.0, 2: 0.35, 3: 0.12, 4: 0.05, 5: 0.02}
    sound = rich(played(midi, seconds, swing=swing, rate=5, seed=seed), seconds, levels, attack, release, seed)
    f = hz(midi)
    breath = noise(seconds, 0.8 * f, min(6 * f, 15000), seed) + 0.6 * noise(seconds, 0.95 * f, 1.05 * f, seed + 1)
    pulse = 1 + 0.15 * np.minimum(1, t / 0.4) * np.sin(2 * np.pi * 5 * t)
    start = 1 + 3 * np.exp(-t * 25)
    return (sound * pulse + air * breath * start * swell(seconds, attack / 3, release))


def clarinet(midi, seconds, attack=0.04, release=0.06, seed=1):
    levels = {1: 1.0, 3: 0.75, 5: 0.5, 7: 0.22, 9: 0.16, 11: 0.12, 13: 0.06, 2: 0.02, 4: 0.04, 6: 0.06, 8: 0.08, 10: 0.06}
    sound = rich(played(midi, seconds, cents=2, seed=seed), seconds, levels, attack, release, seed)
    return sound + 0.012 * noise(seconds, 600, 5000, seed) * swell(seconds, attack / 2, release)


def brass(midi, seconds, attack=0.05, release=0.08, bright=2600, seed=1):
    """Strongest around 1 kHz; the upper partials come late with the swell of the breath, which overshoots at the start."""
    f = hz(midi)
    levels = {k: min(1, k * f / 900) / (1 + (k * f / bright) ** 4) for k in range(1, 50)}
    t = clock(seconds)
    pitch = played(midi, seconds, cents=4, swing=6, late=0.4, seed=seed) * 2 ** (-0.6 / 12 * np.exp(-t * 50))
    sound = rich(pitch, seconds, levels, attack, release, seed)
    lips = noise(seconds, 800, 6000, seed) * swell(seconds, 0.01, release)
    return sound * (1 + 0.5 * np.exp(-t * 10)) + 0.02 * lips


def pipe(midi, seconds, attack=0.06, release=0.1):
    """Organ pipes of four lengths, each a little off, with the chiff of their mouths."""
    ranks = {0.5: 0.35, 1: 1.0, 2: 0.6, 3: 0.3, 4: 0.3, 8: 0.12}
    parts = []
    for at, (rank, level) in enumerate(ranks.items()):
        if rank >= 1:
            pitch = rank * hz(midi) * 2 ** ((2 * at % 5 - 2) / 1200) * (1 + 0.0004 * drift(seconds, 8, at))
            parts.append(level * rich(pitch, seconds, {1: 1, 2: 0.3, 3: 0.12, 4: 0.05}, attack, release, at))
    chiff = noise(seconds, 1.5 * hz(midi), 8 * hz(midi)) * (0.012 + 0.15 * np.exp(-clock(seconds) * 35)) * swell(seconds, 0.01, release)
    return sum(parts) + chiff


def piano(midi, seconds):
    return tone(hz(midi), seconds, PIANO, fall=2.2)


def struck(frequencies, levels, fades, seconds, touch=0.3, bright=(1500, 9000), seed=1):
    """A hard thing that rings: partials that fade, and the noise of the touch."""
    t = clock(seconds)
    ring = sum(a * np.sin(2 * np.pi * f * t + f) * np.exp(-d * t) for f, a, d in zip(frequencies, levels, fades))
    return (ring + touch * noise(seconds, *bright, seed) * np.exp(-t * 250)) * np.minimum(1, t / 0.0005) * np.minimum(1, (seconds - t) / 0.02)


def pluck(midi, seconds, bright=0.5, keep=0.996):
    """A string plucked and left to ring: noise that runs round a delay line and grows duller."""
    length = RATE / hz(midi) - 0.5
    whole = int(length)
    part = (1 - (length - whole)) / (1 + (length - whole))
    rng = np.random.default_rng(midi)
    burst = np.zeros(round(seconds * RATE))
    burst[:whole] = rng.uniform(-1, 1, whole)
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
