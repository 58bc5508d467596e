"""The folder of one run: its attempts with their evidence, then its summary.

    multirun/SWEEP/RUN/run.json                       written last: without it a run is unfinished
    multirun/SWEEP/RUN/whole.json                     run.json before anything was excluded
    multirun/SWEEP/RUN/stopped.json                   instead of run.json: a search gave the run up
    multirun/SWEEP/RUN/run.log
    multirun/SWEEP/RUN/attempts/TASK/SAMPLE-TURN/     one attempt:
        attempt.json                                  written after its evidence
        prompt.md response.md program.py out.wav execution.log
        out.png                                       the spectrogram, where a clip came out

Paths inside the files are relative to the attempt's folder, so that a sweep may move.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from earmark.errors import HarnessError
from earmark.records import Attempt, Json, Run, dump, load
from earmark.storage.atomic import (
    START_AGAIN,
    TEMPORARY,
    link_or_copy,
    read_json,
    replacing,
    tidy,
    write_json,
    write_text,
)
from earmark.storage.exclusions import is_excluded
from earmark.storage.foreign import ATTEMPT_AGAIN, in_place, own_files, place_of

R = TypeVar("R")
SUMMARY, WHOLE, STOPPED = "run.json", "whole.json", "stopped.json"
FORMAT = 3  # of run.json; raised when what it holds is read otherwise
OLD = (
    "delete the sweep's folder or give another name=, and start again: "
    "answers that were paid for are kept in multirun/.cassette"
)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run on disk."""

    path: Path

    @property
    def finished(self) -> bool:
        """True once the summary is written."""
        return (self.path / SUMMARY).is_file()

    def attempt_folder(self, task: str, sample: int, turn: int) -> Path:
        """The folder of one attempt's evidence."""
        return self.path / "attempts" / task / f"{sample}-{turn}"

    def folder_of(self, attempt: Attempt) -> Path:
        """The folder of this attempt's evidence."""
        return self.attempt_folder(attempt.task.id, attempt.sample, attempt.turn)

    def attempts(self) -> Iterator[Attempt]:
        """Every saved attempt, by task, sample and turn; paths made absolute.

        Raises:
            HarnessError: a damaged record, or a file that is or names one of another folder.
        """
        if self.path.is_dir():
            for name in ("attempts", SUMMARY, WHOLE, STOPPED, "run.log"):
                own_files(self.path / name)
        shared: dict[Any, Any] = {}
        for path in sorted((self.path / "attempts").glob("*/*/attempt.json"), key=place_of):
            yield _share(_attempt(path), shared)

    def read_again(self, one: Attempt) -> Attempt:
        """The whole record of an attempt of which some was left out. HarnessError as attempts."""
        folder = self.folder_of(one)
        own_files(folder)
        return _attempt(folder / "attempt.json")

    def save_attempt(self, attempt: Attempt) -> None:
        """Write the evidence, then the record: where it is, the evidence is whole."""
        folder = self.folder_of(attempt)
        for name, text in _evidence(attempt).items():
            write_text(folder / name, text)
        write_json(folder / "attempt.json", dump(_move(attempt, folder, absolute=False)))

    def tidy(self) -> None:
        """Remove what a killed writer left half written."""
        tidy(self.path.rglob(TEMPORARY))

    def summary(self) -> Run:
        """The finished run without its attempts: one small file is read.

        Raises:
            HarnessError: it is damaged, of another format, or not there.
        """
        return self._summary(self.path / SUMMARY)

    def run(self, *, each: Callable[[Run, Attempt], Attempt] | None = None) -> Run:
        """The finished run with its attempts, without those that are excluded.

        Args:
            each: what is kept of the run's attempts, given its summary and one at a time.

        Raises:
            HarnessError: as summary, or an attempt has been lost since.
        """
        return self._read(self.summary(), each)

    def stream(self) -> tuple[Run, Iterator[Attempt]]:
        """The finished run without its attempts, and each of them, excluded ones too.

        Raises:
            HarnessError: as run; that one has been lost is known after the last.
        """
        summary = self.summary()
        return summary, self._checked(summary)

    def whole(self, *, each: Callable[[Run, Attempt], Attempt] | None = None) -> Run:
        """The finished run with every attempt, as it was before anything was excluded.

        Args:
            each: as run.

        Raises:
            HarnessError: as run.
        """
        return self._read(self._summary(self.finished_file), each)

    def stopped_run(self) -> Run:
        """The run that a search gave up, with the attempts that its summary counts.

        A start that was killed may have left attempts beyond those.

        Raises:
            HarnessError: as run.
        """
        summary, attempts = self.stopped_summary(), list(self.attempts())
        picked = set(summary.picked)
        counted = {(one.task.id, one.sample) for one in attempts if one.key in picked}
        kept = [one for one in attempts if (one.task.id, one.sample) in counted]
        return self._with_attempts(summary, kept)

    def stopped_summary(self) -> Run:
        """The same without its attempts."""
        return self._summary(self.stopped_file)

    @property
    def stopped_file(self) -> Path:
        """The summary of a run that a search gave up."""
        return self.path / STOPPED

    @property
    def finished_file(self) -> Path:
        """The summary that was written when the run was finished."""
        whole = self.path / WHOLE
        return whole if whole.is_file() else self.path / SUMMARY

    def save_run(self, run: Run) -> None:
        """Write the summary; the attempts are in files of their own."""
        (self.path / WHOLE).unlink(missing_ok=True)  # of a run that is started again
        write_json(self.path / SUMMARY, _summary_json(run))
        self.stopped_file.unlink(missing_ok=True)

    def save_stopped(self, run: Run) -> None:
        """Write the summary of a run that a search gives up: it is not finished by that."""
        write_json(self.stopped_file, _summary_json(run))

    def save_left(self, left: Run, *, whole: Run | None = None) -> None:
        """Write the summary of what is left of a run, and keep the one of all its attempts.

        Args:
            left: the run without what is excluded.
            whole: the run with it, where it is just finished and has no summary yet.
        """
        if whole is not None:
            write_json(self.path / WHOLE, _summary_json(whole))
        link_or_copy(self.path / SUMMARY, self.path / WHOLE)
        write_json(self.path / SUMMARY, _summary_json(left))

    def restore(self) -> None:
        """Undo every exclusion: the summary is again the one that finished the run."""
        if (whole := self.path / WHOLE).is_file():
            with replacing(self.path / SUMMARY, whole):
                pass

    def _summary(self, path: Path) -> Run:
        own_files(path)
        data = read_json(path)
        version = data.pop("format", None)
        if version != FORMAT:
            has = "has none" if version is None else f"has {version!r}"
            raise HarnessError(f"{path}: must be of format {FORMAT}, {has}; {OLD}")
        # A sweep's folder may have been renamed since: its name is the sweep's.
        return replace(_record(Run, data, path), sweep=self.path.parent.name)

    def _read(self, summary: Run, each: Callable[[Run, Attempt], Attempt] | None) -> Run:
        attempts = [
            each(summary, one) if each else one
            for one in self.attempts()
            if not is_excluded(one, summary.excluded)
        ]
        return self._with_attempts(summary, attempts)

    def _checked(self, summary: Run) -> Iterator[Attempt]:
        there = 0
        for one in self.attempts():
            there += not is_excluded(one, summary.excluded)
            yield one
        self._check_count(summary, there)

    def _with_attempts(self, summary: Run, attempts: list[Attempt]) -> Run:
        self._check_count(summary, len(attempts))
        if lost := set(summary.picked) - {one.key for one in attempts}:
            rule = f"picks attempt {min(lost)!r}, which is not there"
            raise HarnessError(f"{self.path / SUMMARY}: {rule}; {START_AGAIN}")
        return replace(summary, attempts=tuple(attempts))

    def _check_count(self, summary: Run, there: int) -> None:
        counted = summary.scores.get("attempts", there)
        if counted != there:
            rule = f"counts {counted:g} attempts, {there} are there"
            raise HarnessError(f"{self.path / SUMMARY}: {rule}; {START_AGAIN}")


