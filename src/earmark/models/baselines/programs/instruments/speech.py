import numpy as np
import soundfile as sf
from scipy import optimize, signal

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
    "UH": ((440, 1180, 2240), None, 100),
    "UW": ((310, 880, 2240), None, 130),
    "AH": ((620, 1200, 2400), None, 100),
    "AX": ((500, 1400, 2400), None, 60),
    "ER": ((480, 1340, 1690), None, 140),
    "EY": ((500, 1900, 2550), (330, 2200, 2750), 160),
    "AY": ((730, 1200, 2450), (380, 2000, 2600), 190),
    "OW": ((560, 1050, 2350), (400, 820, 2250), 170),
    "AW": ((760, 1320, 2450), (430, 930, 2300), 200),
    "OY": ((560, 850, 2400), (370, 1950, 2550), 200),
}
GLIDES = {"W": (310, 640, 2200, 80), "Y": (270, 2200, 3000, 70), "R": (340, 1080, 1420, 80), "L": (360, 1000, 2750, 75)}
# Formants, length, and the frequency that the closed mouth swallows.
NASALS = {"M": (480, 1100, 2150, 80, 450), "N": (480, 1500, 2500, 80, 450), "NG": (480, 2000, 2800, 90, 450)}
# Noise band, level, voicing, length.
HISS = {
    "S": ("s", 0.5, 0, 120),
    "Z": ("s", 0.25, 0.35, 90),
    "SH": ("sh", 1.0, 0, 145),
    "ZH": ("sh", 0.45, 0.35, 90),
    "F": ("f", 0.2, 0, 100),
    "V": ("f", 0.07, 0.4, 65),
    "TH": ("th", 0.12, 0, 90),
    "DH": ("th", 0.05, 0.45, 50),
}
# Where the mouth closes: first and third formant, and the second as share of the neighbour's and a constant (a locus).
LIPS, TEETH, GUM, PALATE = (300, 0.85, 110, 2200), (320, 0.5, 700, 2450), (300, 0.43, 1030, 2650), (300, 0.3, 1300, 2500)
BACK = (280, 0.5, 1000, 2150)
PLACES = {
    **dict.fromkeys(("P", "B", "F", "V"), LIPS),
    **dict.fromkeys(("TH", "DH"), TEETH),
    **dict.fromkeys(("T", "D", "S", "Z"), GUM),
    **dict.fromkeys(("SH", "ZH", "CH", "JH"), PALATE),
    **dict.fromkeys(("K", "G"), BACK),
}
BURSTS = {"P": "p", "B": "p", "T": "t", "D": "t", "K": "k", "G": "k", "CH": "ch", "JH": "ch"}
BANDS = {
    "s": (4300, 7600),
    "sh": (2100, 4800),
    "ch": (2100, 5200),
    "f": (1200, 7600),
    "th": (1600, 7600),
    "p": (400, 1800),
    "t": (3200, 7000),
    "front k": (2200, 3400),
    "back k": (1100, 2000),
}
REST = (500, 1500, 2500)


def part(ms, before, after=None, *, voice=0.0, breath=0.0, lax=0.0, nose=0.0, zero_hz=270.0, stress=0.0, **noise):
    """A stretch of speech: how long, formants at its ends, voice and breath, how lax the voice is, how open the nose."""
    return {"ms": ms, "before": before, "after": after or before, "voice": voice, "breath": breath, "lax": lax,
            "nose": nose, "zero_hz": zero_hz, "stress": stress, "noise": noise}


def open_sound(names, at, way):
    """Formants of the nearest vowel, glide or nasal after (way 1) or before (way -1) a consonant; None at a pause."""
    at += way
    while 0 <= at < len(names):
        name = names[at].rstrip("1")
        if name in VOWELS:
            before, after, _ = VOWELS[name]
            return before if way > 0 or after is None else after
        if name in GLIDES:
            return GLIDES[name][:3]
        if name.replace(".", "").isdigit():
            return None
        at += way
    return None


