"""Every isolation of this machine holds to the sandbox's contract, warm and cold."""

import pytest

from earmark.records import Contract
from earmark.sandbox.bubblewrap import Namespaces
from earmark.sandbox.probe import why_not
from earmark.sandbox.process import Process
from earmark.testing.sandbox import SandboxContract

no_namespaces = why_not("namespaces", Contract())
no_process = why_not("process", Contract())


@pytest.mark.skipif(no_namespaces is not None, reason=str(no_namespaces))
class TestNamespaces(SandboxContract):
    def opened(self, contract):
        return Namespaces(contract=contract, workers=2)


@pytest.mark.skipif(no_process is not None, reason=str(no_process))
class TestProcess(SandboxContract):
    def opened(self, contract):
        return Process(contract=contract, workers=2)


@pytest.mark.skipif(no_namespaces is not None, reason=str(no_namespaces))
class TestCold(SandboxContract):
    def opened(self, contract):
        return Namespaces(contract=contract, workers=2, warm=False)