def _attempt(path: Path) -> Attempt:
    attempt = _record(Attempt, read_json(path, hint=ATTEMPT_AGAIN), path, ATTEMPT_AGAIN)
    in_place(attempt, path)
    return _move(attempt, path.parent, absolute=True)


def _summary_json(run: Run) -> Json:
    return {"format": FORMAT, **dump(replace(run, attempts=()))}


def _record(kind: type[R], data: Json, path: Path, hint: str = START_AGAIN) -> R:
    try:
        return load(kind, data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        problem = f"is not a {kind.__name__} of this version ({field}: {first['msg']})"
        raise HarnessError(f"{path}: {problem}; {hint}") from error


def _move(attempt: Attempt, folder: Path, *, absolute: bool) -> Attempt:
    """The attempt with the paths of its files in `folder`, or relative to it."""

    def move(path: str) -> str:
        return str(folder / Path(path).name) if absolute else Path(path).name

    execution, clip = attempt.execution, attempt.clip
    if execution is not None and execution.wav is not None:
        execution = replace(execution, wav=move(execution.wav))
    if clip is not None:
        clip = replace(clip, path=move(clip.path))
    return replace(attempt, execution=execution, clip=clip)


def _share(attempt: Attempt, shared: dict[Any, Any]) -> Attempt:
    """The attempt with one task and one copy of each message for all that say the same.

    They are most of what a run with many samples would hold in memory.
    """
    task = shared.setdefault(attempt.task.id, attempt.task)
    task = task if task == attempt.task else attempt.task
    messages = tuple(shared.setdefault(one, one) for one in attempt.request.messages)
    return replace(attempt, task=task, request=replace(attempt.request, messages=messages))


def _evidence(attempt: Attempt) -> dict[str, str]:
    """The files of an attempt that a person reads, by name."""
    messages = [f"## {one.role}\n\n{one.content}" for one in attempt.request.messages]
    files = {"prompt.md": "\n\n".join(messages) + "\n"}
    if attempt.completion is not None:
        files["response.md"] = attempt.completion.text
    if attempt.program is not None:
        files["program.py"] = attempt.program.source
    if (execution := attempt.execution) is not None:
        end = f"{execution.end} exit={execution.exit_code} {execution.seconds:.3f} s"
        streams = f"--- stdout\n{execution.stdout}\n--- stderr\n{execution.stderr}\n"
        files["execution.log"] = f"{end}\n{streams}"
    return files
