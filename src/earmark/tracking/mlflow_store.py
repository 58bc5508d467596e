"""The MLflow store of sweeps: a parent run for each sweep, and a child for each finished run.

Runs are found by their tags. Each carries the digest of what it was made from: one that has the
right digest is left alone, any other is written again. The parent is FINISHED when every run is
there and SCHEDULED until then, so a process that is killed leaves no parent RUNNING.
"""

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.report import Results
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking import views
from earmark.tracking.connection import NOTE, connect, lock, redact
from earmark.tracking.feedback import write_votes
from earmark.tracking.mlflow_runs import MADE_FROM, find_runs, is_fresh, write
from earmark.tracking.run_content import SOURCE, made_from, run_content, stopped_content
from earmark.tracking.run_note import Pages
from earmark.tracking.sweep_content import (
    finished_results,
    parent_tags,
    placed_notes,
    started_ms,
    sweep_content,
    sweep_made_from,
)
from earmark.tracking.traces import tracing_client

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

MAX_COUNTED = 1000


class MlflowTracker:
    """Runs of one experiment in one store; several processes may share a sweep's folder.

    Args:
        uri: an MLflow tracking URI: sqlite:///… or http://….
        artifacts: folder of artifacts for a store without a server; a server has its own.
        experiment: name of the experiment; made when it is not there.
    """

    def __init__(self, uri: str, artifacts: str | None = None, experiment: str = "earmark") -> None:
        self.uri, self.artifacts, self.experiment = uri, artifacts, experiment

    def sweep(self, folder: SweepFolder) -> str | None:
        """Bring the parent and every finished run up to date; a link to the parent.

        Raises:
            TrackingUnavailable: the store did not take them.
        """
        with (
            connect(self.uri, artifacts=self.artifacts, experiment=self.experiment) as (
                client,
                experiment,
            ),
            lock(_lock(folder)),
        ):
            store = _Store(client, experiment)
            store.rename(folder)
            there = store.children(folder)
            new = [run for run in folder.runs() if run.summary().key not in there]
            originals = store.originals(folder, new)
            own = [run for run in folder.runs() if made_from(run) not in originals]
            if originals and not own:
                return self._link(experiment, next(iter(originals.values())))
            parent_id = store.parent(folder)
            while True:
                children = store.children(folder)
                for run in own:
                    store.write_run(run, parent_id, children[run.summary().key])
                store.write_stopped(folder, parent_id)
                written = store.write_parent(folder, parent_id)
                if written == parent_id:
                    return self._link(experiment, parent_id)
                # A parent that lost a number was made again, and its children follow it.
                parent_id = written

    def run(self, folder: RunFolder) -> str | None:
        """Bring one finished run, or one that a search gave up, up to date; a link to it.

        Raises:
            TrackingUnavailable: the store did not take it.
        """
        sweep = SweepFolder(folder.path.parent)
        if folder.finished:
            kind, key = "run", folder.summary().key
        else:
            kind, key = "stopped", folder.stopped_summary().key
        with (
            connect(self.uri, artifacts=self.artifacts, experiment=self.experiment) as (
                client,
                experiment,
            ),
            lock(_lock(sweep)),
        ):
            store = _Store(client, experiment)
            if original := store.originals(sweep, [folder]).get(made_from(folder)):
                return self._link(experiment, original)
            there = find_runs(client, experiment, kind=kind, sweep=sweep.name, run=key)
            if len(there) == 1 and is_fresh(there[0], made_from(folder)):
                return self._link(experiment, there[0].info.run_id)
            run_id = store.write_run(folder, store.parent(sweep), there)
            return self._link(experiment, run_id)

    def reachable(self) -> str:
        """One line about a store that answers. Raises TrackingUnavailable."""
        with connect(self.uri, artifacts=self.artifacts, experiment=self.experiment) as (
            client,
            experiment,
        ):
            count = len(client.search_runs([experiment], max_results=MAX_COUNTED))
        words = f"{count}" if count < MAX_COUNTED else f"{MAX_COUNTED} or more"
        return f"{redact(self.uri)} answers; experiment {self.experiment} holds {words} runs"

    def _link(self, experiment: str, run_id: str) -> str:
        base = self.uri.rstrip("/") if self.uri.startswith("http") else "http://127.0.0.1:5000"
        return f"{base}/#/experiments/{experiment}/runs/{run_id}?workflowType=machine_learning"


