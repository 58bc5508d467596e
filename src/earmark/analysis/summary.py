"""A run's scores from its attempts.

Means are over the attempt that counts of each episode, which the strategy picks here, once. Cost,
tokens and seconds sum all attempts, and the funnel counts all. What cannot be given is `unscored`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

from earmark.analysis.estimates import Estimate, estimate_share
from earmark.analysis.funnel import shares
from earmark.analysis.scores import Pair, mean_score, picked_attempts, why_no_floored_mean
from earmark.metrics import SetMetric
from earmark.records import Attempt, Run, Scores
from earmark.strategies import Strategy

# The scores besides the headline by which a reader compares runs: these have errors as well.
WITH_ERROR = ("retrieval_hit", "check_ok")


def summarise(
    run: Run,
    *,
    strategy: Strategy,
    headline: str,
    floor: float | None,
    set_metrics: Sequence[SetMetric],
) -> Run:
    """The run with its picks and its scores.

    Args:
        run: key, settings, attempts and facts.
        strategy: picks the attempt that counts.
        headline: name of the text-audio score, which is the embedder's; `headline_floored` counts
            failed episodes at the floor.
        floor: mean of the noise baseline on this tier, None where it is not known.
        set_metrics: FAD and its kin, given the valid picks.
    """
    run = replace(run, picked=pick_keys(run.attempts, strategy))
    return summarise_picked(run, headline=headline, floor=floor, set_metrics=set_metrics)


def summarise_picked(
    run: Run, *, headline: str, floor: float | None, set_metrics: Sequence[SetMetric]
) -> Run:
    """As summarise, of a run whose picks are there."""
    valid = [attempt for attempt in picked_attempts(run).values() if attempt.valid]
    pairs = [(attempt.clip, attempt.task) for attempt in valid if attempt.clip is not None]
    parts = [_funnel(run), _means(valid), _errors(run, headline), _spending(run.attempts)]
    parts += [_floored(run, headline, floor), _valid_rate(run)]
    parts += [metric.score(pairs) for metric in set_metrics]
    values: dict[str, float] = {}
    unscored = {} if valid else {headline: "no valid clip in this run"}
    for part in parts:
        values.update(part.values)
        unscored.update(part.unscored)
    return replace(run, scores=values, unscored=unscored)


def pick_keys(attempts: Iterable[Attempt], strategy: Strategy) -> tuple[str, ...]:
    """The key of the attempt that counts of each episode, by task and sample."""
    episodes: dict[Pair, list[Attempt]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda one: (one.task.id, one.sample, one.turn)):
        episodes[attempt.task.id, attempt.sample].append(attempt)
    return tuple(strategy.pick(history).key for history in episodes.values())


def _funnel(run: Run) -> Scores:
    return Scores({f"funnel_{place}": share for place, share in shares(run.attempts).items()})


def _means(valid: Sequence[Attempt]) -> Scores:
    values: dict[str, list[float]] = defaultdict(list)
    reasons: dict[str, str] = {}
    for attempt in valid:
        reasons.update(attempt.unscored)
        for name, value in attempt.scores.items():
            values[name].append(value)
    return Scores(
        values={name: fmean(values[name]) for name in sorted(values)},
        unscored={name: reason for name, reason in reasons.items() if name not in values},
    )


def _errors(run: Run, headline: str) -> Scores:
    values: dict[str, float] = {}
    for name in (headline, *WITH_ERROR):
        values.update(_error(name, mean_score(run, name)))
    return Scores(values)


def _floored(run: Run, headline: str, floor: float | None) -> Scores:
    name = f"{headline}_floored"
    reason = why_no_floored_mean(run, headline, floor)
    mean = mean_score(run, headline, floor=floor)
    if reason is not None or mean is None or floor is None:
        return Scores(unscored={name: reason or "no attempts"})
    return Scores({name: mean.value, **_error(name, mean), "floor": floor})


def _valid_rate(run: Run) -> Scores:
    valid = {pair: one.valid for pair, one in picked_attempts(run).items()}
    if not valid:
        return Scores()
    rate = estimate_share(list(valid.values()), [task for task, _ in valid])
    return Scores({"valid_rate": rate.value, **_error("valid_rate", rate)})


def _error(name: str, mean: Estimate | None) -> dict[str, float]:
    """`name_se`; nothing where there is one task, whose mean has no error."""
    error = mean.standard_error if mean else None
    return {} if error is None else {f"{name}_se": error}


def _spending(attempts: Sequence[Attempt]) -> Scores:
    completions = [one.completion for one in attempts if one.completion is not None]
    executions = [one.execution for one in attempts if one.execution is not None]
    values = {"attempts": float(len(attempts))}
    unscored: dict[str, str] = {}
    executed = sum(one.seconds for one in executions)
    answered = [one.seconds for one in completions if one.seconds is not None]
    if in_batches := len(completions) - len(answered):
        unscored["seconds"] = f"{in_batches} of {len(completions)} completions came in a batch"
    else:
        values["seconds"] = sum(answered) + executed
    for name, problem in (
        ("cost_usd", "have no known price"),
        ("prompt_tokens", "came without a count of tokens"),
        ("completion_tokens", "came without a count of tokens"),
    ):
        amounts = [getattr(completion, name) for completion in completions]
        if missing := amounts.count(None):
            unscored[name] = f"{missing} of {len(completions)} completions {problem}"
        else:
            values[name] = float(sum(amounts))
    return Scores(values, unscored)
