"""Votes from any number of listeners become one verdict for each pair."""

import json
from pathlib import Path
from typing import Any

import pytest

from earmark.cli import main
from earmark.errors import ConfigError
from earmark.report.votes import preferences


def saved(path: Path, better: list[str | None], *, runs: dict[str, str] | None = None) -> Path:
    votes = [
        {"task": f"tone-{at}", "sample": 0, "x": "a", "y": "b", "better": one}
        for at, one in enumerate(better)
    ]
    path.write_text(
        json.dumps({"sweep": "s", "runs": runs or {"a": "anna", "b": "bert"}, "votes": votes}),
        encoding="utf-8",
    )
    return path


def test_listeners_are_added_whichever_way_round_they_chose_the_pair(tmp_path: Path) -> None:
    one = saved(tmp_path / "1.json", ["a", "a", None, "b"])
    other = saved(tmp_path / "2.json", ["a", "a", "a", None], runs={"b": "bert", "a": "anna"})
    [found] = preferences([one, other])
    assert (found.one, found.for_one, found.for_other, found.ties) == ("anna", 5, 1, 2)
    assert found.mean.value == pytest.approx(0.5)
    assert (found.mean.n, found.mean.tasks) == (8, 4)
    assert found.p is None, "four tasks are too few for a test"


def test_a_unanimous_vote_is_beyond_noise_and_a_split_one_is_not(tmp_path: Path) -> None:
    sure, split = (
        saved(tmp_path / "sure.json", ["a"] * 12),
        saved(tmp_path / "split.json", ["a", "b"] * 6),
    )
    [clear], [even] = preferences([sure]), preferences([split])
    assert clear.p is not None
    assert clear.p < 0.01
    assert even.p is not None
    assert even.p > 0.5


def test_the_command_prints_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["votes", str(saved(tmp_path / "v.json", ["a", "b", None]))]) == 0
    out = capsys.readouterr().out
    assert "anna: 1   bert: 1   no difference: 1" in out
    assert "no test below 6 tasks, 3 votes, 3 tasks" in out


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"runs": {"a": "x"}, "votes": []},
        {"runs": {"a": "x", "b": "y"}, "votes": [{"better": "c"}]},
    ],
)
def test_what_holds_no_votes_is_named(stored: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(json.dumps(stored))
    with pytest.raises(ConfigError, match=r"v\.json: must hold votes"):
        preferences([tmp_path / "v.json"])
