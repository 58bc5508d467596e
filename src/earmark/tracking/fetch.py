"""A run of the MLflow store, back as a run's folder.

In: a store and a run id. Out: the sweep and the run that the run was written from, and on wish its files. Nothing is written to the store.
"""

import re
from pathlib import Path

from earmark.errors import ConfigError
from earmark.storage.run_folder import RunFolder
from earmark.tracking.connection import connected, public


def run_of_run(uri: str, run_id: str, *, experiment: str = "earmark") -> tuple[str, str]:
    """(sweep, run key) of a run. ConfigError when the store holds no such run, or it is not a run's; TrackingUnavailable."""
    from mlflow.exceptions import MlflowException

    with connected(uri, artifacts=None, experiment=experiment) as (client, _):
        try:
            tags = client.get_run(run_id).data.tags
        except MlflowException as error:
            raise ConfigError(
                f"{run_id}: {public(uri)} holds no such run; give the id of a run's run, or a run's folder"
            ) from error
    if tags.get("earmark.kind") != "run":
        raise ConfigError(
            f"{run_id}: is the run of {tags.get('earmark.kind', 'something else')}, not of a run; give that of one of its runs"
        )
    sweep, key = tags.get("earmark.sweep", ""), tags.get("earmark.run", "")
    if not re.fullmatch("[0-9a-f]{16}", key) or Path(sweep).name != sweep or sweep in ("", ".."):
        raise ConfigError(
            f"{run_id}: its tags name no run, got sweep {sweep!r} and run {key!r}; give a run's folder"
        )
    return sweep, key


def fetched(uri: str, run_id: str, into: Path, *, experiment: str = "earmark") -> RunFolder:
    """The run's artifacts in a folder, laid out as the archive left them. TrackingUnavailable."""
    with connected(uri, artifacts=None, experiment=experiment) as (client, _):
        client.download_artifacts(run_id, "", str(into))
    return RunFolder(into)
