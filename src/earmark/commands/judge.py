"""`earmark judge SWEEP RUN RUN --model NAME`: an audio language model compares two runs.

Its preferences are written to SWEEP/judged/, apart from people's votes, and compared with them.
"""

import argparse
from pathlib import Path

from earmark.analysis.judging import judge_agreement
from earmark.analysis.metric_conclusion import run_names
from earmark.analysis.scores import picked_attempts
from earmark.config.build import build
from earmark.config.compose import compose
from earmark.errors import ConfigError, choose_from, counted
from earmark.metrics.judge import judge
from earmark.models.hosted import LiteLLM
from earmark.records import Attempt, Json, Run
from earmark.report.votes import share_text
from earmark.storage.atomic import read_json, write_json
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.votes import load_votes, read_ballot

Pairs = list[tuple[Attempt, Attempt]]


def main(argv: list[str]) -> int:
    """Judge every task and sample for which both runs have a sound. Returns 0."""
    args = _parser().parse_intermixed_args(argv)
    folder = SweepFolder.find(args.sweep)
    first, second = (_run(folder, name) for name in (args.first, args.second))
    pairs = _pairs(first, second)[: args.limit]
    if not pairs:
        raise ConfigError(
            f"runs {args.first} and {args.second} must both have a sound for some task,"
            " they have none in common; choose two runs of one tier"
        )
    listener = build(compose([f"model={args.model}", *args.settings]).model)
    if not isinstance(listener, LiteLLM):
        raise ConfigError(
            f"--model must be a hosted or local language model that takes audio, got {args.model}"
        )
    listener.preflight()
    print(f"{listener.name} listens to {counted(len(pairs), 'pair')}, {2 * len(pairs)} calls")
    path = folder.path / "judged" / f"{listener.name}-{first.key[:8]}-{second.key[:8]}.json"
    _judge_all(listener, pairs, path, _head(folder, listener, (first, second)))
    print(_summary(folder, path))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark judge",
        description="Let an audio language model say which of two runs answers better.",
    )
    parser.add_argument("sweep", help="the sweep: a folder name under multirun/")
    parser.add_argument("first", metavar="RUN", help="a run's folder name, or its first letters")
    parser.add_argument("second", metavar="RUN", help="the other run")
    parser.add_argument("--model", required=True, help="a name of conf/model/ that takes audio")
    parser.add_argument("--limit", type=int, default=None, help="judge at most so many pairs")
    parser.add_argument(
        "settings", nargs="*", help="settings of the model, such as model.model=NAME"
    )
    return parser


def _run(folder: SweepFolder, name: str) -> Run:
    by_name = {one.path.name: one for one in folder.finished_runs()}
    found = [key for key in by_name if key.startswith(name)]
    if len(found) != 1:
        rule = f"run {name!r} must be one finished run of {folder.name}, {len(found)} match"
        raise ConfigError(f"{rule}; {choose_from(name, sorted(by_name))}")
    return by_name[found[0]].run()


def _pairs(first: Run, second: Run) -> Pairs:
    ours, theirs = picked_attempts(first), picked_attempts(second)
    both = sorted(ours.keys() & theirs.keys())
    found = [(ours[pair], theirs[pair]) for pair in both]
    return [(a, b) for a, b in found if a.clip is not None and b.clip is not None]


def _wav(attempt: Attempt) -> Path:
    if attempt.clip is None:
        raise ValueError("only attempts with a clip are judged")
    return Path(attempt.clip.path)


def _head(folder: SweepFolder, listener: LiteLLM, runs: tuple[Run, Run]) -> Json:
    names = run_names(runs)
    return {
        "sweep": folder.name,
        "rater": f"judge {listener.name}",
        "judge": dict(listener.identity),
        "runs": {run.key: names[run.key] for run in runs},
    }


def _judge_all(listener: LiteLLM, pairs: Pairs, path: Path, head: Json) -> None:
    """Judge what `path` does not hold yet; each answer is written before the next is asked for."""
    votes = list(read_json(path)["votes"]) if path.is_file() else []
    done = {(vote["task"], vote["sample"]) for vote in votes}
    first, second = head["runs"]
    better = {1: first, -1: second, 0: None}
    for one, other in pairs:
        if (one.task.id, one.sample) in done:
            continue
        verdict = judge(listener, one.task, _wav(one), _wav(other))
        evidence = {"swayed": verdict.swayed, "answers": list(verdict.answers)}
        preferred = better[verdict.outcome]
        votes.append({"task": one.task.id, "sample": one.sample, "better": preferred, **evidence})
        write_json(path, {**head, "votes": votes})


def _summary(folder: SweepFolder, path: Path) -> str:
    ballot = read_ballot(path)
    outcomes = [vote.outcome for vote in ballot.votes]
    one, other = ballot.labels.values()
    swayed = sum(bool(vote["swayed"]) for vote in ballot.stored["votes"])
    lines = [
        f"{one}: {outcomes.count(1)}   {other}: {outcomes.count(-1)}"
        f"   no difference: {outcomes.count(0)}, {swayed} of them swayed by the order"
    ]
    agreement = judge_agreement(ballot.votes, load_votes(folder.path))
    if agreement.share is None:
        lines.append("people have not voted on these pairs: what the judge is worth is not known")
    else:
        lines.append(
            f"agrees with {share_text(agreement.share)} of"
            f" {counted(agreement.share.n, 'vote')} of people, {agreement.left_out} left out"
        )
    return "\n".join(lines)
