"""`earmark tune`: search settings with Optuna, over a search space from conf/hparams_search.

The trials are runs of a sweep, and the study is kept in its folder, so that the same line resumes
it. At the end the best settings are printed, kept in sweep.json and confirmed: see tuning.confirm.
"""

from collections.abc import Sequence
from dataclasses import replace

from earmark.config.schema import RunConfig
from earmark.errors import ConfigError
from earmark.records import Json, Run
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.launch import launch, run_configs
from earmark.sweep.plan import Plan, plan
from earmark.sweep.store import tracker_of
from earmark.tuning.confirm import Candidate, compare, confirm
from earmark.tuning.study import best_candidates, best_settings, count_finished

USAGE = """earmark tune [--winners=N] [SETTING=VALUE ...]

Search for settings that maximise the text-audio score, with invalid episodes at the tier's floor.
The search space is hparams_search=NAME (default: strategy); hydra.sweeper.n_trials=N is the size of
the whole study: the same line again runs what is missing of it. Any setting of a sweep can be
given: model=…, tier=…, tier.split=tune, samples=….

The N best (3; 0 for none) and the defaults are then confirmed by a sweep NAME-again: with another
seed, on the tier's held-out tasks, and with the share of the specs met beside the score.
"""


def main(argv: list[str]) -> int:
    """Run or resume a study; returns 0, or 1 when a trial could not be finished."""
    if any(word in ("-h", "--help") for word in argv):
        print(USAGE, end="")
        return 0
    winners, words = _winners(argv)
    if not any(word.startswith("hparams_search=") for word in words):
        words = ["hparams_search=strategy", *words]
    planned = plan(words, multirun=True)
    if not planned.tuning:
        rule = "the search space must choose an Optuna sweeper"
        raise ConfigError(f"hparams_search: {rule}; see conf/hparams_search/strategy.yaml")
    config = replace(planned.config, name=planned.name)
    if config.embedder.name == "none":
        rule = "a search maximises the text-audio score"
        raise ConfigError(f"embedder=none: {rule}; set embedder=clap or embedder=yamnet_minilm")
    folder = SweepFolder.named(planned.name)
    code = _search(planned, folder, words)
    best = best_settings(folder)
    # Two trials may be one run: what is there is all that there will be.
    folder.save_facts({**folder.facts(), "best": best, "runs": len(folder.runs())})
    print("\n" + describe(best))
    tracker_of(config).sweep(folder)
    return code or (_confirm(folder, planned, config, winners) if winners else 0)


def _winners(argv: Sequence[str]) -> tuple[int, list[str]]:
    given = [word for word in argv if word.startswith("--winners=")]
    number = given[-1].removeprefix("--winners=") if given else "3"
    if not number.isdecimal():
        raise ConfigError(f"{given[-1]}: must be a whole number; set 0 to confirm none")
    return int(number), [word for word in argv if word not in given]


def _search(planned: Plan, folder: SweepFolder, words: Sequence[str]) -> int:
    """Run the trials that are missing."""
    folder.path.mkdir(parents=True, exist_ok=True)
    missing = planned.runs - count_finished(folder)
    if missing <= 0:
        hint = "hydra.sweeper.n_trials=N makes it larger"
        print(f"study {planned.name}: all {planned.runs} trials are finished; {hint}")
        return 0
    kept = [word for word in words if not word.startswith("hydra.sweeper.n_trials=")]
    return launch([*kept, f"name={planned.name}", f"hydra.sweeper.n_trials={missing}"])


def _confirm(folder: SweepFolder, planned: Plan, config: RunConfig, winners: int) -> int:
    """Run the best again and print what remains of their lead."""
    best = best_candidates(folder, winners)
    searched = {name for one in best for name in one.settings}
    if other := sorted(searched - set(planned.swept)):
        rule = f"has trials that set {other[0]!r}, which this line does not search"
        hint = "search under another name=, or with --winners=0"
        raise ConfigError(f"{folder.path / 'study.db'}: {rule}; {hint}")
    candidates = [*best, Candidate({}, None)]
    runs, what = confirm(candidates, planned.fixed, config, run_sweep=_run_sweep)
    if len(runs) < len(candidates):
        return 1
    table = compare(candidates, runs, what)
    folder.save_facts({**folder.facts(), "again": table})
    print("\n" + table)
    return 0


def _run_sweep(configs: Sequence[RunConfig], name: str) -> list[Run]:
    return run_configs(configs, name=name, facts={})


def describe(best: Json) -> str:
    """What a person reads at the end of a search."""
    settings = " ".join(f"{name}={value}" for name, value in best["settings"].items())
    caution = "the best of many trials looks better than it is: read its value when run again"
    value = f"best of {best['trials']} trials: {best['value']:.4f}"
    return f"{value}\n  earmark {settings}\n({caution})"
