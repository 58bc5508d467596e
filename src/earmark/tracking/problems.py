"""One thing that is wrong between the sweeps' folders and a store, and how its parts are named."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

MEND = "run `earmark doctor --mend`"
Folders = dict[str, SweepFolder]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `mlflow_runs` are the ids it is about, `sweep` the folder that can put it right, if any;
    `traces` are those to delete.
    """

    kind: str
    message: str
    hint: str = MEND
    mlflow_runs: tuple[str, ...] = ()
    sweep: SweepFolder | None = None
    traces: tuple[str, ...] = ()


def run_folders(folders: Folders) -> Iterator[tuple[str, RunFolder]]:
    for name, folder in folders.items():
        for run in folder.runs():
            yield name, run


def mlflow_name(mlflow_run: "MlflowRun") -> tuple[str, str, str]:
    """Kind, sweep and run key."""
    tags = mlflow_run.data.tags
    return tags["earmark.kind"], tags.get("earmark.sweep", ""), tags.get("earmark.run", "")
