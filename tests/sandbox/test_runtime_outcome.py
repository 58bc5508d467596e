"""The kind of a failure follows from the Execution alone; a scratch folder is read and cleared."""

import os
import tempfile

import pytest

from earmark.errors import ProgramError
from earmark.records import End, Execution, Failure, Limits
from earmark.sandbox.failures import check_execution
from earmark.sandbox.inside import scratch
from earmark.sandbox.process import watch_quota

LIMITS = Limits()
HEAD = 'Traceback (most recent call last):\n  File "program.py", line 3, in <module>\n    work()\n'


def ran(end: End = "exit", code: int | None = 0, stderr: str = "") -> Execution:
    return Execution(end, code, "", stderr, 0.1, 0.1, 1, "namespaces", "missing", None)


def failure_of(run: Execution) -> Failure:
    with pytest.raises(ProgramError, match=r".") as caught:
        check_execution(run, limits=LIMITS)
    return caught.value.failure


@pytest.mark.parametrize(
    ("run", "kind"),
    [
        (ran("timeout", None), "timeout"),
        (ran("cpu", -24), "timeout"),
        (ran("memory", None), "memory"),
        (ran("output", None), "output_flood"),
        (ran("signal", -31), "crashed"),
        (ran("signal", -11), "crashed"),
        (ran(code=3), "runtime_error"),
        (
            ran(code=1, stderr=HEAD + "ModuleNotFoundError: No module named 'librosa'\n"),
            "missing_import",
        ),
        (
            ran(
                code=1,
                stderr=HEAD
                + "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7 GiB\n",
            ),
            "memory",
        ),
        (
            ran(
                code=1,
                stderr=HEAD + "PermissionError: [Errno 13] Permission denied: '/etc/shadow'\n",
            ),
            "blocked_call",
        ),
        (
            ran(code=1, stderr=HEAD + "OSError: [Errno 38] Function not implemented\n"),
            "blocked_call",
        ),
        (ran(code=1, stderr=HEAD + "ValueError: two\nlines of it\n"), "runtime_error"),
        (ran(code=1, stderr=HEAD + "ValueError: [Errno 13] Permission denied\n"), "runtime_error"),
        (ran(code=1, stderr=HEAD + "KeyError: 'Operation not permitted'\n"), "runtime_error"),
        (ran(code=1, stderr=HEAD + "PermissionError: only on Sundays\n"), "runtime_error"),
        (ran(code=1, stderr=HEAD + "OSError: [Errno 5] in [Errno 13]\n"), "runtime_error"),
        (
            ran(code=1, stderr=HEAD + "socket.gaierror: [Errno -3] Temporary failure\n"),
            "blocked_call",
        ),
        (
            ran(
                code=1,
                stderr=HEAD + "urllib.error.URLError: <urlopen error [Errno 1] Operation>\n",
            ),
            "blocked_call",
        ),
        (
            ran(code=1, stderr="PermissionError: printed, not raised\n" + HEAD + "KeyError: 'a'\n"),
            "runtime_error",
        ),
    ],
)
def test_one_kind_for_every_end(run, kind):
    failure = failure_of(run)
    assert (failure.stage, failure.kind) == ("execute", kind)
    assert failure.message


def test_a_message_names_the_line_and_the_error():
    failure = failure_of(ran(code=1, stderr=HEAD + "ValueError: two\nlines\n"))
    assert failure.message == "line 3: ValueError: two"


def test_a_message_does_not_steer_the_terminal_it_is_shown_on():
    stderr = HEAD + "ValueError: \x1b]52;c;aGk=\x07 \x9b2J \u202e größe 音\n"
    failure = failure_of(ran(code=1, stderr=stderr))
    assert failure.message == "line 3: ValueError: \\x1b]52;c;aGk=\\x07 \\x9b2J \\u202e größe 音"


def test_a_good_end_is_no_failure():
    check_execution(ran(stderr="Warning: loud\n"), limits=LIMITS)


def test_a_polled_quota_sees_files_with_a_name_and_a_far_fall_of_free_space(tmp_path):
    limits = Limits(file_bytes=2**21, scratch_bytes=2**20, scratch_inodes=4)
    over_quota = watch_quota(tmp_path, limits)
    assert not over_quota()
    with (tmp_path / "named").open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, 2**20 + 2**16)
        assert over_quota()
    (tmp_path / "named").unlink()
    assert not over_quota()
    nameless = [tempfile.TemporaryFile(dir=tmp_path) for _ in range(8)]  # noqa: SIM115  # closed below
    for stream in nameless:
        os.posix_fallocate(stream.fileno(), 0, 2**25)
    assert over_quota()
    for stream in nameless:
        stream.close()
    assert not over_quota()
    for number in range(5):
        (tmp_path / str(number)).touch()
    assert over_quota()


def test_a_folder_is_emptied_however_deep_and_closed(tmp_path):
    place = tmp_path
    for _ in range(300):
        place = place / "d"
        place.mkdir()
        (place / "f").write_text("x")
    (tmp_path / "link").symlink_to("/")
    (tmp_path / "d" / "d").chmod(0)
    scratch.clear(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("make", "result"),
    [
        (lambda path: None, "missing"),
        (lambda path: path.symlink_to("/etc/passwd"), "link"),
        (lambda path: path.mkdir(), "folder"),
        (lambda path: __import__("os").mkfifo(path), "fifo"),
        (lambda path: path.write_bytes(b"x" * 11), "too_large"),
    ],
)
def test_what_is_not_a_result_is_named_and_never_opened(tmp_path, make, result):
    make(tmp_path / "out.wav")
    assert scratch.take_result(str(tmp_path), "out.wav", max_bytes=10) == (result, None)
