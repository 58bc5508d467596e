"""A project may lie in a folder of any name, and so may the temporary files."""

import tempfile
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from earmark import paths
from earmark.cli import main
from earmark.config.compose import register
from earmark.storage.sweep_folder import SweepFolder
from earmark.tuning.study import count_finished
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


def test_a_study_is_where_the_search_space_says(odd: Path) -> None:
    import optuna

    space = OmegaConf.load(paths.conf() / "hparams_search" / "strategy.yaml")
    register()
    url = OmegaConf.select(OmegaConf.merge({"name": "s"}, space), "hydra.sweeper.storage")
    folder = SweepFolder(odd / "multirun" / "s")
    folder.path.mkdir(parents=True)
    study = optuna.create_study(study_name="s", storage=url)
    study.tell(study.ask(), 1.0)
    assert (folder.path / "study.db").is_file()
    assert count_finished(folder) == 1
    assert {path.name for path in odd.parent.iterdir()} == {odd.name}
