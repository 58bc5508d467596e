"""The seam between a Program and its Execution.

A sandbox never parses what a program wrote and never raises for what a program did. It raises
SandboxUnavailable when it cannot isolate programs on this machine.
"""

from pathlib import Path
from typing import Protocol

from earmark.records import Execution, Isolation, Limits, Program


class Sandbox(Protocol):
    """Runs programs that no person has read."""

    @property
    def isolation(self) -> Isolation:
        """The isolation in use, chosen by probing."""

    @property
    def limits(self) -> Limits:
        """The limits that are enforced."""

    def execute(self, program: Program, *, folder: Path) -> Execution:
        """Execute a program to its end or to a limit.

        A regular result file is copied to folder/out.wav once the program is dead. Safe to call
        from several threads.

        Raises:
            SandboxUnavailable: no isolation works here.
        """

    def close(self) -> None:
        """Leave no process, mount or scratch folder behind; safe to call twice."""
