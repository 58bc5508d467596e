"""Blind votes, as the listening page saves them, kept in the folder of their sweep.

    multirun/SWEEP/votes/DIGEST.json    one file of one rater, named by its content

A file without a rater's name is a rater of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from earmark.errors import ConfigError, HarnessError
from earmark.identity import digest
from earmark.records import Json
from earmark.storage.atomic import read_json, write_json
from earmark.storage.foreign import own_files

FOLDER = "votes"
MAX_SAMPLE = 1_000_000  # a sweep has at most 10,000
Outcome = Literal[1, 0, -1]


@dataclass(frozen=True, slots=True)
class Vote:
    """What one rater preferred of two runs, by their keys, on one task.

    `outcome` is 1 for the first, -1 for the second, 0 for no difference; `source` says where the
    vote was cast, such as `blind votes`.
    """

    first: str
    second: str
    task: str
    sample: int
    outcome: Outcome
    rater: str
    source: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """One file of votes: the sweep that it is of, what its runs are called, and the votes."""

    sweep: str
    labels: Mapping[str, str]
    votes: tuple[Vote, ...]
    stored: Json


def read_ballot(path: Path) -> Ballot:
    """The votes in a file. ConfigError for one that holds none."""
    try:
        stored = read_json(path)
        labels = {str(key): str(label) for key, label in stored["runs"].items()}
        first, second = labels
        rater = str(stored.get("rater") or digest(stored)[:16])
        votes = tuple(_vote(one, first, second, rater) for one in stored["votes"])
    except (HarnessError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            f"{path}: must hold votes as the listening page saves them; "
            "save them again with its blind A/B"
        ) from error
    return Ballot(str(stored.get("sweep", "")), labels, votes, stored)


def keep_ballot(sweep: Path, ballot: Ballot) -> Path:
    """Put a file of votes into its sweep's folder; the same one is kept once.

    HarnessError for a link among them: nothing is written through one.
    """
    own_files(sweep / FOLDER)
    path = sweep / FOLDER / f"{digest(ballot.stored)[:16]}.json"
    write_json(path, ballot.stored)
    return path


def ballots(sweep: Path) -> list[Path]:
    """The files of votes in a sweep's folder. HarnessError for a link among them."""
    own_files(sweep / FOLDER)
    return sorted((sweep / FOLDER).glob("*.json"))


def load_votes(sweep: Path) -> tuple[Vote, ...]:
    """Every vote that a sweep's folder holds.

    Raises:
        ConfigError: a file there that holds no votes.
        HarnessError: a link among them.
    """
    votes: list[Vote] = []
    for path in ballots(sweep):
        votes += read_ballot(path).votes
    return tuple(votes)


def _vote(stored: Mapping[str, Any], first: str, second: str, rater: str) -> Vote:
    outcomes: dict[object, Outcome] = {first: 1, second: -1, None: 0}
    outcome = outcomes[stored["better"]]
    sample = stored["sample"]
    if not isinstance(sample, int) or not 0 <= sample < MAX_SAMPLE:
        raise ValueError(f"sample must be within 0..{MAX_SAMPLE - 1}, got {sample!r}")
    return Vote(first, second, str(stored["task"]), sample, outcome, rater, "blind votes")
