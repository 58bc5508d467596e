"""The project speaks the field's words: what the design page replaced does not come back."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
READ = ("src", "tests", "conf", "docs", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
SUFFIXES = {".py", ".yaml", ".md", ".js", ".html", ".css"}

# Each has no ordinary use here; the replacement is what a message of this test proposes.
REPLACED = {
    r"cells?": "run",
    r"Cells?|Cell(?=[A-Z])\w*": "Run",
    r"un?heard|heard|hears?": "scored, embedded, detected",
    r"ears?": "embedder, recogniser",
    r"untold|told": "unknown, said by name of who says it",
    r"shelf|shelved": "store, cache",
    r"laid|way_out|way_outs": "written, hint",
    r"(?:MOST|FEWEST)_[A-Z_]+": "MAX_, MIN_",
    r"asked again": "repeated, confirmed",
    r"nobody|whoever|somebody": "name who",
    r"controls? (?:model|program|score)s?": "baseline",
}
# Where a word stands for itself: a DOM property, the file of an earlier version, a note of a
# change.
ORDINARY = re.compile(r"\.cells\b|cell\.json|\(was [^)]*\)|`load_cells`")
# Texts of tasks and programs speak of the world: a whisper close to the ear, an egg that is laid.
# Tests hold the words themselves, the user nobody, cells of notebooks and folders of before.
EXCEPT = (
    "conf/tier",
    "src/earmark/models/baselines/programs",
    "src/earmark/strategies/examples",
    "tests/test_language.py",
    "tests/checks/test_recognisers.py",
    "tests/report/test_export.py",
    "tests/sandbox/test_hostile_other_user.py",
    "tests/strategies/test_prompts.py",
    "tests/sweep/test_old_folders.py",
    "tests/sweep/test_tune.py",
    "tests/tracking/postgres.py",
)


def old_words(text: str) -> list[str]:
    """Each use of a replaced word, with its line number and what to say instead."""
    found = []
    for number, line in enumerate(ORDINARY.sub("", text).splitlines(), start=1):
        for pattern, instead in REPLACED.items():
            for match in re.finditer(rf"(?<![A-Za-z])(?:{pattern})(?![A-Za-z])", line):
                found.append(f"{number}: {match[0]!r}; say {instead}")
    return found


def files() -> list[Path]:
    listed: list[Path] = []
    for name in READ:
        path = ROOT / name
        listed += [path] if path.is_file() else sorted(path.rglob("*"))
    texts = [path for path in listed if path.suffix in SUFFIXES]
    return [p for p in texts if not str(p.relative_to(ROOT)).startswith(EXCEPT)]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_replaced_word_is_left(path: Path) -> None:
    assert old_words(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "one cell of the sweep",
        "class CellFolder:",
        "save_cell(cell)",
        "MOST_BYTES = 3",
        "as it was told",
        "heard_hz = 3",
        "other ears",
        "nobody asks",
    ],
)
def test_a_replaced_word_is_seen(line: str) -> None:
    assert old_words(line)


@pytest.mark.parametrize("line", ["earmark", "cancelled", "appears", "early", "clear", "hearth"])
def test_other_words_are_let_be(line: str) -> None:
    assert old_words(line) == []
