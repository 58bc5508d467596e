"""Opens an MLflow store: a client and the experiment, made once per process.

Whatever a store does wrong becomes TrackingUnavailable.
"""

import logging
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.errors import TrackingUnavailable
from earmark.storage.locks import locked
from earmark.storage.urls import file_url, sqlite_path

if TYPE_CHECKING:
    from mlflow import MlflowClient

# Else MLflow waits for its own server and litellm for its price list on a machine without a
# network, and a server that is gone is waited for for minutes.
ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
ABOUT = "Sounds that language models program"
NOTE = "mlflow.note.content"
# Without a kind the interface guesses from what the runs hold and shows those of a chat model.
TAGS = {"mlflow.experimentKind": "genai_development", NOTE: ABOUT}

# A key or its like in the query of a URI.
SECRET = re.compile(
    r"([?&][\w.-]*(?:key|token|secret|passw(?:or)?d|pwd|auth|sig|signature|credential)s?=)"
    r"(?!\*\*\*)[^&#\s]+",
    re.IGNORECASE,
)


def silence() -> None:
    """Keep MLflow quiet and off the network, where the user has not set otherwise."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import mlflow.store.db.utils  # noqa: F401  # it sets its own levels when imported: ours follow

    for name, level in (
        ("alembic", logging.WARNING),
        ("mlflow", logging.WARNING),
        (
            "mlflow.store.db.utils",
            logging.CRITICAL,
        ),  # its errors are raised as well, see store_errors
    ):
        logging.getLogger(name).setLevel(level)


def redact(uri: str) -> str:
    """The URI without a password and without keys in its query, fit for a message."""
    return SECRET.sub(r"\1***", re.sub(r"(//[^/@:]*):[^/@]*@", r"\1:***@", uri))


@contextmanager
def connect(
    uri: str, *, artifacts: str | None, experiment: str
) -> Iterator[tuple["MlflowClient", str]]:
    """A client and the experiment's id. TrackingUnavailable for all that the store does wrong."""
    with store_errors(uri):
        yield _client(uri), _experiment(uri, artifacts, experiment)


@contextmanager
def store_errors(uri: str) -> Iterator[None]:
    """Turn whatever a store does wrong into TrackingUnavailable."""
    silence()
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, RequestException, OSError, sqlite3.Error) as error:
        problem = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise TrackingUnavailable(
            f"{redact(uri)}: did not take the runs ({redact(problem)}); the sweep's folder holds "
            "everything: permit writing there or move a damaged store away, then "
            "run `earmark sync NAME`"
        ) from error


def lock(path: Path) -> AbstractContextManager[None]:
    """Let one process in at a time: what is found or made must not be made twice."""
    return locked(path, error=TrackingUnavailable)


def move_old_store(database: Path, *, wait_seconds: float = 30.0) -> None:
    """Bring the store of earlier versions from mlruns/ to where MLflow looks; artifacts stay."""
    old = database.parent / "mlruns" / database.name
    if database.exists() or not old.is_file():
        return
    with closing(sqlite3.connect(old, timeout=wait_seconds, isolation_level=None)) as store:
        # Waits for a writer, and applies the journal that one who was killed has left.
        store.execute("BEGIN EXCLUSIVE")
        old.rename(database)


def old_artifact_folder(uri: str, *, artifacts: str | None, experiment: str) -> str | None:
    """Where the store keeps artifacts, if not in `artifacts`: the checkout was moved.

    Raises:
        TrackingUnavailable: the store does not answer.
    """
    folder = _local_folder(uri, artifacts)
    if folder is None:
        return None
    with store_errors(uri):
        stored = _client(uri).get_experiment_by_name(experiment)
    if stored is None or stored.artifact_location == folder:
        return None
    return str(stored.artifact_location)


def _local_folder(uri: str, artifacts: str | None) -> str | None:
    """The folder of artifacts as a URI; None where a server has its own."""
    if artifacts is None or uri.startswith("http"):
        return None
    return file_url(artifacts)


@cache
def _client(uri: str) -> "MlflowClient":
    from mlflow import MlflowClient

    database = sqlite_path(uri)
    if database is None:
        return _checked(MlflowClient(tracking_uri=uri))
    # The first to come makes the tables; two processes that make them at once both fail.
    with lock(database.with_name(f".{database.name}.lock")):
        move_old_store(database)
        return _checked(MlflowClient(tracking_uri=uri))


def _checked(client: "MlflowClient") -> "MlflowClient":
    """The client, once its store has answered."""
    client.search_experiments(max_results=1)
    return client


@cache
def _experiment(uri: str, artifacts: str | None, name: str) -> str:
    from mlflow.exceptions import MlflowException

    client = _client(uri)
    folder = _local_folder(uri, artifacts)
    stored = client.get_experiment_by_name(name)
    if stored is None:
        try:
            return str(client.create_experiment(name, artifact_location=folder, tags=TAGS))
        except MlflowException:
            stored = client.get_experiment_by_name(name)  # another process was faster
            if stored is None:
                raise
    if stored.lifecycle_stage == "deleted":
        client.restore_experiment(stored.experiment_id)
    if folder is not None and stored.artifact_location != folder:
        raise TrackingUnavailable(
            f"{redact(uri)}: keeps the artifacts of {name!r} in {stored.artifact_location}, but "
            f"they belong in {folder}; the checkout has moved: run `earmark doctor --mend`"
        )
    return str(stored.experiment_id)
