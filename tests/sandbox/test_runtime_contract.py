"""Every isolation of this machine holds to the sandbox's contract, warm and cold."""

import pytest

from earmark.records import Limits
from earmark.sandbox.bubblewrap import Namespaces
from earmark.sandbox.probe import problem_with
from earmark.sandbox.process import Process
from earmark.testing.sandbox import SandboxContract

no_namespaces = problem_with("namespaces", Limits())
no_process = problem_with("process", Limits())


@pytest.mark.skipif(no_namespaces is not None, reason=str(no_namespaces))
class TestNamespaces(SandboxContract):
    def open_sandbox(self, limits):
        return Namespaces(limits=limits, workers=2)


@pytest.mark.skipif(no_process is not None, reason=str(no_process))
class TestProcess(SandboxContract):
    def open_sandbox(self, limits):
        return Process(limits=limits, workers=2)


@pytest.mark.skipif(no_namespaces is not None, reason=str(no_namespaces))
class TestCold(SandboxContract):
    def open_sandbox(self, limits):
        return Namespaces(limits=limits, workers=2, warm=False)
