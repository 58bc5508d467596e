"""Fetches bubblewrap without root: `python -m earmark.sandbox.fetch`.

`make setup` calls it, and so does every target that runs programs.

The result is share/earmark/bubblewrap/usr/bin/bwrap in the Python environment, or a line that says
why there is none. It never fails a set-up: without bubblewrap the sandbox falls back to `process`
and says so. It prints nothing where nothing is missing.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from earmark import paths
from earmark.sandbox import bubblewrap

TOOLS = ("apt-get", "dpkg-deb")
SECONDS = 120
# Set-up goes on without it, and must not wait.
QUICKLY = (
    *("-o", "Acquire::Retries=0"),
    *("-o", "Acquire::http::Timeout=20"),
    *("-o", "Acquire::https::Timeout=20"),
)
INSTEAD = (
    "install the package bubblewrap for the best isolation; without it programs run in `process`"
)


def fetch() -> str:
    """Fetch bubblewrap unless it is here; what was done, in one sentence, or nothing."""
    folder = paths.environment_or_cache()
    if shutil.which("bwrap") or (folder / bubblewrap.FETCHED).is_file():
        return ""
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        return f"bubblewrap is not here and cannot be fetched without {missing[0]}; {INSTEAD}"
    try:
        _unpack(folder / "bubblewrap")
    except subprocess.CalledProcessError as error:
        reason = " ".join(error.stderr.decode(errors="replace").split())[-200:]
        return (
            f"bubblewrap could not be fetched ({reason}); "
            f"run `apt-get update` as root and try again, or {INSTEAD}"
        )
    except (OSError, subprocess.SubprocessError, StopIteration) as error:
        return f"bubblewrap could not be fetched ({error}); {INSTEAD}"
    if folder == paths.environment():
        return f"bubblewrap fetched into {folder}"
    return (
        f"bubblewrap fetched into the cache, {folder}, since {sys.prefix} may not be written: "
        "keep EARMARK_CACHE and HOME as they are"
    )


def _unpack(folder: Path) -> None:
    """Unpack next to the target and rename, so that half a package is never found."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        # The folder is ours alone; as root, apt would change to a user who may not write it.
        options = ["-q", "-o", "APT::Sandbox::User=", *QUICKLY]
        subprocess.run(
            ["apt-get", *options, "download", "bubblewrap"],
            cwd=temporary,
            check=True,
            timeout=SECONDS,
            capture_output=True,
        )
        package = next(Path(temporary).glob("*.deb"))
        unpacked = Path(temporary) / "unpacked"
        subprocess.run(
            ["dpkg-deb", "-x", str(package), str(unpacked)],
            check=True,
            timeout=SECONDS,
            capture_output=True,
        )
        subprocess.run(
            [unpacked / "usr" / "bin" / "bwrap", "--version"],
            check=True,
            timeout=SECONDS,
            capture_output=True,
        )
        shutil.rmtree(folder, ignore_errors=True)  # what is left of one that lost its program
        unpacked.rename(folder)


def main() -> int:
    """Print what happened; always 0."""
    if done := fetch():
        print(done)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
