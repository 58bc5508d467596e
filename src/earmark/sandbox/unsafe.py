"""Isolation `none`: no isolation. Refused unless the configuration says that the danger is wanted.

In: Programs, `unsafe=True`. Out: Executions marked "none". Limits hold; files, network and processes of this user are open to the program.
"""

import sys

from earmark.errors import ConfigError
from earmark.records import Isolation, Limits
from earmark.sandbox import interpreter
from earmark.sandbox.runtime import Runtime
from earmark.sandbox.worker import CONTROL, Arrangement
from earmark.sandbox.workers import Workers

BANNER = "\033[1;37;41m earmark: NO ISOLATION: programs nobody has read run with all the rights of this user. \033[0m"


class Unisolated(Workers):
    """For a machine that holds nothing and is thrown away after."""

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
                "sandbox=none runs programs with all your rights; set sandbox.unsafe=true if that is wanted, else take sandbox=auto "
                "and see `earmark doctor`"
            )
        super().__init__(
            limits=limits, workers=workers, warm=warm, recycle_after=recycle_after, name=name
        )
        self._trusted = True  # there is nothing to test
        print(BANNER, file=sys.stderr, flush=True)

    def arrange(self, runtime: Runtime, slot: int) -> Arrangement:
        """One interpreter per worker, in its scratch folder."""
        packages = interpreter.visible(self.limits.packages)
        scratch, site = runtime.folder(f"scratch-{slot}"), runtime.site(packages)
        settings = self.settings(
            scratch=str(scratch), site=str(site), inside=str(runtime.inside), read=[]
        )
        return Arrangement(
            argv=interpreter.command(descriptor=CONTROL),
            env=interpreter.environment(home=str(scratch), inside=str(runtime.inside)),
            settings={**settings, "confine": False},
            scratch=scratch,
        )