class _Store:
    """The runs of one experiment, while the sweep's lock is held."""

    def __init__(self, client: "MlflowClient", experiment: str) -> None:
        self.client, self.experiment = client, experiment

    def children(self, folder: SweepFolder) -> dict[str, list["MlflowRun"]]:
        """The MLflow runs of the sweep's runs, by run key."""
        by_key: dict[str, list[MlflowRun]] = defaultdict(list)
        for mlflow_run in find_runs(self.client, self.experiment, kind="run", sweep=folder.name):
            by_key[mlflow_run.data.tags["earmark.run"]].append(mlflow_run)
        return by_key

    def rename(self, folder: SweepFolder) -> None:
        """Give the MLflow runs of a renamed folder its new name: they are known by its start."""
        started = folder.facts().get("started")
        for one in find_runs(self.client, self.experiment, kind="sweep"):
            tags = one.data.tags
            old = tags.get("earmark.sweep", "")
            same = started is not None and tags.get("earmark.started") == started
            if not same or old == folder.name or (folder.path.parent / old).exists():
                continue
            self.client.update_run(one.info.run_id, name=folder.name)
            for mlflow_run in find_runs(self.client, self.experiment, sweep=old):
                self.client.set_tag(mlflow_run.info.run_id, "earmark.sweep", folder.name)

    def originals(self, folder: SweepFolder, runs: Sequence[RunFolder]) -> dict[str, str]:
        """Of runs that are copies, what they are made from and the parent of the original.

        A copy is known by its bytes: run.json names the sweep that made it. It is one while the
        folder that it was copied from is there.
        """
        found: dict[str, str] = {}
        for run in runs:
            source = made_from(run)
            for one in find_runs(self.client, self.experiment, kind="run", made_from=source):
                other = one.data.tags.get("earmark.sweep", "")
                kept = folder.path.parent / other / run.path.name / "run.json"
                if other != folder.name and kept.is_file():
                    found[source] = str(one.data.tags.get("mlflow.parentRunId"))
        return found

    def parent(self, folder: SweepFolder) -> str:
        """The id of the sweep's parent run, which is made where there is none."""
        there = find_runs(self.client, self.experiment, kind="sweep", sweep=folder.name)
        for double in there[1:]:
            self.client.delete_run(double.info.run_id)  # its children move to the one that stays
        if there:
            return str(there[0].info.run_id)
        mlflow_run = self.client.create_run(
            self.experiment,
            start_time=started_ms(folder),
            run_name=folder.name,
            tags={**parent_tags(folder), **SOURCE},
        )
        self.client.update_run(mlflow_run.info.run_id, status="SCHEDULED")
        return str(mlflow_run.info.run_id)

    def write_run(self, folder: RunFolder, parent_id: str, there: list["MlflowRun"]) -> str:
        """Write a finished run, unless the MLflow run that is there is up to date; its id."""
        if (
            len(there) == 1
            and is_fresh(there[0], made_from(folder))
            and there[0].data.tags.get("mlflow.parentRunId") == parent_id
        ):
            return str(there[0].info.run_id)
        content_of = run_content if folder.finished else stopped_content
        with tempfile.TemporaryDirectory(prefix="earmark-run-") as files:
            content = content_of(folder, Path(files), parent_id=parent_id)
            return write(self.client, self.experiment, there, content)

    def write_stopped(self, sweep: SweepFolder, parent_id: str) -> None:
        """Write the runs that a search gave up; those that were finished since are deleted."""
        there: dict[str, list[MlflowRun]] = defaultdict(list)
        for one in find_runs(self.client, self.experiment, kind="stopped", sweep=sweep.name):
            there[one.data.tags["earmark.run"]].append(one)
        for folder in sweep.stopped_runs():
            self.write_run(folder, parent_id, there.pop(folder.stopped_summary().key, []))
        for one in chain.from_iterable(there.values()):
            self.client.delete_run(one.info.run_id)

    def write_parent(self, folder: SweepFolder, parent_id: str) -> str:
        """Bring the parent to what is finished; its id, a new one where it was made again."""
        mlflow_run = self.client.get_run(parent_id)
        if mlflow_run.data.tags.get(MADE_FROM) == sweep_made_from(folder):
            return parent_id
        with tempfile.TemporaryDirectory(prefix="earmark-run-") as files:
            results = finished_results(folder)
            content = sweep_content(folder, Path(files), results)
            written = write(self.client, self.experiment, [mlflow_run], content)
        if results is not None:
            self._place(folder, results, written)
        write_votes(tracing_client(self.client.tracking_uri), self.experiment, folder)
        views.save(self.client, self.experiment)
        return written

    def _place(self, folder: SweepFolder, results: Results, parent_id: str) -> None:
        """Say on each run's page which place it has, and link its neighbours."""
        children = {key: runs[0] for key, runs in self.children(folder).items()}
        ids = {key: str(one.info.run_id) for key, one in children.items()}
        notes = placed_notes(results, Pages(self.experiment, parent_id, ids))
        for key, text in notes.items():
            if key in children and children[key].data.tags.get(NOTE) != text:
                self.client.set_tag(ids[key], NOTE, text)


def _lock(folder: SweepFolder) -> Path:
    return folder.path / ".tracking.lock"
