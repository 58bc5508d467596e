import numpy as np
import soundfile as sf
from scipy import signal

RATE = 16000
STEP = 80  # samples: the voice is steered every 5 ms
RNG = np.random.default_rng(11)

# Formants in Hz at the beginning and at the end; length in ms.
VOWELS = {
    "IY": ((280, 2290, 3010), None, 130),
    "IH": ((400, 1950, 2550), None, 100),
    "EH": ((550, 1800, 2480), None, 120),
    "AE": ((680, 1720, 2410), None, 150),
    "AA": ((740, 1100, 2440), None, 150),
    "AO": ((580, 850, 2410), None, 150),
    "UH": ((450, 1050, 2240), None, 100),
    "UW": ((310, 880, 2240), None, 130),
    "AH": ((620, 1200, 2400), None, 100),
    "AX": ((500, 1400, 2400), None, 60),
    "ER": ((480, 1340, 1690), None, 140),
    "EY": ((500, 1900, 2550), (330, 2200, 2750), 160),
    "AY": ((730, 1200, 2450), (380, 2000, 2600), 190),
    "OW": ((560, 1050, 2350), (400, 820, 2250), 170),
    "AW": ((730, 1250, 2450), (420, 900, 2300), 190),
    "OY": ((560, 850, 2400), (370, 1950, 2550), 200),
}
GLIDES = {"W": (310, 640, 2200, 80), "Y": (270, 2200, 3000, 70), "R": (340, 1080, 1420, 80), "L": (360, 1000, 2750, 75)}
NASALS = {"M": (250, 1050, 2200, 80), "N": (250, 1550, 2500, 75), "NG": (250, 2000, 2700, 90)}
# Noise band, level, voicing, length; formants that the neighbours bend towards.
HISS = {
    "S": ("s", 0.45, 0, 120),
    "Z": ("s", 0.25, 0.35, 90),
    "SH": ("sh", 0.5, 0, 120),
    "ZH": ("sh", 0.3, 0.35, 90),
    "F": ("f", 0.16, 0, 100),
    "V": ("f", 0.07, 0.4, 65),
    "TH": ("f", 0.12, 0, 90),
    "DH": ("f", 0.05, 0.45, 50),
}
PLACES = {
    "S": (320, 1600, 2600),
    "Z": (320, 1600, 2600),
    "SH": (320, 1800, 2500),
    "ZH": (320, 1800, 2500),
    "F": (340, 1000, 2200),
    "V": (340, 1000, 2200),
    "TH": (340, 1300, 2500),
    "DH": (320, 1300, 2500),
    "P": (300, 900, 2200),
    "B": (250, 900, 2200),
    "T": (300, 1750, 2700),
    "D": (250, 1700, 2700),
    "K": (300, 1900, 2350),
    "G": (250, 1900, 2350),
    "CH": (300, 1800, 2500),
    "JH": (250, 1800, 2500),
}
BURSTS = {"P": "p", "B": "p", "T": "t", "D": "t", "K": "k", "G": "k", "CH": "sh", "JH": "sh"}
BANDS = {"s": (4300, 7600), "sh": (2000, 5000), "f": (1200, 7600), "p": (400, 1800), "t": (3200, 7000), "k": (1500, 2900)}


