"""A command line run as a sweep: plan, preflight, runs one after another, then what a person wants to see.

In: Hydra's words. Out: an exit code; folders under multirun/NAME, runs in the tracking store, a table and links on the terminal. Hydra's
launcher and sweeper decide where runs run; this module decides what happens around them.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from omegaconf import DictConfig

from earmark import paths
from earmark.analysis.labels import config_label
from earmark.config.compose import WHITELIST, build, close, compose, plain, register, run_name
from earmark.config.factory import ledger_of, preflight, run_one, tasks_of
from earmark.errors import ConfigError, HarnessError
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.models.wrappers.ledger import Ledger
from earmark.records import Attempt, Json, Run
from earmark.report import print_table, write_leaderboard
from earmark.report.funnel import funnel_table
from earmark.report.spending import spending_line
from earmark.storage.folders import RunFolder, SweepFolder
from earmark.sweep import resume
from earmark.sweep.dry_run import bill
from earmark.sweep.estimate import estimate
from earmark.sweep.plan import Plan, checked, plan
from earmark.sweep.progress import Progress, line
from earmark.sweep.provenance import git_state, versions
from earmark.sweep.watch import attempted, end_with, log_file, logged
from earmark.tracking import Tracker
from earmark.tracking.connection import redact

HYDRA_ONLY = (
    "--cfg",
    "-c",
    "--info",
    "-i",
    "--hydra-help",
    "--resolve",
    "--package",
    "-p",
    "--shell-completion",
    "-sc",
)
SMALL_GRID = 64  # runs; composing one takes about 0.3 s


@dataclass
class Session:
    """The sweep that this process runs; runs in other processes have none and answer for themselves."""

    folder: SweepFolder
    tracker: Tracker
    progress: Progress
    troubles: list[str] = field(default_factory=list)
    runs: set[str] = field(default_factory=set)


_current: list[Session] = []


def launch(words: Sequence[str], *, shown: bool = True) -> int:
    """Run one command line of settings; `shown=False` where another line of the same sweep follows and will show it.

    Returns 0, or 1 when a run could not be finished. Raises EarmarkError before the first run.
    """
    if any(word.split("=")[0] in HYDRA_ONLY for word in words):
        _hydra(words)
        return 0
    flags = [word for word in words if word.startswith("-")]
    if unknown := [flag for flag in flags if flag not in ("-m", "--multirun")]:
        raise ConfigError(
            f"{unknown[0]}: no such flag; there are -m, --cfg, --info and --hydra-help"
        )
    # What is replayed is no part of a model's identity; but that is where many look for it.
    overrides = [
        word.removeprefix("model.") if word.startswith("model.replay=") else word
        for word in words
        if not word.startswith("-")
    ]
    made = plan(overrides, multirun=bool(flags))
    os.environ |= {"EARMARK_SWEEP": made.name, "EARMARK_SWEEP_PROCESS": str(os.getpid())}
    folder = SweepFolder(paths.root() / "multirun" / made.name)
    if resume.noted(folder, overrides):
        if shown:
            _shown(folder, redraw=False)  # before the word: a run that is damaged is named instead
        print(f"{made.name}: all {made.runs} runs are finished; nothing to do", file=sys.stderr)
        if shown:
            _caught_up(folder, build(plain(compose(made.fixed))["tracking"]))
        return 0
    configs = checked(made.probes())
    if configs[0]["dry_run"]:
        return _told(made)
    for name, value in preflight(_unfinished(made, configs)).items():
        print(f"{name:24} {value}", file=sys.stderr)
    with _session(made.name, configs[0], _asked(made, overrides)) as session:
        _hydra([*overrides, *(["-m"] if made.multirun else [])])
    return _finish(
        session, _names(session, made), line_of=None if made.tuning else overrides, shown=shown
    )


def _asked(made: Plan, overrides: Sequence[str]) -> Json:
    return {
        "overrides": [redact(word) for word in overrides],
        "axes": list(made.swept),
        "runs": made.runs,
    }


def _names(session: Session, made: Plan) -> set[str]:
    """The folders of the plan's runs. Runs that were made in other processes are known by their configuration only."""
    known = made.tuning or len(session.runs) == made.runs
    return session.runs if known else {run_name(config) for config in checked(made.points())}


def run_configs(configs: Sequence[Json], *, name: str, facts: Json) -> list[Run]:
    """Run runs whose configurations are at hand as the sweep `name`, show it, and return those that are finished.

    Raises:
        EarmarkError: before the first run.
    """
    named = [{**config, "name": name} for config in configs]
    for thing, value in preflight(
        [config for config in named if not _folder_of(config, name).finished]
    ).items():
        print(f"{thing:24} {value}", file=sys.stderr)
    with _session(name, named[0], {"overrides": [], "runs": len(named), **facts}) as session:
        for config in named:
            run_job(config)
    _finish(session, {run_name(config) for config in named})
    folders = [_folder_of(config, name) for config in named]
    return [folder.run() for folder in folders if folder.finished]


def _told(made: Plan) -> int:
    """Print what the runs would ask and cost."""
    if made.tuning:
        raise ConfigError(
            "dry_run: a search chooses its runs as it goes; try its settings as a sweep, as in -m strategy.shots=0,1,2"
        )
    configs = [{**config, "name": made.name} for config in checked(made.points())]
    budget_usd, ledger = configs[0]["budget_usd"], ledger_of(configs[0])
    spent_usd = (
        Ledger(ledger, budget_usd=budget_usd).spent_usd
        if budget_usd is not None and ledger.is_file()
        else 0.0
    )
    print(f"sweep    {made.name}\n")
    print(
        bill(
            [estimate(config, _folder_of(config, made.name)) for config in configs],
            budget_usd=budget_usd,
            spent_usd=spent_usd,
        )
    )
    return 0


