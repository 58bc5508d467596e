import io
import time
from dataclasses import replace
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
    mean = sum(run.scores["yamnet_minilm"] for run in runs) / 2
    assert shown.mean_scores == {"notes": pytest.approx(mean)}
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


def test_where_there_is_no_terminal_a_line_says_at_times_that_all_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earmark.sweep.progress.HEARTBEAT_SECONDS", 0.02)
    stream = io.StringIO()
    run = make_sweep(tmp_path).runs()[0].run()
    with progress(total_runs=2, attempts_per_run=4, stream=stream) as shown:
        shown.run_started("drawn-a notes")
        shown.attempt(run.attempts[0], answer="one")
        deadline = time.monotonic() + 30
        while not stream.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert stream.getvalue().startswith("drawn-a notes: 1 of 4 attempts | 0/2 runs, 1 attempt,")


def test_the_scores_of_tiers_are_never_averaged(tmp_path: Path) -> None:
    run = make_sweep(tmp_path).runs()[0].run()
    other = replace(run.config, tier=replace(run.config.tier, name="speech"))
    with progress(total_runs=2, stream=io.StringIO()) as shown:
        shown.run_finished(replace(run, scores={"yamnet_minilm": 0.5}))
        shown.run_finished(replace(run, key="b", config=other, scores={"yamnet_minilm": 0.1}))
        assert "mean 0.500 on notes, mean 0.100 on speech" in shown.facts()


def test_a_phase_is_shown_while_a_run_prepares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("earmark.sweep.progress.REPORT_SECONDS", 0.0)
    for stream in (io.StringIO(), Terminal()):
        with progress(total_runs=2, stream=stream) as shown:
            shown.run_started("drawn-a notes")
            shown.phase("making baselines, 12 of 60")
        assert "making baselines, 12 of 60" in stream.getvalue()
    assert shown.heartbeat().startswith("drawn-a notes: making baselines, 12 of 60 | 0/2 runs")


def test_what_is_met_again_is_counted_once(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path)
    with progress(total_runs=2, stream=io.StringIO()) as shown:
        drive(shown, folder)
        before = shown.facts()
        drive(shown, folder)
        assert shown.facts() == before


def test_a_terminal_gets_a_bar_and_is_left_whole_when_a_run_raises(tmp_path: Path) -> None:
    stream = Terminal()
    with pytest.raises(ZeroDivisionError, match="division"):
        drive_and_break(stream, make_sweep(tmp_path))
    assert "2/2 runs" in stream.getvalue()
    assert (
        stream.getvalue().count("\x1b[?25h") >= stream.getvalue().count("\x1b[?25l") > 0
    )  # the cursor is shown again
