"""Every isolation of this machine holds to the sandbox's contract, warm and cold."""

import pytest

from earmark.records import Limits
from earmark.sandbox.bubblewrap import Namespaces
from earmark.sandbox.probe import why_not
from earmark.sandbox.process import Process
from earmark.testing.sandbox import SandboxContract

no_namespaces = why_not("namespaces", Limits())
no_process = why_not("process", Limits())


@pytest.mark.skipif(no_namespaces is not None, reason=str(no_namespaces))
class TestNamespaces(SandboxContract):
    def opened(self, limits):
        return Namespaces(limits=limits, workers=2)


@pytest.mark.skipif(no_process is not None, reason=str(no_process))
class TestProcess(SandboxContract):
    def opened(self, limits):
        return Process(limits=limits, workers=2)


@pytest.mark.skipif(no_namespaces is not None, reason=str(no_namespaces))
class TestCold(SandboxContract):
    def opened(self, limits):
        return Namespaces(limits=limits, workers=2, warm=False)
