"""Opens the sandboxes of the hostile suite and the benign laws, or skips with the reason."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from earmark.errors import SandboxUnavailable
from earmark.records import Limits
from earmark.sandbox import Sandbox
from earmark.sandbox.bubblewrap import Namespaces
from earmark.sandbox.process import Process
from tests.sandbox.hostile_judge import LIMITS

ISOLATIONS = ("namespaces", "process")


@contextmanager
def open_sandbox(
    isolation: str, *, limits: Limits = LIMITS, warm: bool = True, workers: int = 1
) -> Iterator[Sandbox]:
    """An open sandbox of one isolation, closed afterwards."""
    try:
        sandbox: Sandbox = {"namespaces": Namespaces, "process": Process}[isolation](
            limits=limits, warm=warm, workers=workers
        )
    except SandboxUnavailable as error:
        pytest.skip(f"{isolation}: {error}")
    try:
        yield sandbox
    finally:
        sandbox.close()
