"""Syntax tree -> static facts of a program: what it is built from, and whether it evades the task.

Facts count what is written down, not what runs. A cheat label says what the text shows: evidence to
look at, not a verdict.
"""

import ast
import re
from collections.abc import Iterator

from earmark.extract.names import called, calls, imported, nodes

_OSCILLATORS = "sin cos square sawtooth chirp sweep_poly gausspulse unit_impulse"
_NOISES = (
    "random rand randn normal uniform standard_normal random_sample gauss randint integers noise"
)
_FILTERS = """butter lfilter sosfilt filtfilt sosfiltfilt firwin firwin2 iirfilter iirpeak iirnotch
iircomb cheby1 cheby2 ellip bessel convolve fftconvolve oaconvolve savgol_filter medfilt
gaussian_filter1d uniform_filter1d lowpass highpass bandpass"""
OSCILLATORS, NOISES, FILTERS = (
    frozenset(names.split()) for names in (_OSCILLATORS, _NOISES, _FILTERS)
)
LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)

# A table of harmonics or a short melody is below these; a second of recorded sound is far above.
EMBEDDED_BYTES = 2048
EMBEDDED_NUMBERS = 1024
SHELLS = frozenset(
    {"system", "popen", "startfile", "execv", "execvp", "execlp", "spawnlp", "posix_spawn"}
)
SPEAKERS = re.compile(r"\b(espeak(-ng)?|say|flite|festival|pico2wave|spd-say|SpeechSynthesizer)\b")
FETCHERS = re.compile(r"\b(curl|wget|yt-dlp|youtube-dl|aria2c)\b")
URL = re.compile(r"\b(https?|ftp)://\w")

Fact = float | int | bool | str


def features(tree: ast.Module, source: str) -> dict[str, Fact]:
    """imports, oscillators, noises, filters, loops, functions, literal_bytes, lines, cheats (words
    joined by commas, or empty).
    """
    names = [called(call) for call in calls(tree)]
    return {
        "imports": ",".join(sorted({name.split(".")[0] for name in imported(tree)})),
        "oscillators": sum(name in OSCILLATORS for name in names),
        "noises": sum(name in NOISES for name in names),
        "filters": sum(name in FILTERS for name in names),
        "loops": sum(isinstance(node, LOOPS) for node in nodes(tree)),
        "functions": sum(isinstance(node, ast.FunctionDef) for node in nodes(tree)),
        "literal_bytes": sum(_sizes(tree)) + 8 * sum(_runs(tree)),
        "lines": source.count("\n") + 1,
        "cheats": ",".join(sorted(set(_cheats(tree)))),
    }


def _cheats(tree: ast.Module) -> Iterator[str]:
    shell = " ".join(one for call in calls(tree) if called(call) in SHELLS for one in _texts(call))
    if SPEAKERS.search(shell):
        yield "speech_engine"
    if FETCHERS.search(shell) or any(URL.search(text) for text in _texts(tree)):
        yield "download"
    if (
        max(_sizes(tree), default=0) >= EMBEDDED_BYTES
        or max(_runs(tree), default=0) >= EMBEDDED_NUMBERS
    ):
        yield "embedded_audio"


def _texts(tree: ast.AST) -> Iterator[str]:
    """Every string literal that is not a docstring or a bare remark."""
    return (one.value for one in _literals(tree) if isinstance(one.value, str))


def _sizes(tree: ast.AST) -> Iterator[int]:
    """Characters or bytes of each string literal, docstrings and bare remarks left out."""
    return (len(one.value) for one in _literals(tree) if isinstance(one.value, str | bytes))


def _literals(tree: ast.AST) -> Iterator[ast.Constant]:
    remarks = {id(node.value) for node in nodes(tree) if isinstance(node, ast.Expr)}
    return (
        node for node in nodes(tree) if isinstance(node, ast.Constant) and id(node) not in remarks
    )


def _runs(tree: ast.AST) -> Iterator[int]:
    """How many numbers each list, tuple or set spells out."""
    return (
        sum(map(_is_number, node.elts))
        for node in nodes(tree)
        if isinstance(node, ast.List | ast.Tuple | ast.Set)
    )


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    )
