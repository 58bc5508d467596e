"""Static facts count what is written, and a cheat is labelled where it shows."""

import pytest

from earmark.extract import extract
from earmark.extract.features import EMBEDDED_BYTES, EMBEDDED_NUMBERS
from tests.extract.shapes import SINE, fence


def facts(source: str) -> dict[str, float | int | bool | str]:
    return dict(extract(fence(source)).features)


def test_facts_of_a_small_synthesizer() -> None:
    source = '''"""A long remark that counts for nothing."""
import numpy as np
from scipy.signal import butter, sosfilt
from scipy.io import wavfile
rng = np.random.default_rng(0)
x = rng.standard_normal(44100)
def voice(hz):
    return sum(np.sin(hz * n * np.arange(44100)) for n in range(3))
for hz in [220, 330]:
    x += voice(hz)
x = sosfilt(butter(2, 500, fs=44100, output="sos"), x)
wavfile.write("out.wav", 44100, x)'''
    assert facts(source) == {
        "imports": "numpy,scipy",
        "oscillators": 1,
        "noises": 1,
        "filters": 2,
        "loops": 2,
        "functions": 1,
        "literal_bytes": len("sos") + len("out.wav") + 2 * 8,
        "lines": 12,
        "cheats": "",
    }


@pytest.mark.parametrize(
    ("line", "cheats"),
    [
        ("import os; os.system('espeak-ng hello -w out.wav')", "speech_engine"),
        ("import os; os.popen('say hello')", "speech_engine"),
        ("import os; os.system('wget example.org/a.wav')", "download"),
        ("import librosa; librosa.load('https://example.org/a.wav')", "download"),
        (
            "import base64; x = base64.b64decode('" + "QUJD" * (EMBEDDED_BYTES // 4) + "')",
            "embedded_audio",
        ),
        ("x = bytes([" + "1," * EMBEDDED_NUMBERS + "])", "embedded_audio"),
        ("x = [" + "-1.5," * EMBEDDED_NUMBERS + "]", "embedded_audio"),
        (
            "x = '"
            + "a" * EMBEDDED_BYTES
            + "'; import os; os.system('curl http://example.org | espeak')",
            "download,embedded_audio,speech_engine",
        ),
    ],
)
def test_a_cheat_is_labelled(line: str, cheats: str) -> None:
    assert facts(f"{line}\n{SINE}")["cheats"] == cheats


@pytest.mark.parametrize(
    "line",
    [
        "'''See https://example.org for the formants.'''",
        "# wget https://example.org/a.wav",
        "print('I say hello')",
        "x = '" + "a" * (EMBEDDED_BYTES - 1) + "'",
        "x = [" + "1," * (EMBEDDED_NUMBERS - 1) + "]",
        "'''" + "a" * EMBEDDED_BYTES + "'''",
    ],
)
def test_what_only_looks_like_one_is_not(line: str) -> None:
    assert facts(f"{line}\n{SINE}")["cheats"] == ""
