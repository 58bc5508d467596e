"""What people said of single sounds, kept in the folder of their sweep.

    multirun/SWEEP/ratings.json    every rating once; a later one of the same rater replaces it

A rating comes from wherever people give one (MLflow's feedback on a trace, a form of one's own);
`source` says from where. Scales need not agree between raters or names: only the order that one
rater gives to sounds of one task under one name is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from pydantic import ValidationError

from earmark.errors import HarnessError
from earmark.records import dump, load
from earmark.storage.atomic import read_json, write_json
from earmark.storage.foreign import own_files

FILE = "ratings.json"
GET_AGAIN = "delete it and bring the ratings in again"


@dataclass(frozen=True, slots=True)
class Rating:
    """What one rater said of one attempt: a finite number, higher is better.

    `run` is the run's key, `name` what was asked of the rater, such as `quality`, `source` where
    the rating was given, such as `mlflow`. Yes is 1 and no is 0.
    """

    run: str
    task: str
    sample: int
    turn: int
    rater: str
    name: str
    value: float
    source: str

    @property
    def key(self) -> tuple[str, ...]:
        """What the rating is of and who gave it: a second one with the same key replaces it."""
        words = (self.run, self.task, self.sample, self.turn, self.rater, self.name, self.source)
        return tuple(map(str, words))


def save_ratings(sweep: Path, ratings: Iterable[Rating]) -> int:
    """Add ratings to those that a sweep's folder holds; how many it holds then.

    Raises:
        ValueError: a value that is not finite.
    """
    kept = {one.key: one for one in load_ratings(sweep)}
    for one in ratings:
        if not isfinite(one.value):
            raise ValueError(f"a rating must be finite, got {one.value}: leave it out")
        kept[one.key] = one
    entries = [dump(kept[key]) for key in sorted(kept)]
    write_json(sweep / FILE, {"ratings": entries})
    return len(entries)


def load_ratings(sweep: Path) -> tuple[Rating, ...]:
    """The ratings that a sweep's folder holds; none where it has no file of them.

    Raises:
        HarnessError: a file that holds no ratings.
    """
    path = sweep / FILE
    own_files(path)
    if not path.is_file():
        return ()
    try:
        return tuple(load(Rating, one) for one in read_json(path, hint=GET_AGAIN)["ratings"])
    except (ValidationError, KeyError, TypeError) as error:
        raise HarnessError(f"{path}: must hold ratings; {GET_AGAIN}") from error
