"""A project may lie in a folder of any name, and so may the temporary files."""

import tempfile
from pathlib import Path

import pytest

from earmark.cli import main
from earmark.storage.sweep_folder import SweepFolder
from earmark.tuning.study import storage_url
from tests.sweep.conftest import SMALL

NAMES = ("with space", "a?b", "50%20", "c#d", "it's", 'say "x"', "ö,=&;$HOME")


@pytest.fixture(params=NAMES)
def odd(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / str(request.param)
    (folder / "tmp").mkdir(parents=True)
    monkeypatch.setenv("EARMARK_ROOT", str(folder))
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(folder / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)  # it is looked up again
    monkeypatch.delenv("EARMARK_SWEEP", raising=False)
    return folder


def test_a_sweep_leaves_everything_in_its_folder(odd: Path) -> None:
    line = ["-m", "model=expert,silence", "name=s", "tracking=none", *SMALL]
    assert main(line) == 0
    assert main(line) == 0
    runs = SweepFolder(odd / "multirun" / "s").runs()
    assert [len(run.run().attempts) for run in runs] == [2, 2]
    assert {path.name for path in odd.parent.iterdir()} <= {odd.name, "cache"}


def test_a_study_is_in_its_folder(odd: Path) -> None:
    import optuna

    study = optuna.create_study(study_name="s", storage=storage_url(odd))
    study.tell(study.ask(), 1.0)
    assert (odd / "study.db").is_file()
    assert {path.name for path in odd.parent.iterdir()} == {odd.name}
