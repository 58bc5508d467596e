"""What an Execution says of its program: the kind of its failure at the run stage, or None.

In: an Execution. Out: a Failure with one kind of records.FAILURES["run"], or None when the program ended well. Pure. Whether it left a
clip is not asked here.

blocked_call means that what ended the program was a call that the sandbox refused: SIGSYS, or an error that only a refusal gives.
"""

import re
import signal

from earmark.records import Execution, Failure, FailureKind, Limits

TRACEBACK = "Traceback (most recent call last):"
OURS = re.compile(r'File "program\.py", line (\d+)')
# EPERM, EACCES, EROFS and ENOSYS: what seccomp, Landlock and a read-only mount answer. Names are not resolved for want of a network.
REFUSED = re.compile(
    r"\[Errno (1|13|30|38)\]|^PermissionError\b|^socket\.gaierror\b|Operation not permitted|Temporary failure in name resolution"
)
MISSING = re.compile(r"^(ModuleNotFoundError\b|ImportError: No module named)")
MEMORY = re.compile(
    r"^([\w.]*MemoryError\b|RuntimeError: can't start new thread|OSError: \[Errno (12|28)\])"
)
LONGEST = 500


def failure_of(execution: Execution, *, limits: Limits) -> Failure | None:
    """The run-stage failure of an execution, with a message a model can act on."""
    if execution.ended == "exit" and execution.exit_code == 0:
        return None
    kind, message = _limit(execution, limits) if execution.ended != "exit" else _error(execution)
    return Failure(stage="run", kind=kind, message=message)


def _limit(execution: Execution, limits: Limits) -> tuple[FailureKind, str]:
    most = f"{limits.memory_bytes} bytes of memory or {limits.scratch_bytes} of files"
    told: dict[str, tuple[FailureKind, str]] = {
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
            f"the program took more than {most}; keep less",
        ),
        "output": (
            "output_flood",
            f"the program printed far more than {limits.output_bytes} bytes; print less",
        ),
        "refused": (
            "blocked_call",
            "the program made a system call that the sandbox refuses; only compute samples and write the file",
        ),
        "signal": ("crashed", f"the program crashed ({_signal_name(execution.exit_code)})"),
    }
    return told[execution.ended]


def _signal_name(code: int | None) -> str:
    try:
        return signal.Signals(-(code or 0)).name
    except ValueError:
        return f"signal {-(code or 0)}"


def _error(execution: Execution) -> tuple[FailureKind, str]:
    line = last_error(execution.stderr)
    numbers = OURS.findall(execution.stderr)
    where = f"line {numbers[-1]}: " if numbers else ""
    message = where + (
        line or f"the program ended with exit code {execution.exit_code} and said nothing"
    )
    return _kind(line), printable(message[:LONGEST])


def _kind(line: str) -> FailureKind:
    for pattern, kind in _KINDS:
        if pattern.search(line):
            return kind
    return "runtime_error"


_KINDS: tuple[tuple[re.Pattern[str], FailureKind], ...] = (
    (MISSING, "missing_import"),
    (MEMORY, "memory"),
    (REFUSED, "blocked_call"),
)


def printable(text: str, *, keep: str = "") -> str:
    """The text with every character escaped that would steer a terminal rather than be seen on it, those in `keep` excepted."""
    return "".join(
        one if one.isprintable() or one in keep else one.encode("unicode_escape").decode()
        for one in text
    )


def last_error(stderr: str) -> str:
    """The line that names the exception which ended the program; else the last line; empty when there is none."""
    _, found, block = stderr.rpartition(TRACEBACK)
    lines = [line for line in block.splitlines() if line.strip()]
    if found:
        named = [line for line in lines if not line.startswith((" ", "\t"))]
        return named[0] if named else ""
    return lines[-1].strip() if lines else ""
