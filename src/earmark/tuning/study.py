"""The Optuna study in a sweep's folder: its finished trials and its best settings."""

from typing import TYPE_CHECKING

from earmark.errors import ConfigError
from earmark.records import Json
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.urls import sqlite_url
from earmark.tuning.confirm import Candidate

if TYPE_CHECKING:
    from optuna import Study


def load_study(folder: SweepFolder) -> "Study | None":
    """The study kept in the sweep's folder, or None before its first trial."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path = folder.path / "study.db"
    if not path.is_file():
        return None
    storage = sqlite_url(path)
    names = optuna.get_all_study_names(storage)
    return optuna.load_study(study_name=names[0], storage=storage) if names else None


def count_finished(folder: SweepFolder) -> int:
    """How many trials have finished.

    Those that a killed process left running are failed first: no one will ever finish them.
    """
    from optuna.trial import TrialState

    study = load_study(folder)
    if study is None:
        return 0
    for trial in study.get_trials(states=(TrialState.RUNNING, TrialState.WAITING)):
        study.tell(trial.number, state=TrialState.FAIL)
    return len(study.get_trials(states=(TrialState.COMPLETE,)))


def best_candidates(folder: SweepFolder, count: int) -> list[Candidate]:
    """The settings of the best trials, the best first, each once."""
    from optuna.trial import TrialState

    study = load_study(folder)
    trials = study.get_trials(states=(TrialState.COMPLETE,)) if study is not None else []
    best: dict[str, Candidate] = {}
    for trial in sorted(trials, key=lambda trial: -(trial.value or 0.0)):
        settings = str(sorted(trial.params.items()))
        best.setdefault(settings, Candidate(dict(trial.params), trial.value))
    return list(best.values())[:count]


def best_settings(folder: SweepFolder) -> Json:
    """The best trial's settings and value, and how many trials finished. ConfigError for none."""
    finished = count_finished(folder)
    study = load_study(folder)
    if study is None or not finished:
        hint = "see the messages above"
        raise ConfigError(f"{folder.name}: no trial has finished, so none is best; {hint}")
    return {"value": study.best_value, "settings": dict(study.best_params), "trials": finished}
