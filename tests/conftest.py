"""What a test has to tell a person: `record_property(SHOWN, line)` prints the line at the end, also from a worker process."""

import pytest

SHOWN = "shown"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, line in report.user_properties:
            if name == SHOWN and report.when == "call":
                terminalreporter.write_line(str(line))
