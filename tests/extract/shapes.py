"""Answers of every shape and what is found in them: rows of a compact table, and nasty ones by
hand.
"""

from collections.abc import Iterator
from typing import NamedTuple

SINE = """import numpy as np
import soundfile as sf

t = np.arange(44100) / 44100
sf.write("out.wav", 0.5 * np.sin(2 * np.pi * 440 * t), 44100)"""
NOISE = """import numpy as np
from scipy.io import wavfile

x = np.random.default_rng(0).standard_normal(44100)
wavfile.write("out.wav", 44100, (3000 * x).astype(np.int16))"""
PLAY = """import numpy as np
import sounddevice as sd

sd.play(np.zeros(10), 44100)"""
STDLIB = """import math, struct, wave
with wave.open("out.wav", "wb") as f:
    f.setnchannels(1)
    f.setsampwidth(2)
    f.setframerate(44100)
    samples = (int(9000 * math.sin(i / 10)) for i in range(44100))
    f.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))"""
BROKEN = "import numpy as np\nx = np.sin(("
SOCKET = "import socket\n" + SINE


class Shape(NamedTuple):
    """An answer with its label: a method (with the source that must be found) or the kind of
    failure.
    """

    name: str
    text: str
    label: str
    source: str = ""


def fence(source: str, info: str = "python", mark: str = "```") -> str:
    return f"{mark}{info}\n{source}\n{mark}"


def indented(text: str, by: str) -> str:
    return "\n".join(by + line if line else line for line in text.split("\n"))


PROGRAMS = {"sine": SINE, "noise": NOISE, "play": PLAY, "stdlib": STDLIB}

# How one program may stand in an answer: a name, the text, and the method that finds it.
WRAPPINGS = {
    "bare fence": ("{fence}", "fence"),
    "prose around": (
        "Here is the program:\n\n{fence}\n\nIt makes the sound you asked for.",
        "fence",
    ),
    "no blank lines": ("Here:\n{fence}\nDone.", "fence"),
    "thought closed": ("<think>Let me see: `x = (` no.</think>\n{fence}", "fence"),
    "thought with a draft": (
        "<think>\n```python\nimport wrong\nwrong.write(1)\n```\n</think>\n\n{fence}",
        "fence",
    ),
    "thought with an open draft": (
        "<think>\n```python\nimport wrong\nwrong.write(1)\n</think>\n\n{fence}",
        "fence",
    ),
    "thought only closed": (
        "I should use a sine.\n```python\nwrong()\n```\n</think>\n\n{fence}",
        "fence",
    ),
    "reasoning tag": ("<reasoning>x</reasoning>{fence}", "fence"),
    "thinking in capitals": ("<THINKING>x</THINKING>\n{fence}", "fence"),
    "bracketed thought": ("[THINK]x = ([/THINK]\n{fence}", "fence"),
    "triangle thought": ("◁think▷x◁/think▷{fence}", "fence"),
    "channels": (
        "<|channel|>analysis<|message|>hm```python\nx=(\n<|end|><|channel|>final<|message|>{fence}<|return|>",
        "fence",
    ),
    "thought after": ("{fence}\n<think>Was that right?</think>", "fence"),
    "thought never ended after": ("{fence}\n<think>Was that right? Let me", "fence"),
    "shell fence before": ("```bash\npip install numpy\n```\n{fence}", "fence"),
    "shell fence after": ("{fence}\n\nRun it:\n```sh\npython sound.py\n```", "fence"),
    "unlabelled shell after": ("{fence}\n\nRun it:\n```\npython sound.py\n```", "fence"),
    "output after": ("{fence}\n\nOutput:\n```\nout.wav\n```", "fence"),
    "json after": ('{fence}\n```json\n{{"rate": 44100}}\n```', "fence"),
    "c before": ("```c\nint main() {{ return 0; }}\n```\n{fence}", "fence"),
    "html before": ("```html\n<audio></audio>\n```\n{fence}", "fence"),
    "broken after": ("{fence}\n```python\nx = (\n```", "fence"),
    "broken before": ("```python\nx = (\n```\n{fence}", "fence"),
    "remark after": ("{fence}\n```python\n# nothing more\n```", "fence"),
    "empty fence after": ("{fence}\n```\n```", "fence"),
    "unclosed": ("Here:\n```python\n{program}", "unclosed_fence"),
    "unclosed without label": ("Here:\n```\n{program}", "unclosed_fence"),
    "opened twice": ("```\n```python\n{program}\n```", "fence"),
    "opened again": ("```python\n```python\n{program}\n```", "fence"),
    "no label": ("```\n{program}\n```", "fence"),
    "py": ("```py\n{program}\n```", "fence"),
    "python3": ("```python3\n{program}\n```", "fence"),
    "capital": ("```Python\n{program}\n```", "fence"),
    "blank before label": ("``` python\n{program}\n```", "fence"),
    "attributes": ("```{{.python .numberLines}}\n{program}\n```", "fence"),
    "title": ('```python title="sound.py"\n{program}\n```', "fence"),
    "file name": ("```sound.py\n{program}\n```", "fence"),
    "tildes": ("~~~python\n{program}\n~~~", "fence"),
    "tildes around backticks": ("~~~python\n{program}\n# ```\n~~~", "fence"),
    "four marks": ("````python\n{program}\n````", "fence"),
    "longer close": ("```python\n{program}\n`````", "fence"),
    "glued close": ("```python\n{program}```", "fence"),
    "opened in a sentence": ("Here is the code: ```python\n{program}\n```", "fence"),
    "blanks after marks": ("```python   \n{program}\n```   ", "fence"),
    "windows newlines": ("Hi\r\n```python\r\n{crlf}\r\n```\r\n", "fence"),
    "old newlines": ("Hi\r```python\r{cr}\r```\r", "fence"),
    "byte order mark": ("\ufeff```python\n{program}\n```", "fence"),
    "in a list": ("1. The program:\n\n{deep}\n\n2. Run it.", "fence"),
    "in a quote": ("As asked:\n{quoted}\n", "fence"),
    "bullet": ("- ```python\n{two}\n  ```", "fence"),
    "whole text": ("{program}", "whole_text"),
    "whole text with blanks": ("\n\n  \n{program}\n\n", "whole_text"),
    "only closed": ("{program}\n```", "whole_text"),
    "words before": ("Sure, here is your program.\n\n{program}", "lines"),
    "words after": ("{program}\n\nThis program makes the sound, and it's short.", "lines"),
    "words around": ("Sure!\n\n{program}\n\nEnjoy", "lines"),
    "answer tag": ("<answer>\n{program}\n</answer>", "lines"),
    "opened, words after": ("```python\n{program}\n\nI hope that's what you wanted!", "lines"),
}


