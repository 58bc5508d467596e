"""The seccomp filter of one program: tables of calls -> classic BPF.

In: the processor's name, then the program's own process id. Out: instructions as bytes. It loads nothing; confine.py does.

An allow-list: what is not named does not exist (ENOSYS, so that libraries fall back), what is named as refused fails with EPERM, another
entry into the kernel (i386, x32) ends the program.
"""

from __future__ import annotations

import errno
import struct

TYPE_CHECKING = False  # typing costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    from collections.abc import Sequence

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000
OWN_PID = 0x5EC0A11D  # stands for the process id until it is known; no id is as high

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
KILL, FAIL, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16

CLONE_THREAD = 0x00010000
NEW_NAMESPACES = 0x7E020000
WRITING, TRUNCATING = 0x3, 0x200  # of the flags that open takes
CUTTING_GOVERNED = (
    3  # the version of Landlock from which on it judges who may cut a file by its path
)
OF_OTHERS = 0x80000000  # and above: clocks of single processes and threads, whoever's
PRCTL_NAMES = (15, 16)  # PR_SET_NAME, PR_GET_NAME: libraries name their threads
TERMINAL_QUESTIONS = (
    0x5401,
    0x5413,
    0x541B,
    0x5421,
    0x5450,
    0x5451,
)  # TCGETS TIOCGWINSZ FIONREAD FIONBIO FIONCLEX FIOCLEX
FCNTL_HARMLESS = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    36,
    37,
    38,
    1030,
    1032,
    1034,
)  # dup, flags, locks, F_GETPIPE_SZ, F_GET_SEALS; no owner, no pipe size


def _op(code: int, value: int, *, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)


def _fail(number: int) -> bytes:
    return _op(RETURN, FAIL | number)


def _among(argument: int, values: Sequence[int]) -> bytes:
    """Allow when the low half of an argument, which is an int to the kernel, is one of `values`; else EPERM."""
    tests = b"".join(_op(EQUAL, value, false=1) + _op(RETURN, ALLOW) for value in values)
    return _op(LOAD, ARGUMENTS_AT + 8 * argument) + tests + _fail(errno.EPERM)


def _thread() -> bytes:
    """A thread of this process, in no namespace of its own."""
    tests = (
        _op(ANY_BIT, NEW_NAMESPACES, true=2)
        + _op(ANY_BIT, CLONE_THREAD, false=1)
        + _op(RETURN, ALLOW)
    )
    return _op(LOAD, ARGUMENTS_AT) + tests + _fail(errno.EPERM)


def _opening(argument: int) -> bytes:
    """All but cutting a file that is opened to read: before its version 3 Landlock lets that pass on whatever may be read."""
    tests = _op(ANY_BIT, TRUNCATING, false=1) + _op(ANY_BIT, WRITING, false=1) + _op(RETURN, ALLOW)
    return _op(LOAD, ARGUMENTS_AT + 8 * argument) + tests + _fail(errno.EPERM)


def _own_clock() -> bytes:
    return (
        _op(LOAD, ARGUMENTS_AT)
        + _op(AT_LEAST, OF_OTHERS, true=1)
        + _op(RETURN, ALLOW)
        + _fail(errno.EPERM)
    )


def _judged(name: str, pid: int, landlock: int) -> bytes:
    bodies = {
        "truncate": _op(RETURN, ALLOW) if landlock >= CUTTING_GOVERNED else _fail(errno.EPERM),
        "clone": _thread(),
        "clone3": _fail(
            errno.ENOSYS
        ),  # its flags lie in memory, where no filter sees them; libc falls back to clone
        "kill": _among(0, [pid]),
        "tgkill": _among(0, [pid]),
        "prctl": _among(0, PRCTL_NAMES),
        "ioctl": _among(1, TERMINAL_QUESTIONS),
        "fcntl": _among(1, FCNTL_HARMLESS),
        "prlimit64": _among(0, [0, pid]),
        "sched_setaffinity": _among(0, [0, pid]),
        "arch_prctl": _among(
            0, [0x1002, 0x1003, 0x3001]
        ),  # thread pointer; what newer libc asks at start
        "open": _opening(1),
        "openat": _opening(2),
        **dict.fromkeys(
            ("clock_gettime", "clock_getres", "clock_nanosleep", "timer_create"), _own_clock()
        ),
    }
    return bodies[name]


def _actions(machine: str, landlock: int) -> list[tuple[int, bytes]]:
    """What is done with every call: (first number, body) in rising order, each up to the next one's first number."""
    from earmark.sandbox.inside.calls import ALLOWED, JUDGED, REFUSED  # only where a filter is made

    bodies = dict.fromkeys(ALLOWED[machine].values(), _op(RETURN, ALLOW)) | dict.fromkeys(
        REFUSED[machine].values(), _fail(errno.EPERM)
    )
    bodies |= {number: _judged(name, OWN_PID, landlock) for name, number in JUDGED[machine].items()}
    unknown, actions = _fail(errno.ENOSYS), [(0, bodies.get(0, _fail(errno.ENOSYS)))]
    for number in range(1, max(bodies) + 2):
        if (body := bodies.get(number, unknown)) != actions[-1][1]:
            actions.append((number, body))
    return actions


def _tree(actions: Sequence[tuple[int, bytes]]) -> bytes:
    """Search by halves: the kernel walks a filter for every call there is when it is loaded, and a list would cost it milliseconds."""
    if len(actions) == 1:
        return actions[0][1]
    middle = len(actions) // 2
    below, above = _tree(actions[:middle]), _tree(actions[middle:])
    return _op(AT_LEAST, actions[middle][0], true=len(below) // 8) + below + above


def template(machine: str, *, landlock: int) -> bytes:
    """The filter of every program on a processor, beside Landlock of a version; KeyError when the processor is not among ARCHITECTURES.

    OWN_PID stands in place of the program's process id: see filled.
    """
    head = (
        _op(LOAD, ARCHITECTURE_AT)
        + _op(EQUAL, ARCHITECTURES[machine], true=1)
        + _op(RETURN, KILL)
        + _op(LOAD, NUMBER_AT)
    )
    if machine == "x86_64":
        head += _op(AT_LEAST, X32_BIT, false=1) + _op(RETURN, KILL)
    return head + _tree(_actions(machine, landlock))


def filled(held: bytes, pid: int) -> bytes:
    """The filter of one program: instructions of 8 bytes each."""
    return held.replace(struct.pack("=I", OWN_PID), struct.pack("=I", pid))
