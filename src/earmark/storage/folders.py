"""What is on disk, and where.

    multirun/SWEEP/sweep.json
    multirun/SWEEP/RUN/run.json                              written last: a run without it is not finished
    multirun/SWEEP/RUN/attempts/TASK/SAMPLE-TURN/attempt.json with prompt.md response.md program.py out.wav execution.log beside it
    multirun/SWEEP/RUN/attempts/TASK/SAMPLE-TURN/out.png      the spectrogram, where a clip came out

In: records. Out: files, each written under a temporary name and renamed, so that a reader sees all of it or nothing. Paths
inside the files are relative to the attempt's folder, so that a checkout may move.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from earmark.errors import HarnessError
from earmark.records import Attempt, Json, Run, dump, load
from earmark.storage.foreign import ATTEMPT_AGAIN, in_place, json_of, own_files, place_of

R = TypeVar("R")
START_AGAIN = "delete it and start again"
HINTS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "make room"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "permit writing"),
    errno.EISDIR: "delete it",
}
TEMPORARY = ".*.tmp"  # what `_temporary` names


def write_text(path: Path, text: str, *, place: Path | None = None) -> None:
    """Write all of `text` or nothing: a temporary name beside `path`, or a reserved `place`, flushed to disk, then renamed over it."""
    with _said(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = place or _temporary(path)
        try:
            with temporary.open(
                "w" if place is None else "r+", encoding="utf-8", errors="backslashreplace"
            ) as stream:
                stream.write(text)
                stream.truncate()
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
            if (
                place is not None
            ):  # what was reserved was paid: its new name must outlast a power cut as well
                _flush_folder(path.parent)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise


def _flush_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def carry(source: Path, target: Path) -> None:
    """The bytes of `source` under another name, whole or not at all: a hard link, or a copy where links cannot be made."""
    with _said(target):
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = _temporary(target)
        try:
            _linked(source, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(
                missing_ok=True
            )  # also where another writer was first: two names of one file are not renamed into one


def _linked(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)


def write_bytes(path: Path, data: bytes) -> None:
    """Write all of `data` or nothing, without waiting for the disk: for what can be computed again. HarnessError where there is no room."""
    with _said(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _temporary(path)
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def reserved(path: Path, size_bytes: int) -> Iterator[Path]:
    """A place on the disk for what will be written to `path`, there even if the disk is full by then. HarnessError where it is full now."""
    with _said(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        place = _temporary(path)
        try:
            with place.open("wb") as stream:
                stream.write(bytes(size_bytes))  # posix_fallocate is not there on macOS
        except OSError:
            place.unlink(missing_ok=True)
            raise
    try:
        yield place
    finally:
        place.unlink(missing_ok=True)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = HINTS.get(error.errno or 0, "make room or permit writing")
        raise HarnessError(
            f"{path}: cannot be written ({error.strerror}); {hint}, then start again"
        ) from error


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")


def write_json(path: Path, value: Mapping[str, Any], *, place: Path | None = None) -> None:
    """Write one JSON object, whole or not at all, into a reserved `place` where there is one. NaN is refused (ValueError)."""
    write_text(
        path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", place=place
    )


def read_json(path: Path, *, hint: str = START_AGAIN) -> Json:
    """Read one JSON object; HarnessError names the file, and the way out, when it does not hold one."""
    try:
        value = json_of(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HarnessError(f"{path}: cannot be read as JSON ({error}); {hint}") from error
    if not isinstance(value, dict):
        raise HarnessError(f"{path}: must hold a JSON object, holds {type(value).__name__}; {hint}")
    return value


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run on disk."""

    path: Path

    @property
    def finished(self) -> bool:
        """True once the summary is written."""
        return (self.path / "run.json").is_file()

    def attempt_folder(self, task: str, sample: int, turn: int) -> Path:
        """Where the evidence of one attempt lies."""
        return self.path / "attempts" / task / f"{sample}-{turn}"

    def folder_of(self, attempt: Attempt) -> Path:
        """Where the evidence of this attempt lies."""
        return self.attempt_folder(attempt.task.id, attempt.sample, attempt.turn)

    def attempts(self) -> Iterator[Attempt]:
        """Every saved attempt, by task, sample and turn; paths made absolute. HarnessError for what lies or points elsewhere."""
        if self.path.is_dir():
            for name in ("attempts", "run.json", "run.log"):
                own_files(self.path / name)
        found = (self.path / "attempts").glob("*/*/attempt.json")
        for path in sorted(found, key=place_of):
            attempt = _load(Attempt, path, hint=ATTEMPT_AGAIN)
            in_place(attempt, path)
            yield _moved(attempt, path.parent, absolute=True)

    def save_attempt(self, attempt: Attempt) -> None:
        """Write the evidence, then the record; the record's presence says that the evidence is whole."""
        folder = self.folder_of(attempt)
        for name, text in _evidence(attempt).items():
            write_text(folder / name, text)
        write_json(folder / "attempt.json", dump(_moved(attempt, folder, absolute=False)))

    def tidy(self) -> None:
        """Remove what a killed writer left half written; files of writers that live are let be."""
        tidy(self.path.rglob(TEMPORARY))

    def summary(self) -> Run:
        """The finished run without its attempts: one small file is read. HarnessError where it is damaged or not there."""
        return _load(Run, self.path / "run.json")

    def run(self) -> Run:
        """The finished run with its attempts; HarnessError when it is not finished, or has lost some of them since."""
        summary, attempts = self.summary(), tuple(self.attempts())
        if summary.scores.get("attempts", len(attempts)) != len(attempts):
            counted = f"counts {summary.scores['attempts']:g} attempts, {len(attempts)} are there"
            raise HarnessError(f"{self.path / 'run.json'}: {counted}; {START_AGAIN}")
        return replace(summary, attempts=attempts)

    def save_run(self, run: Run) -> None:
        """Write the summary; the attempts are in files of their own."""
        write_json(self.path / "run.json", dump(replace(run, attempts=())))


