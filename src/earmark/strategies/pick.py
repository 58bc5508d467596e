"""Which attempt of an episode counts.

In: a history. Out: one of its attempts. Pure; ValueError on an empty history, because there is nothing to pick.
"""

import math
from collections.abc import Sequence

from earmark.records import Attempt


def last_valid(history: Sequence[Attempt]) -> Attempt:
    """The last valid attempt, else the last."""
    _require(history)
    return next((one for one in reversed(history) if one.valid), history[-1])


def highest(history: Sequence[Attempt], *, metric: str) -> Attempt:
    """The valid attempt with the highest `metric`, the first of equals; where none is scored, the last valid, else the last."""
    _require(history)
    scored = [
        one for one in history if one.valid and math.isfinite(one.scores.get(metric, math.nan))
    ]
    return max(scored, key=lambda one: one.scores[metric]) if scored else last_valid(history)


def _require(history: Sequence[Attempt]) -> None:
    if not history:
        raise ValueError("an empty history has no attempt to pick; an episode holds at least one")
