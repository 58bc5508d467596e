"""What of this machine a program must be able to read: interpreter, standard library, system libraries, listed packages.

In: the running interpreter and the contract's list. Out: absolute paths. Nothing is copied, and the project's own environment is not
among them.
"""

import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from earmark.errors import ConfigError

LIBRARIES = ("/lib", "/lib64", "/usr/lib64")
SERVE = (
    "from earmark.sandbox.inside.worker import main; main"  # cheaper than -m, which brings runpy
)
PASSED_ON = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
)  # some processors compute wrongly without them


def executable() -> str:
    """The interpreter itself, not the link in a virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def standard_library() -> list[str]:
    """The folders of the standard library."""
    base = {
        "installed_base": sys.base_prefix,
        "platbase": sys.base_exec_prefix,
    }  # a virtual environment's own folder holds packages alone
    return sorted(
        {os.path.realpath(sysconfig.get_path(name, vars=base)) for name in ("stdlib", "platstdlib")}
    )


def libraries() -> list[str]:
    """Folders of shared libraries, and libpython where the interpreter needs one."""
    multiarch = sysconfig.get_config_var("MULTIARCH") or "none"
    folders = [f"/usr/lib/{multiarch}", f"/lib/{multiarch}", "/usr/lib64", "/lib64"]
    found = {os.path.realpath(folder) for folder in folders if os.path.isdir(folder)}
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
        found |= {os.path.join(folder, name)} & {
            path for path in [os.path.join(folder, name)] if os.path.exists(path)
        }
    return sorted(found)


@cache
def readable() -> tuple[str, ...]:
    """Everything but packages."""
    return (executable(), *standard_library(), *libraries())


def environment(*, home: str, inside: str) -> dict[str, str]:
    """All that a program sees of an environment: one BLAS thread, UTC, a fixed hash seed, the scratch folder as home."""
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
    )
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "HOME": home,
        "TMPDIR": home,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": inside,
        **threads,
        **passed,
    }


def command(*, descriptor: int) -> list[str]:
    """A bare interpreter that serves as a worker on an inherited socket."""
    return [executable(), "-S", "-s", "-P", "-B", "-X", "utf8", "-c", f"{SERVE}({descriptor})"]


@cache
def visible(packages: tuple[str, ...]) -> Mapping[str, str]:
    """Top-level names of the listed packages and of what they need, each with its path; ConfigError names what is not installed."""
    found: dict[str, str] = {}
    for dist in _closure(packages):
        for file in dist.files or ():
            top = file.parts[0]
            if top not in {"..", "__pycache__"} and not top.endswith((".dist-info", ".pth")):
                found[top] = os.path.realpath(str(dist.locate_file(top)))
    return found


def _closure(packages: Iterable[str]) -> list[metadata.Distribution]:
    """The distributions that hold `packages`, and those they require without any extra."""
    waiting, dists = [_named(name) for name in packages], dict[str, metadata.Distribution]()
    while waiting:
        dist = waiting.pop()
        if dist.name in dists:
            continue
        dists[dist.name] = dist
        for line in dist.requires or ():
            name = re.match(r"[\w.-]+", line)
            if name and "extra ==" not in line and (needed := _installed(name[0])):
                waiting.append(needed)
    return list(dists.values())


def _installed(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _named(package: str) -> metadata.Distribution:
    if dist := _installed(package):
        return dist
    for name in metadata.packages_distributions().get(package, ()):
        return metadata.distribution(name)
    raise ConfigError(
        f"sandbox.limits.packages: {package!r} must be a package installed beside earmark; install it with pip, or take it off the list"
    )


def closed_to_others(paths: Iterable[str]) -> dict[str, list[str]]:
    """Folders on the way to `paths` that another user may not pass, the outermost of each way, with the paths behind them."""
    behind: dict[str, list[str]] = {}
    for path in dict.fromkeys(paths):
        way = list(reversed(Path(path).parents))
        closed = next((str(folder) for folder in way if not folder.stat().st_mode & 0o001), None)
        if closed:
            behind.setdefault(closed, []).append(path)
    return behind


def shown(closed: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """What stage.lay shows of closed folders: each path where it was."""
    return {folder: {path: path for path in behind} for folder, behind in closed.items()}
