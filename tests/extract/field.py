"""Answers as they are met in the field, by the way in which a plain reading of them goes wrong."""

import html
import json

from tests.extract.shapes import HELPER, MAIN, NOISE, PLAY, SINE, STDLIB, Shape, fence, indented

WAVE_HELPER = """import wave
def tone_to_wav(path):
    with wave.open(path, "wb") as f:
        f.setnchannels(1); f.setsampwidth(2); f.setframerate(44100)
        f.writeframes(b"\\0\\x20\\0\\xe0" * 22050)"""
SYNTH = """import numpy as np
import soundfile as sf

def tone(hz):
    return np.sin(2 * np.pi * hz * np.arange(44100) / 44100)

def save(samples, path):
    sf.write(path, samples, 44100)"""
PYTHON_2 = SINE + "\nprint 'saved'"
DRAFT = fence(SINE)
PACKED = (
    "import math\nimport struct\nimport wave\n\n"
    "tone = [int(9000 * math.sin(0.06 * n)) for n in range(8000)]\n"
    'with wave.open("out.wav", "wb") as out:\n'
    "    out.setparams((1, 2, 8000, 0, 'NONE', ''))\n"
    "    out.writeframes(struct.pack(f'<{len(tone)}h', *tone))"
)
ESCAPED = SINE + '\nassert 1 < 2 and t[0] >= 0 or "&" > "%"'
AFTER = "That is all."

# A later block that begins with the file that the program left: it must not replace the program.
FOLLOW_UPS = {
    "converts by pydub": (
        'from pydub import AudioSegment\nAudioSegment.from_wav("out.wav").export("out.mp3")'
    ),
    "converts in two steps": (
        'from pydub import AudioSegment\nsound = AudioSegment.from_file("out.wav", format="wav")\n'
        'sound.export("out.mp3", format="mp3")'
    ),
    "re-reads": 'import soundfile as sf\ndata, rate = sf.read("out.wav")\nprint(data.shape, rate)',
    "re-reads by wave": (
        'import wave\nwith wave.open("out.wav", "rb") as f:\n    print(f.getnframes())'
    ),
    "re-reads by a default mode": 'import wave\nf = wave.open("out.wav")\nprint(f.getnframes())',
    "re-writes": (
        "import soundfile as sf\nimport numpy as np\n"
        'x, sr = sf.read("out.wav")\nsf.write("out.wav", x / np.abs(x).max(), sr)'
    ),
    "re-writes by a name": (
        'import soundfile as sf\nPATH = "out.wav"\n'
        "x, sr = sf.read(PATH)\nsf.write(PATH, 0.5 * x, sr)"
    ),
    "re-writes in a function": (
        "import soundfile as sf\ndef louder(path):\n    x, sr = sf.read(path)\n"
        '    sf.write("loud.wav", 2 * x, sr)\n'
        'x, sr = sf.read("out.wav")\nsf.write("loud.wav", 2 * x, sr)'
    ),
    "plots": (
        "import matplotlib.pyplot as plt\nfrom scipy.io import wavfile\n"
        'sr, x = wavfile.read("out.wav")\nplt.plot(x)\nplt.savefig("out.png")'
    ),
    "plays": 'from playsound import playsound\nplaysound("out.wav")',
    "plays by the shell": 'import os\nos.system("aplay out.wav")',
    "displays": 'from IPython.display import Audio\nAudio("out.wav")',
    "is only a helper": "import soundfile as sf\ndef save(x):\n    sf.write('other.wav', x, 44100)",
    "is a changed line": 'sf.write("out.wav", 0.2 * louder(t), 44100)',
    "is a setting": "frequency = 880",
}

