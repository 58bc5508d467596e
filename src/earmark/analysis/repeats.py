"""What repeated samples of a run are worth: pass@k and best-of-k over its tasks.

An episode passes when its clip is valid and meets every fact of its task's spec that could be
judged; where no task has a spec, when it is valid. Best-of-k selects by the spec checks and
evaluates by the headline, so that the selector's luck is not counted.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from earmark.analysis.best_of import best_of_k, pass_at_k
from earmark.analysis.estimates import Estimate, estimate_mean
from earmark.analysis.grid import CHECKS, episode_scores
from earmark.analysis.labels import headline
from earmark.analysis.scores import Pair, picked_attempts
from earmark.records import Attempt, Run

STEPS = (1, 2, 3, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Repeats:
    """pass@k and best-of-k by k, over tasks; empty with the reason where there is one sample."""

    samples: int
    passing: str
    pass_at: Mapping[int, Estimate] = field(default_factory=dict)
    best_of: Mapping[int, Estimate] = field(default_factory=dict)
    reason: str = ""


def repeats(run: Run) -> Repeats:
    """pass@k and best-of-k for every k up to the fewest samples that a task has."""
    counted = picked_attempts(run)
    has_spec = any(one.task.spec for one in counted.values())
    passing = "valid and every checked fact met" if has_spec else "valid"
    by_task: dict[str, list[Pair]] = defaultdict(list)
    for pair in counted:
        by_task[pair[0]].append(pair)
    samples = min((len(pairs) for pairs in by_task.values()), default=0)
    if samples < 2:
        reason = f"cannot tell: {samples} sample per task; pass@k needs at least 2"
        return Repeats(samples, passing, reason=reason)
    ks = [k for k in STEPS if k <= samples]
    passed: dict[str, int] = {}
    for task, pairs in by_task.items():
        passed[task] = sum(_passes(counted[pair], has_spec) for pair in pairs)
    pass_at = {}
    for k in ks:
        chances = [pass_at_k(len(pairs), passed[task], k) for task, pairs in by_task.items()]
        pass_at[k] = estimate_mean(chances, list(by_task), bounds=(0.0, 1.0))
    return Repeats(samples, passing, pass_at, _best_of(run, ks, by_task))


def _passes(one: Attempt, has_spec: bool) -> bool:
    return one.valid and (not has_spec or one.scores.get(CHECKS) == 1.0)


def _best_of(run: Run, ks: list[int], by_task: Mapping[str, list[Pair]]) -> dict[int, Estimate]:
    """Empty where an episode lacks the selector's or the evaluator's score."""
    selector, evaluator = episode_scores(run, CHECKS), episode_scores(run, headline(run))
    if isinstance(selector, str) or isinstance(evaluator, str):
        return {}
    best = {}
    for k in ks:
        expected = {}
        for task, pairs in by_task.items():
            both = [pair for pair in pairs if pair in selector and pair in evaluator]
            if len(both) >= k:
                chosen_by = [selector[pair] for pair in both]
                expected[task] = best_of_k(chosen_by, [evaluator[pair] for pair in both], k)
        if expected:
            best[k] = estimate_mean(list(expected.values()), list(expected))
    return best
