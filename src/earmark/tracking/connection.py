"""The way to an MLflow store: a URI -> a client and the experiment's id.

In: URI, artifact folder, experiment name. Out: a client that is made once per process, and TrackingUnavailable for everything a store can
do wrong. It writes no run.
"""

import fcntl
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from earmark import paths
from earmark.errors import TrackingUnavailable

if TYPE_CHECKING:
    from mlflow import MlflowClient

# Offline, MLflow's server and litellm's price list would otherwise be waited for; a server that is gone is not waited for for minutes.
ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}


# Else the interface guesses from what the runs hold and opens them as evaluations of a chat model.
KIND = {"mlflow.experimentKind": "custom_model_development"}


SECRET = re.compile(
    r"([?&][\w.-]*(?:key|token|secret|passw(?:or)?d|pwd|auth|sig|signature|credential)s?=)(?!\*\*\*)[^&#\s]+",
    re.IGNORECASE,
)


def quiet() -> None:
    """Set what keeps MLflow silent and off the network, where the user has not said otherwise."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import mlflow.store.db.utils  # noqa: F401  # it sets its own levels when imported: ours come after

    for name, level in (
        ("alembic", logging.WARNING),
        ("mlflow", logging.WARNING),
        ("mlflow.store.db.utils", logging.CRITICAL),
    ):
        logging.getLogger(name).setLevel(
            level
        )  # what the last one logs as an error is said by us, see guarded


def default_uri() -> str:
    """The store of this project: MLFLOW_TRACKING_URI, else the sqlite file under mlruns/."""
    local = f"sqlite:///{paths.root() / 'mlruns' / 'mlflow.db'}"
    return os.environ.get("MLFLOW_TRACKING_URI") or local


def public(uri: str) -> str:
    """The URI without a password and without keys in its query, fit for a message."""
    return SECRET.sub(r"\1***", re.sub(r"(//[^/@:]*):[^/@]*@", r"\1:***@", uri))


def moved_from(uri: str, *, artifacts: str | None, experiment: str) -> str | None:
    """Where the store keeps artifacts, when that is not where they belong: the checkout has moved. Raises TrackingUnavailable."""
    place = _local_place(uri, artifacts)
    if place is None:
        return None
    with guarded(uri):
        there = _client(uri).get_experiment_by_name(experiment)
    return (
        str(there.artifact_location)
        if there is not None and there.artifact_location != place
        else None
    )


def _local_place(uri: str, artifacts: str | None) -> str | None:
    return (
        Path(artifacts).absolute().as_uri()
        if artifacts is not None and not uri.startswith("http")
        else None
    )


@contextmanager
def connected(
    uri: str, *, artifacts: str | None, experiment: str
) -> Iterator[tuple["MlflowClient", str]]:
    """A client and the experiment's id; whatever the store does wrong inside becomes TrackingUnavailable."""
    with guarded(uri):
        yield _client(uri), _experiment(uri, artifacts, experiment)


@contextmanager
def guarded(uri: str) -> Iterator[None]:
    """Turn whatever a store does wrong into TrackingUnavailable."""
    quiet()
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, RequestException, OSError) as error:
        problem = (str(error).splitlines() or [type(error).__name__])[0][:300]
        hint = "the sweep's folder holds everything: permit writing there or move a damaged store away, then `earmark sync NAME`"
        raise TrackingUnavailable(
            f"{public(uri)}: did not take the runs ({public(problem)}); {hint}"
        ) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time: found-or-made must not become made twice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@cache
def _client(uri: str) -> "MlflowClient":
    from mlflow import MlflowClient

    if uri.startswith("sqlite:///"):
        # The first to come makes the tables; two that make them at once both fail.
        with locked(Path(uri.removeprefix("sqlite:///") + ".lock")):
            return _opened(MlflowClient(tracking_uri=uri))
    return _opened(MlflowClient(tracking_uri=uri))


def _opened(client: "MlflowClient") -> "MlflowClient":
    client.search_experiments(max_results=1)
    return client


@cache
def _experiment(uri: str, artifacts: str | None, name: str) -> str:
    from mlflow.exceptions import MlflowException

    client = _client(uri)
    local = _local_place(uri, artifacts)
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(client.create_experiment(name, artifact_location=local, tags=KIND))
        except MlflowException:
            found = client.get_experiment_by_name(name)  # another process was faster
            if found is None:
                raise
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    if local is not None and found.artifact_location != local:
        moved = f"keeps the artifacts of {name!r} in {found.artifact_location}, but they belong in {local}"
        raise TrackingUnavailable(
            f"{public(uri)}: {moved}; the checkout has moved: `earmark doctor --mend` tells the store"
        )
    return str(found.experiment_id)
