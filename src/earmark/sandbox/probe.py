"""Finds out by trying which isolation works here, and what to do about those that do not.

The choice is never silent: it is an attribute of the Sandbox, and its reason is logged.
"""

import logging
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from earmark.errors import EarmarkError, SandboxUnavailable
from earmark.records import Limits
from earmark.sandbox import Sandbox, interpreter
from earmark.sandbox.bubblewrap import INSTALL, Namespaces
from earmark.sandbox.container import Container
from earmark.sandbox.limits import validate_limits
from earmark.sandbox.pool import WorkerPool
from earmark.sandbox.process import Process
from earmark.sandbox.selftest import ESCAPES

logger = logging.getLogger(__name__)
BEST_FIRST: tuple[type[WorkerPool], ...] = (Namespaces, Process, Container)


def auto(
    *,
    limits: Limits,
    workers: int | None = None,
    warm: bool = True,
    recycle_after: int = 500,
    name: str = "auto",
) -> Sandbox:
    """The best isolation that works here.

    Raises:
        SandboxUnavailable: none does; the message gives the reason for each.
        ConfigError: the limits cannot be enforced.
    """
    reasons: list[str] = []
    limits = validate_limits(limits)
    if sys.platform == "linux":
        # Raises for a wrong name, which no isolation can help.
        interpreter.package_paths(limits.packages)
    for kind in BEST_FIRST:
        reason = problem_with(kind.isolation, limits)
        if reason is None:
            if reasons:
                logger.warning("sandbox: %s, since %s", kind.isolation, "; ".join(reasons))
            return kind(
                limits=limits, workers=workers, warm=warm, recycle_after=recycle_after, name=name
            )
        reasons.append(f"{kind.isolation} does not work here ({reason})")
    raise SandboxUnavailable(
        f"no isolation works here, so no program is run: {'; '.join(reasons)}; see `earmark doctor`"
    )


@cache
def problem_with(isolation: str, limits: Limits) -> str | None:
    """Why an isolation does not pass its self-test here; None when it does.

    It is tried once per process.
    """
    if sys.platform != "linux" and isolation != "container":
        return f"it needs Linux, this is {sys.platform}"
    kind = next(kind for kind in BEST_FIRST if kind.isolation == isolation)
    sandbox = kind(limits=validate_limits(limits), workers=1, warm=False)
    try:
        sandbox.check()
    except (EarmarkError, OSError) as error:
        return str(error)
    finally:
        sandbox.close()
    return None


def report() -> list[dict[str, Any]]:
    """For each isolation, best first: {"isolation", "works", "why", "hint"}.

    The hint says what to do, and is empty where the isolation works.
    """
    rows: list[dict[str, Any]] = []
    for kind in BEST_FIRST:
        reason = problem_with(kind.isolation, Limits())
        works = reason is None
        why = reason or f"tried {ESCAPES} escapes, none worked"
        hint = _hint(kind.isolation, reason) if reason else ""
        rows.append({"isolation": kind.isolation, "works": works, "why": why, "hint": hint})
    refused = "it isolates nothing, and is refused unless you set it by name"
    hint = "set sandbox=none sandbox.unsafe=true, on a machine that is thrown away afterwards"
    return [*rows, {"isolation": "none", "works": False, "why": refused, "hint": hint}]


def _hint(isolation: str, reason: str) -> str:
    if isolation == "container":
        if "cgroups in hybrid mode" in reason:
            return (
                "crun needs cgroups of one version: install the package runc and set "
                "sandbox.options=[--runtime,runc]"
            )
        return (
            "start docker or podman, and build the image with "
            "`podman build --tag earmark-sandbox conf/sandbox`; not tested on macOS"
        )
    if sys.platform != "linux":
        return "set sandbox=container, or run earmark in a Linux machine"
    if isolation == "process":
        return _process_hint(reason)
    return _namespaces_hint(reason)


def _process_hint(reason: str) -> str:
    if "chmod" in reason:
        return "open the folder to other users, or start earmark as a user who is not root"
    return (
        "use a kernel with Landlock (5.13 or newer, `landlock` in the kernel's lsm= list) "
        "on x86_64 or aarch64"
    )


def _namespaces_hint(reason: str) -> str:
    if "missing" in reason:
        return INSTALL
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor refuses user namespaces (Ubuntu 24.04): give bwrap a profile with `userns,`, "
            "or set sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        )
    if (
        _setting("kernel/unprivileged_userns_clone") == "0"
        or _setting("user/max_user_namespaces") == "0"
    ):
        return (
            "the kernel refuses user namespaces: set sysctl kernel.unprivileged_userns_clone=1 "
            "user.max_user_namespaces=10000"
        )
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return (
            "the container's seccomp profile refuses namespaces: start it with a profile that "
            "permits them, or stay with `process`"
        )
    if os.geteuid() == 0 and "closed" in reason:
        return "open the folder to other users, or start earmark as a user who is not root"
    return "read the reason; meanwhile `process` is used where it works"


def _setting(name: str) -> str | None:
    path = Path("/proc/sys") / name
    return path.read_text().strip() if path.is_file() else None
