"""A sweep as data: its folder -> rows for notebooks and other tools.

In: a SweepFolder. Out: a list of attempts and a list of cells as flat rows, and the same as Parquet and CSV. What a column means is in
docs/comparing.md. A number that was not given is empty, never 0; nothing is averaged that the sweep had not averaged.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark import verdict
from earmark.archive import CellFolder, SweepFolder
from earmark.errors import HarnessError
from earmark.records import Attempt, Cell
from earmark.report.table import summary

if TYPE_CHECKING:
    from pandas import DataFrame  # type: ignore[import-untyped]  # pandas ships no types

Row = dict[str, Any]


def attempt_rows(folder: SweepFolder) -> list[Row]:
    """One row per attempt of every finished cell, in the order of the folder."""
    return [row for place in folder.cells() for row in _attempts(folder, place)]


def cell_rows(folder: SweepFolder) -> list[Row]:
    """One row per finished cell."""
    return [_cell(folder, summary(place)) for place in folder.cells()]


def load_attempts(folder: SweepFolder | Path) -> "DataFrame":
    """The attempts as a pandas frame, for notebooks: `load_attempts(Path("multirun/demo"))`."""
    import pandas

    return pandas.DataFrame(attempt_rows(folder if isinstance(folder, SweepFolder) else SweepFolder(folder)))


def export(folder: SweepFolder, into: Path) -> list[Path]:
    """Write attempts and cells as .parquet and .csv into a folder; the four paths. HarnessError when they cannot be written."""
    import pandas

    into.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in (("attempts", attempt_rows(folder)), ("cells", cell_rows(folder))):
        frame = pandas.DataFrame(rows)
        for path, write in ((into / f"{name}.parquet", frame.to_parquet), (into / f"{name}.csv", frame.to_csv)):
            _whole(path, write)
            written.append(path)
    return written


def _whole(path: Path, write: Any) -> None:  # noqa: ANN401  # a pandas writer
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write(temporary, index=False)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise HarnessError(f"{path}: cannot be written ({error.strerror}); make room or permit writing, then export again") from error


def _attempts(folder: SweepFolder, place: CellFolder) -> Iterator[Row]:
    cell = place.cell()
    counted = {id(one) for one in verdict.picked(cell).values()}
    for one in cell.attempts:
        named = {"sweep": folder.name, "cell": cell.key, **_swept(cell)}
        where = {"folder": str(place.folder_of(one).relative_to(folder.path))}
        yield {**named, **_what(one), "counts": id(one) in counted, **_cost(one), **_sound(one), **_prefixed("score_", one.scores), **where}


def _swept(cell: Cell) -> Row:
    config = cell.config
    names = {axis: str(config[axis]["name"]) for axis in ("model", "tier", "strategy", "embedder")}
    return {**names, "temperature": float(config["temperature"]), "standin": cell.facts.get("standin") == "yes"}


def _what(one: Attempt) -> Row:
    failure = one.failure
    said = {"failure_stage": failure.stage if failure else None, "failure": failure.kind if failure else None}
    return {"task": one.task.id, "sample": one.sample, "turn": one.turn, "caption": one.task.caption, "valid": one.valid, **said}


def _cost(one: Attempt) -> Row:
    answer, run = one.completion, one.execution
    asked = {name: getattr(answer, name) if answer else None for name in ("prompt_tokens", "completion_tokens", "cost_usd")}
    return {**asked, "asking_seconds": answer.seconds if answer else None, "running_seconds": run.seconds if run else None}


def _sound(one: Attempt) -> Row:
    names = {"sample_rate": "sample_rate_hz", "seconds": "clip_seconds", "peak": "peak", "rms": "rms", "sha256": "clip_sha256"}
    return {column: getattr(one.clip, field) if one.clip else None for field, column in names.items()}


def _cell(folder: SweepFolder, cell: Cell) -> Row:
    asked = {"samples": cell.config["samples"], "isolation": cell.facts.get("isolation"), "embedder_id": cell.facts.get("embedder_id")}
    parts: Sequence[Row] = (_prefixed("score_", cell.scores), _prefixed("unscored_", cell.unscored))
    return {"sweep": folder.name, "cell": cell.key, **_swept(cell), **asked, **parts[0], **parts[1]}


def _prefixed(prefix: str, values: Mapping[str, object]) -> Row:
    return {f"{prefix}{name}": value for name, value in sorted(values.items())}
