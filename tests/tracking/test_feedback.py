"""What people say in MLflow's page comes back, and blind votes stand on the traces, each once."""

from pathlib import Path

import pytest
from mlflow.entities import AssessmentSource, Feedback
from mlflow.tracing.client import TracingClient

from earmark.cli import main
from earmark.storage.atomic import write_json
from earmark.storage.ratings import load_ratings
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import make_sweep
from earmark.tracking.feedback import fetch_ratings

from .stores import traces, tracker_at, uri_at


@pytest.fixture
def swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SweepFolder:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = make_sweep(tmp_path)
    tracker_at(tmp_path).sweep(folder)
    return folder


def say(root: Path, trace_id: str, name: str, value: float | bool | str) -> None:
    ann = AssessmentSource(source_type="HUMAN", source_id="ann")
    TracingClient(uri_at(root)).log_assessment(
        trace_id, Feedback(name=name, value=value, source=ann)
    )


def test_ratings_given_in_the_page_come_back(
    swept: SweepFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    valid = [one for one in traces(tmp_path) if one.state.value == "OK"]
    say(tmp_path, valid[0].trace_id, "quality", 4)
    say(tmp_path, valid[1].trace_id, "quality", True)
    say(tmp_path, valid[2].trace_id, "quality", "no")
    say(tmp_path, valid[2].trace_id, "remark", "sounds like rain")
    fetched = fetch_ratings(uri_at(tmp_path), swept)
    assert fetched.texts == 1
    by_place = {(one.run, one.task, one.sample, one.turn): one.value for one in fetched.ratings}
    wanted = {}
    for info, value in zip(valid[:3], (4.0, 1.0, 0.0), strict=True):
        run, task, sample, turn = (
            info.tags[f"earmark.{name}"] for name in ("run", "task", "sample", "turn")
        )
        wanted[run, task, int(sample), int(turn)] = value
    assert by_place == wanted
    for _ in range(2):
        assert main(["votes", "--from-mlflow", "small"]) == 0
        assert "small: 3 ratings in MLflow; 1 answer in words left there" in capsys.readouterr().out
    assert sorted(load_ratings(swept.path), key=str) == sorted(fetched.ratings, key=str)


@pytest.mark.parametrize(
    ("tag", "value"),
    [("sample", "one"), ("turn", "9" * 5000), ("sample", "-1"), ("turn", ""), ("sample", "\u0663")],
)
def test_a_trace_whose_tags_others_have_changed_is_left(
    tag: str, value: str, swept: SweepFolder, tmp_path: Path
) -> None:
    first, second = [one for one in traces(tmp_path) if one.state.value == "OK"][:2]
    for one in (first, second):
        say(tmp_path, one.trace_id, "quality", 4)
    say(tmp_path, second.trace_id, "huge", 10**400)
    TracingClient(uri_at(tmp_path)).set_trace_tag(first.trace_id, f"earmark.{tag}", value)
    fetched = fetch_ratings(uri_at(tmp_path), swept)
    assert [one.task for one in fetched.ratings] == [second.tags["earmark.task"]]
    assert fetched.texts == 1


def test_blind_votes_stand_on_both_traces_once(swept: SweepFolder, tmp_path: Path) -> None:
    first, second = (place.summary().key for place in swept.runs())
    votes = [
        {"task": "tone-0", "sample": 0, "better": first},
        {"task": "tone-2", "sample": 0, "better": None},
    ]
    ballot = {"sweep": "small", "runs": {first: "one", second: "other"}, "votes": votes}
    write_json(tmp_path / "votes.json", {**ballot, "rater": "bob"})
    assert main(["votes", str(tmp_path / "votes.json")]) == 0
    for _ in range(2):
        assert main(["sync", "small"]) == 0
    said = {}
    for info in traces(tmp_path):
        for one in info.assessments:
            if one.name == "blind_vote":
                key = info.tags["earmark.run"], info.tags["earmark.task"]
                assert key not in said
                assert one.feedback is not None
                said[key] = one.feedback.value
                assert one.source.source_id == "bob"
    assert said == {
        (first, "tone-0"): 1.0,
        (second, "tone-0"): -1.0,
        (first, "tone-2"): 0.0,
        (second, "tone-2"): 0.0,
    }
    assert fetch_ratings(uri_at(tmp_path), swept).ratings == ()  # a vote is no rating
