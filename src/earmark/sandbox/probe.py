"""Which isolation works here, found by trying; and what to do about those that do not.

In: a limits. Out: a Sandbox, or one report per isolation. Nothing is chosen silently: the choice is on the Sandbox, its reason in the
log.
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
from earmark.sandbox.bubblewrap import Namespaces
from earmark.sandbox.container import Container
from earmark.sandbox.limits import settled
from earmark.sandbox.process import Process
from earmark.sandbox.selftest import WAYS
from earmark.sandbox.workers import Workers

logger = logging.getLogger(__name__)
BEST_FIRST: tuple[type[Workers], ...] = (Namespaces, Process, Container)


def auto(
    *,
    limits: Limits,
    workers: int | None = None,
    warm: bool = True,
    recycle_after: int = 500,
    name: str = "auto",
) -> Sandbox:
    """The best isolation that holds here.

    Raises:
        SandboxUnavailable: none does; the message says why, for each.
        ConfigError: the contract is not one to be held.
    """
    reasons: list[str] = []
    limits = settled(limits)
    if sys.platform == "linux":
        interpreter.visible(limits.packages)  # a name that is wrong is no isolation's fault
    for kind in BEST_FIRST:
        reason = why_not(kind.isolation, limits)
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
def why_not(isolation: str, limits: Limits) -> str | None:
    """None when an isolation passes its self-test here, else the reason. Tried once per process."""
    if sys.platform != "linux" and isolation != "container":
        return f"it needs Linux, this is {sys.platform}"
    kind = next(kind for kind in BEST_FIRST if kind.isolation == isolation)
    sandbox = kind(limits=settled(limits), workers=1, warm=False)
    try:
        sandbox.check()
    except (EarmarkError, OSError) as error:
        return str(error)
    finally:
        sandbox.close()
    return None


def report() -> list[dict[str, Any]]:
    """For each isolation, best first: {"isolation", "works", "why", "hint"}; the way out is empty where it works."""
    told: list[dict[str, Any]] = []
    for kind in BEST_FIRST:
        reason = why_not(kind.isolation, Limits())
        hint = "" if reason is None else _hint(kind.isolation, reason)
        why = f"{WAYS} escapes tried, none worked" if reason is None else reason
        told.append(
            {"isolation": kind.isolation, "works": reason is None, "why": why, "hint": hint}
        )
    refused = "it isolates nothing, and is refused unless it is asked for by name"
    hint = "sandbox=none sandbox.unsafe=true, on a machine that is thrown away after"
    return [*told, {"isolation": "none", "works": False, "why": refused, "hint": hint}]


def _hint(isolation: str, reason: str) -> str:
    if isolation == "container":
        if "cgroups in hybrid mode" in reason:
            return "install the package runc and set sandbox.options=[--runtime,runc]: crun wants cgroups of one version"
        return "start docker or podman, and build the image: `podman build --tag earmark-sandbox conf/sandbox`; untested on macOS"
    if sys.platform != "linux":
        return "use sandbox=container, or run earmark in a Linux machine"
    if isolation == "process":
        return _open_process(reason)
    return _open_namespaces(reason)


def _open_process(reason: str) -> str:
    if "chmod" in reason:
        return "open the folder to other users, or start earmark as a user who is not root"
    return "use a kernel with Landlock (5.13 or newer, `landlock` in the kernel's lsm= list) on x86_64 or aarch64"


def _open_namespaces(reason: str) -> str:
    if "missing" in reason:
        return "install the package bubblewrap, or run `python -m earmark.sandbox.fetch`"
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor refuses user namespaces (Ubuntu 24.04): give bwrap a profile with `userns,`, "
            "or sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        )
    if (
        _setting("kernel/unprivileged_userns_clone") == "0"
        or _setting("user/max_user_namespaces") == "0"
    ):
        return "the kernel refuses user namespaces: sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000"
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return "the container's seccomp profile refuses namespaces: start it with a profile that permits them, or stay with `process`"
    if os.geteuid() == 0 and "closed" in reason:
        return "open the folder to other users, or start earmark as a user who is not root"
    return "see the reason; `process` is used meanwhile where it works"


def _setting(name: str) -> str | None:
    path = Path("/proc/sys") / name
    return path.read_text().strip() if path.is_file() else None
