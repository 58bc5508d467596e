"""When a trial is stopped: by Wilcoxon's signed-rank test on the tasks that it shares with another.

With one objective Optuna's pruner compares it with the best trial so far. Optuna prunes by no more
than one (`Trial.should_prune` refuses several), so with several the test is ours: a trial is
stopped where one complete trial is better than it in every objective, each by a test of its own.
A trial that is better in any objective may stand on the front, and is never stopped. That every
test must reject makes the error rate that of one test (intersection-union: Berger 1982,
Technometrics 24).
"""

import warnings
from collections.abc import Sequence

from optuna.pruners import WilcoxonPruner
from scipy.stats import wilcoxon

from earmark.tuning.tried import Answers


class PairedPruner(WilcoxonPruner):
    """Optuna's WilcoxonPruner, and the same rule for several objectives.

    Args:
        p_threshold: a trial is stopped below it.
        n_startup_steps: tasks that every trial answers first.
    """

    def __init__(self, *, p_threshold: float = 0.1, n_startup_steps: int = 4) -> None:
        super().__init__(p_threshold=p_threshold, n_startup_steps=n_startup_steps)
        self.p_threshold, self.n_startup_steps = p_threshold, n_startup_steps

    def dominated(self, own: Answers, other: Answers, signs: Sequence[int]) -> bool:
        """Whether another trial is better in every objective.

        Args:
            own: the answers of the trial so far.
            other: those of a complete trial.
            signs: for each objective 1 where more is better, -1 where less is.
        """
        shared = sorted(own.keys() & other.keys())
        if len(shared) < max(2, self.n_startup_steps):
            return False
        for at, sign in enumerate(signs):
            behind = [sign * (own[place][at] - other[place][at]) for place in shared]
            if sum(behind) >= 0 or _p_of_less(behind) >= self.p_threshold:
                return False
        return True


def _p_of_less(differences: Sequence[float]) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a few tasks give an approximate p
        return float(wilcoxon(differences, alternative="less", zero_method="zsplit").pvalue)
