"""A run of the MLflow store, back as a cell's folder.

In: a store and a run id. Out: the sweep and the cell that the run was written from, and on wish its files. Nothing is written to the store.
"""

from pathlib import Path

from earmark.archive import CellFolder
from earmark.errors import ConfigError
from earmark.tracking.connection import connected, public


def cell_of_run(uri: str, run_id: str, *, experiment: str = "earmark") -> tuple[str, str]:
    """(sweep, cell key) of a run. ConfigError when the store holds no such run, or it is not a cell's; TrackingUnavailable."""
    from mlflow.exceptions import MlflowException

    with connected(uri, artifacts=None, experiment=experiment) as (client, _):
        try:
            tags = client.get_run(run_id).data.tags
        except MlflowException as error:
            raise ConfigError(f"{run_id}: {public(uri)} holds no such run; give the id of a cell's run, or a cell's folder") from error
    if tags.get("earmark.kind") != "cell":
        raise ConfigError(
            f"{run_id}: is the run of {tags.get('earmark.kind', 'something else')}, not of a cell; give that of one of its cells"
        )
    return tags["earmark.sweep"], tags["earmark.cell"]


def fetched(uri: str, run_id: str, into: Path, *, experiment: str = "earmark") -> CellFolder:
    """The run's artifacts in a folder, laid out as the archive left them. TrackingUnavailable."""
    with connected(uri, artifacts=None, experiment=experiment) as (client, _):
        client.download_artifacts(run_id, "", str(into))
    return CellFolder(into)
