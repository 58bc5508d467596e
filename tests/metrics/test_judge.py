"""A judge that listens, by a real local server: it decodes the recordings that it was sent."""

import io
import json
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earmark.analysis.judging import judge_agreement
from earmark.cli import main
from earmark.metrics.judge import judge, preference
from earmark.models.hosted import LiteLLM
from earmark.records import Task
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.votes import Outcome, Vote
from earmark.testing.sweeps import make_sweep
from tests.models.server import BROKEN, Asked, ChatServer, Reply

TASK = Task("t", "notes", "a tone", "A tone of two seconds.", 1.0)


def recordings(asked: Asked) -> list[bytes]:
    parts = asked.messages[-1]["content"]
    return [b64decode(one["input_audio"]["data"]) for one in parts if "input_audio" in one]


def louder(asked: Asked) -> str:
    """A judge with an opinion: the louder recording, wherever it stands."""
    levels = [float(np.std(soundfile.read(io.BytesIO(one))[0])) for one in recordings(asked)]
    return f"Recording {1 + int(np.argmax(levels))}."


def larger(asked: Asked) -> str:
    """Another: the recording whose bytes come later in the alphabet."""
    first, second = recordings(asked)
    return "1" if first > second else "2"


def listener(server: ChatServer) -> LiteLLM:
    return LiteLLM(name="listener", model="openai/local", api_base=server.api_base)


@pytest.fixture
def wavs(tmp_path: Path) -> tuple[Path, Path]:
    tone = np.sin(np.arange(8000) / 5)
    paths = tmp_path / "soft.wav", tmp_path / "loud.wav"
    for path, level in zip(paths, (0.1, 0.5), strict=True):
        soundfile.write(path, level * tone, 16000)
    return paths


def test_the_same_sound_is_preferred_in_both_orders(wavs: tuple[Path, Path]) -> None:
    soft, loud = wavs
    with ChatServer(louder) as server:
        one = judge(listener(server), TASK, loud, soft)
        other = judge(listener(server), TASK, soft, loud)
        same = judge(listener(server), TASK, loud, loud)
        content = server.log[0].messages[-1]["content"]
        assert [part["type"] for part in content] == ["text", "input_audio", "input_audio"]
        assert TASK.prompt in content[0]["text"]
        assert recordings(server.log[0]) == recordings(server.log[1])[::-1]
    assert (one.outcome, other.outcome, one.swayed) == (1, -1, False)
    assert (same.outcome, same.swayed) == (0, True)


def test_a_judge_that_favours_a_place_prefers_nothing(wavs: tuple[Path, Path]) -> None:
    with ChatServer("1") as server:
        verdict = judge(listener(server), TASK, *wavs)
    assert (verdict.outcome, verdict.swayed, verdict.answers) == (0, True, ("1", "1"))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("1", 1), ("Recording 2.", -1), ("Same", 0), ("1 or 2", 0), ("", 0), ("12", 0)],
)
def test_an_answer_is_a_place_or_no_preference(answer: str, outcome: Outcome) -> None:
    assert preference(answer) == outcome


def vote(task: str, outcome: Outcome, *, swapped: bool = False) -> Vote:
    runs = ("b", "a") if swapped else ("a", "b")
    return Vote(*runs, task, 0, outcome, "r", "blind votes")


def test_agreement_is_the_share_of_votes_that_the_judge_shares() -> None:
    judged = [vote("t1", 1), vote("t2", 1), vote("t3", 0)]
    people = [vote("t1", -1, swapped=True), vote("t2", -1), vote("t3", 1), vote("t4", 1)]
    found = judge_agreement(judged, [*people, vote("t1", 0)])
    assert found.share is not None
    assert (found.share.value, found.share.n, found.left_out) == (0.5, 2, 2)
    assert judge_agreement([], people).share is None


@pytest.fixture
def sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SweepFolder:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    return make_sweep(tmp_path, tasks=6)


def typed(sweep: SweepFolder, server: ChatServer) -> list[str]:
    a, b = sorted(one.path.name for one in sweep.runs())
    settings = ["model.model=openai/local", f"model.api_base={server.api_base}"]
    return ["judge", sweep.name, a, b, "--model", "vllm", *settings]


def test_the_command_judges_once_and_reports_agreement_with_votes(
    sweep: SweepFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(larger) as server:
        assert main(typed(sweep, server)) == 0
        asked = server.requests
        assert main(typed(sweep, server)) == 0
        assert server.requests == asked > 0
    printed = capsys.readouterr().out
    assert "people have not voted on these pairs" in printed
    [path] = (sweep.path / "judged").iterdir()
    stored = json.loads(path.read_text())
    assert stored["rater"].startswith("judge ")
    people = [{**one, "x": "x", "y": "y"} for one in stored["votes"]]
    (sweep.path / "votes").mkdir()
    ballot = {"sweep": sweep.name, "runs": stored["runs"], "rater": "anna", "votes": people}
    (sweep.path / "votes" / "1.json").write_text(json.dumps(ballot))
    with ChatServer(larger) as server:
        assert main(typed(sweep, server)) == 0
        assert server.requests == 0
    assert "agrees with 100 %" in capsys.readouterr().out


def test_what_was_judged_before_a_failure_is_kept(
    sweep: SweepFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    def some(asked: Asked) -> Reply | str:
        return larger(asked) if asked.number < 4 else BROKEN

    with ChatServer(some) as server:
        assert main(typed(sweep, server)) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    [path] = (sweep.path / "judged").iterdir()
    assert len(json.loads(path.read_text())["votes"]) == 2


def test_a_run_or_a_model_that_cannot_be_is_named(
    sweep: SweepFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = sorted(one.path.name for one in sweep.runs())
    assert main(["judge", sweep.name, "absent", b, "--model", "vllm"]) == 1
    assert main(["judge", sweep.name, a, b, "--model", "expert"]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "run 'absent' must be one finished run" in first
    assert "must be a hosted or local language model that takes audio, got expert" in second
