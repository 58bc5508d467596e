"""Writes one MLflow run so that it holds its content and nothing else.

MLflow keeps params and metrics for ever: a run that holds others is deleted and made again.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.records import Task
from earmark.storage.urls import file_path
from earmark.tracking.connection import NOTE, lock
from earmark.tracking.registry import register_tasks, register_wording
from earmark.tracking.trace_content import TraceContent
from earmark.tracking.traces import TraceWriter, quoted, tracing_client

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput
    from mlflow.entities import Run as MlflowRun

MADE_FROM = "earmark.made_from"
STOPPED = "KILLED"  # MLflow's word for a run that was given up
# "genai_evaluate", which MLflow's own evaluations have, is read by no page; a parent whose children
# have this one is open when the page of runs is first seen.
EVALUATION_RUN = {"mlflow.runType": "evaluation"}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What makes an MLflow run an evaluation run: its attempts as traces, its wording, its tasks.

    `owner` is sweep and run key; `wording` the name of the prompt and its templates; `lock` the
    file that is locked while wording and tasks are registered.
    """

    owner: tuple[str, str]
    traces: Iterable[TraceContent]
    wording: tuple[str, Mapping[str, str]]
    tasks: Sequence[Task]
    lock: Path


@dataclass(frozen=True, slots=True)
class Content:
    """What an MLflow run is to hold; times are in ms since 1970.

    `folders` maps a path among the artifacts to a folder on disk.
    """

    name: str
    made_from: str
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: Sequence[tuple[str, str, str]] = ()
    evaluation: "Evaluation | None" = None
    folders: Mapping[str, Path] = field(default_factory=dict)
    started_ms: int = 0
    ended_ms: int = 0
    status: str = "FINISHED"


def find_runs(client: "MlflowClient", experiment: str, **named: str) -> list["MlflowRun"]:
    """The runs that have all these tags, named without their prefix; the oldest first."""
    where = " and ".join(
        f"tags.`earmark.{name}` = {quoted(value)}" for name, value in named.items()
    )
    runs, token = [], None
    while True:
        page = client.search_runs(
            [experiment], where, order_by=["attributes.start_time ASC"], page_token=token
        )
        runs += list(page)
        if not (token := page.token):
            return runs


def is_fresh(run: "MlflowRun", made_from: str) -> bool:
    """True when the run is whole and was made from exactly this."""
    ended = run.info.status in ("FINISHED", STOPPED)
    return ended and run.data.tags.get(MADE_FROM) == made_from


def write(
    client: "MlflowClient", experiment: str, there: Sequence["MlflowRun"], content: Content
) -> str:
    """Bring the first of `there` to the content, or make a run; the others are deleted.

    The digest is written after the artifacts, so that a run that has it is whole.
    """
    from mlflow.entities import Metric, Param, RunTag

    kept = there[0] if there and _can_become(there[0], content) else None
    for run in there:
        if run is not kept:
            client.delete_run(run.info.run_id)
    run_id = str(kept.info.run_id) if kept else _create(client, experiment, content)
    for place, folder in content.folders.items():
        client.log_artifacts(run_id, str(folder), place or None)
    for name in kept.data.tags if kept else {}:
        if name.startswith(("earmark.", "unscored.")) and name not in content.tags:
            client.delete_tag(run_id, name)
    tags, datasets = {**content.tags}, [_dataset(*one) for one in content.datasets]
    if content.evaluation is not None:
        linked, tasks = _evaluate(client, experiment, run_id, content.evaluation)
        tags |= linked
        datasets = [*tasks, *datasets]
    if kept and kept.data.tags.get(NOTE, "").startswith(tags.get(NOTE, "")):
        tags.pop(NOTE, None)  # it says the run's place as well, see run_note
    tags[MADE_FROM] = content.made_from
    # MLflow shows the value of the latest time, and of equal times the larger one: a number that
    # fell since would not be seen.
    stamp_ms = round(time.time() * 1000) if kept else content.ended_ms
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, stamp_ms, 0) for name, value in content.metrics.items()],
        params=[Param(name, value) for name, value in content.params.items()],
        tags=[RunTag(name, value) for name, value in tags.items()],
    )
    if datasets:
        client.log_inputs(run_id, datasets)
    began_ms = kept.info.start_time if kept else content.started_ms
    client.set_terminated(run_id, content.status, max(content.ended_ms, began_ms) or None)
    return run_id


def _create(client: "MlflowClient", experiment: str, content: Content) -> str:
    named = {
        name: value for name, value in content.tags.items() if name != "mlflow.loggedArtifacts"
    }
    run = client.create_run(
        experiment, start_time=content.started_ms or None, run_name=content.name, tags=named
    )
    run_id = str(run.info.run_id)
    # A process that is killed from here on leaves nothing that looks as if it ran.
    client.update_run(run_id, status="SCHEDULED")
    return run_id


def _evaluate(
    client: "MlflowClient", experiment: str, run_id: str, evaluation: Evaluation
) -> tuple[dict[str, str], list["DatasetInput"]]:
    """Write the traces; the tags and the dataset that make the run an evaluation run."""
    tracing = tracing_client(client.tracking_uri)
    tags, datasets, prompts = dict(EVALUATION_RUN), [], []
    with lock(evaluation.lock):
        if wording := register_wording(client, experiment, *evaluation.wording):
            name, version = wording
            prompts = [wording]
            tags["mlflow.linkedPrompts"] = json.dumps([{"name": name, "version": version}])
        if evaluation.tasks:
            named = register_tasks(client, tracing, experiment, evaluation.tasks)
            datasets = [_evaluation_dataset(*named)]
    writer = TraceWriter(
        tracing,
        experiment=experiment,
        run_id=run_id,
        owner=evaluation.owner,
        artifacts=file_path(str(client.get_run(run_id).info.artifact_uri)),
        prompts=prompts,
    )
    writer.write(evaluation.traces)
    return tags, datasets


def _evaluation_dataset(name: str, content: str, dataset_id: str) -> "DatasetInput":
    from mlflow.entities import Dataset, DatasetInput

    source = json.dumps({"dataset_id": dataset_id})
    return DatasetInput(
        Dataset(name=name, digest=content, source_type="mlflow_evaluation_dataset", source=source)
    )


def _can_become(run: "MlflowRun", content: Content) -> bool:
    same = all(content.params.get(name) == value for name, value in run.data.params.items())
    return same and set(run.data.metrics) <= set(content.metrics)


def _dataset(name: str, digest: str, context: str) -> "DatasetInput":
    from mlflow.entities import Dataset, DatasetInput, InputTag

    about = json.dumps({"kind": context})
    return DatasetInput(
        Dataset(name=name, digest=digest, source_type="local", source=about),
        [InputTag("mlflow.data.context", context)],
    )
