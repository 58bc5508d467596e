"""The hostile suite holds for a user who is not root: root gives up root and runs it again.

An interpreter or checkout below a folder that others may not enter is bound, in a mount namespace
of the test's own, onto a fresh tmpfs in its place; the machine keeps its permissions.
"""

import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.hostile_programs import programs

ROOT = Path(__file__).parents[2]
NOBODY = "65534"
# What only another user can show: what a shared uid or a capability of root would let through.
ALWAYS = [
    "signal_victim",
    "renice_victim",
    "limit_victim",
    "chmod_canary",
    "read_environment_of_others",
    "fork_bomb",
    "raise_limits",
]

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None or shutil.which("unshare") is None,
    reason="needs root to become another user; for any other user test_hostile.py is this test",
)


def shut_ancestor(path: Path) -> Path | None:
    """The outermost folder on the way to `path` that others may not enter."""
    return next(
        (folder for folder in reversed([path, *path.parents]) if not folder.stat().st_mode & 0o001),
        None,
    )


def script(command: list[str]) -> str:
    """Shell lines that open what is shut and then become the user nobody."""
    lines = ["set -e", "umask 022"]
    for number, path in enumerate({Path(sys.base_prefix), ROOT}):
        if (shut := shut_ancestor(path)) is not None:
            held = f"/mnt/held-{number}"
            lines += [
                "mount -t tmpfs -o mode=755 none /mnt",
                f"mkdir {held}",
                f"mount --bind '{path}' {held}",
            ]
            lines += [
                f"mount -t tmpfs -o mode=755 none '{shut}'",
                f"mkdir -p '{path}'",
                f"mount --bind {held} '{path}'",
            ]
    words = " ".join(f"'{word}'" for word in command)
    home = "/tmp/earmark-nobody"
    lines.append(f"mkdir -p {home} && chown {NOBODY}:{NOBODY} {home}")
    lines.append(
        f"exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups "
        f"env HOME={home} PYTHONDONTWRITEBYTECODE=1 {words}"
    )
    return "\n".join(lines)


def as_nobody(selection: str) -> str:
    """The summary of the suite's run as the user nobody."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/sandbox/test_hostile.py",
        "-m",
        "not long",
        "-p",
        "no:cacheprovider",
        "-k",
        selection,
    ]
    run = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script(command)]
    own = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    environment = {**own, "PATH": os.defpath, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(
        run, check=False, cwd=ROOT, capture_output=True, text=True, timeout=1500, env=environment
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout


def test_a_sample_of_the_suite_holds_for_another_user():
    sample = random.Random(7).sample(
        [hostile.name for hostile in programs() if hostile.oracle != "late"], 12
    )
    passed = re.search(r"(\d+) passed", as_nobody(" or ".join([*ALWAYS, *sample])))
    assert passed is not None
    assert int(passed[1]) >= len(sample)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_whole_suite_holds_for_another_user():
    assert "passed" in as_nobody("test_")