@dataclass(frozen=True, slots=True)
class SweepFolder:
    """One sweep on disk; its name is the folder's."""

    path: Path

    @property
    def name(self) -> str:
        """The sweep's name."""
        return self.path.name

    def runs(self) -> list[RunFolder]:
        """The finished runs, by folder name."""
        return [RunFolder(path.parent) for path in sorted(self.path.glob("*/run.json"))]

    def tidy(self) -> None:
        """Remove what a killed writer left half written beside the runs, which tidy themselves when they run."""
        tidy(self.path.glob(TEMPORARY))
        for place in ("baselines", "references"):
            tidy((self.path / place).rglob(TEMPORARY))

    def facts(self) -> Json:
        """What sweep.json holds: overrides, versions, git state, isolation; empty when it was never written."""
        path = self.path / "sweep.json"
        own_files(path)
        return read_json(path) if path.is_file() else {}

    def save_facts(self, facts: Json) -> None:
        """Write sweep.json."""
        write_json(self.path / "sweep.json", facts)


def tidy(found: Iterable[Path]) -> None:
    """Remove those TEMPORARY files whose writer is no more."""
    for path in found:
        writer = path.name.split(".")[-3]
        if writer.isdigit() and not _lives(int(writer)):
            path.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _load(kind: type[R], path: Path, *, hint: str = START_AGAIN) -> R:
    own_files(path)
    try:
        return load(kind, read_json(path, hint=hint))
    except ValidationError as error:
        problem = f"is no {kind.__name__} of this version ({error.error_count()} fields do not fit)"
        raise HarnessError(f"{path}: {problem}; {hint}") from error


def _moved(attempt: Attempt, folder: Path, *, absolute: bool) -> Attempt:
    def place(path: str) -> str:
        return str(folder / Path(path).name) if absolute else Path(path).name

    execution, clip = attempt.execution, attempt.clip
    if execution is not None and execution.wav is not None:
        execution = replace(execution, wav=place(execution.wav))
    if clip is not None:
        clip = replace(clip, path=place(clip.path))
    return replace(attempt, execution=execution, clip=clip)


def _evidence(attempt: Attempt) -> dict[str, str]:
    files = {
        "prompt.md": "\n\n".join(f"## {m.role}\n\n{m.content}" for m in attempt.request.messages)
        + "\n"
    }
    if attempt.completion is not None:
        files["response.md"] = attempt.completion.text
    if attempt.program is not None:
        files["program.py"] = attempt.program.source
    if (execution := attempt.execution) is not None:
        files["execution.log"] = (
            f"{execution.ended} exit={execution.exit_code} {execution.seconds:.3f} s\n--- stdout\n{execution.stdout}\n--- stderr\n{execution.stderr}\n"
        )
    return files
