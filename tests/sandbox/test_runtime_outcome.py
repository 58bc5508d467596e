"""The kind of a failure follows from the Execution; filter and scratch folder by themselves."""

import struct

import pytest

from earmark.errors import ProgramError
from earmark.records import Ended, Execution, Failure, Limits
from earmark.sandbox.failures import check_execution
from earmark.sandbox.inside import calls, scratch
from earmark.sandbox.inside.filter import build, for_process

LIMITS = Limits()
HEAD = 'Traceback (most recent call last):\n  File "program.py", line 3, in <module>\n    work()\n'


def ran(ended: Ended = "exit", code: int | None = 0, stderr: str = "") -> Execution:
    return Execution(ended, code, "", stderr, 0.1, 0.1, 1, "namespaces", "missing", None)


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
        (ran("refused", -31), "blocked_call"),
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
        (
            ran(code=1, stderr="PermissionError: printed, not raised\n" + HEAD + "KeyError: 'a'\n"),
            "runtime_error",
        ),
    ],
)
def test_one_kind_for_every_end(run, kind):
    failure = failure_of(run)
    assert (failure.stage, failure.kind) == ("run", kind)
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


def decided(
    instructions: bytes,
    *,
    number: int,
    arguments: tuple[int, ...] = (),
    architecture: int = 0xC000003E,
) -> int:
    """What a filter answers to one call: an interpreter of the few instructions it is made of."""
    words = {0: number, 4: architecture} | {
        16 + 8 * at: value for at, value in enumerate(arguments)
    }
    at, held = 0, 0
    while True:
        code, true, false, value = struct.unpack_from("=HBBI", instructions, at * 8)
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            held = words.get(value, 0)
            continue
        holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
        at += true if holds else false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_allows_what_is_listed_and_nothing_else(machine):
    architecture = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    made = for_process(build(machine, landlock=2), 77)
    allowed, refused, unknown = 0x7FFF0000, 0x00050001, 0x00050026
    known = {**calls.ALLOWED[machine], **calls.REFUSED[machine], **calls.JUDGED[machine]}
    assert len(set(known.values())) == len(known)
    for number in range(500):
        answer = decided(made, number=number, arguments=(0, 0), architecture=architecture)
        if number in calls.ALLOWED[machine].values():
            assert answer == allowed
        elif number in calls.REFUSED[machine].values():
            assert answer == refused
        elif number not in calls.JUDGED[machine].values():
            assert answer == unknown
    kill, clone, clone3 = (calls.JUDGED[machine][name] for name in ("kill", "clone", "clone3"))
    assert decided(made, number=kill, arguments=(77,), architecture=architecture) == allowed
    assert decided(made, number=kill, arguments=(78,), architecture=architecture) == refused
    assert decided(made, number=clone, arguments=(0x10000,), architecture=architecture) == allowed
    assert decided(made, number=clone, arguments=(17,), architecture=architecture) == refused
    assert (
        decided(made, number=clone, arguments=(0x10000 | 0x40000000,), architecture=architecture)
        == refused
    )
    assert decided(made, number=clone3, architecture=architecture) == unknown
    assert decided(made, number=0, architecture=0x40000003) == 0x80000000


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_does_not_rest_on_a_new_landlock_or_on_namespaces(machine):
    """Landlock before version 3 lets readers cut a file; clocks of other processes have numbers."""
    architecture = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    made, judged = for_process(build(machine, landlock=2), 77), calls.JUDGED[machine]
    allowed, refused = 0x7FFF0000, 0x00050001
    reading, writing, truncating = 0, 1, 0x200
    for flags, answer in (
        (reading, allowed),
        (writing | truncating, allowed),
        (2 | truncating, allowed),
        (reading | truncating, refused),
    ):
        assert (
            decided(
                made, number=judged["openat"], arguments=(3, 4, flags), architecture=architecture
            )
            == answer
        )
    for landlock, answer in ((0, refused), (2, refused), (3, allowed)):
        made = for_process(build(machine, landlock=landlock), 77)
        assert decided(made, number=judged["truncate"], architecture=architecture) == answer
    for name in ("clock_gettime", "clock_getres", "clock_nanosleep", "timer_create"):
        for clock, answer in (
            (0, allowed),
            (3, allowed),
            (11, allowed),
            (0xFFFFFFFE, refused),
            (~4711 << 3 & 0xFFFFFFFF, refused),
        ):
            assert (
                decided(made, number=judged[name], arguments=(clock,), architecture=architecture)
                == answer
            )


def test_x32_is_no_way_around():
    assert decided(for_process(build("x86_64", landlock=2), 77), number=0x40000000) == 0x80000000


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
    ("make", "found"),
    [
        (lambda path: None, "missing"),
        (lambda path: path.symlink_to("/etc/passwd"), "link"),
        (lambda path: path.mkdir(), "folder"),
        (lambda path: __import__("os").mkfifo(path), "fifo"),
        (lambda path: path.write_bytes(b"x" * 11), "too_large"),
    ],
)
def test_what_is_not_a_result_is_named_and_never_opened(tmp_path, make, found):
    make(tmp_path / "out.wav")
    assert scratch.take_result(str(tmp_path), "out.wav", max_bytes=10) == (found, None)
