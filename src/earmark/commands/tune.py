"""`earmark tune`: the same run under Optuna, over a search space from conf/hparams_search.

In: settings, as for a sweep. Out: a study in the sweep's folder, its trials as runs, the best settings printed and kept in sweep.json, and
the best asked once more on fresh samples and held-out tasks (see winners.py). The searching is Optuna's, through Hydra's sweeper; this
module resumes a study and says what came of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from earmark import paths
from earmark.config.factory import tracker_of
from earmark.config.schema import RunConfig
from earmark.errors import ConfigError
from earmark.records import Json
from earmark.storage.folders import SweepFolder
from earmark.sweep.launch import launch
from earmark.sweep.plan import Plan, plan
from earmark.tuning.confirm import Found, asked_again, closing

if TYPE_CHECKING:
    from optuna import Study

USAGE = """earmark tune [--winners=N] [SETTING=VALUE ...]

Search prompt settings that maximise the text-audio score, invalid episodes counted at the tier's floor. The search space is
hparams_search=NAME (default: strategy); hydra.sweeper.n_trials=N is the size of the whole study: the same line again goes on with what is
missing of it. Any setting of a sweep can be given: model=…, tier=…, tier.split=tune, samples=….

The N best (3; 0 for none) and the defaults are then asked again, as the sweep NAME-again: another seed, the tier's held-out tasks, and
the tier's checks as a witness beside the score.
"""


def main(argv: list[str]) -> int:
    """Run or resume a study; returns 0, or 1 when a trial could not be finished."""
    if any(word in ("-h", "--help") for word in argv):
        print(USAGE, end="")
        return 0
    winners, argv = _winners(argv)
    words = (
        argv
        if any(word.startswith("hparams_search=") for word in argv)
        else ["hparams_search=strategy", *argv]
    )
    made = plan(words, multirun=True)
    if not made.tuning:
        raise ConfigError(
            "hparams_search: the search space must choose an Optuna sweeper; see conf/hparams_search/strategy.yaml"
        )
    config = replace(made.config, name=made.name)
    if config.embedder.name == "none":
        raise ConfigError(
            "embedder=none: a search maximises the text-audio score; set embedder=clap or embedder=yamnet_minilm"
        )
    folder = SweepFolder(paths.root() / "multirun" / made.name)
    code = _go_on(made, folder, words)
    best = best_settings(folder)
    # Two trials may be one run: what is there is all that there will be.
    folder.save_facts({**folder.facts(), "best": best, "runs": len(folder.runs())})
    print("\n" + describe(best))
    tracker_of(config).sweep(folder)
    return _once_more(folder, made, config, winners) if winners and not code else code


def _winners(argv: Sequence[str]) -> tuple[int, list[str]]:
    given = [word for word in argv if word.startswith("--winners=")]
    number = given[-1].removeprefix("--winners=") if given else "3"
    if not number.isdecimal():
        raise ConfigError(f"{given[-1]}: must be a whole number, 0 to ask none again")
    return int(number), [word for word in argv if word not in given]


def _once_more(folder: SweepFolder, made: Plan, config: RunConfig, winners: int) -> int:
    """Ask the best again and say what remains of their lead."""
    found = [*best_found(folder, winners), Found({}, None)]
    runs, what = asked_again(found, made.fixed, config)
    if len(runs) < len(found):
        return 1
    said = closing(found, runs, what)
    folder.save_facts({**folder.facts(), "again": said})
    print("\n" + said)
    return 0


def best_found(folder: SweepFolder, most: int) -> list[Found]:
    """The settings of the best trials, the best first, each once."""
    from optuna.trial import TrialState

    study = study_of(folder)
    trials = study.get_trials(states=(TrialState.COMPLETE,)) if study is not None else []
    ordered = sorted(trials, key=lambda trial: -(trial.value or 0.0))
    distinct = {
        str(sorted(trial.params.items())): Found(dict(trial.params), trial.value)
        for trial in reversed(ordered)
    }
    return sorted(distinct.values(), key=lambda one: -(one.value or 0.0))[:most]


def _go_on(made: Plan, folder: SweepFolder, words: Sequence[str]) -> int:
    folder.path.mkdir(parents=True, exist_ok=True)
    left = made.runs - _finished_trials(folder)
    if left <= 0:
        print(
            f"study {made.name}: all {made.runs} trials are finished; hydra.sweeper.n_trials=N makes it larger"
        )
        return 0
    return launch(
        [
            *(word for word in words if not word.startswith("hydra.sweeper.n_trials=")),
            f"name={made.name}",
            f"hydra.sweeper.n_trials={left}",
        ]
    )


def study_of(folder: SweepFolder) -> "Study | None":
    """The study kept in the sweep's folder, or None before its first trial."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    kept = Path(folder.path / "study.db")
    if not kept.is_file():
        return None
    names = optuna.get_all_study_names(f"sqlite:///{kept}")
    return optuna.load_study(study_name=names[0], storage=f"sqlite:///{kept}") if names else None


def _finished_trials(folder: SweepFolder) -> int:
    """Finished trials; those that a killed run left RUNNING are failed first, since nobody will ever finish them."""
    from optuna.trial import TrialState

    study = study_of(folder)
    if study is None:
        return 0
    for trial in study.get_trials(states=(TrialState.RUNNING, TrialState.WAITING)):
        study.tell(trial.number, state=TrialState.FAIL)
    return len(study.get_trials(states=(TrialState.COMPLETE,)))


def best_settings(folder: SweepFolder) -> Json:
    """The best trial's settings and value, and how many trials finished. ConfigError when none did."""
    from optuna.trial import TrialState

    study = study_of(folder)
    finished = study.get_trials(states=(TrialState.COMPLETE,)) if study is not None else []
    if study is None or not finished:
        raise ConfigError(
            f"{folder.name}: no trial has finished, so there is nothing to call best; see the messages above"
        )
    return {"value": study.best_value, "settings": dict(study.best_params), "trials": len(finished)}


def describe(best: Json) -> str:
    """What a person reads at the end of a search, with the caution that a maximum over trials flatters."""
    settings = " ".join(f"{name}={value}" for name, value in best["settings"].items())
    caution = "the best of many looks better than it is: believe what it is worth again"
    return (
        f"best of {best['trials']} trials: {best['value']:.4f}\n  earmark {settings}\n({caution})"
    )
