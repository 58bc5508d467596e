"""The seam of running: Program -> Execution.

In: a Program and the folder that may keep its result. Out: an Execution: how it ended and what it left. The sandbox never
parses what the program wrote and never raises for what a program did; it raises SandboxUnavailable when it cannot hold.
"""

from pathlib import Path
from typing import Protocol

from earmark.records import Execution, Isolation, Limits, Program


class Sandbox(Protocol):
    """Runs programs nobody has read."""

    @property
    def isolation(self) -> Isolation:
        """Which isolation holds, chosen by probing."""

    @property
    def limits(self) -> Limits:
        """The limits that are enforced."""

    def run(self, program: Program, *, folder: Path) -> Execution:
        """Run to the end or a limit; a regular result file is copied to folder/out.wav after the program is dead.

        Safe to call from several threads. Raises SandboxUnavailable.
        """

    def close(self) -> None:
        """Leave no process, mount or scratch folder behind; safe to call twice."""
