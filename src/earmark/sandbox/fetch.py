"""bubblewrap without root: `python -m earmark.sandbox.fetch`, called by `make setup`.

In: a Debian-like machine. Out: cache/bubblewrap/usr/bin/bwrap, or a line that says why not. It
never fails a set-up: where there is no bubblewrap the sandbox falls back to `process` and says so.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from earmark import paths

TOOLS = ("apt-get", "dpkg-deb")
SECONDS = 120


def fetch(folder: Path) -> str:
    """Download and unpack the distribution's package below `folder`; what happened, in one sentence."""
    if found := shutil.which("bwrap"):
        return f"bubblewrap is here: {found}"
    if (folder / "usr" / "bin" / "bwrap").is_file():
        return f"bubblewrap was fetched before: {folder}"
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        return f"bubblewrap is not here and cannot be fetched without {missing[0]}; install the package bubblewrap for the best isolation"
    try:
        _unpack(folder)
    except (OSError, subprocess.SubprocessError, StopIteration) as error:
        return f"bubblewrap could not be fetched ({error}); install the package bubblewrap for the best isolation"
    return f"bubblewrap fetched into {folder}"


def _unpack(folder: Path) -> None:
    """Unpack beside the target and rename, so that half a package is never found."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        options = [
            "-q",
            "-o",
            "APT::Sandbox::User=",
        ]  # the folder is ours alone; as root, apt would change to a user who may not write it
        subprocess.run(
            ["apt-get", *options, "download", "bubblewrap"],
            cwd=place,
            check=True,
            timeout=SECONDS,
            capture_output=True,
        )
        package = next(Path(place).glob("*.deb"))
        subprocess.run(
            ["dpkg-deb", "-x", str(package), f"{place}/unpacked"],
            check=True,
            timeout=SECONDS,
            capture_output=True,
        )
        (Path(place) / "unpacked").rename(folder)


def main() -> int:
    """Print what happened; always 0."""
    print(fetch(paths.cache() / "bubblewrap"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
