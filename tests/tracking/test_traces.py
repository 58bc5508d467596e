"""Every attempt is a trace of its run: whole, once, with what it is made of and how it did."""

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from markdown_it import MarkdownIt
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, Feedback, TraceInfo
from mlflow.tracing.attachments import Attachment
from mlflow.tracing.client import TracingClient

from earmark.config.schema import PromptConfig
from earmark.records import Attempt, Run
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.urls import file_path
from earmark.testing.sweeps import config, make_run, make_sweep
from earmark.tracking.health import find_problems
from earmark.tracking.trace_content import fenced, title, trace_contents
from earmark.tracking.traces import trace_hex

from .stores import artifacts, mlflow_runs, traces, tracker_at, uri_at


@pytest.fixture
def swept(tmp_path: Path) -> SweepFolder:
    folder = make_sweep(tmp_path, tasks=4)
    tracker_at(tmp_path).sweep(folder)
    return folder


def attempts(folder: SweepFolder) -> dict[str, tuple[Run, Attempt]]:
    """By the id of their trace."""
    found = {}
    for place in folder.runs():
        run = place.run()
        for one in run.attempts:
            found[f"tr-{trace_hex('1', folder.name, run.key, one.key)}"] = (run, one)
    return found


def values(info: TraceInfo) -> dict[str, object]:
    """What was said of a trace, each name once."""
    said: dict[str, object] = {}
    for one in info.assessments:
        assert one.name not in said
        held = one.feedback or one.expectation
        assert held is not None
        said[one.name] = held.value
    return said


def test_every_attempt_is_one_trace_of_its_run(swept: SweepFolder, tmp_path: Path) -> None:
    wanted = attempts(swept)
    by_key = {one.data.tags["earmark.run"]: one.info.run_id for one in mlflow_runs(tmp_path)}
    stored = {one.trace_id: one for one in traces(tmp_path)}
    assert set(stored) == set(wanted)
    for trace_id, (run, one) in wanted.items():
        info = stored[trace_id]
        assert info.trace_metadata["mlflow.sourceRun"] == by_key[run.key]
        assert info.state.value == ("OK" if one.failure is None else "ERROR")
        assert info.request_preview == title(one)
        said = values(info)
        assert said["valid"] is one.valid
        assert said["sound"] == one.task.caption
        reasons = {each.name: each.rationale for each in info.assessments if each.feedback}
        assert all(reasons.values())
        if one.failure is not None:
            assert info.tags["earmark.failure"] == one.failure.kind
            assert one.failure.message in str(reasons["valid"])


def test_rows_of_two_runs_pair_by_task_and_sample(swept: SweepFolder) -> None:
    first, other = ({title(one) for one in place.run().attempts} for place in swept.runs())
    assert first == other
    assert len(first) == len(swept.runs()[0].run().attempts)


def test_a_trace_holds_the_conversation_the_program_and_the_clip(
    swept: SweepFolder, tmp_path: Path
) -> None:
    client = MlflowClient(uri_at(tmp_path))
    trace_id, (_, one) = next(item for item in attempts(swept).items() if item[1][1].valid)
    trace = client.get_trace(trace_id)
    spans = {span.name: span for span in trace.data.spans}
    assert set(spans) == {one.task.id, "model", "extract", "execute", "score"}
    assert one.completion is not None
    assert spans["model"].outputs["choices"][0]["message"]["content"] == one.completion.text
    assert spans["model"].inputs["messages"][0]["content"] == one.request.messages[0].content
    assert trace.info.token_usage == {"input_tokens": 20, "output_tokens": 30, "total_tokens": 50}
    place = file_path(trace.info.tags["mlflow.artifactLocation"])
    assert place is not None
    for span in (spans[one.task.id], spans["execute"]):
        found = Attachment.parse_ref(span.outputs["clip"])
        assert found is not None
        assert found["content_type"] == "audio/wav"
        stored = place / "attachments" / str(found["attachment_id"])
        assert one.clip is not None
        assert stored.read_bytes() == Path(one.clip.path).read_bytes()
        assert not stored.is_symlink()
        [run] = [
            each
            for each in mlflow_runs(tmp_path)
            if each.info.run_id == trace.info.trace_metadata["mlflow.sourceRun"]
        ]
        played = artifacts(run) / "attempts" / one.task.id / f"{one.sample}-{one.turn}" / "out.wav"
        assert stored.samefile(played)  # kept once on this disk