def phones(text):
    """Segments (length in ms, formants before, formants after, voice, breath, {band: level}, nasal)."""
    names = text.split()
    made = []
    for at, name in enumerate(names):
        stressed = name.endswith("1")
        name = name.rstrip("1")
        if name in VOWELS:
            before, after, length = VOWELS[name]
            made.append((length * (1.25 if stressed else 1), before, after or before, 1.0, 0.02, {}, 0))
        elif name in GLIDES:
            made.append((GLIDES[name][3], GLIDES[name][:3], GLIDES[name][:3], 0.7, 0.01, {}, 0))
        elif name in NASALS:
            made.append((NASALS[name][3], NASALS[name][:3], NASALS[name][:3], 0.45, 0.0, {}, 1))
        elif name in HISS:
            band, level, voice, length = HISS[name]
            made.append((length, PLACES[name], PLACES[name], voice, 0.0, {band: level}, 0))
        elif name == "HH":
            following = next((VOWELS[n.rstrip("1")][0] for n in names[at + 1 :] if n.rstrip("1") in VOWELS), (500, 1500, 2500))
            made.append((70, following, following, 0.0, 0.25, {}, 0))
        elif name in BURSTS:
            made += stop(name)
        else:  # a pause: a number of ms
            made.append((float(name), (500, 1500, 2500), (500, 1500, 2500), 0.0, 0.0, {}, 0))
    return made


def stop(name):
    place, band = PLACES[name], BURSTS[name]
    voiced = name in "BDG" or name == "JH"
    closed = (50 if voiced else 70, place, place, 0.12 if voiced else 0.0, 0.0, {}, 1 if voiced else 0)
    if name in ("CH", "JH"):
        return [closed, (75 if name == "CH" else 55, place, place, 0.0 if name == "CH" else 0.2, 0.0, {"sh": 0.45}, 0)]
    burst = (10, place, place, 0.1 if voiced else 0.0, 0.05, {band: 0.5}, 0)
    return [closed, burst] if voiced else [closed, burst, (30, place, place, 0.0, 0.16, {band: 0.05}, 0)]


