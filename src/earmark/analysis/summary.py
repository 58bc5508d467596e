"""From the attempts of a run to its scores.

In: attempts, the strategy that picks, the set metrics and the tier's floor. Out: a Run. Scores average over the picked attempt of each
episode, never over all attempts; cost, tokens and seconds sum all of them, and the funnel counts all of them. A number that cannot be
given is left to `unscored`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

from earmark.analysis.funnel import shares
from earmark.analysis.statistics import standard_error
from earmark.metrics import SetMetric
from earmark.records import Attempt, Run, Scores
from earmark.strategies import Strategy

NOT_COUNTED = "came without a count of tokens"
WITH_ERROR = (
    "retrieval_hit",
    "check_ok",
)  # beside the headline: the other judgements of a clip that a reader compares runs by


def picked(attempts: Iterable[Attempt], strategy: Strategy) -> list[Attempt]:
    """The attempt that counts of each episode, by task and sample."""
    episodes: dict[tuple[str, int], list[Attempt]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda a: (a.task.id, a.sample, a.turn)):
        episodes[attempt.task.id, attempt.sample].append(attempt)
    return [strategy.pick(history) for history in episodes.values()]


def summarise(
    run: Run,
    *,
    strategy: Strategy,
    headline: str,
    floor: float | None,
    set_metrics: Sequence[SetMetric],
) -> Run:
    """The run with its scores.

    Args:
        run: key, config and attempts; its own facts are kept.
        strategy: picks the attempt that counts.
        headline: the text-audio score's name, the embedder's; `headline_all` counts invalid episodes at the floor.
        floor: the noise baseline's mean on this tier, None where it is not known.
        set_metrics: FAD and its kin, given the valid picks.
    """
    picks = picked(run.attempts, strategy)
    valid = [attempt for attempt in picks if attempt.valid]
    parts = [_means(valid), _errors(valid, (headline, *WITH_ERROR)), _spending(run.attempts)]
    parts += [_with_floor(picks, headline, floor), _valid_rate(picks)]
    parts += [metric.score([(a.clip, a.task) for a in valid if a.clip]) for metric in set_metrics]
    funnel = {f"funnel_{place}": share for place, share in shares(run.attempts).items()}
    values = funnel | {name: value for part in parts for name, value in part.values.items()}
    silent = {} if valid else {headline: "no valid clip in this run"}
    unscored = silent | {name: reason for part in parts for name, reason in part.unscored.items()}
    return replace(run, scores=values, unscored=unscored)


def _means(valid: Sequence[Attempt]) -> Scores:
    names = {name for attempt in valid for name in attempt.scores}
    reasons = {
        name: reason
        for attempt in valid
        for name, reason in attempt.unscored.items()
        if name not in names
    }
    values = {
        name: fmean(a.scores[name] for a in valid if name in a.scores) for name in sorted(names)
    }
    return Scores(values=values, unscored=reasons)


def _errors(valid: Sequence[Attempt], names: Iterable[str]) -> Scores:
    """Standard errors of means over clips, clustered by task."""
    found: dict[str, float] = {}
    for name in names:
        scored = [attempt for attempt in valid if name in attempt.scores]
        found |= _error(name, [one.scores[name] for one in scored], scored)
    return Scores(values=found)


def _error(name: str, values: Sequence[float], attempts: Sequence[Attempt]) -> dict[str, float]:
    """`name_se`, or nothing where a single task was asked: it has no error."""
    error = standard_error(values, [one.task.id for one in attempts])
    return {} if error is None else {f"{name}_se": error}


def _valid_rate(picks: Sequence[Attempt]) -> Scores:
    if not picks:
        return Scores()
    valid = [float(one.valid) for one in picks]
    return Scores(values={"valid_rate": fmean(valid), **_error("valid_rate", valid, picks)})


def _with_floor(picks: Sequence[Attempt], headline: str, floor: float | None) -> Scores:
    name = f"{headline}_all"
    scored = [attempt.scores.get(headline) if attempt.valid else floor for attempt in picks]
    lacking = sum(one.valid and score is None for one, score in zip(picks, scored, strict=True))
    if not picks:
        return Scores(unscored={name: "no attempts"})
    if lacking:
        return Scores(unscored={name: f"{lacking} valid clips have no {headline} score"})
    if floor is None:
        return Scores(
            unscored={
                name: "the floor of this tier is not known: its noise baseline could not be scored"
            }
        )
    counted = [score for score in scored if score is not None]
    return Scores(values={name: fmean(counted), **_error(name, counted, picks), "floor": floor})


def _spending(attempts: Sequence[Attempt]) -> Scores:
    answers = [attempt.completion for attempt in attempts if attempt.completion is not None]
    seconds = sum(a.seconds for a in answers) + sum(
        a.execution.seconds for a in attempts if a.execution is not None
    )
    values: dict[str, float] = {"seconds": seconds, "attempts": float(len(attempts))}
    unknown: dict[str, str] = {}
    for name, lack in (
        ("cost_usd", "have no known price"),
        ("prompt_tokens", NOT_COUNTED),
        ("completion_tokens", NOT_COUNTED),
    ):
        told = [getattr(answer, name) for answer in answers]
        if missing := told.count(None):
            unknown[name] = f"{missing} of {len(answers)} completions {lack}"
        else:
            values[name] = float(sum(told))
    return Scores(values=values, unscored=unknown)