# Blocks that belong together, in the order of the answer, and what they become.
TOGETHER = {
    "definitions, then the call": ([WAVE_HELPER, 'tone_to_wav("out.wav")'], None),
    "definitions, then main": ([HELPER, MAIN], None),
    "main, then definitions": ([MAIN, HELPER], f"{HELPER}\n\n{MAIN}"),
    "imports, constants, code": (
        [
            "import numpy as np\nimport soundfile as sf",
            "RATE = 44100\nHZ = 440",
            't = np.arange(RATE) / RATE\nsf.write("out.wav", np.sin(6.28 * HZ * t), RATE)',
        ],
        None,
    ),
    "a module and what imports it": (
        [SYNTH, 'from synth import save, tone\n\nsave(tone(440), "out.wav")'],
        f'{SYNTH}\n\npass\n\nsave(tone(440), "out.wav")',
    ),
    "what imports a module, and the module": (
        ['from synth import save, tone as note\n\nsave(note(440), "out.wav")', SYNTH],
        f'{SYNTH}\n\nnote = tone\n\nsave(note(440), "out.wav")',
    ),
    "a module imported whole": (
        [SYNTH, 'import numpy as np, synth as s\n\ns.save(0.5 * s.tone(440), "out.wav")'],
        f'{SYNTH}\n\nimport numpy as np; s = __import__("sys").modules[__name__]\n\n'
        's.save(0.5 * s.tone(440), "out.wav")',
    ),
    "a module imported over two lines": (
        [SYNTH, 'from synth import (\n    save,\n    tone,\n)\nsave(tone(440), "out.wav")'],
        f'{SYNTH}\n\npass\n\n\n\nsave(tone(440), "out.wav")',
    ),
    "from __future__ in the second": (
        [HELPER, f"from __future__ import annotations\n{MAIN}"],
        f"from __future__ import annotations\n\n{HELPER}\n\npass\n{MAIN}",
    ),
    "from __future__ in both": (
        [
            f"from __future__ import annotations\n{HELPER}",
            f"from __future__ import annotations, division\n{MAIN}",
        ],
        f"from __future__ import annotations, division\n\npass\n{HELPER}\n\npass\n{MAIN}",
    ),
}

# The first line of a program at an unusual place: an answer, and the method that finds SINE in it.
FIRST_LINES = {
    "on the opening line": (f"```python {SINE}\n```", "fence"),
    "on the opening line in a sentence": (f"Here: ```python {SINE}\n```", "fence"),
    "on the opening line without label": (f"```{SINE}\n```", "fence"),
    "glued to the label": (f"```python{SINE}\n```", "fence"),
    "glued to a short label": (f"```py{SINE}\n```", "fence"),
    "after a label on its own line": (f"```\npython\n{SINE}\n```", "fence"),
    "after a lone label": (f"python\n{SINE}", "whole_text"),
    "after <code>": (f"<code>{SINE}</code>", "fence"),
    "after <pre><code>": (f'<pre><code class="language-python">{SINE}\n</code></pre>', "fence"),
    "after <pre>": (f"Here it is:\n<pre>\n{SINE}\n</pre>\nDone.", "fence"),
    "after a zero-width space": (f"\u200b{SINE}", "whole_text"),
    "after a zero-width space in a fence": (f"```python\n\u200b{SINE}\n```", "fence"),
    "after a zero-width space before a fence": (f"\u200b```python\n{SINE}\n```", "fence"),
    "after a byte order mark in a fence": (f"```python\n\ufeff{SINE}\n```", "fence"),
    "after a shebang": (f"```python\n{SINE}\n```", "fence"),
}

# Reasoning of every family around a draft; `{draft}` is never run.
THOUGHTS = {
    "think": "<think>{draft}</think>",
    "think with an attribute": '<think type="long">{draft}</think>',
    "thinking": "<thinking>{draft}</thinking>",
    "thought": "<thought>{draft}</thought>",
    "thoughts": "<thoughts>{draft}</thoughts>",
    "reasoning": "<reasoning>{draft}</reasoning>",
    "reflection": "<reflection>{draft}</reflection>",
    "scratchpad": "<scratchpad>{draft}</scratchpad>",
    "analysis": "<analysis>{draft}</analysis>",
    "seed": "<seed:think>{draft}</seed:think>",
    "antml": "<antthinking>{draft}</antthinking>",
    "capitals": "<Think>{draft}</Think>",
    "Mistral": "[THINK]{draft}[/THINK]",
    "Kimi": "◁think▷{draft}◁/think▷",
    "Sky": "<|begin_of_thought|>{draft}<|end_of_thought|><|begin_of_solution|>",
    "Cohere": "<|START_THINKING|>{draft}<|END_THINKING|><|START_RESPONSE|>",
    "Gemma": "<|channel>thought\n{draft}<channel|>",
    "MedGemma": "<unused94>thought\n{draft}<unused95>",
    "harmony": (
        "<|channel|>analysis<|message|>{draft}<|end|><|start|>assistant<|channel|>final<|message|>"
    ),
    "harmony with a preamble": (
        "<|channel|>analysis<|message|>{draft}<|end|><|start|>assistant<|channel|>commentary"
        "<|message|>Wait.<|end|><|start|>assistant<|channel|>final<|message|>"
    ),
    "harmony without tokens": "analysisWe need a tone. {draft}assistantfinal",
    "opened by the template": "{draft}</think>",
    "opened by the template of seed": "{draft}</seed:think>",
    "two thoughts": "<think>{draft}</think>\n<think>{draft}</think>",
}


