"""Gets a run back from an MLflow store, as the folder that it was written from."""

from pathlib import Path

from earmark.errors import ConfigError, redact
from earmark.storage.run_folder import RunFolder
from earmark.tracking.connection import connect


def run_of(uri: str, run_id: str, *, experiment: str = "earmark") -> tuple[str, str]:
    """The sweep and the run key of an MLflow run.

    Raises:
        ConfigError: the store holds no such run, or it is not one of a finished run.
        TrackingUnavailable: the store does not answer.
    """
    from mlflow.exceptions import MlflowException

    with connect(uri, artifacts=None, experiment=experiment) as (client, _):
        try:
            tags = client.get_run(run_id).data.tags
        except MlflowException as error:
            raise ConfigError(
                f"unknown run {run_id!r}: not in {redact(uri)}; "
                "give the id of an MLflow run, or a run's folder"
            ) from error
    if tags.get("earmark.kind") != "run":
        kind = tags.get("earmark.kind", "something else")
        raise ConfigError(
            f"{run_id}: must be the MLflow run of one run, got that of a {kind}; "
            "give the id of one of its children"
        )
    return tags["earmark.sweep"], tags["earmark.run"]


def fetch_run(uri: str, run_id: str, into: Path, *, experiment: str = "earmark") -> RunFolder:
    """Download the run's artifacts into a folder, which is then a run's folder.

    Raises:
        TrackingUnavailable: the store does not give them.
    """
    with connect(uri, artifacts=None, experiment=experiment) as (client, _):
        client.download_artifacts(run_id, "", str(into))
    return RunFolder(into)
