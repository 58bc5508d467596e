"""The supervisor trusts no worker: what is not a report ends the worker, not the harness."""

import os
import threading
from typing import Any

import pytest

from earmark.sandbox.inside import sockets
from earmark.sandbox.inside.supervisor import Outcome, Supervisor, WorkerLost

DONE = {"done": 0, "result": "missing", "files": "", "cpu_seconds": 0.1, "peak_bytes": 1}


def supervised(reports: list[Any]) -> Outcome:
    """The outcome of a program whose worker sends these messages."""
    control, theirs = sockets.pair()

    def work() -> None:
        _, descriptors = sockets.receive_order(theirs)
        handle = os.pidfd_open(os.getpid())
        sockets.send_report(theirs, [handle], started=1)
        for report in reports:
            if isinstance(report, bytes):
                theirs.send(report)
            else:
                sockets.send_report(theirs, **report)
        for descriptor in [*descriptors, handle]:
            os.close(descriptor)

    with control, theirs:
        worker = threading.Thread(target=work)
        worker.start()
        try:
            return Supervisor(control, output_bytes=100).run(b"", wall_seconds=20, processes=1)
        finally:
            worker.join()


def test_a_report_is_an_outcome():
    outcome = supervised([DONE | {"files": b"a\xff\0b".hex()}])
    assert (outcome.status, outcome.result, outcome.files) == (0, "missing", ("a\ufffd", "b"))


@pytest.mark.parametrize(
    "report",
    [
        {},
        {name: value for name, value in DONE.items() if name != "result"},
        DONE | {"done": "x"},
        DONE | {"files": "zz"},
        b"[1, 2]",
        b"{{",
        b"[" * 60000,
    ],
)
def test_what_is_not_a_report_ends_the_worker(report):
    with pytest.raises(WorkerLost, match=r"not a (report|message)"):
        supervised([report])
