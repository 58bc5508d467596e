"""Scores on the scale between a tier's floor, 0, and its ceiling, 1; beyond both where they are."""

from dataclasses import dataclass, replace

import numpy as np

from earmark.analysis import comparisons
from earmark.analysis.baselines import Baselines
from earmark.analysis.estimates import LEVEL, MIN_TASKS, interval_of_mean
from earmark.records import Run


@dataclass(frozen=True, slots=True)
class Scale:
    """The scores that become 0 and 1."""

    floor: float
    ceiling: float

    @property
    def span(self) -> float:
        """From floor to ceiling, in the unit of the score."""
        return self.ceiling - self.floor

    def calibrated(self, score: float) -> float:
        """A score on this scale."""
        return (score - self.floor) / self.span


def no_scale(baselines: Baselines) -> str | None:
    """Why the tier has no scale; None where it has one.

    Both ends must be known, and the ceiling must be above the floor task by task: by the sign-flip
    test, and by the interval of the paired differences where tasks are too few for it.
    """
    floor_name, ceiling_name = baselines.floor_name, baselines.ceiling_name
    for name in (floor_name, ceiling_name):
        if not baselines.scores.get(name):
            reason = baselines.unscored.get(name, "it was not run")
            return f"the baseline {name} has no score: {reason}"
    floor, ceiling = baselines.scores[floor_name], baselines.scores[ceiling_name]
    rises = np.array([ceiling[task] - floor[task] for task in floor if task in ceiling])
    if len(rises) < MIN_TASKS:
        needs = f"a scale between {floor_name} and {ceiling_name} needs at least {MIN_TASKS}"
        return f"{len(rises)} tasks; {needs}"
    low, high = interval_of_mean(rises)
    above = low > 0
    if len(rises) >= comparisons.MIN_TASKS:
        [one] = comparisons.compare(rises[:, None], np.ones((1, 1)))
        above = one.value > 0 and one.p <= 1 - LEVEL
    if above:
        return None
    return (
        f"{baselines.headline} cannot tell {ceiling_name} from {floor_name} on these tasks: "
        f"{rises.mean():+.3g} ({low:+.3g} to {high:+.3g}) over {len(rises)} tasks"
    )


def scale_of(baselines: Baselines) -> Scale:
    """The tier's scale. ValueError where `no_scale` has a reason."""
    floor, ceiling = baselines.floor, baselines.mean(baselines.ceiling_name)
    reason = no_scale(baselines)
    if floor is None or ceiling is None or reason is not None:
        raise ValueError(f"no scale: {reason}")
    return Scale(floor, ceiling.value)


def calibrate(run: Run, baselines: Baselines) -> Run:
    """The run with `NAME_calibrated` and `NAME_floored_calibrated`, or the reason for neither.

    Their errors take the two ends as given: they leave out that the ends are means of few clips.
    """
    reason = no_scale(baselines)
    scale = scale_of(baselines) if reason is None else None
    values, unscored = dict(run.scores), dict(run.unscored)
    for name in (baselines.headline, f"{baselines.headline}_floored"):
        if name not in values:
            unscored[f"{name}_calibrated"] = (
                f"there is no {name}: {run.unscored.get(name, 'it was not given')}"
            )
        elif scale is None:
            unscored[f"{name}_calibrated"] = str(reason)
        else:
            values[f"{name}_calibrated"] = scale.calibrated(values[name])
            if f"{name}_se" in values:
                values[f"{name}_calibrated_se"] = values[f"{name}_se"] / scale.span
    ceiling = baselines.mean(baselines.ceiling_name)
    if ceiling is not None:
        values["ceiling"] = ceiling.value
    facts = replace(run.facts, baselines=baselines.id)
    return replace(run, scores=values, unscored=unscored, facts=facts)
