"""The finished runs of a sweep, read from disk once, with their conclusion."""

from dataclasses import dataclass, replace
from functools import lru_cache

from earmark.analysis.baselines import kept_baselines
from earmark.analysis.conclusion import Conclusion, conclude
from earmark.analysis.decisions import DELTA
from earmark.identity import digest
from earmark.records import Attempt, Run
from earmark.storage.ratings import load_ratings
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.votes import load_votes


@dataclass(frozen=True, slots=True)
class Results:
    """What every table, page and report of a sweep is made from; see `without_texts`."""

    folder: SweepFolder
    runs: tuple[tuple[RunFolder, Run], ...]
    conclusion: Conclusion


def without_texts(run: Run) -> Run:
    """The run without the texts that no table, page or report is made of.

    They are the largest part of a sweep: answers with their reasoning, what programs printed, and
    messages, of which a digest stays, so that equal questions are equal still.
    """
    return replace(run, attempts=tuple(map(_without_texts, run.attempts)))


def _without_texts(one: Attempt) -> Attempt:
    messages = tuple(replace(each, content=_digest(each.content)) for each in one.request.messages)
    completion, execution = one.completion, one.execution
    if completion is not None:
        completion = replace(completion, text="", reasoning=None)
    if execution is not None:
        execution = replace(execution, stdout="", stderr="")
    request = replace(one.request, messages=messages)
    return replace(one, request=request, completion=completion, execution=execution)


@lru_cache(maxsize=4096)  # a sweep has few prompts, and one copy of each digest is enough
def _digest(text: str) -> str:
    return digest(text)


def load_results(sweep: SweepFolder | str, *, delta: float = DELTA) -> Results:
    """Read every finished run of a sweep with its attempts, and conclude.

    Args:
        sweep: its folder, or its name under multirun/.
        delta: the difference that matters, in units of a score.

    Raises:
        ConfigError: no sweep has that name.
        HarnessError: a damaged run; the message names its file.
    """
    folder = SweepFolder.find(sweep) if isinstance(sweep, str) else sweep
    runs = tuple((run_folder, without_texts(run_folder.run())) for run_folder in folder.runs())
    alone = [run for _, run in runs]
    baselines = kept_baselines(folder.path, alone)
    conclusion = conclude(
        *(folder.name, alone, baselines),
        delta=delta,
        votes=load_votes(folder.path),
        ratings=load_ratings(folder.path),
    )
    return Results(folder, runs, conclusion)
