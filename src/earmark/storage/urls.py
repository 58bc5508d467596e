"""Addresses of the tracking store: the one place where paths become URLs and URLs become paths.

A project's folder may have any name. SQLAlchemy reads `?` and `%` in the URL of an sqlite file as
something else, and artifacts are addressed by file URLs, which escape more.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from earmark import paths

SQLITE = "sqlite:///"


def tracking_uri() -> str:
    """The store of this project: MLFLOW_TRACKING_URI, else the file where a bare `mlflow ui` looks.

    In the project's folder, MLflow without further settings reads `mlflow.db`.
    """
    return os.environ.get("MLFLOW_TRACKING_URI") or sqlite_url(paths.root() / "mlflow.db")


def sqlite_url(path: Path) -> str:
    """The URL of an sqlite file. Spaces and quotes stay: MLflow makes folders of what it reads."""
    return SQLITE + str(path).replace("%", "%25").replace("?", "%3F")


def sqlite_path(url: str) -> Path | None:
    """The file behind the URL of an sqlite store; None for any other store."""
    if not url.startswith(SQLITE):
        return None
    return Path(unquote(url.removeprefix(SQLITE).partition("?")[0]))


def file_url(path: str | Path) -> str:
    """The URL of a folder of artifacts."""
    return Path(path).absolute().as_uri()


def file_path(url: str) -> Path | None:
    """The path behind a file URL or a bare path; None where a server keeps the artifacts."""
    address = urlsplit(url)
    if address.scheme == "":
        return Path(url)
    return Path(url2pathname(address.path)) if address.scheme == "file" else None
