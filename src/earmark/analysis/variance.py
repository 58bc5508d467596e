"""Where the spread of scores comes from: tasks, runs, their interaction, and the language model's
own chance.

The model is score[r, t, s] = mean + run[r] + task[t] + interaction[r, t] + chance[r, t, s], all but
the mean random; components are the method-of-moments estimates of a balanced two-way layout
(Searle, Casella and McCulloch 1992, section 4.4), negative ones set to 0.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Components:
    """Variances, in squared units of the score. `chance` is None with one sample per task: it
    cannot be separated from `interaction`.
    """

    run: float
    task: float
    interaction: float
    chance: float | None

    @property
    def total(self) -> float:
        """The variance of one score."""
        return self.run + self.task + self.interaction + (self.chance or 0.0)

    def share(self, component: float | None) -> float | None:
        """What part of the total a component is; None where it is not known or nothing varies."""
        return None if component is None or self.total == 0 else component / self.total

    def paired_variance(self, samples: int) -> float:
        """Variance over tasks of the difference of two runs, each with so many samples per task."""
        chance = 0.0 if self.chance is None else self.chance / samples
        return 2 * (self.interaction + chance)

    def retest_error(self, *, tasks: int, samples: int) -> float | None:
        """Standard error of the difference of a run and its own repetition on the same tasks: the
        smallest difference that can be seen.
        """
        return None if self.chance is None else sqrt(2 * self.chance / (tasks * samples))


def components(scores: Floats) -> Components:
    """Variance components of scores (R, T, S), all finite.

    Raises:
        ValueError: fewer than two tasks, a missing score, or one run alone with a single sample per
            task.
    """
    runs, tasks, samples = scores.shape
    if tasks < 2 or not np.isfinite(scores).all():
        raise ValueError(
            f"variances need at least 2 tasks and no missing score, got {tasks} tasks and "
            f"{np.isnan(scores).sum()} missing scores"
        )
    if runs == 1 and samples == 1:
        raise ValueError(
            "one run with one sample per task: there is nothing to compare a task with"
        )
    by_task = scores.mean(axis=2)
    chance = None
    if samples > 1:
        chance = float(np.sum((scores - by_task[:, :, None]) ** 2) / (runs * tasks * (samples - 1)))
    if runs == 1:
        spread = float(by_task.var(ddof=1)) - (chance or 0.0) / samples
        return Components(0.0, max(0.0, spread), 0.0, chance)
    return _two_way(by_task, chance, samples)


def _two_way(by_task: Floats, chance: float | None, samples: int) -> Components:
    """Components from the (R, T) means of each run on each task."""
    runs, tasks = by_task.shape
    run_means, task_means = by_task.mean(axis=1), by_task.mean(axis=0)
    rest = by_task - run_means[:, None] - task_means[None, :] + by_task.mean()
    mixed = float(np.sum(rest**2) / ((runs - 1) * (tasks - 1)))
    return Components(
        run=max(0.0, float(run_means.var(ddof=1)) - mixed / tasks),
        task=max(0.0, float(task_means.var(ddof=1)) - mixed / runs),
        interaction=max(0.0, mixed - (chance or 0.0) / samples),
        chance=chance,
    )
