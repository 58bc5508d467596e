"""What people prefer, in words and tables."""

from collections.abc import Mapping

from earmark.analysis.comparisons import MIN_TASKS, p_text
from earmark.analysis.conclusion import Conclusion, TierConclusion
from earmark.analysis.estimates import Estimate
from earmark.analysis.grid import CHECKS
from earmark.analysis.metric_agreement import Agreement
from earmark.analysis.preferences import Preference, VoteConclusion
from earmark.errors import counted, printable

MAX_METRICS = 8
Parts = tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]  # a title, heads and rows


def vote_sentence(votes: VoteConclusion, conclusion: Conclusion) -> str:
    """Which run people prefer and how sure that is, and how far the scores agree with them."""
    tier = _tier(votes, conclusion)
    of = f"{tier.title}, by people" if tier else "by people"
    first = conclusion.names.get(votes.runs[0], votes.runs[0])
    sentences = [
        f"{of} ({basis_text(votes)}): most preferred of {len(votes.runs)} is {first}, "
        f"{strength_text(votes, 0)}"
    ]
    if isinstance(votes.strengths, str):
        sentences.append(votes.strengths)
    read = (tier.headline, CHECKS) if tier else ()
    sentences += [agreement_text(one) for one in votes.agreement if one.metric in read]
    return f"{'. '.join(sentences)}."


def basis_text(votes: VoteConclusion) -> str:
    """How many votes there are, of whom, and where they were cast."""
    sources = ", ".join(f"{source} {count}" for source, count in votes.sources.items())
    raters, tasks = counted(votes.raters, "rater"), counted(votes.tasks, "task")
    return f"{counted(votes.votes, 'vote')} of {raters} on {tasks}: {sources}"


def strength_text(votes: VoteConclusion, at: int) -> str:
    """The strength of one run with its interval, or its share of votes where there is none."""
    if isinstance(votes.strengths, str):
        return f"with {share_text(votes.shares[at])} of its votes"
    return f"strength {_strength(votes, at)}"


def _strength(votes: VoteConclusion, at: int) -> str:
    if isinstance(votes.strengths, str):
        return "–"
    one = votes.strengths[at]
    if one.low is None or one.high is None:
        return f"{one.value:+.2f} (no interval: {counted(votes.tasks, 'task')})"
    return f"{one.value:+.2f} ({one.low:+.2f} to {one.high:+.2f})"


def share_text(share: Estimate) -> str:
    """`72 % (60 to 82)`; without the interval where there is none."""
    value = f"{share.value:.0%}".replace("%", " %")
    if share.low is None or share.high is None:
        return value
    return f"{value} ({100 * share.low:.0f} to {100 * share.high:.0f})"


def agreement_text(one: Agreement) -> str:
    """`clap agrees with 72 % (60 to 82) of 40 votes, tau +0.67`."""
    text = f"{one.metric} agrees with {share_text(one.share)} of {counted(one.share.n, 'vote')}"
    return text if one.tau is None else f"{text}, tau {one.tau:+.2f} over runs"


def vote_tables(votes: VoteConclusion, conclusion: Conclusion) -> list[Parts]:
    """The runs, the pairs and the metrics, each as a title, heads and rows."""
    names = conclusion.names
    tier = _tier(votes, conclusion)
    of = f"{tier.title}: " if tier else ""
    runs = tuple(
        (names.get(key, key), _strength(votes, at), share_text(votes.shares[at]))
        for at, key in enumerate(votes.runs)
    )
    pairs = tuple(_pair_row(one, names) for one in votes.pairs)
    metrics = tuple(_metric_row(one) for one in votes.agreement if one.share.low is not None)
    tables = [
        (f"{of}what people prefer", ("run", "strength (95 % interval)", "share won"), runs),
        (
            f"{of}votes of each pair",
            ("pair", "for the first", "for the second", "no difference", "mean vote", "p"),
            pairs,
        ),
    ]
    if metrics:
        heads = ("metric", "agrees with (95 % interval)", "votes", "left out", "tau over runs", "p")
        tables.append((f"{of}which metrics agree with people", heads, metrics))
    return tables


def render_votes(votes: VoteConclusion, names: Mapping[str, str]) -> str:
    """The same as lines for a terminal."""
    lines = [basis_text(votes)]
    for at, key in enumerate(votes.runs):
        share = share_text(votes.shares[at])
        lines.append(f"  {names.get(key, key)}: {strength_text(votes, at)}, share won {share}")
    if isinstance(votes.strengths, str):
        lines.append(f"  {votes.strengths}")
    for one in votes.pairs:
        first, second = (names.get(key, key) for key in (one.first, one.second))
        lines.append(
            f"  {first}: {one.for_first}   {second}: {one.for_second}   "
            f"no difference: {one.ties}   preference for the first (-1..1): {_mean_text(one)}, "
            f"{_p_text(one)}"
        )
    sure = [one for one in votes.agreement if one.share.low is not None]
    lines += [f"  {agreement_text(one)}" for one in sure[:MAX_METRICS]]
    more = len(sure) - MAX_METRICS
    lines += [f"  {counted(more, 'more metric')} in the report"] if more > 0 else []
    return "\n".join(map(printable, lines))


def _tier(votes: VoteConclusion, conclusion: Conclusion) -> TierConclusion | None:
    for tier in conclusion.tiers:
        if votes.runs[0] in {one.run.key for one in tier.runs}:
            return tier
    return None


def _pair_row(one: Preference, names: Mapping[str, str]) -> tuple[str, ...]:
    first, second = (names.get(key, key) for key in (one.first, one.second))
    counts = (str(one.for_first), str(one.for_second), str(one.ties))
    return (f"{first} − {second}", *counts, _mean_text(one), _p_text(one))


def _mean_text(one: Preference) -> str:
    mean = one.mean
    if mean.low is None or mean.high is None:
        return f"{mean.value:+.2f}"
    return f"{mean.value:+.2f} ({mean.low:+.2f} to {mean.high:+.2f})"


def _p_text(one: Preference) -> str:
    if one.p is None:
        return f"no test below {MIN_TASKS} tasks"
    return f"p {p_text(one.p)}"


def _metric_row(one: Agreement) -> tuple[str, ...]:
    tau = "–" if one.tau is None else f"{one.tau:+.2f}"
    p = "–" if one.p is None else p_text(one.p)
    return one.metric, share_text(one.share), str(one.share.n), str(one.left_out), tau, p