def _unfinished(made: Plan, probes: Sequence[Json]) -> list[Json]:
    """Configurations that still need their parts; of a large grid its probes stand for all."""
    all_of_them = probes if made.tuning or made.runs > SMALL_GRID else checked(made.points())
    return [
        config
        for config in all_of_them
        if made.tuning or not _folder_of(config, made.name).finished
    ]


def _folder_of(config: Json, sweep: str) -> RunFolder:
    return RunFolder(Path(config["root"]) / "multirun" / sweep / run_name(config))


def _hydra(words: Sequence[str]) -> None:
    import hydra

    register()
    sys.argv = ["earmark", *words]
    hydra.main(
        config_path=str(paths.conf()),
        config_name="config",
        execution_whitelist=(*WHITELIST, "optuna.*", "hydra_plugins.*"),
    )(job)()


@contextmanager
def _session(name: str, config: Json, facts: Json) -> Iterator[Session]:
    """Everything that lasts as long as the runs run; `facts` (overrides, number of runs) are kept in sweep.json."""
    folder = SweepFolder(paths.root() / "multirun" / name)
    folder.tidy()
    CompletionStore(Path(config["cassette"])).tidy()
    began = {"started": datetime.now(UTC).isoformat(timespec="seconds"), **folder.facts()}
    folder.save_facts({**began, **facts, "versions": versions(), "git": git_state()})
    attempts = len(tasks_of(config)) * config["samples"]
    session = Session(
        folder,
        build(config["tracking"]),
        Progress(total_runs=facts["runs"], attempts_per_run=attempts),
    )
    attempted(lambda: session.tracker.sweep(folder))
    _current.append(session)
    session.progress.start()
    try:
        yield session
    finally:
        _current.remove(session)
        session.progress.stop()
        close()


def job(cfg: DictConfig) -> float | None:
    """One Hydra job: run the run and answer with the objective; a search counts None as a failed trial."""
    run = run_job(plain(cfg))
    return None if run is None else objective(run)


def run_job(config: Json) -> Run | None:
    """Run one run and track it. Trouble of ours ends this run, not the sweep: None, and the session remembers why."""
    folder = _folder_of(config, config["name"])
    session = _current[-1] if _current else None
    if session is not None:
        session.runs.add(folder.path.name)
    else:
        end_with(int(os.environ.get("EARMARK_SWEEP_PROCESS", "0")))
    try:
        with log_file(folder):
            run = _watched(config, folder, session)
    except HarnessError as error:
        trouble = f"{folder.path.name}: {error}"
        if session is not None:
            session.troubles.append(trouble)
        print(
            f"run stopped: {trouble}", file=sys.stderr, flush=True
        )  # a person should not learn it at the end
        return None
    tracker = session.tracker if session is not None else build(config["tracking"])
    attempted(lambda: tracker.run(folder))
    return run


def _watched(config: Json, folder: RunFolder, session: Session | None) -> Run:
    if session is None:
        run = run_one(config, folder, heard=logged)
        print(line(run), file=sys.stderr, flush=True)
        return run

    def heard(attempt: Attempt) -> None:
        logged(attempt)
        session.progress.attempt(attempt)

    session.progress.run_started(config_label(config))
    run = run_one(config, folder, heard=heard)
    session.progress.run_finished(run)
    return run


def objective(run: Run) -> float | None:
    """What a search maximises: the text-audio score with invalid episodes at the floor; None where it could not be given."""
    return run.scores.get(f"{run.config['embedder']['name']}_floored")


def _finish(
    session: Session, names: set[str], *, line_of: Sequence[str] | None = None, shown: bool = True
) -> int:
    """Say what is missing of these runs; where nothing is, note the line that made them, so that it can say so at once next time."""
    missing = [name for name in sorted(names) if not RunFolder(session.folder.path / name).finished]
    if line_of is not None and not (missing or session.troubles):
        session.folder.save_facts(resume.note(session.folder.facts(), line_of, names))
    untold = [
        name
        for name in missing
        if not any(trouble.startswith(name) for trouble in session.troubles)
    ]
    try:
        if shown:
            show(session.folder, session.tracker, redraw=True)
    finally:
        for trouble in (*session.troubles, *untold):
            print(f"not finished: {trouble}", file=sys.stderr)
    return 1 if session.troubles or missing else 0


def show(folder: SweepFolder, tracker: Tracker, *, redraw: bool) -> None:
    """Everything that is on disk, then let the store catch up: it may be gone, and what was made must be seen all the same."""
    _shown(folder, redraw=redraw)
    _caught_up(folder, tracker)


def _shown(folder: SweepFolder, *, redraw: bool) -> None:
    print_table(folder)
    runs = [run.summary() for run in folder.runs()]
    print(f"\n{funnel_table(runs)}\n\nspent    {spending_line(runs)}")
    page = write_leaderboard(folder, redraw=redraw)
    print(f"folder   {folder.path}\nlisten   {page}", flush=True)


def _caught_up(folder: SweepFolder, tracker: Tracker) -> None:
    if link := tracker.sweep(folder):
        print(f"MLflow   {link}   (start it with: earmark ui)")