def shapes() -> list[Shape]:
    """All of them, each with the label that is right, and the source where there is one."""
    made = [
        Shape(
            f"a later block {name}: {kind}",
            f"{fence(program)}\n\nThen:\n\n{fence(later)}",
            "fence",
            program,
        )
        for name, later in FOLLOW_UPS.items()
        for kind, program in {"sine": SINE, "noise": NOISE, "stdlib": STDLIB}.items()
    ]
    for name, (blocks, source) in TOGETHER.items():
        text = "\n\nand then\n\n".join(map(fence, blocks))
        made.append(
            Shape(f"together: {name}", text, "joined_fences", source or "\n\n".join(blocks))
        )
    made += [
        Shape(f"first line {name}", text, method, SINE)
        for name, (text, method) in FIRST_LINES.items()
    ]
    for name, pattern in THOUGHTS.items():
        thought = pattern.format(draft=f"A draft:\n{fence(NOISE)}\nbut no, ")
        made.append(
            Shape(f"thought of {name}, then the program", f"{thought}\n{DRAFT}", "fence", SINE)
        )
        made.append(Shape(f"thought of {name}, then no", f"{thought}\nI cannot do it.", "no_code"))
        if "opened by" not in name:
            cut = pattern.partition("{draft}")[0] + f"A draft:\n{fence(NOISE)}\nbut"
            made.append(Shape(f"thought of {name}, cut", cut, "no_code"))
    return [*made, *BY_HAND]


CELLS = [
    "import numpy as np\nimport soundfile as sf\nt = np.arange(44100) / 44100",
    "x = 0.5 * np.sin(2764.6 * t)\nsf.write('out.wav', x, 44100)",
]
SYNTH_CLASS = """import wave
class Synth:
    def __init__(self):
        self.frames = bytes(range(200)) * 500
    def render(self, path):
        with wave.open(path, "wb") as f:
            f.setparams((1, 2, 44100, 0, "NONE", ""))
            f.writeframes(self.frames)"""
USE = 'synth = Synth()\nsynth.render("out.wav")'


def in_notebook_parts() -> str:
    """A notebook: two parts make the file, two more look at it and play it."""
    plot = "import matplotlib.pyplot as plt\nplt.plot(x)\nplt.show()"
    play = "from IPython.display import Audio\nAudio(x, rate=44100)"
    return "\n".join(map(fence, [*CELLS, plot, play]))


