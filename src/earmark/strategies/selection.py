"""Rules by which strategies pick the attempt of an episode that counts.

Pure. Each raises ValueError on an empty history, because there is nothing to pick.
"""

import math
from collections.abc import Sequence

from earmark.records import Attempt


def last_valid(history: Sequence[Attempt]) -> Attempt:
    """The last valid attempt; the last attempt where none is valid."""
    _require_attempts(history)
    return next((attempt for attempt in reversed(history) if attempt.valid), history[-1])


def best_scored(history: Sequence[Attempt], *, metric: str) -> Attempt:
    """The valid attempt with the highest score by `metric`, the first of equals.

    Where no valid attempt has that score: the last valid attempt, else the last one.
    """
    _require_attempts(history)
    valid = [attempt for attempt in history if attempt.valid]
    scored = [one for one in valid if math.isfinite(one.scores.get(metric, math.nan))]
    return max(scored, key=lambda one: one.scores[metric]) if scored else last_valid(history)


def _require_attempts(history: Sequence[Attempt]) -> None:
    if not history:
        raise ValueError("an empty history has no attempt to pick; an episode holds at least one")
