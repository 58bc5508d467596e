"""Gets a run back from an MLflow store, as the folder that it was written from."""

import re
from pathlib import Path

from earmark.errors import ConfigError
from earmark.storage.run_folder import RunFolder
from earmark.tracking.connection import connect, redact


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
    sweep, key = tags.get("earmark.sweep", ""), tags.get("earmark.run", "")
    if not re.fullmatch("[0-9a-f]{16}", key) or Path(sweep).name != sweep or sweep in ("", ".."):
        raise ConfigError(
            f"{run_id}: its tags must name a sweep and a run, got {sweep!r} and {key!r}; "
            "give a run's folder"
        )
    return sweep, key


def fetch_run(uri: str, run_id: str, into: Path, *, experiment: str = "earmark") -> RunFolder:
    """Download the run's artifacts into a folder, which is then a run's folder.

    Raises:
        TrackingUnavailable: the store does not give them.
    """
    with connect(uri, artifacts=None, experiment=experiment) as (client, _):
        client.download_artifacts(run_id, "", str(into))
    return RunFolder(into)
