"""The seccomp filter by itself: what it answers to each call, on both processors."""

import errno
import struct

import pytest

from earmark.sandbox.inside import calls
from earmark.sandbox.inside.filter import build, for_process

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 77
ALLOWED, FAILED = 0x7FFF0000, 0x00050000
REFUSED, UNKNOWN = FAILED | errno.EPERM, FAILED | errno.ENOSYS
THREAD = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000
CLONE_FILES, NEW_PID_NAMESPACE = 0x400, 0x20000000


def interpret(instructions: bytes, words: dict[int, int]) -> int:
    """Run a filter on a call: an interpreter of the few instructions that filters are made of."""
    at, held = 0, 0
    while True:
        code, true, false, value = struct.unpack_from("=HBBI", instructions, at * 8)
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            held = words.get(value, 0)
            continue
        if code == 0x05:
            at += value
            continue
        holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
        at += true if holds else false


def answer(
    machine: str, call: str | int, *arguments: int, landlock: int = 2, architecture: int = 0
) -> int:
    """What the filter of a processor answers to a call, by name or number."""
    number = call if isinstance(call, int) else calls.JUDGED[machine][call]
    words = {0: number, 4: architecture or ARCHITECTURES[machine]}
    words |= {16 + 8 * at: value for at, value in enumerate(arguments)}
    return interpret(for_process(build(machine, landlock=landlock), PID), words)


@pytest.fixture(params=ARCHITECTURES)
def machine(request):
    return request.param


def test_each_call_gets_what_its_table_says_and_all_others_do_not_exist(machine):
    tables = {
        ALLOWED: calls.ALLOWED,
        REFUSED: calls.REFUSED,
        FAILED: calls.IGNORED,
        FAILED | errno.EOPNOTSUPP: calls.UNSUPPORTED,
    }
    right: dict[int, int] = {}
    for action, table in tables.items():
        assert not right.keys() & set(table[machine].values())
        right |= dict.fromkeys(table[machine].values(), action)
    assert not right.keys() & set(calls.JUDGED[machine].values())
    for number in set(range(500)) - set(calls.JUDGED[machine].values()):
        assert answer(machine, number) == right.get(number, UNKNOWN), number


def test_a_signal_reaches_only_the_program(machine):
    for call in ("kill", "tgkill"):
        assert answer(machine, call, PID) == ALLOWED
        assert answer(machine, call, PID + 1) == REFUSED


def test_only_a_thread_that_shares_everything_is_made(machine):
    assert answer(machine, "clone", THREAD) == ALLOWED
    assert answer(machine, "clone", THREAD | 0x40000 | 0x80000) == ALLOWED
    for flags in (17, 0x10000, THREAD & ~CLONE_FILES, THREAD | NEW_PID_NAMESPACE):
        assert answer(machine, "clone", flags) == REFUSED
    assert answer(machine, "clone3") == UNKNOWN
    assert answer(machine, "close_range", 3, 9, 4) == ALLOWED
    assert answer(machine, "close_range", 3, 9, 2) == REFUSED


def test_no_call_answers_about_another_process(machine):
    others = {
        "getpgid": errno.ESRCH,
        "getsid": errno.ESRCH,
        "sched_getaffinity": errno.ENOSYS,
        "sched_getparam": errno.ENOSYS,
        "sched_getscheduler": errno.ENOSYS,
        "sched_setaffinity": errno.EPERM,
        "prlimit64": errno.EPERM,
    }
    for call, number in others.items():
        assert answer(machine, call, 0) == answer(machine, call, PID) == ALLOWED
        assert answer(machine, call, 1) == FAILED | number


def test_before_landlock_3_a_reader_may_not_truncate(machine):
    reading, writing, both, truncating = 0, 1, 2, 0x200
    for flags in (reading, writing | truncating, both | truncating):
        assert answer(machine, "openat", 3, 4, flags) == ALLOWED
    assert answer(machine, "openat", 3, 4, reading | truncating) == REFUSED
    assert answer(machine, "truncate", landlock=0) == REFUSED
    assert answer(machine, "truncate", landlock=2) == REFUSED
    assert answer(machine, "truncate", landlock=3) == ALLOWED


def test_clocks_of_other_processes_are_refused(machine):
    for call in ("clock_gettime", "clock_getres", "clock_nanosleep", "timer_create"):
        for clock in (0, 3, 11):
            assert answer(machine, call, clock) == ALLOWED
        for clock in (0xFFFFFFFE, ~4711 << 3 & 0xFFFFFFFF):
            assert answer(machine, call, clock) == REFUSED


def test_a_socket_is_a_connected_pair_or_none(machine):
    unix, stream, nonblocking, on_exec = 1, 1, 0x800, 0x80000
    for flags in (0, nonblocking, on_exec, nonblocking | on_exec):
        assert answer(machine, "socketpair", unix, stream | flags) == ALLOWED
    for kind in (2, 3, 5, stream | 0x40):  # packets, raw, records; an unknown flag
        assert answer(machine, "socketpair", unix, kind) == REFUSED
    for family in (0, 2, 10, 16, 38, 40):
        assert answer(machine, "socketpair", family, stream) == REFUSED


def test_what_is_sent_has_no_address_and_no_flags(machine):
    pointer = 0x7FFF_0000_1000
    assert answer(machine, "sendto", 3, pointer, 9) == ALLOWED
    assert answer(machine, "recvfrom", 3, pointer, 9) == ALLOWED
    for flags in (0x1, 0x2, 0x20000000):  # out of band, peek, fast open
        assert answer(machine, "sendto", 3, pointer, 9, flags) == REFUSED
        assert answer(machine, "recvfrom", 3, pointer, 9, flags) == REFUSED
    for half in (4, 4.5):  # an address in the lower or the upper 4 GiB
        words = {
            0: calls.JUDGED[machine]["sendto"],
            4: ARCHITECTURES[machine],
            int(16 + 8 * half): 1,
        }
        assert interpret(for_process(build(machine, landlock=2), PID), words) == REFUSED


def test_no_call_exists_by_another_entry_into_the_kernel():
    """It is not killed either: SIGSYS would look like a signal that the program sent itself."""
    assert answer("x86_64", 0, architecture=0x40000003) == UNKNOWN
    assert answer("x86_64", 0x40000000) == UNKNOWN
    assert answer("x86_64", 0x40000000 | 39) == UNKNOWN
