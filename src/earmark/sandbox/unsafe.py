"""Isolation `none`: the limits hold, but a program has the files, network and processes of this
user.

It is refused unless the configuration says that the danger is wanted.
"""

import sys

from earmark.errors import ConfigError
from earmark.records import Isolation, Limits
from earmark.sandbox import interpreter
from earmark.sandbox.folder import SandboxFolder
from earmark.sandbox.pool import WorkerPool
from earmark.sandbox.worker import CONTROL, WorkerSpec

BANNER = (
    "\033[1;37;41m earmark: NO ISOLATION: "
    "programs that no person has read run with all the rights of this user. \033[0m"
)


class Unisolated(WorkerPool):
    """For a machine that holds nothing and is thrown away afterwards."""

    isolation: Isolation = "none"

    def __init__(
        self,
        *,
        limits: Limits,
        unsafe: bool = False,
        workers: int | None = None,
        warm: bool = True,
        recycle_after: int = 500,
        name: str = "none",
    ) -> None:
        if unsafe is not True:
            raise ConfigError(
                "sandbox=none runs programs with all your rights; set sandbox.unsafe=true if you "
                "want that, else set sandbox=auto and run `earmark doctor`"
            )
        super().__init__(
            limits=limits, workers=workers, warm=warm, recycle_after=recycle_after, name=name
        )
        self._trusted = True  # there is no isolation to test
        print(BANNER, file=sys.stderr, flush=True)

    def worker_spec(self, folder: SandboxFolder, slot: int) -> WorkerSpec:
        """One interpreter per worker, in its scratch folder."""
        packages = interpreter.package_paths(self.limits.packages)
        scratch, site = folder.subfolder(f"scratch-{slot}"), folder.site(packages)
        settings = self.settings(
            own=[str(scratch)], site=str(site), inside=str(folder.inside), read=[]
        )
        return WorkerSpec(
            argv=interpreter.command(descriptor=CONTROL),
            env=interpreter.environment(
                home=str(scratch), temp=str(scratch), inside=str(folder.inside)
            ),
            settings={**settings, "confine": False},
            scratch=scratch,
        )