def tracks(made, speed):
    """The segments as curves, one value for every 5 ms."""
    rows, names = [], sorted(BANDS)
    for length, before, after, voice, breath, noise, nasal in made:
        many = max(1, round(length / speed / 5))
        for k in range(many):
            share = k / many
            formants = [a + (b - a) * share for a, b in zip(before, after)]
            rows.append([*formants, voice, breath, nasal, *(noise.get(name, 0.0) for name in names)])
    curves = np.array(rows).T

    def smooth(curve, width):
        window = np.hanning(width + 2)[1:-1]
        return np.convolve(np.pad(curve, width // 2, mode="edge"), window / window.sum(), mode="valid")[: len(curve)]

    formants = [smooth(curve, 11) for curve in curves[:3]]
    return formants, smooth(curves[3], 5), smooth(curves[4], 3), curves[5], dict(zip(names, (smooth(curve, 3) for curve in curves[6:])))


def glottis(hz):
    """Pulses of air at a pitch curve (one value per sample), differentiated as the lips do."""
    phase = np.cumsum(hz) / RATE % 1.0
    opened, closing = 0.4, 0.16
    flow = np.where(phase < opened, 0.5 * (1 - np.cos(np.pi * phase / opened)), np.cos(np.pi / 2 * (phase - opened) / closing))
    flow = np.where(phase < opened + closing, flow, 0.0)
    return np.diff(flow, prepend=0.0) * RATE / 4000


def resonate(sound, curves, widths):
    """Formants one after the other, their frequencies moving every 5 ms."""
    for curve, width in zip(curves, widths):
        state, parts = np.zeros(2), []
        for k, hz in enumerate(curve):
            pole = np.exp(-np.pi * width / RATE)
            back = [1, -2 * pole * np.cos(2 * np.pi * hz / RATE), pole**2]
            part, state = signal.lfilter([sum(back)], back, sound[k * STEP : (k + 1) * STEP], zi=state)
            parts.append(part)
        sound = np.concatenate(parts)
    return sound


def say(text, base_hz=115.0, tune=((0, 1.08), (0.75, 0.95), (1, 0.8)), speed=1.0, size=1.0, whisper=False, rough=0.008, shake=(0, 0)):
    """Speak phones. `tune` is pitch over time as shares; `size` scales the formants: 1 a man, 1.15 a woman, 1.3 a child;
    `shake` is how often a second, and by what share, the pitch swings."""
    formants, voice, breath, nasal, noise = tracks(phones(text), speed)
    many = len(voice)
    at = np.linspace(0, 1, many * STEP)
    hz = base_hz * np.interp(at, *zip(*tune)) * (1 + shake[1] * np.sin(2 * np.pi * shake[0] * np.arange(len(at)) / RATE))
    wander = np.interp(at, np.linspace(0, 1, many // 6 + 2), RNG.standard_normal(many // 6 + 2))
    fine = np.repeat(voice, STEP)
    pulses = np.zeros(len(at)) if whisper else glottis(hz * (1 + rough * wander)) * fine
    air = RNG.standard_normal(len(at)) * (np.repeat(breath, STEP) + (0.25 * fine if whisper else 0.012 * fine))
    curves = [np.clip(curve * size, 150, 7000) for curve in formants]
    curves[0] = np.where(nasal > 0, np.minimum(curves[0], 280), curves[0])
    curves += [np.full(many, min(3500 * size, 7000)), np.full(many, min(4500 * size, 7400))]
    sound = resonate(pulses + air, curves, (70, 90, 130, 200, 250))
    for name, curve in noise.items():
        hiss = signal.sosfilt(signal.butter(2, BANDS[name], "band", fs=RATE, output="sos"), RNG.standard_normal(len(at)))
        sound = sound + 0.55 * hiss * np.repeat(curve, STEP)
    return sound


def hold(name, seconds):
    """Phones that keep one sound going for about so many seconds."""
    length = {**{k: v[2] for k, v in VOWELS.items()}, **{k: v[3] for k, v in {**GLIDES, **NASALS, **HISS}.items()}}[name]
    return " ".join([name] * max(1, round(1000 * seconds / length)))


def mixed(seconds, *parts):
    """Sounds at their starts: (start, sound, level)."""
    whole = np.zeros(round(seconds * RATE))
    for start, sound, level in parts:
        room = whole[round(start * RATE) :][: len(sound)]
        room += level * sound[: len(room)] / np.abs(sound).max()
    return whole


def fit(sound, seconds, lead=0.1):
    """The sound after `lead` seconds of quiet, in a clip of exactly so many seconds."""
    whole = np.zeros(round(seconds * RATE))
    at = round(lead * RATE)
    whole[at : at + len(sound)] = sound[: max(0, len(whole) - at)]
    return whole


def room(sound, seconds=0.3, share=0.3, seed=5):
    """The sound in a room: a few early echoes, then a tail of fading noise."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE)
    tail = 0.06 * rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    tail[: round(0.02 * RATE)] = 0
    tail[rng.integers(60, 600, 8)] = rng.uniform(-0.5, 0.5, 8)
    wet = signal.fftconvolve(sound, tail)[: len(sound)]
    return sound + share * wet * np.std(sound) / (np.std(wet) + 1e-12)


def held(name, seconds, hz, size=1.0, shake=(5.2, 0.006), rough=0.01, seed=1):
    """One sound held by a person: it slides in, wanders, and sinks at the end; louder and softer as the breath goes."""
    rng = np.random.default_rng(seed)
    tune = [(0, 0.97), (0.08, 1.0), *((at, 1 + rng.normal(0, 0.006)) for at in (0.3, 0.5, 0.7)), (0.9, 1.0), (1, 0.97)]
    sound = say(hold(name, seconds), hz, tune=tune, size=size, shake=shake, rough=rough)
    at = np.linspace(0, 1, len(sound))
    breath = np.interp(at, (0, 0.06, 0.3, 0.6, 0.93, 1), (0.1, 0.9, 1.0, 0.92, 0.75, 0.1))
    return sound * breath * (1 + 0.04 * np.interp(at, np.linspace(0, 1, 24), rng.standard_normal(24)))


def save(sound, peak=0.7):
    edge = np.minimum(1, np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / 160)
    wide = signal.resample_poly(edge * sound, 441, 160)
    sf.write("out.wav", peak * wide / np.abs(wide).max(), 44100, subtype="PCM_16")
