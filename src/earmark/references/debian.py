"""Fetch a distribution package into a cache folder, without root and without installing it.

Uses `apt-get download`, which verifies the archive's signatures, and `dpkg-deb -x`. It runs no
script of the package.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from earmark.errors import MetricUnavailable
from earmark.references.store import whole_folder
from earmark.storage.atomic import make_folder, write_text

HINT = "set reference=rendered or reference=folder"
TOOLS = ("apt-get", "dpkg-deb")
VERSION = "VERSION"


@dataclass(frozen=True)
class Unpacked:
    """A package's files."""

    package: str
    version: str
    folder: Path


def unpacked(package: str, into: Path, *, seconds_to_fetch: float) -> Unpacked:
    """The package's files under `into`; fetched when they are not there.

    Raises:
        MetricUnavailable: no apt-get or dpkg-deb, no package lists, no network, or too slow.
    """
    target = into / package
    if not (target / VERSION).is_file():
        for tool in TOOLS:
            if shutil.which(tool) is None:
                raise MetricUnavailable(
                    f"{package} cannot be fetched: {tool} is not installed; {HINT}"
                )
        make_folder(into)
        with (
            TemporaryDirectory(prefix=f".{package}-", dir=into) as downloads,
            whole_folder(target, marker=VERSION) as working,
        ):
            _fetch(package, Path(downloads), working, seconds=seconds_to_fetch)
    version = (target / VERSION).read_text(encoding="utf-8").strip()
    return Unpacked(package, version, target / "files")


def _fetch(package: str, downloads: Path, working: Path, *, seconds: float) -> None:
    # _apt may not enter a private folder, and then apt-get warns and downloads as the caller: with
    # the user set, it does so quietly.
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=", "download", package]
    _run(command, package, downloads, seconds)
    archives = list(downloads.glob("*.deb"))
    if len(archives) != 1:
        raise MetricUnavailable(
            f"{package}: apt-get must leave 1 archive, it left {len(archives)}; {HINT}"
        )
    command = ["dpkg-deb", "-x", str(archives[0]), str(working / "files")]
    _run(command, package, downloads, seconds)
    version = archives[0].name.split("_")[1].replace("%3a", ":")
    write_text(working / VERSION, version + "\n")


def _run(command: list[str], package: str, folder: Path, seconds: float) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
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
        reason = " ".join(done.stderr.split())[-200:]
        raise MetricUnavailable(
            f"{package}: {command[0]} failed ({reason});"
            f" run `apt-get update` as root once, or {HINT}"
        )
