"""`earmark votes FILE …|SWEEP`: which runs people prefer, and which metrics agree with them.

`--from-mlflow` brings in what people said of a sweep's traces in MLflow's page.
Votes of a sweep that is here are kept in its folder, and stand in its report and verdict from then
on, with the ratings that it holds.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from earmark.analysis.preferences import conclude_votes
from earmark.errors import counted
from earmark.report import load_results, write_leaderboard
from earmark.report.votes import render_votes
from earmark.storage.ratings import save_ratings
from earmark.storage.sweep_folder import SweepFolder, all_sweeps
from earmark.storage.urls import tracking_uri
from earmark.storage.votes import Ballot, keep_ballot, read_ballot
from earmark.tracking.feedback import fetch_ratings


def main(argv: list[str]) -> int:
    """Print what people prefer. Returns 0."""
    parser = argparse.ArgumentParser(
        prog="earmark votes",
        description="What people prefer, from the listening page's blind A/B and from ratings.",
    )
    parser.add_argument(
        "names", nargs="+", metavar="FILE|SWEEP", help="votes.json of one listener, or a sweep"
    )
    parser.add_argument(
        "--from-mlflow",
        action="store_true",
        help="first bring in what people said of the sweeps' traces in MLflow's page",
    )
    args = parser.parse_args(argv)
    names = args.names
    files = [Path(name) for name in names if Path(name).is_file()]
    sweeps = [SweepFolder.find(name) for name in names if not Path(name).is_file()]
    if args.from_mlflow:
        for sweep in sweeps:
            print(_bring_in(sweep))
    elsewhere = []
    for ballot in map(read_ballot, files):
        folder = _folder_of(ballot)
        if folder is None:
            elsewhere.append(ballot)
        else:
            keep_ballot(folder.path, ballot)
            sweeps.append(folder)
    texts = [_of_sweep(folder) for folder in dict.fromkeys(sweeps)]
    if elsewhere:
        texts.append(_of_files(elsewhere))
    print("\n\n".join(text for text in texts if text) or "no votes yet")
    return 0


def _bring_in(folder: SweepFolder) -> str:
    """Keep the ratings that MLflow holds in the sweep's folder; one line about them."""
    fetched = fetch_ratings(tracking_uri(), folder)
    if fetched.ratings:
        save_ratings(folder.path, fetched.ratings)
    left = f"; {counted(fetched.texts, 'answer')} in words left there" if fetched.texts else ""
    return f"{folder.name}: {counted(len(fetched.ratings), 'rating')} in MLflow{left}"


def _folder_of(ballot: Ballot) -> SweepFolder | None:
    """The sweep that a file of votes is of, where it is here and has these runs."""
    for folder in all_sweeps():
        if folder.name == ballot.sweep:
            keys = {run.summary().key for run in folder.runs()}
            return folder if set(ballot.labels) <= keys else None
    return None


def _of_sweep(folder: SweepFolder) -> str:
    results = load_results(folder)
    write_leaderboard(folder, results)
    conclusion = results.conclusion
    found = [render_votes(one, conclusion.names) for one in conclusion.votes]
    return "\n".join([f"{folder.name}:", *found]) if found else ""


def _of_files(ballots: Sequence[Ballot]) -> str:
    """Votes on runs that are not here: without metrics."""
    labels: dict[str, str] = {}
    for ballot in ballots:
        labels |= ballot.labels
    votes = [vote for ballot in ballots for vote in ballot.votes]
    return "\n".join(render_votes(one, labels) for one in conclude_votes(votes))
