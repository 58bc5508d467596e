"""The finished runs of a sweep, read from disk an attempt at a time, with their conclusion."""

from dataclasses import dataclass

from earmark.analysis.baselines import kept_baselines
from earmark.analysis.compact import Compactor
from earmark.analysis.conclusion import Conclusion, conclude
from earmark.analysis.decisions import DELTA
from earmark.records import Attempt, Run
from earmark.report.spending import Answers, Shared
from earmark.storage.ratings import load_ratings
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.votes import load_votes


@dataclass(frozen=True, slots=True)
class Results:
    """What every table, page and report of a sweep is made from.

    The attempts of `runs` are as `Compactor.small` leaves them: texts are read from their folders
    by who shows them. `shared` is what several runs hold, and was paid once.
    """

    folder: SweepFolder
    runs: tuple[tuple[RunFolder, Run], ...]
    conclusion: Conclusion
    shared: Shared


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
    compactor, answers = Compactor(), Answers()

    def counted(run: Run, one: Attempt) -> Attempt:
        answers.add(run, one)
        return compactor.small(one)

    runs = tuple((run_folder, run_folder.run(each=counted)) for run_folder in folder.runs())
    alone = [run for _, run in runs]
    baselines = kept_baselines(folder.path, alone)
    conclusion = conclude(
        *(folder.name, alone, baselines),
        delta=delta,
        votes=load_votes(folder.path),
        ratings=load_ratings(folder.path),
    )
    return Results(folder, runs, conclusion, answers.shared())