def wrapped() -> Iterator[Shape]:
    """Every program in every wrapping."""
    for name, (pattern, method) in WRAPPINGS.items():
        for kind, program in PROGRAMS.items():
            forms = {
                "program": program,
                "fence": fence(program),
                "crlf": program.replace("\n", "\r\n"),
                "cr": program.replace("\n", "\r"),
                "deep": indented(fence(program), "    "),
                "two": indented(program, "  "),
                "quoted": indented(fence(program), "> "),
            }
            found = f"{program}\n# ```" if name == "tildes around backticks" else program
            yield Shape(f"{name}: {kind}", pattern.format(**forms), method, found)


HELPER = """import numpy as np

def tone(hz):
    return np.sin(2 * np.pi * hz * np.arange(44100) / 44100)"""
MAIN = 'import soundfile as sf\n\nsf.write("out.wav", tone(440), 44100)'
FENCED_DOC = f'"""Makes a tone.\n\n```\nrun me\n```\n"""\n{SINE}'
DOCTEST = """>>> import soundfile as sf
>>> for i in range(2):
...     pass
...
>>> sf.write('out.wav', [0.1] * 44100, 44100)
None"""

BY_HAND = [
    Shape("two files: the last that writes", fence(SINE) + "\nor\n" + fence(NOISE), "fence", NOISE),
    Shape(
        "two files: the helper is joined",
        fence(HELPER) + "\nThen:\n" + fence(MAIN),
        "joined_fences",
        f"{HELPER}\n\n{MAIN}",
    ),
    Shape(
        "joined over a foreign fence",
        fence(HELPER) + "\n" + fence("ls", "bash") + "\n" + fence(MAIN),
        "joined_fences",
        f"{HELPER}\n\n{MAIN}",
    ),
    Shape("not joined when whole", fence(HELPER) + "\n" + fence(SINE), "fence", SINE),
    Shape(
        "torn in the middle",
        fence("import wave\nwith wave.open('out.wav', 'wb') as f:")
        + "\nand\n"
        + fence("    f.writeframes(b'')", ""),
        "fence",
    ),
    Shape(
        "torn between two lines of a call",
        fence("import soundfile as sf\nsf.write('out.wav',")
        + "\nand\n```python\n[0.1], 44100)\n```",
        "joined_fences",
    ),
    Shape(
        "a shown setting after",
        fence(SINE) + "\nChange the pitch:\n" + fence("frequency = 880"),
        "fence",
        SINE,
    ),
    Shape("a player after", fence(SINE) + "\nListen:\n" + fence(PLAY), "fence", SINE),
    Shape("fences inside its docstring", fence(FENCED_DOC), "fence", FENCED_DOC),
    Shape("prompts of the interpreter", fence(DOCTEST), "fence"),
    Shape(
        "one line",
        "```python import soundfile as sf; sf.write('out.wav', [0.1] * 44100, 44100)```",
        "fence",
    ),
    Shape(
        "one line without label",
        "Try ```import soundfile as sf; sf.write('out.wav', [0.1], 44100)``` now",
        "fence",
    ),
    Shape(
        "a tag in a string",
        fence(SINE + "\nprint('<think>')"),
        "fence",
        SINE + "\nprint('<think>')",
    ),
    Shape(
        "form feed in a string",
        fence(SINE + "\nprint('a\x0cb')"),
        "fence",
        SINE + "\nprint('a\x0cb')",
    ),
    Shape(
        "line separator in a string",
        fence(SINE + "\nprint('a\u2028b')"),
        "fence",
        SINE + "\nprint('a\u2028b')",
    ),
    Shape("emoji", fence(SINE + "\nprint('🎵')"), "fence", SINE + "\nprint('🎵')"),
    Shape(
        "main guard",
        fence(
            "def main():\n    import soundfile as sf\n    sf.write('out.wav', [0.0], 44100)\n\n"
            "if __name__ == '__main__':\n    main()"
        ),
        "fence",
    ),
    Shape(
        "guarded network is network",
        fence("try:\n    import requests\nexcept ImportError:\n    pass\n" + SINE),
        "forbidden_import",
    ),
    Shape(
        "network inside a function",
        fence("def f():\n    from urllib import request\n" + SINE),
        "forbidden_import",
    ),
    Shape("submodule", fence("import urllib.request as u\n" + SINE), "forbidden_import"),
    Shape(
        "below a forbidden one",
        fence("from requests.adapters import HTTPAdapter\n" + SINE),
        "forbidden_import",
    ),
    Shape("by name", fence("s = __import__('subprocess')\n" + SINE), "forbidden_import"),
    Shape(
        "by importlib",
        fence("import importlib\ns = importlib.import_module('socket')\n" + SINE),
        "forbidden_import",
    ),
    Shape(
        "speech engine",
        fence("from gtts import gTTS\ngTTS('hello').save('out.wav')"),
        "forbidden_import",
    ),
    Shape(
        "speech engine unfenced",
        "import pyttsx3\ne = pyttsx3.init()\ne.save_to_file('a', 'out.wav')",
        "forbidden_import",
    ),
    Shape("allowed neighbour", fence("import urllib.parse\n" + SINE), "fence"),
    Shape("name that begins like one", fence("import socketlike\n" + SINE), "fence"),
    Shape("relative import", fence("from . import socket\n" + SINE), "fence"),
    Shape("process", fence("import subprocess\n" + SINE), "forbidden_import"),
    Shape(
        "several on a line", fence("import os, sys, multiprocessing\n" + SINE), "forbidden_import"
    ),
    Shape("socket", fence(SOCKET), "forbidden_import"),
    Shape("nothing", "", "no_code"),
    Shape("blanks", " \n\t\n ", "no_code"),
    Shape("refusal", "I'm sorry, I cannot make sounds.", "no_code"),
    Shape("one word", "Sorry", "no_code"),
    Shape("a call in words", "Use sin(x)", "no_code"),
    Shape("an expression", "sin(440)", "no_code"),
    Shape("inline code only", "Use `np.sin` and `sf.write`.", "no_code"),
    Shape("empty fence", "```python\n```", "no_code"),
    Shape("fence of remarks", "```python\n# your code here\n```", "no_code"),
    Shape("fence of an ellipsis", "```python\n...\n```", "no_code"),
    Shape("fence of a word", "```\nout.wav\n```", "no_code"),
    Shape("only shell", fence("pip install numpy\npython x.py", "bash"), "no_code"),
    Shape("only c", fence("#include <math.h>\nint main(void) { return 0; }", "c"), "no_code"),
    Shape("only javascript", fence("const x = new AudioContext();", "javascript"), "no_code"),
    Shape("only csound", fence("instr 1\n a1 oscili 0.5, 440\nendin", "csound"), "no_code"),
    Shape("only supercollider", fence("{ SinOsc.ar(440) }.play", "supercollider"), "no_code"),
    Shape("unlabelled c", fence("int main(void) { return 0; }", ""), "no_code"),
    Shape("json", '{"code": "import numpy"}', "no_code"),
    Shape("a list of numbers", "[0.1, 0.2, 0.3]", "no_code"),
    Shape("base64", "UklGRiQAAABXQVZFZm10IBAAAAABAAEA", "no_code"),
    Shape("unfinished thought", "<think>I would write\n" + fence(SINE), "no_code"),
    Shape("only a thought", "<think>" + fence(SINE) + "</think>", "no_code"),
    Shape(
        "words about import", "We import the needed parts and then\nfrom there we go on.", "no_code"
    ),
    Shape("broken", fence(BROKEN), "syntax"),
    Shape("broken and unclosed", "```python\n" + BROKEN, "syntax"),
    Shape("broken without label", fence(BROKEN, ""), "syntax"),
    Shape("broken without fence", BROKEN + "\nand so on (", "syntax"),
    Shape("python 2", fence("import wave\nprint 'hello'"), "syntax"),
    Shape("ellipsis in a call", fence("import numpy as np\nx = np.sin(2 * ... t)"), "syntax"),
    Shape(
        "typographic quotes",
        fence("import soundfile as sf\nsf.write(“out.wav”, [0.1], 44100)"),
        "syntax",
    ),
    Shape("no-break spaces", fence("import\u00a0wave\nwave.open('out.wav')"), "syntax"),
    Shape("tabs and spaces", fence("def f():\n\tx = 1\n        y = 2\nf()"), "syntax"),
    Shape("a stray return", fence("import wave\nreturn 1"), "syntax"),
    Shape("await outside", fence("import asyncio\nawait asyncio.sleep(1)"), "syntax"),
    Shape("a diff", fence("-import a\n+import b\n def f():", "python"), "syntax"),
    Shape("NUL byte", fence("import wave\n\x00wave.open('out.wav', 'wb')"), "syntax"),
    Shape("NUL byte in a string", fence("import wave\nwave.open('\x00', 'wb')"), "syntax"),
    Shape(
        "lone surrogate", fence("import wave\nx = '\ud800'\nwave.open('out.wav', 'wb')"), "syntax"
    ),
    Shape("a number too long", fence("import wave\nx = " + "9" * 5000), "syntax"),
    Shape("brackets beyond the parser", fence("x = " + "[" * 5000 + "]" * 5000), "syntax"),
    Shape("a tower of minus", fence("x = " + "-" * 100_000 + "1"), "syntax"),
    Shape("a sum beyond the stack", fence("x = " + "1+" * 100_000 + "1"), "syntax"),
    Shape("lambdas", fence("x = " + "lambda:" * 20_000 + "1"), "syntax"),
    Shape(
        "blocks in blocks",
        fence("\n".join(" " * n + "if 1:" for n in range(200)) + "\n" + " " * 200 + "f()"),
        "syntax",
    ),
    Shape("larger than is read", fence("x = '" + "a" * 500_000 + "'\nf(x)"), "syntax"),
]

