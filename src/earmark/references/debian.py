"""A distribution package -> its files in a cache folder, without root and without installing it.

In: a package's name. Out: the folder with its files, and its version. Uses `apt-get download` (which verifies the archive's
signatures) and `dpkg-deb -x`. It runs no script of the package.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from earmark.errors import MetricUnavailable
from earmark.storage.atomic import write_text

HINT = "set reference=rendered or reference=folder"


@dataclass(frozen=True)
class Unpacked:
    """A package's files."""

    package: str
    version: str
    folder: Path


def unpacked(package: str, into: Path, *, seconds_to_fetch: float) -> Unpacked:
    """The package's files under `into`; fetched when they are not there.

    Raises:
        MetricUnavailable: no apt-get or dpkg-deb, no package lists, no network, or it takes too long.
    """
    target = into / package
    if not (target / "VERSION").is_file():
        for tool in ("apt-get", "dpkg-deb"):
            if shutil.which(tool) is None:
                raise MetricUnavailable(f"{package}: cannot be fetched, {tool} is not here; {HINT}")
        into.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{package}-", dir=into) as folder:
            _fetch(package, Path(folder), target, seconds=seconds_to_fetch)
    return Unpacked(
        package, (target / "VERSION").read_text(encoding="utf-8").strip(), target / "files"
    )


def _fetch(package: str, folder: Path, target: Path, *, seconds: float) -> None:
    # _apt may not enter a private folder, and then apt-get warns and downloads as the caller: told to do so, it is quiet.
    _run(
        ["apt-get", "-q", "-o", "APT::Sandbox::User=", "download", package],
        package,
        folder,
        seconds,
    )
    archives = list(folder.glob("*.deb"))
    if len(archives) != 1:
        raise MetricUnavailable(
            f"{package}: apt-get left {len(archives)} archives where 1 was asked; {HINT}"
        )
    made = folder / "made"
    made.mkdir()
    _run(["dpkg-deb", "-x", str(archives[0]), str(made / "files")], package, folder, seconds)
    write_text(made / "VERSION", archives[0].name.split("_")[1].replace("%3a", ":") + "\n")
    if not target.exists():  # another process may have been faster
        made.rename(target)


def _run(command: list[str], package: str, folder: Path, seconds: float) -> None:
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MetricUnavailable(
            f"{package}: {command[0]} took more than {seconds:g} s; try again, or {HINT}"
        ) from error
    if done.returncode != 0:
        said = " ".join(done.stderr.split())[-200:]
        raise MetricUnavailable(
            f"{package}: {command[0]} failed ({said}); run `apt-get update` as root once, or {HINT}"
        )
