"""A grammar of well-behaved synthesis programs: a seed -> Python source.

Each is a program that a careful model could have written: it makes a source, shapes it, colours
it, places it and writes out.wav. The same seed gives the same text. No text reads a clock or draws
unseeded random numbers, so the same text gives the same frames wherever it runs, and a difference
is the sandbox's.
"""

from random import Random

SOURCES = (
    "x = np.sin(2 * np.pi * {hz} * t)",
    "x = sum(np.sin(2 * np.pi * {hz} * k * t) / k for k in range(1, {n}))",
    "x = signal.chirp(t, f0={hz}, f1={hz2}, t1=seconds, method='{sweep}')",
    "x = np.sin(2 * np.pi * {hz} * t + {depth} * np.sin(2 * np.pi * {slow} * t))",
    "x = signal.square(2 * np.pi * {hz} * t, duty={part})",
    "x = signal.sawtooth(2 * np.pi * {hz} * t, width={part})",
    "x = np.random.default_rng({seed}).normal(0, 0.3, t.size)",
    "np.random.seed({seed}); x = np.random.uniform(-1, 1, t.size)",
    """random.seed({seed})
walk = [random.uniform(-1, 1) for _ in range({n})]
x = np.interp(t, np.linspace(0, seconds, {n}), walk) * np.sin(2 * np.pi * {hz} * t)""",
    "x = np.sin(2 * np.pi * np.outer(t, [{hz}, {hz2}, {slow}])) @ np.array([0.5, 0.3, 0.2])",
    "x = np.array([math.sin(2 * math.pi * {hz} * i / rate) * math.exp(-3 * i / t.size) "
    "for i in range(t.size)])",
    "x = signal.gausspulse(t - seconds / 2, fc={hz}, bw=0.05)",
    "x = np.fft.irfft(np.random.default_rng({seed}).normal(size=t.size // 2 + 1) "
    "/ (1 + np.arange(t.size // 2 + 1)), n=t.size)",
    """buffer = np.random.RandomState({seed}).uniform(-1, 1, int(rate / {hz}))
x = np.empty(t.size)
for i in range(t.size):
    x[i] = buffer[i % len(buffer)]
    buffer[i % len(buffer)] = 0.498 * (buffer[i % len(buffer)] + buffer[(i + 1) % len(buffer)])""",
    """def voice(pitch, phase=0.0):
    return np.sin(2 * np.pi * pitch * t + phase)
x = np.mean([voice({hz} * ratio, {part}) for ratio in (1, 5 / 4, 3 / 2)], axis=0)""",
    """@dataclass
class Note:
    start: float
    hz: float
x = np.zeros_like(t)
for note in [Note(i * seconds / 4, {hz} * 2 ** (i / 12)) for i in range(4)]:
    on = t >= note.start
    x[on] += np.sin(2 * np.pi * note.hz * t[on]) * np.exp(-{depth} * (t[on] - note.start))""",
)
SHAPES = (
    "x = x * np.exp(-{depth} * t)",
    "x = x * np.hanning(t.size)",
    "x = x * signal.windows.tukey(t.size, {part})",
    "x = x * np.interp(t, [0, 0.1 * seconds, 0.7 * seconds, seconds], [0, 1, 0.6, 0])",
    "x = x * (0.6 + 0.4 * np.sin(2 * np.pi * {slow} * t))",
    "x = np.where(np.sin(2 * np.pi * {slow} * t) > -0.2, x, 0.1 * x)",
    "x = np.concatenate([x[: x.size // 2], x[: x.size - x.size // 2][::-1]])",
)
COLOURS = (
    "x = signal.sosfilt(signal.butter(4, {cut}, btype='low', fs=rate, output='sos'), x)",
    "x = signal.filtfilt(*signal.butter(2, [{cut} / 4, {cut}], btype='band', fs=rate), x)",
    "x = signal.lfilter(signal.firwin(101, {cut}, fs=rate), 1.0, x)",
    "b, a = signal.iirpeak({cut}, 20, fs=rate); x = 0.5 * x + signal.lfilter(b, a, x)",
    "x = signal.fftconvolve(x, np.random.default_rng({seed}).normal(0, 1, 2000) "
    "* np.exp(-np.arange(2000) / 300))[: t.size]",
    "x = np.tanh({depth} * x)",
    "x = np.convolve(x, np.ones({n}) / {n}, mode='same')",
    "X = np.fft.rfft(x); X[int(X.size * {part}) :] *= 0.1; x = np.fft.irfft(X, n=t.size)",
    "x = x + 0.4 * np.concatenate([np.zeros(rate // 20), x[: -(rate // 20)]])",
    "x = np.sign(x) * np.abs(x) ** {part}",
    "x = x * np.cos(2 * np.pi * {slow} * t) "
    "+ np.imag(signal.hilbert(x)) * np.sin(2 * np.pi * {slow} * t)",
    "x = ndimage.gaussian_filter1d(x, {n})",
    "x = signal.resample_poly(signal.resample_poly(x, 1, 2), 2, 1)[: t.size]",
    "x = interpolate.CubicSpline(t[::8], x[::8])(t)",
    "x = x - integrate.cumulative_trapezoid(x, t, initial=0.0) * {slow}",
    "x = fft.idct(fft.dct(x) * np.linspace(1, 0, x.size))",
)
PLACES = (
    "y = x",
    "y = np.stack([x, x], axis=1)",
    "y = np.column_stack([x * {part}, x * (1 - {part})])",
    "y = np.vstack([x, np.roll(x, 30)]).T",
)
WRITERS = (
    "wavfile.write('out.wav', rate, (y * 32767).astype(np.int16))",
    "wavfile.write('out.wav', rate, y.astype(np.float32))",
    "sf.write('out.wav', y, rate)",
    "sf.write('out.wav', y, rate, subtype='PCM_24')",
    "sf.write('out.wav', y, rate, subtype='FLOAT')",
    """with wave.open('out.wav', 'wb') as out:
    out.setnchannels(1 if y.ndim == 1 else y.shape[1])
    out.setsampwidth(2)
    out.setframerate(rate)
    out.writeframes((y * 32767).astype('<i2').tobytes())""",
    """frames = (y * 32767).astype('<i2')
with open('out.wav', 'wb') as out:
    channels = 1 if y.ndim == 1 else 2
    data = frames.tobytes()
    out.write(struct.pack('<4sI4s', b'RIFF', 36 + len(data), b'WAVE'))
    width = 2 * channels
    out.write(struct.pack('<4sIHHIIHH', b'fmt ', 16, 1, channels, rate, rate * width, width, 16))
    out.write(struct.pack('<4sI', b'data', len(data)) + data)""",
    """buffer = io.BytesIO()
wavfile.write(buffer, rate, (y * 32767).astype(np.int32) * 65536)
pathlib.Path('out.wav').write_bytes(buffer.getvalue())""",
)
IMPORTS = """import io, math, pathlib, random, struct, wave
from dataclasses import dataclass
import numpy as np
import soundfile as sf
from scipy import fft, integrate, interpolate, ndimage, signal
from scipy.io import wavfile
"""


