"""What every metric must keep, as tests to inherit.

In: a subclass with fixtures `metric`, `clip` and `task` (or `clips` and `tier`), and `names`: every number it promises. Out: passing tests,
or a law that is broken. It tests no meaning of a number.
"""

# a contract suite asserts

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

from earmark.metrics import ClipMetric, SetMetric
from earmark.records import Clip, Scores, Task


def require_said(scores: Scores, names: Collection[str]) -> None:
    """Each promised name is either a finite number or a reason, never both and never neither."""
    for name in names:
        assert (name in scores.values) != (name in scores.unscored), name
    assert all(math.isfinite(value) for value in scores.values.values()), scores.values
    assert all(reason.strip() for reason in scores.unscored.values()), scores.unscored


class ClipMetricContract:
    """Laws of metrics that judge one clip."""

    def test_every_name_has_a_finite_number_or_a_reason(
        self, metric: ClipMetric, clip: Clip, task: Task, names: Collection[str]
    ) -> None:
        """And for a good clip the first name has a number."""
        scores = metric.score(clip, task)
        require_said(scores, names)
        assert next(iter(names)) in scores.values

    def test_the_same_clip_scores_the_same(
        self, metric: ClipMetric, clip: Clip, task: Task
    ) -> None:
        """Twice the same, to the bit."""
        assert metric.score(clip, task) == metric.score(clip, task)

    def test_a_clip_that_is_gone_is_a_reason(
        self, metric: ClipMetric, clip: Clip, task: Task, names: Collection[str]
    ) -> None:
        """Not an exception, not a number."""
        gone = replace(clip, path=clip.path + ".gone", sha256="0" * 64)
        scores = metric.score(gone, task)
        require_said(scores, names)
        assert next(iter(names)) in scores.unscored


class SetMetricContract:
    """Laws of metrics that judge the clips of a run together."""

    def test_every_name_has_a_finite_number_or_a_reason(
        self, metric: SetMetric, clips: Sequence[Clip], tier: str, names: Collection[str]
    ) -> None:
        """And for a good set the first name has a number."""
        scores = metric.score(clips, tier)
        require_said(scores, names)
        assert next(iter(names)) in scores.values

    def test_the_order_of_clips_does_not_matter(
        self, metric: SetMetric, clips: Sequence[Clip], tier: str, names: Collection[str]
    ) -> None:
        """The first name's number is the same backwards."""
        first = next(iter(names))
        there, back = metric.score(clips, tier), metric.score(list(reversed(clips)), tier)
        assert math.isclose(there.values[first], back.values[first], rel_tol=1e-6)

    def test_no_clips_are_a_reason(
        self, metric: SetMetric, tier: str, names: Collection[str]
    ) -> None:
        """Not an exception, not a number."""
        scores = metric.score([], tier)
        require_said(scores, names)
        assert not scores.values
