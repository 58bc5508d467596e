# ruff: noqa: S101 - a contract suite asserts
"""The contract of a Sandbox: a class of tests that every implementation inherits.

The tests cover how programs end, what is kept of them and what they leave. Attacks are not among
them: those are the hostile programs under tests/hostile.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from earmark.errors import ProgramError
from earmark.records import Execution, Limits, Program
from earmark.sandbox import Sandbox
from earmark.sandbox.failures import check_execution

SMALL = Limits(
    wall_seconds=3.0,
    cpu_seconds=1,
    memory_bytes=1024**3,
    scratch_bytes=16 * 1024**2,
    output_bytes=2000,
)
SINE = """
import numpy as np, soundfile
soundfile.write("out.wav", 0.5 * np.sin(2 * np.pi * 440 * np.arange(44100) / 44100), 44100)
print("done")
"""
# What a program does -> the kind of its failure at the stage execute.
KINDS = {
    "import earmark_no_such_module": "missing_import",
    "import torch": "missing_import",
    "1 / 0": "runtime_error",
    "raise SystemExit('no sound today')": "runtime_error",
    "def broken(:": "runtime_error",
    "import os; os.fork()": "blocked_call",
    "import socket; socket.socket()": "blocked_call",
    "import subprocess; subprocess.run(['true'])": "blocked_call",
    "import multiprocessing; multiprocessing.Pool(2)": "blocked_call",
    "import multiprocessing; multiprocessing.Process(target=print).start()": "blocked_call",
    "import time; time.sleep(60)": "timeout",
    "while True: pass": "timeout",
    "held = bytearray(3 * 1024**3)": "memory",
    "import numpy; numpy.ones(10**9)": "memory",
    "while True: print('x' * 1000)": "output_flood",
    "import ctypes; ctypes.string_at(0)": "crashed",
}

# What a program does that only `python program.py` makes work -> what it prints.
AS_PYTHON = {
    "print('a'); exit()": "a\n",
    "print('a'); quit()": "a\n",
    "import sys; sys.stdout.reconfigure(encoding='utf-8'); print('✅')": "✅\n",
    "import io, sys; sys.stdout = io.TextIOWrapper(sys.stdout.buffer, 'utf-8'); print('é')": "é\n",
    "import sys; print(sys.stdout.name, sys.stdout.mode, sys.stdin.read())": "<stdout> w \n",
    "import os, sys; print(sys.path[0] == os.getcwd())": "True\n",
    "import os; os.chdir(os.path.dirname(__file__)); print('a')": "a\n",
    "open('mine.py', 'w').write('x = 7'); import mine; print(mine.x)": "7\n",
    "import getpass; print(getpass.getuser() != '')": "True\n",
    "import os; print(os.environ['PATH'] != '')": "True\n",
    "import tempfile; tempfile.TemporaryFile().write(b'x'); print('a')": "a\n",
    "import shutil; open('a', 'w').close(); print(shutil.copy('a', 'b'))": "b\n",
    "import shutil; open('a', 'w').close(); print(shutil.copy2('a', 'b'))": "b\n",
    "import os; open('a', 'w').close(); os.chmod('a', 0o600); os.utime('a'); print('a')": "a\n",
    "import pathlib; pathlib.Path('a').touch(); pathlib.Path('a').touch(); print('a')": "a\n",
    "import locale; locale.setlocale(locale.LC_ALL, ''); print('ü')": "ü\n",
    "import asyncio; print(asyncio.run(asyncio.sleep(0.01, 'a')))": "a\n",
    "import asyncio; print(asyncio.run(asyncio.to_thread(str, 7)))": "7\n",
    "import socket; a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))": "b'x'\n",
}


class SandboxContract(ABC):
    """Inherit, and implement `open_sandbox`."""

    @abstractmethod
    def open_sandbox(self, limits: Limits) -> AbstractContextManager[Sandbox]:
        """The sandbox with these limits, to be closed by the caller's with block."""

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """One sandbox for the tests of a class."""
        with cls().open_sandbox(SMALL) as made:
            yield made

    def test_a_program_leaves_a_plain_copy_of_its_file(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        run = sandbox.execute(Program(SINE), folder=tmp_path / "new")
        assert (run.end, run.exit_code, run.stdout, run.stderr, run.result) == (
            "exit",
            0,
            "done\n",
            "",
            "file",
        )
        assert run.wav == str(tmp_path / "new" / "out.wav")
        assert Path(run.wav).read_bytes()[:4] == b"RIFF"
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["out.wav"]
        assert Path(run.wav).stat().st_mode & 0o7111 == 0
        check_execution(run, limits=SMALL)

    def test_what_it_used_is_measured(self, sandbox: Sandbox, tmp_path: Path) -> None:
        run = sandbox.execute(
            Program("held = bytearray(150 * 1024**2)\nfor _ in range(3_000_000): pass"),
            folder=tmp_path,
        )
        assert 0.01 < run.cpu_seconds < run.seconds + 0.5
        assert 150 * 1024**2 < run.peak_bytes < 600 * 1024**2
        assert run.isolation == sandbox.isolation

    @pytest.mark.parametrize(
        ("source", "kind"), KINDS.items(), ids=[source[:32] for source in KINDS]
    )
    def test_every_end_has_its_kind(
        self, sandbox: Sandbox, tmp_path: Path, source: str, kind: str
    ) -> None:
        run = sandbox.execute(Program(source), folder=tmp_path)
        with pytest.raises(ProgramError, match=r".") as caught:
            check_execution(run, limits=SMALL)
        assert (caught.value.failure.stage, caught.value.failure.kind) == ("execute", kind)

    def test_a_traceback_speaks_of_the_program_alone(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        run = sandbox.execute(Program("def f(x):\n    return 1 / x\n\nf(0)\n"), folder=tmp_path)
        files = [line for line in run.stderr.splitlines() if line.strip().startswith("File")]
        assert files == [
            '  File "program.py", line 4, in <module>',
            '  File "program.py", line 2, in f',
        ]
        assert "return 1 / x" in run.stderr

    @pytest.mark.parametrize(
        "source", ["x = 1\0", "def broken(:", "x = '\ud800'"], ids=["zero", "syntax", "surrogate"]
    )
    def test_an_error_in_the_source_shows_no_frame_of_ours(
        self, sandbox: Sandbox, tmp_path: Path, source: str
    ) -> None:
        stderr = sandbox.execute(Program(source), folder=tmp_path).stderr
        assert "Error" in stderr
        assert "earmark" not in stderr

    @pytest.mark.parametrize(
        ("source", "stdout"), AS_PYTHON.items(), ids=[source[:32] for source in AS_PYTHON]
    )
    def test_a_program_runs_as_python_would_run_it(
        self, sandbox: Sandbox, tmp_path: Path, source: str, stdout: str
    ) -> None:
        run = sandbox.execute(Program(source), folder=tmp_path)
        assert (run.exit_code, run.stdout, run.stderr) == (0, stdout, "")

    def test_what_was_written_in_place_of_the_result_is_named(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        source = (
            "import os\nos.makedirs('sounds/deep')\nopen('notes.txt', 'w').close()\n"
            "open('sounds/deep/tone\\x1b.wav', 'w').close()\nos.makedirs('empty')"
        )
        run = sandbox.execute(Program(source), folder=tmp_path)
        assert (run.result, run.wav) == ("missing", None)
        assert run.other_files == ("sounds/deep/tone\\x1b.wav", "notes.txt")

    def test_a_file_that_is_mostly_no_sound_is_not_kept(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        run = sandbox.execute(
            Program(SINE + "open('out.wav', 'ab').write(bytes(3_000_000))"), folder=tmp_path
        )
        assert (run.result, run.wav, list(tmp_path.iterdir())) == ("padded", None, [])

    def test_streams_are_cut_and_the_cut_is_marked(self, sandbox: Sandbox, tmp_path: Path) -> None:
        run = sandbox.execute(
            Program("print('a' * 3000 + 'z')\nraise ValueError('last')"), folder=tmp_path
        )
        assert "[... 1002 bytes cut by the sandbox ...]" in run.stdout
        assert run.stdout.startswith("aaa")
        assert run.stdout.endswith("z\n")
        assert run.stderr.endswith("ValueError: last\n")

    def test_the_legacy_generators_are_seeded(self, sandbox: Sandbox, tmp_path: Path) -> None:
        source = Program(
            "import random, numpy as np\nprint(random.random(), np.random.rand(), hash('word'))"
        )
        first, second = (sandbox.execute(source, folder=tmp_path).stdout for _ in range(2))
        assert first == second != ""

    def test_the_environment_is_its_own(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EARMARK_CONTRACT_SECRET", "value")
        source = (
            "import os, sys, time\n"
            "print(sorted(os.environ), time.tzname[0], sys.argv, __name__, __file__, "
            "sys.stdin.read() == '')"
        )
        printed = sandbox.execute(Program(source), folder=tmp_path).stdout
        assert "EARMARK_CONTRACT_SECRET" not in printed
        assert "UTC ['program.py'] __main__" in printed
        assert "/program.py True" in printed
        assert "OMP_NUM_THREADS" in printed

    def test_files_left_open_are_complete_and_exit_handlers_run(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        source = (
            "import atexit\natexit.register(print, 'bye')\n"
            "stream = open('out.wav', 'wb')\nstream.write(b'RIFF' * 10)"
        )
        run = sandbox.execute(Program(source), folder=tmp_path)
        assert (run.stdout, Path(str(run.wav)).read_bytes()) == ("bye\n", b"RIFF" * 10)

    def test_the_next_program_finds_nothing(self, sandbox: Sandbox, tmp_path: Path) -> None:
        sandbox.execute(
            Program(
                "import os, wave\nwave.left = 1\n"
                "os.makedirs('a/b/c')\nopen('a/b/c/d', 'w').write('x')"
            ),
            folder=tmp_path,
        )
        run = sandbox.execute(
            Program("import os, wave\nprint(os.listdir('.'), hasattr(wave, 'left'))"),
            folder=tmp_path,
        )
        assert run.stdout == "[] False\n"

    @pytest.mark.parametrize(
        ("source", "result"), [("pass", "missing"), ("import os; os.mkdir('out.wav')", "folder")]
    )
    def test_what_is_not_a_file_has_its_word(
        self, sandbox: Sandbox, tmp_path: Path, source: str, result: str
    ) -> None:
        run = sandbox.execute(Program(source), folder=tmp_path)
        assert (run.result, run.wav) == (result, None)

    def test_many_threads_may_run_programs(self, sandbox: Sandbox, tmp_path: Path) -> None:
        def one(number: int) -> Execution:
            return sandbox.execute(Program(f"print({number} ** 2)"), folder=tmp_path / str(number))

        with ThreadPoolExecutor(6) as threads:
            printed = [run.stdout for run in threads.map(one, range(12))]
        assert printed == [f"{number**2}\n" for number in range(12)]

    def test_closing_twice_is_no_error(self) -> None:
        with self.open_sandbox(SMALL) as made:
            made.close()
            made.close()
