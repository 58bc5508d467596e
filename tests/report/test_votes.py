"""Votes and ratings from any number of people become one answer for each group of runs, and the
metrics are held against it.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earmark.analysis.preferences import (
    conclude_votes,
    counted_votes,
    preferences,
    votes_of_ratings,
)
from earmark.cli import main
from earmark.errors import ConfigError
from earmark.report import load_results
from earmark.report.report import write_report
from earmark.report.table import render_text
from earmark.storage.ratings import Rating, save_ratings
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.votes import Outcome, Vote, load_votes, read_ballot
from earmark.testing.sweeps import HEADLINE, make_sweep
from tests.analysis.known import known_run


def saved(
    path: Path,
    better: Sequence[str | None],
    *,
    runs: dict[str, str] | None = None,
    sweep: str = "s",
    rater: str | None = None,
) -> Path:
    votes = [
        {"task": f"tone-{at}", "sample": 0, "x": "a", "y": "b", "better": one}
        for at, one in enumerate(better)
    ]
    stored = {"sweep": sweep, "runs": runs or {"a": "anna", "b": "bert"}, "votes": votes}
    stored |= {"rater": rater} if rater else {}
    path.write_text(json.dumps(stored), encoding="utf-8")
    return path


def votes_in(*paths: Path) -> list[Vote]:
    return [vote for path in paths for vote in read_ballot(path).votes]


def test_listeners_are_added_whichever_way_round_they_chose_the_pair(tmp_path: Path) -> None:
    one = saved(tmp_path / "1.json", ["a", "a", None, "b"])
    other = saved(tmp_path / "2.json", ["a", "a", "a", None], runs={"b": "bert", "a": "anna"})
    [found] = preferences(votes_in(one, other))
    assert (found.first, found.for_first, found.for_second, found.ties) == ("a", 5, 1, 2)
    assert found.mean.value == pytest.approx(0.5)
    assert (found.mean.n, found.mean.tasks) == (8, 4)
    assert found.p is None, "four tasks are too few for a test"


def test_a_unanimous_vote_is_beyond_noise_and_a_split_one_is_not(tmp_path: Path) -> None:
    sure, split = (
        saved(tmp_path / "sure.json", ["a"] * 12),
        saved(tmp_path / "split.json", ["a", "b"] * 6),
    )
    [clear], [even] = preferences(votes_in(sure)), preferences(votes_in(split))
    assert clear.p is not None
    assert clear.p < 0.01
    assert even.p is not None
    assert even.p > 0.5
    [won], [drawn] = conclude_votes(votes_in(sure)), conclude_votes(votes_in(split))
    assert isinstance(won.strengths, str)
    assert "cannot tell strengths" in won.strengths
    assert [one.value for one in won.shares] == [1.0, 0.0]
    assert [one.value for one in drawn.strengths if not isinstance(one, str)] == [0.0, 0.0]


def test_a_rater_with_a_name_is_one_and_a_file_without_one_is_its_own(tmp_path: Path) -> None:
    files = [
        saved(tmp_path / "1.json", ["a", "b"], rater="eve"),
        saved(tmp_path / "2.json", ["b", "a"], rater="eve"),
        saved(tmp_path / "3.json", ["a", "a"]),
    ]
    [found] = conclude_votes(votes_in(*files))
    assert (found.raters, found.votes, found.tasks) == (2, 6, 2)


def test_groups_that_no_vote_connects_are_apart(tmp_path: Path) -> None:
    one = saved(tmp_path / "1.json", ["a", "b"])
    other = saved(tmp_path / "2.json", ["c"], runs={"c": "carl", "d": "dora"})
    assert [group.runs for group in conclude_votes(votes_in(one, other))] == [
        ("a", "b"),
        ("c", "d"),
    ]


def test_only_ties_give_a_stated_answer(tmp_path: Path) -> None:
    [found] = conclude_votes(votes_in(saved(tmp_path / "v.json", [None] * 8)))
    assert found.strengths == "cannot tell strengths: every vote is no difference"
    assert [one.value for one in found.shares] == [0.5, 0.5]


def rating(run: str, task: str, value: float, **more: Any) -> Rating:
    return replace(Rating(run, task, 0, 0, "eve", "quality", value, "mlflow"), **more)


def test_ratings_of_two_runs_are_votes_of_their_rater() -> None:
    runs = [known_run("a"), known_run("b")]
    one, other = (run.key for run in runs)
    given = [
        *(rating(one, "task0", 5.0), rating(other, "task0", 3.0)),
        *(rating(one, "task1", 2.0), rating(other, "task1", 2.0)),
        *(rating(one, "task2", 1.0), rating(other, "task2", 4.0, rater="carl")),
        *(rating(one, "task3", 1.0), rating(other, "task3", 4.0, turn=1)),
    ]
    found = votes_of_ratings(given, runs)
    assert [(vote.task, vote.outcome) for vote in found] == [("task0", 1), ("task1", 0)]
    assert {(vote.rater, vote.source) for vote in found} == {("eve", "mlflow")}


def test_a_metric_that_people_share_agrees_and_noise_does_not() -> None:
    runs = [
        known_run(name, mean=mean, tasks=20)
        for name, mean in zip("abcd", (0.4, 0.3, 0.2, 0.1), strict=True)
    ]
    rng = np.random.default_rng(0)
    noisy = []
    for run in runs:
        attempts = tuple(
            replace(one, scores={**one.scores, "noise": float(rng.normal())})
            for one in run.attempts
        )
        noisy.append(replace(run, attempts=attempts))
    votes = []
    for at in range(20):
        for i in range(4):
            for j in range(i + 1, 4):
                outcome: Outcome = 1 if rng.random() < 0.85 else -1
                keys = noisy[i].key, noisy[j].key
                votes.append(Vote(*keys, f"task{at}", 0, outcome, "eve", "blind votes"))
    [found] = conclude_votes(votes, noisy)
    assert found.runs == tuple(run.key for run in noisy)
    by_name = {one.metric: one for one in found.agreement}
    headline, noise = by_name[HEADLINE], by_name["noise"]
    assert headline.share.low is not None
    assert headline.share.low > 0.6
    assert headline.tau == pytest.approx(1.0)
    assert noise.share.low is not None
    assert noise.share.high is not None
    assert noise.share.low < 0.5 < noise.share.high


def test_votes_on_what_is_excluded_do_not_count() -> None:
    runs = [known_run("a"), known_run("b")]
    votes = [
        Vote(runs[0].key, runs[1].key, task, 0, 1, "eve", "blind votes")
        for task in ("task0", "gone")
    ]
    assert counted_votes(votes, runs) == votes[:1]


def test_votes_of_a_sweep_are_kept_and_stand_in_its_verdict_and_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    sweep = make_sweep(tmp_path, tasks=10)
    one, other = (folder.summary().key for folder in sweep.runs())
    runs = {one: "one", other: "other"}
    better = [one if at % 3 else other for at in range(10)]
    file = saved(tmp_path / "votes.json", better, runs=runs, sweep="small", rater="eve")
    save_ratings(sweep.path, [rating(one, "tone-0", 4.0), rating(other, "tone-0", 2.0)])
    assert main(["votes", str(file)]) == 0
    assert main(["votes", str(file)]) == 0, "the same file again is kept once"
    out = capsys.readouterr().out
    assert "11 votes of 1 rater on 10 tasks: blind votes 10, mlflow 1" in out
    assert f"{HEADLINE} agrees with" in out
    assert len(load_votes(sweep.path)) == 10
    results = load_results(sweep)
    said = "notes, by people (11 votes of 1 rater on 10 tasks: blind votes 10, mlflow 1)"
    assert said in render_text(results)
    html, markdown = (path.read_text() for path in write_report(results)[:2])
    assert said in html
    assert "What do people prefer?" in markdown
    assert "notes: which metrics agree with people" in markdown


def test_the_command_prints_votes_on_runs_that_are_not_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    assert main(["votes", str(saved(tmp_path / "v.json", ["a", "b", None]))]) == 0
    out = capsys.readouterr().out
    assert "anna: 1   bert: 1   no difference: 1" in out
    assert "3 votes of 1 rater on 3 tasks" in out
    assert "no test below 6 tasks" in out
    assert main(["votes", "nowhere"]) == 1
    assert "'nowhere': no such sweep" in capsys.readouterr().err


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
        read_ballot(tmp_path / "v.json")


def test_a_sweep_without_votes_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    make_sweep(tmp_path)
    assert main(["votes", "small"]) == 0
    assert capsys.readouterr().out == "no votes yet\n"
    assert load_results(SweepFolder(tmp_path / "multirun" / "small")).conclusion.votes == ()