@pytest.mark.parametrize("text", ["import x\n# why\nx.y()\n", 'print("""\n```\n````\n""")', "`"])
def test_code_is_shown_line_by_line(text: str) -> None:
    shown = MarkdownIt().parse(fenced(text, "python"))
    assert [(one.type, one.info) for one in shown] == [("fence", "python")]
    assert shown[0].content == text.rstrip() + "\n"
    assert fenced(" ") == " "


def test_a_failure_is_an_error_where_it_happened(swept: SweepFolder, tmp_path: Path) -> None:
    client = MlflowClient(uri_at(tmp_path))
    seen = set()
    for trace_id, (_, one) in attempts(swept).items():
        if one.failure is None:
            continue
        spans = {span.name: span.status for span in client.get_trace(trace_id).data.spans}
        step = {"extract": "extract", "execute": "execute", "audio": "execute"}[one.failure.stage]
        assert spans[step].status_code.name == "ERROR"
        assert spans[step].description == f"{one.failure.kind}: {one.failure.message}"
        assert spans["model"].status_code.name == "OK"
        seen.add(step)
    assert seen


def test_turns_of_an_episode_are_one_session(swept: SweepFolder, tmp_path: Path) -> None:
    stored = {one.trace_id: one for one in traces(tmp_path)}
    sessions: dict[str, set[tuple[str, int]]] = {}
    goals: set[str] = set()
    for trace_id, (run, one) in attempts(swept).items():
        if session := stored[trace_id].trace_metadata.get("mlflow.trace.session"):
            sessions.setdefault(session, set()).add((one.task.id, one.turn))
            assert run.key in session
            goals.add(stored[trace_id].trace_metadata["mlflow.simulation.goal"])
    assert list(sessions.values()) == [{("tone-1", 0), ("tone-1", 1)}] * 2
    assert goals == {"tone-1, sample 0"}  # by which the page pairs the sessions of two runs


def test_every_run_is_an_evaluation_run_of_its_tasks_and_its_wording(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, models=("drawn-a",))
    place = folder.runs()[0]
    first = PromptConfig("plain", {"task": "Make {{ task.prompt }}"})
    reworded = replace(first, templates={"task": "Please make {{ task.prompt }}"})
    tracker, client = tracker_at(tmp_path), MlflowClient(uri_at(tmp_path))
    versions = []
    for wording in (first, reworded, first):
        run = place.run()
        place.save_run(replace(run, config=replace(run.config, prompt=wording)))
        tracker.run(place)
        [mlflow_run] = mlflow_runs(tmp_path)
        [linked] = json.loads(mlflow_run.data.tags["mlflow.linkedPrompts"])
        versions.append((linked["name"], linked["version"]))
    assert versions == [("prompt-plain", "1"), ("prompt-plain", "2"), ("prompt-plain", "1")]
    assert mlflow_run.data.tags["mlflow.runType"] == "evaluation"
    assert mlflow_run.inputs is not None
    [dataset] = client.search_datasets(experiment_ids=["1"])
    named = {one.dataset.name for one in mlflow_run.inputs.dataset_inputs}
    assert named == {dataset.name, "notes reference"}


def test_writing_again_doubles_nothing_and_keeps_what_a_person_said(
    swept: SweepFolder, tmp_path: Path
) -> None:
    before = {one.trace_id for one in traces(tmp_path)}
    rated = next(iter(sorted(before)))
    human = AssessmentSource(source_type="HUMAN", source_id="ann")
    rating = Feedback(name="rating", value=4, source=human)
    TracingClient(uri_at(tmp_path)).log_assessment(rated, rating)
    for place in swept.runs():
        run = place.run()
        place.save_run(replace(run, scores={**run.scores, "seconds": 9.0}))
    tracker_at(tmp_path).sweep(swept)
    after = {one.trace_id: one for one in traces(tmp_path)}
    assert set(after) == before
    assert values(after[rated])["rating"] == 4