def place(names, at):
    """Formants at a closure: the tongue is already, or still, on its way to the neighbouring vowel."""
    first, share, constant, third = PLACES[names[at]]
    vowel = open_sound(names, at, 1) or open_sound(names, at, -1) or REST
    return (first, share * vowel[1] + constant, third)


def phones(text):
    """The parts of a text of phones; a vowel with 1 is stressed, a number is a pause in ms, and *2 makes a phone twice as long."""
    names, _, times = zip(*(word.partition("*") for word in text.split()))
    made = []
    for at, name in enumerate(names):
        done = len(made)
        bare = name.rstrip("1") if name[0].isalpha() else name
        if bare in VOWELS:
            before, after, ms = VOWELS[bare]
            stress = float(bare != name)
            made.append(part(ms * (1 + 0.25 * stress), before, after, voice=0.85 if bare == "AX" else 1.0, breath=0.02, stress=stress))
        elif name in GLIDES:
            here, vowel = GLIDES[name][:3], open_sound(names, at, 1)
            ms = GLIDES[name][3] * (0.7 if at and names[at - 1] in PLACES else 1)  # shorter after a consonant
            halfway = [(a + b) / 2 for a, b in zip(here, vowel or here)]  # a glide is under way from its beginning
            made.append(part(ms, here, halfway if vowel else None, voice=0.7, lax=0.3, breath=0.01))
        elif name in NASALS:
            made.append(part(NASALS[name][3], NASALS[name][:3], voice=0.75, lax=0.2, nose=1.0, zero_hz=NASALS[name][4]))
        elif name in HISS:
            band, level, voice, ms = HISS[name]
            made.append(part(ms, place(names, at), voice=voice, lax=0.8, **{band: level}))
        elif name == "HH":
            vowel = open_sound(names, at, 1) or REST
            made.append(part(70, vowel, breath=0.25, lax=1.0))
        elif name in BURSTS:
            made += stop(names, at)
        else:
            made.append(part(float(name), REST, lax=1.0))
        for one in made[done:]:
            one["ms"] *= float(times[at] or 1)
    return made


def stop(names, at):
    """A closure, its burst, and for p, t, k the breath before the voice sets in again."""
    name, where, vowel = names[at], place(names, at), open_sound(names, at, 1)
    voiced = name in ("B", "D", "G", "JH")
    closed = part(55 if voiced else 70, (200, *where[1:]), voice=0.15 if voiced else 0.0, lax=1.0)
    if name in ("CH", "JH"):
        return [closed, part(80 if name == "CH" else 60, where, voice=0.0 if name == "CH" else 0.15, lax=0.8, ch=0.75)]
    band = BURSTS[name] if BURSTS[name] != "k" else "front k" if where[1] > 1800 else "back k"
    burst = part(20 if "k" in band else 10, where, voice=0.1 if voiced else 0.0, breath=0.05, lax=0.8, **{band: 0.8})
    if voiced:
        return [closed, burst]
    late = vowel is not None and (at == 0 or names[at - 1] != "S")
    return [closed, burst, part(45 if late else 20, where, vowel or where, breath=0.16, lax=1.0, **{band: 0.05})]


