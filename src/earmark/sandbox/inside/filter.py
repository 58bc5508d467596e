"""The seccomp filter of a program: tables of system calls -> classic BPF, 8 bytes an instruction.

The filter is an allow-list: a call that is not named does not exist (ENOSYS, so that libraries
fall back), one that is named as refused fails with EPERM, and no call exists by another entry into
the kernel (i386, x32). It never kills: then SIGSYS could come from the filter or from the program
itself, and the harness could not tell which. Nothing is loaded here; confine.py does that.
"""

from __future__ import annotations

import errno
import struct

TYPE_CHECKING = False  # `typing` costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    from collections.abc import Sequence

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000
OWN_PID = 0x5EC0A11D  # stands for the process id until it is known; no id is as high

LOAD, JUMP, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
MAX_CONDITIONAL_JUMP = 255
FAIL, ALLOW = 0x00050000, 0x7FFF0000
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16

# CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_THREAD: every C library sets all of them
# for a thread. A thread without CLONE_FILES would have descriptors of its own, and a limit of its
# own.
THREAD_FLAGS = (0x100, 0x200, 0x400, 0x800, 0x10000)
NEW_NAMESPACES = 0x7E020000
CLOSE_RANGE_UNSHARE = 0x2  # gives the calling thread a descriptor table of its own
WRITING, TRUNCATING = 0x3, 0x200  # of the flags that open takes
# From this version on, Landlock judges by its path who may cut a file.
TRUNCATE_ABI = 3
CLOCKS_OF_OTHERS = 0x80000000  # and above: clocks of single processes and threads
PRCTL_NAMES = (15, 16)  # PR_SET_NAME, PR_GET_NAME: libraries name their threads
AF_UNIX = 1
STREAM = (0x1, 0x801, 0x80001, 0x80801)  # SOCK_STREAM with and without NONBLOCK and CLOEXEC
# TCGETS TIOCGWINSZ FIONREAD FIONBIO FIONCLEX FIOCLEX
TERMINAL_QUESTIONS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# dup, flags, locks, F_GETPIPE_SZ, F_GET_SEALS; not the owner of signals, not the size of a pipe
FCNTL_HARMLESS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032, 1034)
# Set or get the thread pointer; what newer C libraries ask at start.
ARCH_PRCTL_HARMLESS = (0x1002, 0x1003, 0x3001)


def _op(code: int, value: int, *, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)


def _fail(number: int) -> bytes:
    return _op(RETURN, FAIL | number)


def _one_of(argument: int, values: Sequence[int], *, otherwise: int = errno.EPERM) -> bytes:
    """Allow when the low half of an argument, an int to the kernel, is in `values`."""
    tests = b"".join(_op(EQUAL, value, false=1) + _op(RETURN, ALLOW) for value in values)
    return _op(LOAD, ARGUMENTS_AT + 8 * argument) + tests + _fail(otherwise)


def _all_of(*conditions: tuple[int, Sequence[int]]) -> bytes:
    """Allow when, of each (offset, values), the word at the offset is one of the values."""
    tests = b""
    for offset, values in conditions:
        tests += _op(LOAD, offset)
        for index, value in enumerate(values):
            tests += _op(EQUAL, value, true=len(values) - index)
        tests += _fail(errno.EPERM)
    return tests + _op(RETURN, ALLOW)


def _none_of(argument: int, bits: int) -> bytes:
    """Allow when an argument has none of `bits`."""
    tests = _op(ANY_BIT, bits, true=1) + _op(RETURN, ALLOW)
    return _op(LOAD, ARGUMENTS_AT + 8 * argument) + tests + _fail(errno.EPERM)


def _new_thread() -> bytes:
    """A thread that shares all that threads share, in no namespace of its own."""
    refuse = _fail(errno.EPERM)
    has_all = b"".join(_op(ANY_BIT, flag, true=1) + refuse for flag in THREAD_FLAGS)
    return _op(LOAD, ARGUMENTS_AT) + has_all + _none_of(0, NEW_NAMESPACES)


def _open_file(argument: int) -> bytes:
    """All but to open for reading and cut at once: before TRUNCATE_ABI, Landlock lets that pass."""
    tests = _op(ANY_BIT, TRUNCATING, false=1) + _op(ANY_BIT, WRITING, false=1) + _op(RETURN, ALLOW)
    return _op(LOAD, ARGUMENTS_AT + 8 * argument) + tests + _fail(errno.EPERM)


def _shared_clock() -> bytes:
    """A clock of the machine or of this process, not one that names another process or thread."""
    tests = _op(AT_LEAST, CLOCKS_OF_OTHERS, true=1) + _op(RETURN, ALLOW)
    return _op(LOAD, ARGUMENTS_AT) + tests + _fail(errno.EPERM)


def _socket_pair() -> bytes:
    """Two ends that are connected to each other for good: asyncio wakes its loop by them. Of this
    kind none can be bound, connected or given an address to send to.
    """
    return _all_of((_argument(0), (AF_UNIX,)), (_argument(1), STREAM))


