"""Where a sweep comes from, for sweep.json: versions and the state of the checkout.

No paths, no environment, no names.
"""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version

from earmark.paths import CHECKOUT

PACKAGES = (
    *("earmark", "hydra-core", "litellm", "mlflow", "optuna", "torch", "transformers"),
    *("frechet-audio-distance", "numpy", "scipy", "soundfile"),
)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that can change a number."""
    found = {"python": platform.python_version(), "platform": platform.system()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def git_state() -> str:
    """The commit, marked `dirty` where files differ from it; or why there is none."""
    try:
        commit = _git("rev-parse", "HEAD")
        changes = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "no git checkout"
    return f"{commit} dirty" if changes else commit


def _git(*words: str) -> str:
    command = ["git", "-C", str(CHECKOUT), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
