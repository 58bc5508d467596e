"""Where things are, as absolute paths: the project root, its sweeps, conf/, the cache.

Nothing is created here. The current directory decides only when the package was installed away from
a checkout and EARMARK_ROOT is not set.
"""

import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
OWN_CONF = "EARMARK_CONF"  # the variable that hands --config-dir on to workers
CHECKOUT = PACKAGE.parents[1]


def root() -> Path:
    """The folder of multirun, mlruns and mlflow.db: EARMARK_ROOT, the checkout, or this folder."""
    if named := os.environ.get("EARMARK_ROOT"):
        return Path(named).expanduser().resolve()
    return CHECKOUT if (CHECKOUT / "pyproject.toml").is_file() else Path.cwd()


def sweeps() -> Path:
    """The folder that holds a folder for each sweep."""
    return root() / "multirun"


def artifacts() -> Path:
    """The folder of the artifacts of the tracking store of this project."""
    return root() / "mlruns" / "artifacts"


def completions() -> Path:
    """The folder of the answers that all sweeps record and share."""
    return sweeps() / ".cassette"


def conf() -> Path:
    """The configuration tree: inside the wheel, or at the top of the checkout."""
    packed = PACKAGE / "conf"
    return packed if packed.is_dir() else CHECKOUT / "conf"


def own_conf() -> Path | None:
    """A configuration folder of the user's own, from `--config-dir`; None without one."""
    named = os.environ.get(OWN_CONF)
    return Path(named).expanduser().resolve() if named else None


def conf_files(pattern: str) -> list[Path]:
    """The files of the configuration that match a pattern, the user's own among them, by name."""
    folders = [conf(), own_conf()]
    found = [path for folder in folders if folder for path in folder.glob(pattern)]
    return sorted(found, key=lambda path: path.name)


def install_hint(extra: str) -> str:
    """How to install an extra of pyproject.toml here."""
    if (CHECKOUT / "pyproject.toml").is_file():
        return f"install it: {sys.executable} -m pip install -c constraints.txt -e '.[{extra}]'"
    return f"install it: pip install 'earmark[{extra}]'"


def environment() -> Path:
    """The folder of what set-up fetches: of the Python environment, whatever the cache is."""
    return Path(sys.prefix) / "share" / "earmark"


def environment_or_cache() -> Path:
    """The environment's folder, or the cache where this user may not write there."""
    folder = environment()
    # Behind a folder that is closed to this user os.path.exists is False, where Path.exists raises.
    nearest = next(place for place in (folder, *folder.parents) if os.path.exists(place))
    return folder if os.access(nearest, os.W_OK) else cache()


def cache() -> Path:
    """The folder of what can be fetched or computed again: EARMARK_CACHE, else the user's cache."""
    if named := os.environ.get("EARMARK_CACHE"):
        return Path(named).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "earmark"
