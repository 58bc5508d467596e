"""What is excluded from the numbers of a finished sweep, and why; it stays on disk.

    multirun/SWEEP/exclusions.json    written before the numbers are made again, and once more after

While they are made again, `applied` is false and no number of the sweep is read.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from earmark.errors import HarnessError
from earmark.records import Attempt, Exclusion, dump, load
from earmark.storage.atomic import read_json, write_json
from earmark.storage.foreign import own_files

FILE = "exclusions.json"


def is_excluded(attempt: Attempt, exclusions: Iterable[Exclusion]) -> bool:
    """True where one of a run's own exclusions covers the attempt: the whole episode leaves."""
    task, samples = attempt.task.id, (None, attempt.sample)
    return any(one.task == task and one.sample in samples for one in exclusions)


def load_exclusions(sweep: Path) -> tuple[Exclusion, ...]:
    """What is excluded from a sweep, in the order in which it was.

    Raises:
        HarnessError: the file is damaged.
    """
    return _read(sweep)[0]


def save_exclusions(sweep: Path, exclusions: Sequence[Exclusion], *, applied: bool) -> None:
    """Write what is excluded, and whether the numbers of every run follow it."""
    entries = [dump(one) for one in exclusions]
    write_json(sweep / FILE, {"applied": applied, "exclusions": entries})


def check_applied(sweep: Path) -> None:
    """HarnessError while some numbers follow what is excluded and others do not yet."""
    if not _read(sweep)[1]:
        problem = "the numbers of this sweep were being made again, and that was interrupted"
        raise HarnessError(f"{sweep / FILE}: {problem}; finish it: earmark exclude {sweep.name}")


def _read(sweep: Path) -> tuple[tuple[Exclusion, ...], bool]:
    path = sweep / FILE
    own_files(path)
    if not path.is_file():
        return (), True
    hint = f"delete it to count everything again, then: earmark exclude {sweep.name}"
    stored = read_json(path, hint=hint)
    try:
        exclusions = tuple(load(Exclusion, one) for one in stored["exclusions"])
        return exclusions, bool(stored["applied"])
    except (ValidationError, KeyError, TypeError) as error:
        raise HarnessError(f"{path}: must hold exclusions; {hint}") from error
