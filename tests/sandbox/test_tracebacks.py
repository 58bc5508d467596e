"""The exception that ended a program is found among all that the interpreter prints."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from earmark.sandbox.tracebacks import PrintedError, find_error

LATE = """
class A:
    def __del__(self):
        raise ValueError("late")
a = A()
"""
CASES = {
    "plain": ("1 / 0", "ZeroDivisionError: division by zero", 2),
    "an ignored exception follows": (LATE + "1 / 0", "ZeroDivisionError: division by zero", 7),
    "an ignored exception comes before": (
        LATE + "del a\n1 / 0",
        "ZeroDivisionError: division by zero",
        8,
    ),
    "a file that was never opened": (
        "import wave\nwith wave.open('no/out.wav', 'wb') as f:\n    f.setnchannels(1)",
        "FileNotFoundError: [Errno 2] No such file or directory: 'no/out.wav'",
        3,
    ),
    "a chain": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('b') from error",
        "KeyError: 'b'",
        5,
    ),
    "a message of two lines": ("raise ValueError('one\\ntwo')", "ValueError: one", 2),
    "a note": ("e = ValueError('x')\ne.add_note('more')\nraise e", "ValueError: x", 4),
    "words in place of an exception": (LATE + "raise SystemExit('no sound')", "no sound", None),
    "a thread fails before the program does": (
        "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()\n"
        "int('x')",
        "ValueError: invalid literal for int() with base 10: 'x'",
        6,
    ),
    "a thread fails after the program does": (
        "import threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), 1 / 0)).start()\nint('x')",
        "ValueError: invalid literal for int() with base 10: 'x'",
        4,
    ),
    "only a thread fails": (
        "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()\n"
        "raise SystemExit(3)",
        "ZeroDivisionError: division by zero",
        3,
    ),
    "a hook that fails": (
        "import sys\ndef hook(*_):\n    raise KeyError('hook')\nsys.excepthook = hook\n1 / 0",
        "ZeroDivisionError: division by zero",
        6,
    ),
}


def stderr_of(source: str, folder: Path) -> str:
    (folder / "program.py").write_text("\n" + source)
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    return done.stderr.replace(str(folder) + "/", "")


@pytest.mark.parametrize("case", CASES)
def test_the_exception_that_ended_the_program_is_found(case, tmp_path):
    source, text, line = CASES[case]
    assert find_error(stderr_of(source, tmp_path)) == PrintedError(text, line=line)


def test_a_group_is_read_by_its_parts(tmp_path):
    source = textwrap.dedent("""
        def fail(error):
            try:
                raise error
            except Exception as same:
                return same
        inner = ExceptionGroup("inner", [fail(PermissionError(13, "no")), TypeError("two\\nlines")])
        raise ExceptionGroup("outer", [fail(ValueError("a")), inner])
    """)
    error = find_error(stderr_of(source, tmp_path))
    assert error.text == "ExceptionGroup: outer (2 sub-exceptions)"
    assert error.parts == ("ValueError: a", "PermissionError: [Errno 13] no", "TypeError: two")
    assert error.line == 9


def test_a_stream_without_a_traceback_gives_its_last_line():
    assert find_error("one\ntwo\n\n") == PrintedError("two")
    assert find_error("") == PrintedError()
    assert find_error("Traceback (most recent call last):\n  File") == PrintedError()
