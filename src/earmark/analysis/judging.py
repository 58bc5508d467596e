"""How often a judge that listens prefers what people prefer, on the very same pairs of sounds."""

from collections.abc import Iterable
from dataclasses import dataclass

from earmark.analysis.estimates import Estimate, estimate_share
from earmark.storage.votes import Vote


@dataclass(frozen=True, slots=True)
class JudgeAgreement:
    """The share of people's votes with a preference that the judge shares, tasks as clusters.

    `left_out` counts the votes on pairs on which the judge has no preference, or which it was not
    asked about.
    """

    share: Estimate | None
    left_out: int


def judge_agreement(judged: Iterable[Vote], votes: Iterable[Vote]) -> JudgeAgreement:
    """Hold a judge's preferences against people's votes."""
    outcomes = {_pair(one): _towards_lower(one) for one in judged}
    agrees, tasks, left_out = [], [], 0
    for vote in votes:
        if vote.outcome == 0:
            continue
        ours = outcomes.get(_pair(vote), 0)
        if ours == 0:
            left_out += 1
            continue
        agrees.append(ours == _towards_lower(vote))
        tasks.append(vote.task)
    return JudgeAgreement(estimate_share(agrees, tasks) if agrees else None, left_out)


def _pair(vote: Vote) -> tuple[str, str, str, int]:
    low, high = sorted((vote.first, vote.second))
    return low, high, vote.task, vote.sample


def _towards_lower(vote: Vote) -> int:
    """The outcome as seen from the run whose key comes first in the alphabet."""
    return vote.outcome if vote.first <= vote.second else -vote.outcome
