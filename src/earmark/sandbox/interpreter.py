"""Which paths of this machine a program must be able to read, and how its interpreter is started.

These are the interpreter, the standard library, the system's libraries and the listed packages.
Nothing is copied, and the project's own environment is not among them.
"""

import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from earmark.errors import ConfigError, SandboxUnavailable

LIBRARIES = ("/lib", "/lib64", "/usr/lib64")
SERVE = "from earmark.sandbox.inside.worker import main; main"  # -m would import runpy too
# Some processors compute wrongly without these.
PASSED_ON = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
USER = "sandbox"
THREAD_COUNTS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def executable() -> str:
    """The interpreter itself, not the link in a virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def standard_library() -> list[str]:
    """The folders of the standard library."""
    # Those of the base: a virtual environment's own folder holds packages only.
    base = {"installed_base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    paths = [sysconfig.get_path(name, vars=base) for name in ("stdlib", "platstdlib")]
    return sorted({os.path.realpath(path) for path in paths})


def libraries() -> list[str]:
    """Folders of shared libraries, and libpython where the interpreter needs one."""
    multiarch = sysconfig.get_config_var("MULTIARCH") or "none"
    folders = [f"/usr/lib/{multiarch}", f"/lib/{multiarch}", "/usr/lib64", "/lib64"]
    paths = {os.path.realpath(folder) for folder in folders if os.path.isdir(folder)}
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
        if os.path.exists(libpython := os.path.join(folder, name)):
            paths.add(libpython)
    return sorted(paths)


@cache
def readable_paths() -> tuple[str, ...]:
    """All that a program must be able to read, except packages."""
    return (executable(), *standard_library(), *libraries())


def environment(*, home: str, temp: str, inside: str) -> dict[str, str]:
    """The whole environment of a program: one BLAS thread, UTC, a fixed hash seed, a user."""
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {
        "TZ": "UTC",
        # The one locale that needs no file, which a program may set; text is UTF-8 all the same.
        "LANG": "C",
        "PYTHONCOERCECLOCALE": "0",
        "HOME": home,
        "TMPDIR": temp,
        "USER": USER,
        "LOGNAME": USER,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": inside,
        **dict.fromkeys(THREAD_COUNTS, "1"),
        **passed_on,
    }


def command(*, descriptor: int) -> list[str]:
    """A bare interpreter that serves as a worker on an inherited socket."""
    return [executable(), "-S", "-s", "-P", "-B", "-X", "utf8", "-c", f"{SERVE}({descriptor})"]


@cache
def package_paths(packages: tuple[str, ...]) -> Mapping[str, str]:
    """Top-level name -> path, of the listed packages and of what they require.

    Raises:
        ConfigError: a package is not installed.
    """
    paths: dict[str, str] = {}
    for dist in _with_requirements(packages):
        for file in dist.files or ():
            top = file.parts[0]
            if top not in {"..", "__pycache__"} and not top.endswith((".dist-info", ".pth")):
                paths[top] = os.path.realpath(str(dist.locate_file(top)))
    return paths


def _with_requirements(packages: Iterable[str]) -> list[metadata.Distribution]:
    """The distributions that hold `packages`, and those they require without any extra."""
    waiting = [_distribution(name) for name in packages]
    dists: dict[str, metadata.Distribution] = {}
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


def _distribution(package: str) -> metadata.Distribution:
    if dist := _installed(package):
        return dist
    for name in metadata.packages_distributions().get(package, ()):
        return metadata.distribution(name)
    raise ConfigError(
        f"sandbox.limits.packages must list packages of earmark's environment, got {package!r}; "
        "install it with pip, or take it off the list"
    )


def closed_to_others(paths: Iterable[str]) -> dict[str, list[str]]:
    """Folder that other users may not pass -> those of `paths` behind it; the outermost of each."""
    behind: dict[str, list[str]] = {}
    for path in dict.fromkeys(paths):
        for folder in reversed(Path(path).parents):
            if not folder.stat().st_mode & 0o001:
                behind.setdefault(str(folder), []).append(path)
                break
    return behind


def check_readable_by_others(packages: Mapping[str, str]) -> None:
    """Refuse a package that only its owner may read.

    As root, programs run as another user, and would be blamed for it.

    Raises:
        SandboxUnavailable: names the first such file.
    """
    for path in map(Path, packages.values()):
        needed = {path: 0o005, path / "__init__.py": 0o004} if path.is_dir() else {path: 0o004}
        for file, mode in needed.items():
            if file.exists() and file.stat().st_mode & mode != mode:
                raise SandboxUnavailable(
                    f"{file} must be readable by other users, since as root earmark runs programs "
                    f"as another user; run chmod -R go+rX {path.parent}, or start earmark as a "
                    "user who is not root"
                )


def show_in_place(closed: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """For mounts.show_paths: cover each closed folder and show what is behind it where it was."""
    view: dict[str, dict[str, str]] = {}
    for folder, paths in closed.items():
        view[folder] = {path: path for path in paths}
    return view