def test_traces_follow_a_run_that_is_made_again(swept: SweepFolder, tmp_path: Path) -> None:
    place = swept.runs()[0]
    run = place.run()
    kept = {name: value for name, value in run.scores.items() if name != "cost_usd"}
    place.save_run(replace(run, scores=kept))
    tracker_at(tmp_path).sweep(swept)
    alive = {one.info.run_id for one in mlflow_runs(tmp_path)}
    stored = traces(tmp_path)
    assert {one.trace_metadata["mlflow.sourceRun"] for one in stored} == alive
    assert len(stored) == len(attempts(swept))


def test_an_attempt_that_is_gone_is_gone(swept: SweepFolder, tmp_path: Path) -> None:
    place = swept.runs()[0]
    run = place.run()
    shutil.rmtree(place.path / "attempts" / "tone-0")
    fewer = float(len(run.attempts) - 1)
    gone = {one.key for one in run.attempts if one.task.id == "tone-0"}
    picked = tuple(key for key in run.picked if key not in gone)
    place.save_run(replace(run, scores={**run.scores, "attempts": fewer}, picked=picked))
    tracker_at(tmp_path).run(place)
    assert {one.trace_id for one in traces(tmp_path)} == set(attempts(swept))


def test_traces_can_be_left_out(tmp_path: Path) -> None:
    settings = config()
    without = replace(settings, tracking=replace(settings.tracking, traces=False))
    folder = SweepFolder(tmp_path / "multirun" / "small")
    folder.save_facts({"runs": 1})
    make_run(folder, without)
    tracker_at(tmp_path).sweep(folder)
    assert traces(tmp_path) == []
    [mlflow_run] = mlflow_runs(tmp_path)
    assert "mlflow.runType" not in mlflow_run.data.tags


def test_contents_are_read_from_the_folder_alone(swept: SweepFolder) -> None:
    for place in swept.runs():
        run = place.run()
        assert list(trace_contents(run, place)) == list(trace_contents(run, place))


# Seconds after the writer began, drawn once; the machine decides what it has written by then.
KILLS = tuple(Random(15).uniform(0.3, 8.0) for _ in range(20))
SECRET = "sk-recognisable-4f9a1c"


def test_nothing_secret_reaches_store_or_artifacts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MLFLOW_TRACKING_PASSWORD"):
        monkeypatch.setenv(name, SECRET)
    folder = make_sweep(tmp_path, models=("drawn-a",))
    tracker = tracker_at(tmp_path)
    tracker.sweep(folder)
    kept = [tmp_path / "mlflow.db", *(tmp_path / "mlruns").rglob("*")]
    texts = {path: path.read_bytes() for path in kept if path.is_file()}
    assert len(texts) > 20
    assert not [path for path, text in texts.items() if SECRET.encode() in text]
    client = MlflowClient(uri_at(tmp_path))
    some = next(trace_id for trace_id in attempts(folder))
    for span in client.get_trace(some).data.spans:
        assert str(tmp_path) not in json.dumps(span.to_dict())  # no paths of this machine


WRITER = """
import sys
from pathlib import Path
from earmark.storage.sweep_folder import SweepFolder
from earmark.tracking.mlflow_store import MlflowTracker
root = sys.argv[1]
tracker = MlflowTracker(f"sqlite:///{root}/mlflow.db", f"{root}/mlruns/artifacts")
print("ready", flush=True)
tracker.sweep(SweepFolder(Path(root) / "multirun" / "small"))
"""


@pytest.mark.parametrize(
    "moment", [*KILLS[:3], *(pytest.param(one, marks=pytest.mark.long) for one in KILLS[3:])]
)
def test_a_writer_may_be_killed_at_any_moment(moment: float, tmp_path: Path) -> None:
    folder = make_sweep(tmp_path)
    tracker = tracker_at(tmp_path)  # makes the tables
    line = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        with suppress(subprocess.TimeoutExpired):
            writer.wait(timeout=moment)
        writer.kill()
    tracker.sweep(folder)
    stored = traces(tmp_path)
    assert {one.trace_id for one in stored} == set(attempts(folder))
    alive = {one.info.run_id for one in mlflow_runs(tmp_path)}
    assert {one.trace_metadata["mlflow.sourceRun"] for one in stored} == alive
    assert len(alive) == 2
    assert find_problems(tracker, [folder], mounts="") == []
    for one in stored:
        assert len(MlflowClient(uri_at(tmp_path)).get_trace(one.trace_id).data.spans) >= 3
        assert "valid" in values(one)
