"""A command line run as a sweep: plan, preflight, cells one after another, then what a person wants to see.

In: Hydra's words. Out: an exit code; folders under multirun/NAME, runs in the tracking store, a table and links on the terminal. Hydra's
launcher and sweeper decide where cells run; this module decides what happens around them.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from omegaconf import DictConfig

from earmark import paths
from earmark.archive import CellFolder, SweepFolder
from earmark.cells import ready, run_cell, tasks_of
from earmark.config import WHITELIST, build, cell_name, close, plain, register
from earmark.errors import ConfigError, HarnessError, TrackingUnavailable
from earmark.plan import Plan, checked, plan
from earmark.progress import Progress
from earmark.provenance import git_state, versions
from earmark.records import Cell, Json
from earmark.report import leaderboard, print_table
from earmark.tracking import Tracker
from earmark.verdict import config_label

HYDRA_ONLY = ("--cfg", "-c", "--info", "-i", "--hydra-help", "--resolve", "--package", "-p", "--shell-completion", "-sc")
SMALL_GRID = 64  # cells; composing one takes about 0.1 s


@dataclass
class Session:
    """The sweep that this process runs; cells in other processes have none and stay quiet."""

    folder: SweepFolder
    tracker: Tracker
    progress: Progress
    troubles: list[str] = field(default_factory=list)


_current: list[Session] = []


def launch(words: Sequence[str]) -> int:
    """Run one command line of settings. Returns 0, or 1 when a cell could not be finished. Raises EarmarkError before the first cell."""
    if any(word.split("=")[0] in HYDRA_ONLY for word in words):
        _hydra(words)
        return 0
    flags = [word for word in words if word.startswith("-")]
    if unknown := [flag for flag in flags if flag not in ("-m", "--multirun")]:
        raise ConfigError(f"{unknown[0]}: no such flag; there are -m, --cfg, --info and --hydra-help")
    overrides = [word for word in words if not word.startswith("-")]
    made = plan(overrides, multirun=bool(flags))
    os.environ["EARMARK_SWEEP"] = made.name
    configs = checked(made.probes())
    for name, value in ready(_unfinished(made, configs)).items():
        print(f"{name:24} {value}", file=sys.stderr)
    with _session(made, configs[0], overrides) as session:
        _hydra([*overrides, *(["-m"] if made.multirun else [])])
    return _finish(session)


def _unfinished(made: Plan, probes: Sequence[Json]) -> list[Json]:
    """Configurations that still need their parts; of a large grid its probes stand for all."""
    all_of_them = probes if made.tuning or made.cells > SMALL_GRID else checked(made.points())
    return [config for config in all_of_them if made.tuning or not _folder_of(config, made.name).finished]


def _folder_of(config: Json, sweep: str) -> CellFolder:
    return CellFolder(Path(config["root"]) / "multirun" / sweep / cell_name(config))


def _hydra(words: Sequence[str]) -> None:
    import hydra

    register()
    sys.argv = ["earmark", *words]
    hydra.main(config_path=str(paths.conf()), config_name="config", execution_whitelist=(*WHITELIST, "optuna.*", "hydra_plugins.*"))(job)()


@contextmanager
def _session(made: Plan, config: Json, overrides: Sequence[str]) -> Iterator[Session]:
    folder = SweepFolder(paths.root() / "multirun" / made.name)
    facts = {"started": datetime.now(UTC).isoformat(timespec="seconds"), **folder.facts()}
    folder.save_facts({**facts, "overrides": list(overrides), "cells": made.cells, "versions": versions(), "git": git_state()})
    session = Session(
        folder, build(config["tracking"]), Progress(total_cells=made.cells, attempts_per_cell=len(tasks_of(config)) * config["samples"])
    )
    _link(lambda: session.tracker.sweep(folder))
    _current.append(session)
    session.progress.start()
    try:
        yield session
    finally:
        _current.remove(session)
        session.progress.stop()
        close()


def job(cfg: DictConfig) -> float | None:
    """One Hydra job: run the cell, track it, answer with the objective.

    Trouble of ours ends this cell, not the sweep; a search counts its None as a failed trial.
    """
    config = plain(cfg)
    folder = _folder_of(config, config["name"])
    session = _current[-1] if _current else None
    try:
        with _log_file(folder):
            cell = _watched(config, folder, session)
    except HarnessError as error:
        if session is None:
            raise
        session.troubles.append(f"{folder.path.name}: {error}")
        print(f"cell stopped: {session.troubles[-1]}", file=sys.stderr, flush=True)  # a person should not learn it at the end
        return None
    if session is not None:
        _link(lambda: session.tracker.cell(folder))
    else:
        build(config["tracking"]).cell(folder)
    return objective(cell)


def _watched(config: Json, folder: CellFolder, session: Session | None) -> Cell:
    if session is None:
        return run_cell(config, folder)
    session.progress.cell_started(config_label(config))
    cell = run_cell(config, folder, heard=session.progress.attempt)
    session.progress.cell_finished(cell)
    return cell


def objective(cell: Cell) -> float | None:
    """What a search maximises: the text-audio score with invalid episodes at the floor; None where it could not be given."""
    return cell.scores.get(f"{cell.config['embedder']['name']}_all")


@contextmanager
def _log_file(folder: CellFolder) -> Iterator[None]:
    folder.path.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(folder.path / "cell.log", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("earmark")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()


def _link(track: Callable[[], object]) -> None:
    """A store that is gone costs nothing but a later sync: the folder holds everything."""
    try:
        track()
    except TrackingUnavailable as error:
        logging.getLogger("earmark").warning("tracking: %s", error)


def _finish(session: Session) -> int:
    """Show everything that is on disk, then let the store catch up: it may be gone, and what was made must be seen all the same."""
    print_table(session.folder)
    page = leaderboard(session.folder)
    for trouble in session.troubles:
        print(f"not finished: {trouble}", file=sys.stderr)
    print(f"\nfolder   {session.folder.path}\nlisten   {page}", flush=True)
    if link := session.tracker.sweep(session.folder):
        print(f"MLflow   {link}   (start it with: earmark ui)")
    return 1 if session.troubles else 0
