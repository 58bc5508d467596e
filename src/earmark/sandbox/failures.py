"""Which failure, if any, ended a program.

`blocked_call` means that a call which the sandbox refused ended the program: SIGSYS, or an error
that only a refusal gives. Whether the program left a clip is a question for earmark.audio.
"""

import re
import signal

from earmark.errors import ProgramError
from earmark.records import Execution, FailureKind, Limits

TRACEBACK = "Traceback (most recent call last):"
PROGRAM_LINE = re.compile(r'File "program\.py", line (\d+)')
# EPERM, EACCES, EROFS and ENOSYS are what seccomp, Landlock and a read-only mount answer. A name
# that is not resolved is a refusal too: there is no network.
REFUSAL = re.compile(
    r"\[Errno (1|13|30|38)\]|^PermissionError\b|^socket\.gaierror\b"
    r"|Operation not permitted|Temporary failure in name resolution"
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


def check_execution(execution: Execution, *, limits: Limits) -> None:
    """Return when the program ended well.

    Raises:
        ProgramError: it did not; the message is one that a model can act on.
    """
    if execution.ended != "exit":
        raise ProgramError(*_limit_failure(execution, limits))
    if execution.exit_code != 0:
        raise ProgramError(*_error_failure(execution))


def _limit_failure(execution: Execution, limits: Limits) -> tuple[FailureKind, str]:
    failures: dict[str, tuple[FailureKind, str]] = {
        "timeout": (
            "timeout",
            f"the program was ended after {limits.wall_seconds:g} s; compute less",
        ),
        "cpu": (
            "timeout",
            f"the program used more than {limits.cpu_seconds} s of processor time; compute less",
        ),
        "memory": (
            "memory",
            f"the program took more than {limits.memory_bytes} bytes of memory "
            f"or {limits.scratch_bytes} bytes of files; keep less",
        ),
        "output": (
            "output_flood",
            f"the program printed far more than {limits.output_bytes} bytes; print less",
        ),
        "refused": (
            "blocked_call",
            "the program made a system call that the sandbox refuses; "
            "only compute samples and write the file",
        ),
        "signal": ("crashed", f"the program crashed ({_signal_name(execution.exit_code)})"),
    }
    return failures[execution.ended]


def _signal_name(code: int | None) -> str:
    try:
        return signal.Signals(-(code or 0)).name
    except ValueError:
        return f"signal {-(code or 0)}"


def _error_failure(execution: Execution) -> tuple[FailureKind, str]:
    line = last_error(execution.stderr)
    numbers = PROGRAM_LINE.findall(execution.stderr)
    where = f"line {numbers[-1]}: " if numbers else ""
    silent = f"the program ended with exit code {execution.exit_code} and printed no error"
    return _kind(line), printable((where + (line or silent))[:MAX_MESSAGE])


def _kind(line: str) -> FailureKind:
    for pattern, kind in KINDS:
        if pattern.search(line):
            return kind
    return "runtime_error"


def last_error(stderr: str) -> str:
    """The line that names the exception which ended the program, else the last line, else ""."""
    _, traceback, block = stderr.rpartition(TRACEBACK)
    lines = [line for line in block.splitlines() if line.strip()]
    if traceback:
        unindented = [line for line in lines if not line.startswith((" ", "\t"))]
        return unindented[0] if unindented else ""
    return lines[-1].strip() if lines else ""


def printable(text: str, *, keep: str = "") -> str:
    """The text with each character escaped that would steer a terminal, unless it is in `keep`."""
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode()
        for char in text
    )
