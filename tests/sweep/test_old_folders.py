"""A folder of an earlier version is refused in one line that says what to do, never half-read."""

import json
from pathlib import Path

import pytest

from earmark.cli import main
from earmark.errors import HarnessError
from earmark.storage.run_folder import FORMAT
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import make_sweep


def test_a_summary_of_another_format_is_refused(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path).runs()[0]
    path = folder.path / "run.json"
    old = json.loads(path.read_text())
    del old["format"]
    path.write_text(json.dumps(old))
    with pytest.raises(HarnessError, match=rf"must be of format {FORMAT}, has none; delete"):
        folder.run()
    path.write_text(json.dumps({**old, "format": FORMAT + 1}))
    with pytest.raises(HarnessError, match=rf"format {FORMAT}, has {FORMAT + 1}; .* start again"):
        folder.summary()


def test_a_sweep_of_cells_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep = SweepFolder.named("old")
    sweep.save_facts({"overrides": [], "runs": 1})
    (sweep.path / "a-cell").mkdir()
    (sweep.path / "a-cell" / "cell.json").write_text("{}")
    assert main(["export", "old"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "cell.json: was written by an earlier version of earmark; delete the sweep's" in line
    assert main(["name=old", "model=silence", "embedder=none", "tracking=none"]) == 1
    assert "was written by an earlier version" in capsys.readouterr().err
    assert not list(sweep.path.glob("*/attempts"))
