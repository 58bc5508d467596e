"""The laws of every metric, as tests to inherit.

A subclass gives fixtures: `metric`, `names` (every number that the metric promises, the most
important first), and `clip` and `task`, or `pairs`.
"""

# ruff: noqa: S101  # a contract suite asserts

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

from earmark.metrics import ClipMetric, SetMetric
from earmark.records import Clip, Scores, Task


def require_complete(scores: Scores, names: Collection[str]) -> None:
    """Each promised name is either a finite number or a reason, never both and never neither."""
    for name in names:
        assert (name in scores.values) != (name in scores.unscored), name
    assert all(math.isfinite(value) for value in scores.values.values()), scores.values
    assert all(reason.strip() for reason in scores.unscored.values()), scores.unscored


class ClipMetricContract:
    """Laws of metrics that score one clip."""

    def test_every_name_has_a_finite_number_or_a_reason(
        self, metric: ClipMetric, clip: Clip, task: Task, names: Collection[str]
    ) -> None:
        """And for a good clip the first name has a number."""
        scores = metric.score(clip, task)
        require_complete(scores, names)
        assert next(iter(names)) in scores.values

    def test_the_same_clip_scores_the_same(
        self, metric: ClipMetric, clip: Clip, task: Task
    ) -> None:
        """The same to the bit."""
        assert metric.score(clip, task) == metric.score(clip, task)

    def test_a_clip_that_is_gone_is_a_reason(
        self, metric: ClipMetric, clip: Clip, task: Task, names: Collection[str]
    ) -> None:
        """Not an exception, not a number."""
        gone = replace(clip, path=clip.path + ".gone", sha256="0" * 64)
        scores = metric.score(gone, task)
        require_complete(scores, names)
        assert next(iter(names)) in scores.unscored


class SetMetricContract:
    """Laws of metrics that score the clips of a run together."""

    def test_every_name_has_a_finite_number_or_a_reason(
        self, metric: SetMetric, pairs: Sequence[tuple[Clip, Task]], names: Collection[str]
    ) -> None:
        """And for a good set the first name has a number."""
        scores = metric.score(pairs)
        require_complete(scores, names)
        assert next(iter(names)) in scores.values

    def test_the_order_of_clips_does_not_matter(
        self, metric: SetMetric, pairs: Sequence[tuple[Clip, Task]], names: Collection[str]
    ) -> None:
        """The first name's number is the same backwards."""
        first = next(iter(names))
        forwards, backwards = metric.score(pairs), metric.score(list(reversed(pairs)))
        assert math.isclose(forwards.values[first], backwards.values[first], rel_tol=1e-6)

    def test_no_clips_are_a_reason(self, metric: SetMetric, names: Collection[str]) -> None:
        """Not an exception, not a number."""
        scores = metric.score([])
        require_complete(scores, names)
        assert not scores.values
