"""The MLflow store: folders of a sweep -> a parent run and a child for each finished run.

In: folders written by the archive. Out: runs found by tags, artifacts in a predictable tree. A run is written whole from a finished
run and carries the digest of what it was made from; one that carries the right digest is left alone, any other is written again. The
parent is FINISHED when every run is there and SCHEDULED until then: a process that is killed leaves no parent RUNNING.
"""

import json
import shutil
import tempfile
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from earmark.analysis.statistics import label
from earmark.identity import digest, file_digest
from earmark.records import Json, Run, Scores
from earmark.report import markdown
from earmark.report.page import travelling
from earmark.report.pictures import small
from earmark.report.spending import spent
from earmark.storage.atomic import read_json, write_json, write_text
from earmark.storage.foreign import own_files
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking import columns, parent, views
from earmark.tracking.connection import connected, locked, public
from earmark.tracking.runs import Content, found, fresh, write

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

LAYOUT = "4"  # what a run holds; raise it and the next sync writes every run again
SOURCE = {"mlflow.source.name": "earmark", "mlflow.source.type": "LOCAL"}
NOTE_CHARS = 4900
TABLES = json.dumps([{"path": "attempts.json", "type": "table"}])


class MlflowTracker:
    """Runs of one experiment in one store. Safe to use from several processes that share the sweep's folder.

    Args:
        uri: an MLflow tracking URI: sqlite:///… or http://….
        artifacts: folder of artifacts for a store without a server; a server keeps them where it was told to.
        experiment: name of the experiment; made when it is not there.
    """

    def __init__(self, uri: str, artifacts: str | None = None, experiment: str = "earmark") -> None:
        self.uri, self.artifacts, self.experiment = uri, artifacts, experiment

    def sweep(self, folder: SweepFolder) -> str | None:
        """Bring the parent and the run of every finished run up to date; a link to the parent. Raises TrackingUnavailable."""
        with (
            connected(self.uri, artifacts=self.artifacts, experiment=self.experiment) as (
                client,
                experiment,
            ),
            locked(_lock(folder)),
        ):
            parent_id = _parent(client, experiment, folder)
            there = _children(client, experiment, folder)
            while True:
                for run in folder.runs():
                    _run(client, experiment, parent_id, run, there[run.summary().key])
                written = _summarised(client, experiment, parent_id, folder)
                if written == parent_id:
                    return self._link(experiment, parent_id)
                parent_id = (
                    written  # a parent that lost a number was made again: its children follow it
                )
                there = _children(client, experiment, folder)

    def run(self, folder: RunFolder) -> str | None:
        """Bring the run of one finished run up to date; a link to it. Raises TrackingUnavailable."""
        sweep, key = SweepFolder(folder.path.parent), folder.summary().key
        with (
            connected(self.uri, artifacts=self.artifacts, experiment=self.experiment) as (
                client,
                experiment,
            ),
            locked(_lock(sweep)),
        ):
            there = found(client, experiment, kind="run", sweep=sweep.name, run=key)
            if len(there) == 1 and fresh(there[0], _made_from(folder)):
                return self._link(experiment, there[0].info.run_id)
            return self._link(
                experiment,
                _run(client, experiment, _parent(client, experiment, sweep), folder, there),
            )

    def reachable(self) -> str:
        """One line about a store that answers. Raises TrackingUnavailable."""
        with connected(self.uri, artifacts=self.artifacts, experiment=self.experiment) as (
            client,
            experiment,
        ):
            mlflow_runs = len(client.search_runs([experiment], max_results=1000))
        return f"{public(self.uri)} answers; experiment {self.experiment} holds {mlflow_runs if mlflow_runs < 1000 else '1000 or more'} runs"

    def _link(self, experiment: str, mlflow_run: str) -> str:
        base = self.uri.rstrip("/") if self.uri.startswith("http") else "http://127.0.0.1:5000"
        return f"{base}/#/experiments/{experiment}/runs/{mlflow_run}?workflowType=machine_learning"


def _lock(folder: SweepFolder) -> Path:
    return folder.path / ".tracking.lock"


def _made_from(folder: RunFolder) -> str:
    return digest([LAYOUT, file_digest(folder.path / "run.json")])[:32]


def _children(
    client: "MlflowClient", experiment: str, folder: SweepFolder
) -> dict[str, list["MlflowRun"]]:
    there: dict[str, list[MlflowRun]] = defaultdict(list)
    for mlflow_run in found(client, experiment, kind="run", sweep=folder.name):
        there[mlflow_run.data.tags["earmark.run"]].append(mlflow_run)
    return there


def _parent(client: "MlflowClient", experiment: str, folder: SweepFolder) -> str:
    there = found(client, experiment, kind="sweep", sweep=folder.name)
    for double in there[1:]:
        client.delete_run(double.info.run_id)  # its children are given to the one that stays
    if there:
        return str(there[0].info.run_id)
    mlflow_run = client.create_run(
        experiment,
        start_time=_started_ms(folder),
        run_name=folder.name,
        tags={**_parent_tags(folder), **SOURCE},
    )
    client.update_run(mlflow_run.info.run_id, status="SCHEDULED")
    return str(mlflow_run.info.run_id)


