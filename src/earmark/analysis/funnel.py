"""Where attempts are lost on the way from asked to heard.

In: Attempts. Out: for each place of the funnel the share that stopped there; the shares sum to one. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from earmark.records import Attempt, FailureKind

# The place that an attempt did not pass, by the kind of its failure; one that failed nowhere is audible.
PLACE_OF: Mapping[FailureKind, str] = {
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
    "out_of_limits": "in_contract",
    "too_short": "in_contract",
    "too_long": "in_contract",
    "silent": "audible",
}
PLACES = (
    "answered",
    "code",
    "parses",
    "allowed",
    "runs",
    "file",
    "decodes",
    "in_contract",
    "audible",
)


def lost_at(attempt: Attempt) -> str | None:
    """The place this attempt did not pass, or None when it was heard."""
    return None if attempt.failure is None else PLACE_OF[attempt.failure.kind]


def shares(attempts: Iterable[Attempt]) -> dict[str, float]:
    """Share of attempts lost at each place, and `heard`: one place each, summing to 1; empty for no attempts."""
    counted = Counter(lost_at(attempt) or "heard" for attempt in attempts)
    total = counted.total()
    return {place: counted[place] / total for place in (*PLACES, "heard")} if total else {}
