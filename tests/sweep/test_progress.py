import io
from pathlib import Path

import pytest

from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.progress import Progress, progress
from earmark.testing.sweeps import make_sweep


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drive(shown: Progress, folder: SweepFolder) -> None:
    for one in folder.runs():
        run = one.run()
        shown.run_started(one.path.name)
        for attempt in run.attempts:
            shown.attempt(attempt, answer=attempt.key)
        shown.run_finished(run)


def drive_and_break(stream: io.StringIO, folder: SweepFolder) -> None:
    with progress(total_runs=2, attempts_per_run=4, stream=stream) as shown:
        drive(shown, folder)
        _ = 1 / 0


def test_the_counts_are_the_folders(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path)
    runs = [one.run() for one in folder.runs()]
    attempts = [one for run in runs for one in run.attempts]
    with progress(total_runs=2, stream=io.StringIO()) as shown:
        drive(shown, folder)
    assert (shown.runs, shown.attempts, shown.valid) == (
        2,
        len(attempts),
        sum(one.valid for one in attempts),
    )
    assert shown.mean_score == sum(run.scores["yamnet_minilm"] for run in runs) / 2
    assert round(shown.cost_usd, 6) == round(0.001 * len(attempts), 6)
    assert shown.seconds_left() is None


def test_one_plain_line_per_run_where_there_is_no_terminal(tmp_path: Path) -> None:
    stream = io.StringIO()
    with progress(total_runs=2, stream=stream) as shown:
        drive(shown, make_sweep(tmp_path))
    first, last = stream.getvalue().splitlines()
    assert first.startswith("drawn-a notes zero_shot t0: yamnet_minilm 0.")
    assert "1/2 runs" in first
    assert first.endswith("left")
    assert "2/2 runs" in last
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_a_bar_and_is_left_whole_when_a_run_raises(tmp_path: Path) -> None:
    stream = Terminal()
    with pytest.raises(ZeroDivisionError, match="division"):
        drive_and_break(stream, make_sweep(tmp_path))
    assert "2/2 runs" in stream.getvalue()
    assert (
        stream.getvalue().count("\x1b[?25h") >= stream.getvalue().count("\x1b[?25l") > 0
    )  # the cursor is shown again
