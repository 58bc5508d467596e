"""Which failure, if any, ended a program.

`blocked_call` means that a call which the sandbox refused ended the program, by an error that only
a refusal gives. Whether the program left a clip is a question for earmark.audio.
"""

import re
import signal

from earmark.errors import ProgramError, printable
from earmark.records import Execution, FailureKind, Limits
from earmark.sandbox.tracebacks import PrintedError, find_error

# EPERM, EACCES, EROFS and ENOSYS are what seccomp, Landlock and a read-only mount answer. A name
# that is not resolved is a refusal too: there is no network. Only an exception that such an answer
# raises counts, not one that merely holds the words.
REFUSAL = re.compile(
    r"^(PermissionError|OSError): \[Errno (1|13|30|38)\]"
    r"|^socket\.gaierror: \[Errno -?\d+\]"
    r"|^urllib\.error\.URLError: <urlopen error \[Errno (1|13|-\d+)\]"
)
MISSING = re.compile(r"^(ModuleNotFoundError\b|ImportError: No module named)")
MEMORY = re.compile(
    r"^([\w.]*MemoryError\b|RuntimeError: can't start new thread|OSError: \[Errno (12|28)\])"
)
KINDS: tuple[tuple[re.Pattern[str], FailureKind], ...] = (
    (MISSING, "missing_import"),
    (MEMORY, "memory"),
    (REFUSAL, "blocked_call"),
)
MAX_MESSAGE = 500
MIB = 1024**2


def check_execution(execution: Execution, *, limits: Limits) -> None:
    """Return when the program ended well.

    Raises:
        ProgramError: it did not; the message is one that a model can act on.
    """
    if execution.end != "exit":
        raise ProgramError(*_limit_failure(execution, limits))
    if execution.exit_code != 0:
        raise ProgramError(*_error_failure(execution))


def _limit_failure(execution: Execution, limits: Limits) -> tuple[FailureKind, str]:
    failures: dict[str, tuple[FailureKind, str]] = {
        "timeout": (
            "timeout",
            f"the program was stopped after {limits.wall_seconds:g} s; compute less",
        ),
        "cpu": (
            "timeout",
            f"the program used more than {limits.cpu_seconds} s of CPU time; compute less",
        ),
        "memory": (
            "memory",
            f"the program used more than {limits.memory_bytes // MIB} MiB of memory "
            f"or {limits.scratch_bytes // MIB} MiB of files; use less",
        ),
        "output": (
            "output_flood",
            f"the program printed far more than {limits.output_bytes // 1024} KiB; print less",
        ),
        "signal": ("crashed", f"the program crashed ({_signal_name(execution.exit_code)})"),
    }
    return failures[execution.end]


def _signal_name(code: int | None) -> str:
    try:
        return signal.Signals(-(code or 0)).name
    except ValueError:
        return f"signal {-(code or 0)}"


def _error_failure(execution: Execution) -> tuple[FailureKind, str]:
    error = find_error(execution.stderr)
    where = f"line {error.line}: " if error.line else ""
    silent = f"the program ended with exit code {execution.exit_code} and printed no error"
    message = where + ": ".join(filter(None, [error.text or silent, "; ".join(error.parts)]))
    return _kind(error), printable(message[:MAX_MESSAGE])


def _kind(error: PrintedError) -> FailureKind:
    """The first special kind among the parts of a group; of a single exception, its own."""
    for line in error.parts or (error.text,):
        for pattern, kind in KINDS:
            if pattern.search(line):
                return kind
    return "runtime_error"
