"""Where a sweep comes from: versions and the state of the checkout.

In: the installed packages, git where there is a checkout. Out: short strings for sweep.json. No paths, no environment, no names.
"""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version

from earmark.paths import CHECKOUT

SHOWN = (
    "earmark",
    "hydra-core",
    "litellm",
    "mlflow",
    "optuna",
    "torch",
    "transformers",
    "frechet-audio-distance",
    "numpy",
    "scipy",
    "soundfile",
)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that can change a number."""
    found = {"python": platform.python_version(), "platform": platform.system()}
    for name in SHOWN:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def git_state() -> str:
    """The commit, marked `dirty` where files differ from it; or why there is none."""
    try:
        commit = _git("rev-parse", "HEAD")
        return (
            f"{commit} dirty" if _git("status", "--porcelain", "--untracked-files=no") else commit
        )
    except (OSError, subprocess.CalledProcessError):
        return "no git checkout"


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(CHECKOUT), *words], capture_output=True, text=True, check=True
    ).stdout.strip()