def _run(
    client: "MlflowClient",
    experiment: str,
    parent_id: str,
    folder: RunFolder,
    there: list["MlflowRun"],
) -> str:
    """The run of a finished run, written unless the one there was made from the same summary and has this parent."""
    made_from = _made_from(folder)
    if (
        len(there) == 1
        and fresh(there[0], made_from)
        and there[0].data.tags.get("mlflow.parentRunId") == parent_id
    ):
        return str(there[0].info.run_id)
    run = folder.run()
    with tempfile.TemporaryDirectory(prefix="earmark-run-") as place:
        _run_files(run, folder, Path(place))
        content = Content(
            name=label(run),
            made_from=made_from,
            params=columns.params(run),
            metrics=columns.metrics(run),
            tags={
                **columns.tags(run),
                "mlflow.note.content": columns.note(run),
                **_shown(parent_id),
            },
            datasets=columns.datasets(run),
            folders={
                "": Path(place),
                **({"attempts": folder.path / "attempts"} if run.attempts else {}),
            },
            started_ms=_ms(
                min(
                    (path.stat().st_mtime for path in folder.path.glob("attempts/*/*/prompt.md")),
                    default=_ended(folder),
                )
            ),
            ended_ms=_ms(_ended(folder)),
        )
        return write(client, experiment, there, content)


def _run_files(run: Run, folder: RunFolder, place: Path) -> None:
    write_json(place / "attempts.json", columns.table(run))
    write_text(place / "listen.html", travelling(label(run), [(folder, run)]))
    for task, one in columns.pictured(run).items():
        _picture(folder.folder_of(one) / "out.png", place / "images", task)
    for name in ("run.json", "run.log"):
        if (folder.path / name).is_file():
            shutil.copyfile(folder.path / name, place / name)


def _picture(png: Path, into: Path, key: str) -> None:
    """Under the names by which MLflow's charts find a logged image, full and small."""
    if png.is_file():
        into.mkdir(exist_ok=True)
        name = f"{key}+step+0+timestamp+0+{uuid5(NAMESPACE_URL, key)}"
        shutil.copyfile(png, into / f"{name}.png")
        small(png).save(into / f"{name}+compressed.webp", format="WEBP", quality=60)


def _summarised(
    client: "MlflowClient", experiment: str, parent_id: str, folder: SweepFolder
) -> str:
    """Bring the parent to what is finished; left alone when it was made from the same runs. Its id, new where it was made again."""
    runs, facts = (
        folder.runs(),
        {name: value for name, value in folder.facts().items() if name != "complete"},
    )
    made_from = digest([LAYOUT, facts, [_made_from(run) for run in runs], _baselines(folder)])[:32]
    mlflow_run = client.get_run(parent_id)
    if mlflow_run.data.tags.get("earmark.made_from") == made_from:
        return parent_id
    done = len(runs) >= int(facts.get("runs", len(runs)))
    heard = [run.summary() for run in runs]
    sums = spent(heard)
    with tempfile.TemporaryDirectory(prefix="earmark-run-") as place:
        _sweep_files(folder, heard, Path(place), done=done)
        content = Content(
            name=folder.name,
            made_from=made_from,
            metrics={
                "runs": float(len(runs)),
                **sums.values,
                **parent.metrics(heard),
                **columns.baselines(_baselines(folder)),
            },
            tags={
                **_sweep_tags(folder, {**facts, **parent.facts(heard)}, len(runs)),
                **_untold(sums),
                **_note(folder),
            },
            folders={"": Path(place)},
            ended_ms=_ms(max((_ended(run) for run in runs), default=0.0)),
            status="FINISHED" if done else "SCHEDULED",
        )
        written = write(client, experiment, [mlflow_run], content)
    views.save(client, experiment)
    return written


def _sweep_files(folder: SweepFolder, runs: list[Run], place: Path, *, done: bool) -> None:
    write_json(place / "sweep.json", folder.facts())
    write_json(place / "config.json", parent.config(runs))
    for kind in ("references", "baselines"):
        own_files(folder.path / kind)
        for kept in folder.path.glob(f"{kind}/*.json"):
            write_text(place / kind / kept.name, kept.read_text(encoding="utf-8"))
    if (
        done and folder.runs()
    ):  # reading every attempt of a sweep that is about to go on would only delay it
        write_text(
            place / "leaderboard.html",
            travelling(folder.name, [(run, run.run()) for run in folder.runs()]),
        )


def _untold(sums: Scores) -> dict[str, str]:
    return {f"unscored.{name}": reason for name, reason in sums.unscored.items()}


def _baselines(folder: SweepFolder) -> list[Json]:
    """What the scores of the sweep are read against, one for each tier, pipeline and set of tasks."""
    return [read_json(path) for path in sorted(folder.path.glob("baselines/*.json"))]


def _sweep_tags(folder: SweepFolder, facts: Json, done: int) -> dict[str, str]:
    told = {
        **facts,
        "finished": f"{done} of {facts.get('runs', done)} runs",
        "kind": "sweep",
        "sweep": folder.name,
    }
    plain = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()
    }
    return {f"earmark.{name}": value[: columns.TAG_CHARS] for name, value in plain.items()}


def _note(folder: SweepFolder) -> dict[str, str]:
    said = markdown(folder)
    if len(said) > NOTE_CHARS:
        whole_lines = said[:NOTE_CHARS].rsplit("\n", 1)[0]
        said = f"{whole_lines}\n\n(more in leaderboard.html)"
    return {"mlflow.note.content": said}


def _parent_tags(folder: SweepFolder) -> dict[str, str]:
    return {"earmark.kind": "sweep", "earmark.sweep": folder.name}


def _shown(parent_id: str) -> dict[str, str]:
    return {
        "mlflow.parentRunId": parent_id,
        "mlflow.loggedArtifacts": TABLES,
        "mlflow.loggedImages": "true",
        **SOURCE,
    }


def _started_ms(folder: SweepFolder) -> int | None:
    started = folder.facts().get("started")
    return _ms(datetime.fromisoformat(started).timestamp()) if isinstance(started, str) else None


def _ended(folder: RunFolder) -> float:
    return (folder.path / "run.json").stat().st_mtime


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