def smooth(curve, width, ends="edge"):
    window = np.hanning(width + 2)[1:-1]
    return np.convolve(np.pad(curve, width // 2, mode=ends), window / window.sum(), mode="valid")[: len(curve)]


def tracks(made, speed):
    """The parts as curves, one value for every 5 ms."""
    counts = [max(1, round(one["ms"] / speed / 5)) for one in made]
    curves = {}
    for k in range(3):
        raw = [one["before"][k] + (one["after"][k] - one["before"][k]) * np.arange(n) / n for one, n in zip(made, counts)]
        curves[k] = smooth(np.concatenate(raw), (7, 9, 9)[k])
    for name, width in (("lax", 7), ("nose", 9), ("zero_hz", 5), ("stress", 31)):
        curves[name] = smooth(np.repeat([one[name] for one in made], counts), width)
    for name, width in (("voice", 3), ("breath", 5)):
        curves[name] = smooth(np.repeat([one[name] for one in made], counts), width, "constant")
    for name in BANDS:  # a hiss swells, a burst does not
        raw = np.repeat([one["noise"].get(name, 0.0) for one in made], counts)
        curves[name] = smooth(raw, 9 if name in ("s", "sh", "f", "th") else 3, "constant")
    return curves


def pulse(rd, size=2048):
    """One period of the air's flow through the glottis, differentiated, after Liljencrants and Fant: it swells, is cut off as the
    folds close, and comes to rest. `rd` (Fant 1995) is the shape: 0.5 pressed, 1 plain, 2.5 breathy."""
    rest, skew = (4.8 * rd - 1) / 100, (22.4 + 11.8 * rd) / 100
    top = 2 * (0.11 * rd / (0.5 + 1.2 * skew) - rest) / skew  # the greatest flow, as a share of the period
    shut = top * (1 + skew)
    t = np.arange(size) / size
    fall = optimize.brentq(lambda e: e * rest - 1 + np.exp(-e * (1 - shut)), 0.1 / rest, 2 / rest)
    closing = -(np.exp(-fall * (t - shut)) - np.exp(-fall * (1 - shut))) / (fall * rest)

    def wave(growth):
        opening = np.exp(growth * (t - shut)) * np.sin(np.pi * t / top) / -np.sin(np.pi * shut / top)
        return np.where(t < shut, opening, closing)

    return wave(optimize.brentq(lambda growth: wave(growth).sum(), -50, 100))


def glottis(hz, lax, rd, rough):
    """Pulses at a pitch curve, towards breathy ones where the voice is lax; no two periods are quite alike."""
    fine = 4  # drawn at four times the rate, so that their edges do not alias
    turns = np.cumsum(np.repeat(hz, fine)) / (RATE * fine)
    period = turns.astype(int)
    height = 1 + 4 * rough * RNG.standard_normal(period[-1] + 1)
    at, grid = turns % 1, np.arange(2048) / 2048
    plain, breathy = (np.interp(at, grid, pulse(shape), period=1) for shape in (rd, max(rd, 2.5)))
    share = np.repeat(lax, fine)
    flow = signal.resample_poly(((1 - share) * plain + share * breathy) * height[period], 1, fine)
    return flow, 0.5 + 0.5 * (at[::fine] < 0.7)


def resonate(sound, hz, width):
    """A formant: its frequency, and width, are numbers or curves with a value for each sample."""
    pole = np.exp(-np.pi * width / RATE)
    one, two = 2 * pole * np.cos(2 * np.pi * hz / RATE), -(pole**2)
    gain = 1 - one - two
    if np.ndim(one) == 0:
        return signal.lfilter([gain], [1, -one, -two], sound)
    now = before = 0.0
    made = []
    for x, a, b in zip((gain * sound).tolist(), one.tolist(), two.tolist()):
        now, before = x + a * now + b * before, now
        made.append(now)
    return np.array(made)


def swallow(sound, hz, width):
    """A frequency, with a value for each sample, that a side branch of the mouth takes away."""
    pole = np.exp(-np.pi * width / RATE)
    one, two = 2 * pole * np.cos(2 * np.pi * hz / RATE), -(pole**2)
    late = np.concatenate([np.zeros(2), sound])
    return (sound - one * late[1:-1] - two * late[:-2]) / (1 - one - two)


def say(text, base_hz=115.0, tune=((0, 1.08), (0.75, 0.95), (1, 0.8)), speed=1.0, size=1.0, whisper=False, rough=0.008, shake=(0, 0), rd=0.8, accent=0.05):
    """Speak phones. `tune` is pitch over time as shares; `size` scales the formants: 1 a man, 1.15 a woman, 1.3 a child;
    `shake` is how often a second, and by what share, the pitch swings; `rd` is the voice's shape, from pressed to breathy;
    `accent` the share by which the pitch rises at a stress."""
    curves = tracks([*phones(text), part(30 * speed, REST, lax=1.0)], speed)
    frames = len(curves["voice"])
    at = np.linspace(0, 1, frames * STEP)
    every = {name: np.interp(np.arange(len(at)) / STEP - 0.5, np.arange(frames), curve) for name, curve in curves.items()}
    loud, lax = every["voice"], every["lax"]
    hz = base_hz * (1 + accent * every["stress"]) * np.interp(at, *zip(*tune))
    hz *= 1 + shake[1] * np.sin(2 * np.pi * shake[0] * np.arange(len(at)) / RATE)
    wander = np.interp(at, np.linspace(0, 1, frames // 6 + 2), RNG.standard_normal(frames // 6 + 2))
    pulses, opened = glottis(hz * (1 + rough * wander), lax, rd, rough)
    if whisper:
        pulses, opened = np.zeros(len(at)), np.ones(len(at))
    opened = np.where(loud > 0.1, opened, 1.0)
    gust = every["breath"] + (0.25 if whisper else 0.008 + 0.012 * lax) * loud
    sound = 0.5 * pulses * loud + RNG.standard_normal(len(at)) * gust * opened
    sound = resonate(swallow(sound, 270 + every["nose"] * (every["zero_hz"] - 270), 100), 270, 100)
    wide = 200 * np.clip(4 * every["breath"], 0, 1) + 40 * every["nose"]  # an open glottis or nose damps
    for k, width in enumerate((60 + wide, 80 + 0.5 * wide, 150 + 0 * wide)):
        sound = resonate(sound, np.clip(every[k] * size, 150, 7000), width)
    for hz, width in ((3500, 250), (4500, 350), (5500, 450), (6500, 550)):
        if hz * size < 6900:
            sound = resonate(sound, hz * size, width)
    for name, band in BANDS.items():
        if curves[name].any():
            hiss = signal.sosfilt(signal.butter(3, band, "band", fs=RATE, output="sos"), RNG.standard_normal(len(at)))
            sound = sound + 0.55 * hiss * np.where(loud > 0.1, 2 * opened - 0.8, 1.0) * every[name]
    return sound


def hold(name, seconds):
    """A phone that goes on for so many seconds."""
    length = {**{k: v[2] for k, v in VOWELS.items()}, **{k: v[3] for k, v in {**GLIDES, **NASALS, **HISS}.items()}}[name]
    return f"{name}*{1000 * seconds / length}"


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


def held(name, seconds, hz, size=1.0, shake=(5.2, 0.006), rough=0.01, seed=1, rd=0.8):
    """One sound held by a person: it slides in, wanders, and sinks at the end; louder and softer as the breath goes."""
    rng = np.random.default_rng(seed)
    tune = [(0, 0.97), (0.08, 1.0), *((at, 1 + rng.normal(0, 0.006)) for at in (0.3, 0.5, 0.7)), (0.9, 1.0), (1, 0.97)]
    sound = say(hold(name, seconds), hz, tune=tune, size=size, shake=shake, rough=rough, rd=rd)
    at = np.linspace(0, 1, len(sound))
    breath = np.interp(at, (0, 0.06, 0.3, 0.6, 0.93, 1), (0.1, 0.9, 1.0, 0.92, 0.75, 0.1))
    return sound * breath * (1 + 0.04 * np.interp(at, np.linspace(0, 1, 24), rng.standard_normal(24)))


def save(sound, peak=0.7):
    edge = np.minimum(1, np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / 160)
    wide = signal.resample_poly(edge * sound, 441, 160)
    sf.write("out.wav", peak * wide / np.abs(wide).max(), 44100, subtype="PCM_16")
