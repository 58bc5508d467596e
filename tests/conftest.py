"""What a test has to tell a person: `record_property(SHOWN, line)` prints the line at the end, also
from a worker process.

And in what order they run: those that take minutes first, so that no worker is left alone with one
of them at the end.
"""

import gc
import os
import signal
import tempfile

import hypothesis
import pytest

from earmark.cli import COLLECT_AFTER_OBJECTS

# A busy machine is no failed law: speed is measured in benchmarks/.
hypothesis.settings.register_profile("earmark", deadline=None)
hypothesis.settings.load_profile("earmark")

SHOWN = "shown"

# As in the program: looking for garbage as often as Python does takes a seventh of the time.
gc.set_threshold(COLLECT_AFTER_OBJECTS)

# Test processes that fill one folder with librosa's machine code at once have been seen to crash:
# each has its own. numba reads its environment when it is imported.
machine_code = tempfile.TemporaryDirectory(prefix="earmark-numba-")
os.environ["NUMBA_CACHE_DIR"] = machine_code.name

# A shell's job in the background ignores Ctrl-C and hands that on to what it starts; some tests
# press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, line in report.user_properties:
            if name == SHOWN and report.when == "call":
                terminalreporter.write_line(str(line))


LONGEST = (
    *("test_server.py", "test_kills.py", "test_faults.py", "test_docs.py", "test_screens.py"),
    *("test_local_model.py", "test_tune.py", "test_launchers.py", "test_cluster.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run where a group of tests would be spread over workers."""
    if getattr(session.config.option, "loadgroup", False):
        grouped = [item for item in session.items if item.get_closest_marker("xdist_group")]
        assert all("@" in item.nodeid for item in grouped), "pytest-xdist ignores its groups"
