"""What runs share, registered once: the wording of the prompts and the tasks of a tier.

A wording is a registered prompt and every change of it a version, so that MLflow's page shows the
difference. The tasks of a run are an evaluation dataset, named by tier and content. MLflow refuses
no second copy of either: one process of a project registers at a time, see Evaluation.lock, and of
two machines that register the same wording at once the one that came later takes its version back.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from earmark.identity import digest
from earmark.records import Json, Task, dump

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.tracing.client import TracingClient

T = TypeVar("T")
TRIES = 3  # of a call that another writer may be in the way of
# What MLflow says where another writer was faster, whichever step it was at.
CONFLICTS = (
    *("BAD_REQUEST", "INVALID_PARAMETER_VALUE", "RESOURCE_ALREADY_EXISTS"),
    "RESOURCE_DOES_NOT_EXIST",
)
UNKNOWN = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # no such prompt, no such alias


def register_wording(
    client: "MlflowClient", experiment: str, name: str, templates: Mapping[str, str]
) -> tuple[str, str] | None:
    """Name and version of the registered prompt with these templates; None for no templates."""
    from mlflow.exceptions import MlflowException

    if not templates:
        return None
    text = "\n\n".join(f"## {part}\n{template.rstrip()}" for part, template in templates.items())
    registered = "prompt-" + re.sub(r"[^A-Za-z0-9_.-]", "_", name)
    # The alias finds the version again; an alias that looks like a version, v1, is refused.
    alias = f"text-{digest(text)[:12]}"
    try:
        version = client.get_prompt_version_by_alias(registered, alias).version
    except MlflowException as error:
        if error.error_code not in UNKNOWN:
            raise
        tags = {"_mlflow_experiment_ids": f",{experiment},"}
        version = _first_version(client, registered, text, f"conf/prompt/{name}.yaml", tags)
        _settled(lambda: client.set_prompt_alias(registered, alias, version))
    return registered, str(version)


def _first_version(
    client: "MlflowClient", registered: str, text: str, message: str, tags: Json
) -> int:
    """Register the text, and keep the first version that has it: another machine may be faster."""
    own = _settled(lambda: client.register_prompt(registered, text, message, dict(tags))).version
    versions = _settled(lambda: client.search_prompt_versions(registered))
    same = [int(one.version) for one in versions if one.template == text]
    first = min(same, default=int(own))
    if first != int(own):
        client.delete_prompt_version(registered, str(own))
    return first


def _settled(call: Callable[[], T]) -> T:
    """What `call` gives once no other writer is in its way.

    MLflow looks and then writes: of two machines that add the same prompt, tag or alias at one
    moment, one fails, and so does a look at versions one of which is just taken back. The next try
    finds what the other did.
    """
    from mlflow.exceptions import MlflowException

    for _ in range(TRIES - 1):
        try:
            return call()
        except MlflowException as error:
            if error.error_code not in CONFLICTS:
                raise  # of a store that is gone, say, which MLflow has waited for already
    return call()


def register_tasks(
    client: "MlflowClient", tracing: "TracingClient", experiment: str, tasks: Sequence[Task]
) -> tuple[str, str, str]:
    """Name, digest and id of the evaluation dataset that holds these tasks of one tier."""
    content = digest([dump(task) for task in tasks])[:16]
    name = f"{tasks[0].tier} {content[:8]}"
    there = client.search_datasets(experiment_ids=[experiment], filter_string=f"name = '{name}'")
    first = min(there, key=lambda one: (one.created_time, one.dataset_id), default=None)
    dataset = first or client.create_dataset(name, experiment_id=experiment)
    tracing.store.upsert_dataset_records(dataset.dataset_id, [_record(task) for task in tasks])
    return name, content, str(dataset.dataset_id)


def _record(task: Task) -> Json:
    return {
        "inputs": {"task": task.id, "prompt": task.prompt},
        "expectations": {"sound": task.caption, "seconds": task.seconds, "facts": task.spec},
        "tags": {"split": task.split, "difficulty": str(task.difficulty)},
        "source": {"source_type": "CODE", "source_data": {}},
    }