def program(seed: int) -> str:
    """One program of 0.3 to 1.5 seconds of sound."""
    rng = Random(seed)
    rate, seconds = rng.choice((16000, 22050, 44100, 48000)), round(rng.uniform(0.3, 1.5), 2)
    lines = [
        IMPORTS,
        f"rate, seconds = {rate}, {seconds}",
        "t = np.arange(int(rate * seconds)) / rate",
    ]
    lines += [_filled(rng.choice(SOURCES), rng)]
    lines += [
        _filled(text, rng)
        for text in rng.sample(SHAPES, rng.randint(1, 2)) + rng.sample(COLOURS, rng.randint(0, 3))
    ]
    lines += [
        "x = x / max(1e-9, np.abs(x).max()) * 0.9",
        _filled(rng.choice(PLACES), rng),
        rng.choice(WRITERS),
    ]
    if rng.random() < 0.3:
        lines.append("print('wrote', y.shape, float(np.abs(y).max()))")
    return "\n".join(lines) + "\n"


def _filled(text: str, rng: Random) -> str:
    numbers = {
        "hz": round(rng.uniform(80, 1200), 2),
        "hz2": round(rng.uniform(1200, 5000), 2),
        "slow": round(rng.uniform(0.5, 12), 2),
        "cut": round(rng.uniform(400, 6000), 1),
        "depth": round(rng.uniform(0.5, 6), 2),
        "part": round(rng.uniform(0.2, 0.8), 3),
        "n": rng.randint(4, 30),
        "seed": rng.randint(0, 10**6),
        "sweep": rng.choice(("linear", "logarithmic", "quadratic")),
    }
    for name, value in numbers.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
