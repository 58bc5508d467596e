"""How far attempts come, from an answer to an audible clip."""

from collections import Counter
from collections.abc import Iterable, Mapping

from earmark.records import Attempt, FailureKind

# The step that an attempt did not pass, by the kind of its failure.
STEP_OF: Mapping[FailureKind, str] = {
    "refused": "answered",
    "empty": "answered",
    "truncated": "answered",
    "no_code": "code",
    "syntax": "parses",
    "forbidden_import": "allowed",
    "missing_import": "runs",
    "runtime_error": "runs",
    "blocked_call": "runs",
    "timeout": "runs",
    "memory": "runs",
    "output_flood": "runs",
    "crashed": "runs",
    "no_file": "file",
    "not_a_wav": "decodes",
    "unreadable": "decodes",
    "non_finite": "decodes",
    "out_of_limits": "within_limits",
    "too_short": "within_limits",
    "too_long": "within_limits",
    "silent": "audible",
}
STEPS = (
    "answered",
    "code",
    "parses",
    "allowed",
    "runs",
    "file",
    "decodes",
    "within_limits",
    "audible",
)


def failed_step(attempt: Attempt) -> str | None:
    """The step that this attempt did not pass, or None when it left a valid clip."""
    return None if attempt.failure is None else STEP_OF[attempt.failure.kind]


def shares(attempts: Iterable[Attempt]) -> dict[str, float]:
    """The share of attempts that passed each step and all before it; empty for no attempts.

    It never rises from a step to the next, and the last one's are the valid attempts.
    """
    lost = Counter(failed_step(attempt) for attempt in attempts)
    left = total = lost.total()
    passed: dict[str, float] = {}
    for step in STEPS if total else ():
        left -= lost[step]
        passed[step] = left / total
    return passed


def passed(scores: Mapping[str, float]) -> list[float]:
    """The shares as a run's scores hold them, in the order of the steps."""
    names = [f"funnel_{step}" for step in STEPS]
    return [scores[name] for name in names if name in scores]