def _argument(number: int, *, high: bool = False) -> int:
    return ARGUMENTS_AT + 8 * number + 4 * high


def _judge(name: str, pid: int, landlock: int) -> bytes:
    bodies = {
        "truncate": _op(RETURN, ALLOW) if landlock >= TRUNCATE_ABI else _fail(errno.EPERM),
        "clone": _new_thread(),
        # Its flags lie in memory, where no filter sees them; the C library falls back to clone.
        "clone3": _fail(errno.ENOSYS),
        "kill": _one_of(0, [pid]),
        "tgkill": _one_of(0, [pid]),
        "prctl": _one_of(0, PRCTL_NAMES),
        "ioctl": _one_of(1, TERMINAL_QUESTIONS),
        "fcntl": _one_of(1, FCNTL_HARMLESS),
        "prlimit64": _one_of(0, [0, pid]),
        "sched_setaffinity": _one_of(0, [0, pid]),
        # Answers about other processes would list those of the host. The C library takes ENOSYS for
        # "not here", and asks for its threads by their own numbers.
        "sched_getaffinity": _one_of(0, [0, pid], otherwise=errno.ENOSYS),
        "sched_getparam": _one_of(0, [0, pid], otherwise=errno.ENOSYS),
        "sched_getscheduler": _one_of(0, [0, pid], otherwise=errno.ENOSYS),
        "getpgid": _one_of(0, [0, pid], otherwise=errno.ESRCH),
        "getsid": _one_of(0, [0, pid], otherwise=errno.ESRCH),
        "close_range": _none_of(2, CLOSE_RANGE_UNSHARE),
        "arch_prctl": _one_of(0, ARCH_PRCTL_HARMLESS),
        "open": _open_file(1),
        "openat": _open_file(2),
        "clock_gettime": _shared_clock(),
        "clock_getres": _shared_clock(),
        "clock_nanosleep": _shared_clock(),
        "timer_create": _shared_clock(),
        "socketpair": _socket_pair(),
        # No flags: out-of-band data is a corner of the kernel that no program needs. No address.
        "sendto": _all_of(
            (_argument(3), (0,)), (_argument(4), (0,)), (_argument(4, high=True), (0,))
        ),
        "recvfrom": _all_of((_argument(3), (0,))),
    }
    return bodies[name]


def _actions(machine: str, landlock: int) -> list[tuple[int, bytes]]:
    """What is done with every call: (first number, body) in rising order, each up to the next."""
    from earmark.sandbox.inside import calls  # only where a filter is built

    bodies = dict.fromkeys(calls.ALLOWED[machine].values(), _op(RETURN, ALLOW))
    bodies |= dict.fromkeys(calls.REFUSED[machine].values(), _fail(errno.EPERM))
    bodies |= dict.fromkeys(calls.IGNORED[machine].values(), _fail(0))
    bodies |= dict.fromkeys(calls.UNSUPPORTED[machine].values(), _fail(errno.EOPNOTSUPP))
    for name, number in calls.JUDGED[machine].items():
        bodies[number] = _judge(name, OWN_PID, landlock)
    unknown = _fail(errno.ENOSYS)
    actions = [(0, bodies.get(0, unknown))]
    for number in range(1, max(bodies) + 2):
        if (body := bodies.get(number, unknown)) != actions[-1][1]:
            actions.append((number, body))
    return actions


def _tree(actions: Sequence[tuple[int, bytes]]) -> bytes:
    """A search by halves: the kernel walks a filter once for every call there is when it is loaded,
    and a list would cost it milliseconds.
    """
    if len(actions) == 1:
        return actions[0][1]
    middle = len(actions) // 2
    below, above = _tree(actions[:middle]), _tree(actions[middle:])
    first, skipped = actions[middle][0], len(below) // 8
    if skipped <= MAX_CONDITIONAL_JUMP:
        return _op(AT_LEAST, first, true=skipped) + below + above
    return _op(AT_LEAST, first, false=1) + _op(JUMP, skipped) + below + above


def build(machine: str, *, landlock: int) -> bytes:
    """The filter of every program on a processor, next to Landlock of a version.

    OWN_PID stands in place of the program's process id: see for_process.

    Raises:
        KeyError: the processor is not among ARCHITECTURES.
    """
    unknown = _fail(errno.ENOSYS)
    head = (
        _op(LOAD, ARCHITECTURE_AT)
        + _op(EQUAL, ARCHITECTURES[machine], true=1)
        + unknown
        + _op(LOAD, NUMBER_AT)
    )
    if machine == "x86_64":
        head += _op(AT_LEAST, X32_BIT, false=1) + unknown
    return head + _tree(_actions(machine, landlock))


def for_process(template: bytes, pid: int) -> bytes:
    """The filter of one program: the template with its process id in it."""
    return template.replace(struct.pack("=I", OWN_PID), struct.pack("=I", pid))
