"""The calling process gives up, for good, what no program needs: limits, Landlock, seccomp.

Every function raises OSError where the kernel refuses.
"""

from __future__ import annotations

import os
import resource
import struct

from earmark.sandbox.inside import native
from earmark.sandbox.inside.filter import for_process
from earmark.sandbox.inside.native import call

TYPE_CHECKING = False  # `typing` costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
MAX_DESCRIPTORS = 64
SIGKILL = 9

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ABI_VERSION_FLAG, RULE_PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_DIR, MAKE_REG, REFER, TRUNCATE = 1 << 7, 1 << 8, 1 << 13, 1 << 14
READING = READ_FILE | READ_DIR
# No links, FIFOs, sockets, devices, and nothing that can be executed.
OWNING = READING | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
# How many rights on files each version of Landlock knows; from 5 on, 16.
FILE_RIGHTS_OF_ABI = {1: 13, 2: 14, 3: 15, 4: 15}
NETWORK, SCOPES = 0b11, 0b11


def _prctl(what: str, *arguments: int | bytes) -> None:
    call("prctl", *arguments, *(0,) * (5 - len(arguments)), what=what)


def landlock_abi() -> int:
    """The version of Landlock that the kernel offers; 0 when it offers none."""
    try:
        return call("syscall", CREATE_RULESET, None, 0, ABI_VERSION_FLAG, what="Landlock")
    except OSError:
        return 0


def set_limits(limits: Mapping[str, int], *, processes: int) -> None:
    """Lower every resource limit of this process; `limits` has the fields of records.Limits."""
    cpu_seconds = limits["cpu_seconds"]
    wanted = {
        resource.RLIMIT_AS: (limits["memory_bytes"],) * 2,
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + 1),  # SIGXCPU, then what cannot be ignored
        resource.RLIMIT_FSIZE: (limits["file_bytes"],) * 2,
        resource.RLIMIT_NOFILE: (MAX_DESCRIPTORS, MAX_DESCRIPTORS),
        resource.RLIMIT_NPROC: (processes, processes),
        resource.RLIMIT_STACK: (8 * 1024**2,) * 2,
        resource.RLIMIT_MSGQUEUE: (0, 0),
        # Queued signals and armed timers, which the kernel counts per user.
        resource.RLIMIT_SIGPENDING: (256, 256),
    }
    none = (
        resource.RLIMIT_CORE,
        resource.RLIMIT_MEMLOCK,
        resource.RLIMIT_NICE,
        resource.RLIMIT_RTPRIO,
    )
    for limit, (soft, hard) in {**wanted, **dict.fromkeys(none, (0, 0))}.items():
        present = resource.getrlimit(limit)[1]
        ceiling = hard if present == resource.RLIM_INFINITY else min(hard, present)
        resource.setrlimit(limit, (min(soft, ceiling), ceiling))


def die_with_parent() -> None:
    """Be killed when the process that started this one ends (strictly: the thread that did)."""
    _prctl("PR_SET_PDEATHSIG", PR_SET_PDEATHSIG, SIGKILL)


def give_up_privileges() -> None:
    """Close this process to others of its user; nothing it executes gains a privilege."""
    _prctl("PR_SET_DUMPABLE", PR_SET_DUMPABLE, 0)
    _prctl("PR_SET_NO_NEW_PRIVS", PR_SET_NO_NEW_PRIVS, 1)


def file_rules(*, read: Iterable[str], own: Iterable[str], write: Iterable[str]) -> int:
    """A descriptor of Landlock rules, made once and entered by every program.

    They permit to read below `read`, to do anything but make special files below `own`, and to
    write the device files `write`. TCP, and signals to the outside, are refused where the kernel
    knows how.
    """
    abi = landlock_abi()
    files = (1 << FILE_RIGHTS_OF_ABI.get(abi, 16)) - 1
    rules = struct.pack("=QQQ", files, NETWORK if abi >= 4 else 0, SCOPES if abi >= 6 else 0)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = call("syscall", CREATE_RULESET, rules, size, 0, what="landlock_create_ruleset")
    grants = [
        *((path, OWNING) for path in own),
        *((path, READING) for path in read),
        *((path, READ_FILE | WRITE_FILE) for path in write),
    ]
    for path, rights in grants:
        _grant(ruleset, path, rights & files)
    return ruleset


def restrict_files(ruleset: int) -> None:
    """Enter Landlock, for good."""
    call("syscall", RESTRICT_SELF, ruleset, 0, what="landlock_restrict_self")
    os.close(ruleset)


def _grant(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # there is nothing to grant
    allowed = rights if os.path.isdir(path) else rights & ON_FILES
    rule = struct.pack("=Qi", allowed, descriptor)
    call("syscall", ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0, what=f"landlock_add_rule {path}")
    os.close(descriptor)


def filter_calls(template: bytes) -> None:
    """Enter a filter made by filter.build.

    This is the last step, because what the filter refuses is refused to the sandbox's own code too.
    """
    instructions = for_process(template, os.getpid())
    buffer = native.Buffer(instructions)
    described = struct.pack("@HP", len(instructions) // 8, buffer.address)
    _prctl("PR_SET_SECCOMP", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, described)