SHAPES = [*wrapped(), *BY_HAND]

# Texts whose length would hang a pattern that is not linear.
LONG = {
    f"{text!r} × {count}": text * count
    for text, count in [
        ("<think>", 10_000),
        ("</think>", 10_000),
        ("`", 40_000),
        ("```", 12_000),
        ("```\n", 6_000),
        ("~~~ `", 8_000),
        ("`x`` ", 8_000),
        (" ", 60_000),
        ("\n", 40_000),
        ("> ", 20_000),
        ("import a\n", 4_000),
        ("import a\nbad bad\n", 2_000),
        ("import a,", 4_000),
        ("```python\nx=(\n", 1_000),
        ("'''", 30_001),
        ("<|channel|>final", 4_000),
        ("<|a", 12_000),
        ("(", 20_000),
        ("<analysis", 10_000),
        ("analysisWe assistantcommentary", 4_000),
        ("</think>a", 8_000),
        ("<code>", 10_000),
        ("&lt;", 10_000),
        ("[", 60_000),
        ('{"a":', 10_000),
        ("```python import a\n", 3_000),
        ("```python\nf(x)\n```\n", 1_500),
        ("```python\nfrom m import f\nf(x)\n```\n", 1_000),
        ("print('a\n", 4_000),
        ("\u200b", 40_000),
        ("f(", 90),
        ("{1:", 90),
        ("a[", 90),
    ]
}