BY_HAND = [
    Shape("a stray end after the answer", f"{DRAFT}\n</think>", "fence", SINE),
    Shape(
        "a stray end after a thought and the answer",
        f"<think>a</think>\n{DRAFT}\n</think>\n{AFTER}",
        "fence",
        SINE,
    ),
    Shape(
        "a fence inside a docstring",
        fence(f'"""A tone.\n\n```\nprint(1)\n```\n"""\n{SINE}'),
        "fence",
        f'"""A tone.\n\n```\nprint(1)\n```\n"""\n{SINE}',
    ),
    Shape(
        "a labelled fence inside a docstring",
        fence(f"'''A tone.\n\n```python\nmain()\n```\n'''\n{SINE}"),
        "fence",
        f"'''A tone.\n\n```python\nmain()\n```\n'''\n{SINE}",
    ),
    Shape("a fence in a remark", fence(f"# ```\n{SINE}"), "fence", f"# ```\n{SINE}"),
    Shape("python 2 at the end", fence(PYTHON_2), "syntax"),
    Shape("python 2 at the end, unfenced", PYTHON_2, "syntax"),
    Shape("python 2 at the end, never closed", f"```python\n{PYTHON_2}", "syntax"),
    Shape(
        "python 2 at the end, then a player", f"{fence(PYTHON_2)}\nListen:\n{fence(PLAY)}", "syntax"
    ),
    Shape("a broken line in the middle, unfenced", SINE.replace("t = ", "t = = "), "syntax"),
    Shape(
        "a broken last line, unfenced", f"{SINE}\nfor i in range(3) print(i)\nprint(t)", "syntax"
    ),
    Shape("escaped for HTML", fence(html.escape(ESCAPED)), "unescaped", ESCAPED),
    Shape(
        "escaped for HTML in a code element",
        f"<pre><code>{html.escape(ESCAPED)}</code></pre>",
        "unescaped",
        ESCAPED,
    ),
    Shape("a format escaped for HTML", fence(html.escape(PACKED, False)), "unescaped", PACKED),
    Shape("a format escaped for HTML, bare", html.escape(PACKED, False), "whole_text", PACKED),
    Shape(
        "a tag that is its own",
        fence(SINE + "\nprint('&lt;b&gt;')"),
        "fence",
        SINE + "\nprint('&lt;b&gt;')",
    ),
    Shape(
        "escapes that are its own",
        fence(SINE + "\nprint('&lt;')"),
        "fence",
        SINE + "\nprint('&lt;')",
    ),
    Shape(
        "constants before the first import",
        f"RATE = 44100\nNAME = 'out.wav'\n{SINE}",
        "whole_text",
        f"RATE = 44100\nNAME = 'out.wav'\n{SINE}",
    ),
    Shape(
        "constants before the first import, words around",
        f"Sure!\n\nRATE = 44100\n\n# parts\n{SINE}\n\nIt's short.",
        "lines",
        f"RATE = 44100\n\n# parts\n{SINE}",
    ),
    Shape(
        "a docstring before the first import, words around",
        f'Sure!\n\n"""A tone."""\n{SINE}\n\nIt\'s short.',
        "lines",
        f'"""A tone."""\n{SINE}',
    ),
    Shape("a field of JSON", json.dumps({"plan": "a sine", "code": SINE}), "json", SINE),
    Shape("a field of JSON in a fence", fence(json.dumps({"code": SINE}), "json"), "json", SINE),
    Shape(
        "a fence in a field of JSON", json.dumps({"answer": f"Here:\n{fence(SINE)}"}), "json", SINE
    ),
    Shape("content parts", json.dumps([{"type": "text", "text": fence(SINE)}]), "json", SINE),
    Shape(
        "a tool call",
        f"<tool_call>{json.dumps({'name': 'run', 'arguments': {'code': SINE}})}</tool_call>",
        "json",
        SINE,
    ),
    Shape(
        "arguments of a tool call as text",
        json.dumps({"arguments": json.dumps({"code": SINE})}),
        "json",
        SINE,
    ),
    Shape(
        "JSON without a program", json.dumps({"code": "a sine of 440 Hz", "rate": 44100}), "no_code"
    ),
    Shape(
        "JSON that imports what is forbidden",
        json.dumps({"code": f"import subprocess\n{SINE}"}),
        "forbidden_import",
    ),
    Shape("in parts, then played", in_notebook_parts(), "joined_fences", "\n\n".join(CELLS)),
    Shape(
        "a class, then its use",
        f"{fence(SYNTH_CLASS)}\nUse it:\n{fence(USE)}",
        "joined_fences",
        f"{SYNTH_CLASS}\n\n{USE}",
    ),
    Shape(
        "re-reads what it wrote itself",
        fence(f'{SINE}\nprint(sf.read("out.wav"))'),
        "fence",
        f'{SINE}\nprint(sf.read("out.wav"))',
    ),
    Shape("labelled as text", fence(SINE, "text"), "fence", SINE),
    Shape("labelled as output", fence(SINE, "plaintext"), "fence", SINE),
    Shape(
        "in a longer fence of Markdown",
        f"````markdown\n# A tone\n{fence(SINE)}\n````",
        "fence",
        SINE,
    ),
    Shape("in a fence of Markdown", f"```markdown\n# A tone\n{fence(SINE)}\n```", "fence", SINE),
    Shape("in CDATA", f"<answer><![CDATA[\n{SINE}\n]]></answer>", "lines", SINE),
    Shape("indented in prose", f"Here:\n\n{indented(SINE, '    ')}\n\nDone.", "lines", SINE),
    Shape("a command of a notebook", fence(f"!pip install soundfile\n{SINE}"), "syntax"),
    Shape("deep JSON", "[" * 100_000, "no_code"),
    Shape(
        "a module that is forbidden",
        fence(f"import socket\n{SYNTH}")
        + "\n"
        + fence("from synth import save, tone\nsave(tone(440), 'out.wav')"),
        "forbidden_import",
    ),
]

FIELD = shapes()
