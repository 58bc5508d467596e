"""At which step attempts fail, from an answer to an audible clip."""

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
    """The share of attempts that failed at each step, and `valid`; they sum to 1.

    Empty for no attempts.
    """
    counts = Counter(failed_step(attempt) or "valid" for attempt in attempts)
    total = counts.total()
    return {step: counts[step] / total for step in (*STEPS, "valid")} if total else {}
