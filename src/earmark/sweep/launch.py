"""A command line run as a sweep: plan, preflight, runs, then what a person wants to see.

Hydra's launcher and sweeper decide where and in which order runs run; this module decides what
happens around them.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from earmark.config.compose import run_name
from earmark.config.grid import Point
from earmark.config.jobs import run_jobs
from earmark.config.preflight import preflight
from earmark.config.schema import RunConfig
from earmark.errors import ConfigError, HarnessError, choose_from, printable
from earmark.models.wrappers.ledger import Ledger
from earmark.records import Json, Run
from earmark.report import load_results, print_table, write_leaderboard
from earmark.report.funnel import funnel_table
from earmark.report.spending import spending_line
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep import finished, resume
from earmark.sweep.batches import ask_in_batches, refuse_batches
from earmark.sweep.dry_run import render_estimates, size_facts
from earmark.sweep.estimate import Estimator
from earmark.sweep.launchers import check_launcher, worker_variables
from earmark.sweep.plan import Plan, plan
from earmark.sweep.progress import print_facts, print_phase, report
from earmark.sweep.session import Session, run_folder, run_job, session, start_job
from earmark.sweep.store import session_tracker, tracker_of
from earmark.sweep.watch import watched
from earmark.sweep.worker import SWEEP_PROCESS
from earmark.tracking import Tracker
from earmark.tracking.connection import redact

MANY_RUNS = 50  # take more than a second to compose
HYDRA_ONLY = (
    *("--cfg", "-c", "--info", "-i", "--hydra-help", "--resolve", "--package", "-p"),
    *("--shell-completion", "-sc"),
)


def launch(words: Sequence[str], *, show: bool = True) -> int:
    """Run one command line of settings.

    Args:
        words: overrides, and flags of Hydra.
        show: print tables and links at the end; not where another line of the sweep follows.

    Returns:
        0, or 1 when a run could not be finished.

    Raises:
        EarmarkError: before the first run.
    """
    if any(word.split("=")[0] in HYDRA_ONLY for word in words):
        run_jobs(words, _job)
        return 0
    overrides, multirun = _split(words)
    refuse_secrets(overrides)
    key = finished.line_key(words) if show else None  # before the environment is changed
    planned = plan(overrides, multirun=multirun)
    for note in planned.notes:
        print(f"{'note':24} {printable(note)}", file=sys.stderr)
    os.environ |= {"EARMARK_SWEEP": planned.name, SWEEP_PROCESS: str(os.getpid())}
    config = replace(planned.config, name=planned.name)
    if config.dry_run:
        return _dry_run(planned)
    SweepFolder.named(planned.name).check()
    if complete := resume.complete_runs(SweepFolder.named(config.name), overrides):
        return _nothing_to_do(config, runs=len(complete), key=key)
    return _run_sweep(planned, overrides, key=key, show=show)


def _split(words: Sequence[str]) -> tuple[list[str], bool]:
    """The overrides of a line, and whether it asks for a sweep."""
    flags = [word for word in words if word.startswith("-")]
    if unknown := [flag for flag in flags if flag not in ("-m", "--multirun")]:
        hint = choose_from(unknown[0], ("-m", "--multirun", "--cfg", "--info", "--hydra-help"))
        raise ConfigError(f"{unknown[0]}: unknown flag; {hint}")
    return [word for word in words if not word.startswith("-")], bool(flags)


def _run_sweep(planned: Plan, overrides: Sequence[str], *, key: str | None, show: bool) -> int:
    """Check, run and show what is planned, and note that it is finished."""
    config = replace(planned.config, name=planned.name)
    if planned.tuning and config.embedder.name == "none":
        rule = "Hydra's sweeper searches for the score, and nothing would be scored"
        hint = "set embedder=clap or embedder=yamnet_minilm, or use earmark tune objective=check"
        raise ConfigError(f"embedder=none: {rule}; {hint}")
    check_launcher(planned.launcher)
    if planned.tuning:
        refuse_batches(config)
    points = [] if planned.tuning else _points(planned)
    configs = [point.config for point in points] or [config]
    session_tracker(config)  # its process begins while the rest is checked
    _preflight(configs, tuning=planned.tuning)
    runs = planned.runs if planned.tuning else len(configs)
    if not planned.tuning:
        _print_size(configs)
    with session(config, {**sweep_facts(planned, overrides), "runs": runs}) as opened:
        ask_in_batches(configs, opened)
        words = [*planned.words, *(["-m"] if planned.multirun else [])]
        if not planned.in_this_process:
            opened.open_store()
        others = [] if planned.in_this_process else [one.config for one in points]
        with watched(opened.progress, others):
            job = _job if planned.tuning else _start
            run_jobs(words, job, points=points, variables=worker_variables())
    names = opened.runs if planned.tuning else {run_name(config) for config in configs}
    printed = _finish(opened, names, show=show)
    if printed is not None and not planned.tuning:
        _note(overrides, names, config, printed=printed, key=key)
    return int(printed is None)


def run_configs(
    configs: Sequence[RunConfig], *, name: str, facts: Json, show: bool = True
) -> list[Run]:
    """Run configurations as the sweep `name`, and return the runs that are finished.

    With `show` the sweep's tables are printed.

    Raises:
        EarmarkError: before the first run.
    """
    named = [replace(config, name=name) for config in configs]
    _preflight(named)
    with session(named[0], {"overrides": [], "runs": len(named), **facts}) as opened:
        ask_in_batches(named, opened)
        for config in named:
            start_job(config)
    _finish(opened, {run_name(config) for config in named}, show=show)
    folders = [run_folder(config) for config in named]
    return [folder.run() for folder in folders if folder.finished]


def refuse_secrets(overrides: Sequence[str]) -> None:
    """ConfigError for a password or key on the line: Hydra keeps the line with every run."""
    for word in overrides:
        key, _, value = word.partition("=")
        if redact(value) != value:
            hint = "export the key and name its variable by model.api_key_env"
            if key == "tracking.uri":
                hint = "export MLFLOW_TRACKING_URI"
            rule = "must hold no password or key, which would be kept in .hydra and in records"
            raise ConfigError(f"{key}: {rule}; {hint}")


def sweep_facts(planned: Plan, overrides: Sequence[str]) -> Json:
    """What sweep.json keeps of the line that made the sweep."""
    return {
        "overrides": [redact(word) for word in overrides],
        "axes": list(planned.swept),
        "runs": planned.runs,
    }


def _points(planned: Plan) -> list[Point]:
    """The runs of a grid; of a large one, say what takes its seconds."""
    if planned.runs > MANY_RUNS:
        print_phase(f"composing {planned.runs} runs")
    return planned.points()


def _preflight(configs: Sequence[RunConfig], *, tuning: bool = False) -> None:
    """Check what the unfinished runs need, and print what was found."""
    needed = [config for config in configs if tuning or not run_folder(config).finished]
    print_facts(preflight(needed, on_phase=print_phase))


def _print_size(configs: Sequence[RunConfig]) -> None:
    """Print the size, cost and time of what is not finished, or that there is nothing to do."""
    missing = [config for config in configs if not run_folder(config).finished]
    if not missing:
        print(finished.finished_line(configs[0].name, len(configs)), file=sys.stderr, flush=True)
        return
    estimator = Estimator()
    for config in report(missing, "estimated"):
        with suppress(HarnessError):  # a damaged record: its run says so, the others go on
            estimator.estimate(config, run_folder(config))
    print_facts(size_facts(estimator.total(), missing))


def _dry_run(planned: Plan) -> int:
    """Print what the runs would ask and cost."""
    if planned.tuning:
        instead = "try its settings as a sweep, as in -m strategy.shots=0,1,2"
        raise ConfigError(f"dry_run: a search chooses its runs as it goes; {instead}")
    configs = [point.config for point in _points(planned)]
    budget_usd, ledger = configs[0].budget_usd, SweepFolder.named(configs[0].name).ledger
    spent_usd = 0.0
    if budget_usd is not None and ledger.is_file():
        spent_usd = Ledger(ledger, budget_usd=budget_usd).spent_usd
    estimator = Estimator(planned.swept)
    estimates = [
        estimator.estimate(config, run_folder(config)) for config in report(configs, "estimated")
    ]
    print(f"sweep    {planned.name}\n")
    asking, total = configs[0].asking, estimator.total()
    table = render_estimates(
        estimates, total, budget_usd=budget_usd, spent_usd=spent_usd, asking=asking
    )
    print(table)
    return 0


def _nothing_to_do(config: RunConfig, *, runs: int, key: str | None) -> int:
    """Say so. With a key the sweep is shown, and what was printed is kept for the next time."""
    folder = SweepFolder.named(config.name)
    with finished.copied_stdout() as tables:
        if key is not None:  # before the line below: it names a damaged run instead
            _print_sweep(folder, redraw=False)
    print(finished.finished_line(folder.name, runs), file=sys.stderr)
    if key is not None:
        with finished.copied_stdout() as link:
            _catch_up(folder, tracker_of(config))
        printed = finished.Printed("".join(tables), "".join(link))
        finished.keep(key, folder.path, printed, runs=runs, uri=config.tracking.uri)
    return 0


def _start(config: RunConfig) -> None:
    """Begin it: of a grid nothing is answered."""
    start_job(config)


def _job(config: RunConfig) -> float | None:
    """Run it, and answer with the objective; a search counts None as a failed trial."""
    run = run_job(config)
    return None if run is None else objective(run)


def objective(run: Run) -> float | None:
    """What a search maximises: the text-audio score with invalid episodes at the floor."""
    return run.scores.get(f"{run.config.embedder.name}_floored")


def _finish(opened: Session, names: set[str], *, show: bool = True) -> finished.Printed | None:
    """Show the sweep and name the runs that are not finished; None where there are such."""
    folder = opened.folder
    unfinished = {name for name in names if not RunFolder(folder.path / name).finished}
    reasons = {
        name: opened.stopped.get(name, "") for name in sorted({*unfinished, *opened.stopped})
    }
    printed = finished.Printed("", "")
    try:
        if show:
            printed = show_sweep(folder, opened.tracker)
    finally:
        for name, reason in reasons.items():
            because = f": {printable(reason)}" if reason else ""
            print(f"not finished: {printable(name)}{because}", file=sys.stderr)
    return None if reasons else printed


def show_sweep(folder: SweepFolder, tracker: Tracker) -> finished.Printed:
    """Print everything that is on disk, then let the store catch up: it may be gone."""
    with finished.copied_stdout() as tables:
        _print_sweep(folder, redraw=True)
    with finished.copied_stdout() as link:
        _catch_up(folder, tracker)
    return finished.Printed("".join(tables), "".join(link))


def _note(
    line: Sequence[str],
    names: set[str],
    config: RunConfig,
    *,
    printed: finished.Printed,
    key: str | None,
) -> None:
    """Note the line that made these runs, so that the next time is quick."""
    folder = SweepFolder.named(config.name)
    folder.save_facts(resume.note(folder.facts(), line, names))
    if key is not None:
        finished.keep(key, folder.path, printed, runs=len(names), uri=config.tracking.uri)


def _print_sweep(folder: SweepFolder, *, redraw: bool) -> None:
    results = load_results(folder)
    print_table(results)
    runs = [run for _, run in results.runs]
    print(f"\n{funnel_table(runs)}\n\nspent    {spending_line(runs, results.shared)}")
    page = write_leaderboard(folder, results, redraw=redraw)
    shown = [printable(str(path)) for path in (folder.path, page)]
    print(f"folder   {shown[0]}\nlisten   {shown[1]}", flush=True)


def _catch_up(folder: SweepFolder, tracker: Tracker) -> None:
    if link := tracker.sweep(folder):
        print(f"MLflow   {link}   (start it with: earmark ui)")
