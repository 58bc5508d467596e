"""Baselines: answers that are always the same, programs that run, experts that satisfy their own
specs.
"""

import ast
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import yaml

from earmark.audio import read_clip, samples
from earmark.checks import check
from earmark.checks.detectors import Detectors
from earmark.checks.sound import sound
from earmark.checks.words import transcript
from earmark.config.compose import compose
from earmark.embedders.voice_activity import VoiceActivity
from earmark.embedders.whisper_base import packaged
from earmark.embedders.yamnet_tags import YamnetTags
from earmark.errors import AudioError, CompletionError, ConfigError
from earmark.extract import extract
from earmark.extract.answers import check_completion
from earmark.models import Model
from earmark.models.baselines import Baseline
from earmark.models.baselines.expert import PROGRAMS, Expert
from earmark.models.baselines.noise import Noise
from earmark.models.baselines.random_program import RandomProgram
from earmark.models.baselines.silence import Silence
from earmark.models.baselines.sine import Sine
from earmark.models.baselines.trivial import KINDS, Trivial
from earmark.paths import conf
from earmark.records import Message, Request, Sampling, Task
from earmark.tasks.loading import load, select
from earmark.testing.models import ModelContract, State, request_of

TIERS = ("notes", "environment", "speech")
DETECTORS = Detectors(tagger=YamnetTags(), voice=VoiceActivity(), recogniser=packaged())
# Not all that formant synthesis by hand says is understood: these experts meet all facts but the
# words.
NOT_UNDERSTOOD = {
    "whisper_base": set[str](),
    "pocketsphinx": {
        "count_one_two_three",
        "count_to_five",
        "crowd_chant",
        "echoing_hello",
        "good_morning",
        "no_no_no",
        "question_are_you_home",
        "robot_monotone",
        "sad_woman",
        "telephone_voice",
        "whispered_secret",
        "word_hello",
    },
}[packaged().name]


def tasks_of(tier: str) -> tuple[Task, ...]:
    return load(yaml.safe_load((conf() / "tier" / f"{tier}.yaml").read_text(encoding="utf-8")))


def has_program(task: Task) -> bool:
    return (PROGRAMS / task.tier / f"{task.id}.py").is_file()


ALL = [task for tier in TIERS for task in tasks_of(tier) if has_program(task)]
SAMPLE = [
    task
    for tier in TIERS
    for task in select([t for t in tasks_of(tier) if has_program(t)], limit=4)
]
LONG = [
    pytest.param(task, id=task.id, marks=[] if task in SAMPLE else [pytest.mark.long])
    for task in ALL
]


def asked(task: Task, sample: int = 0) -> Request:
    return Request(
        task.id, task.seconds, sample, 0, (Message("user", task.prompt),), Sampling(temperature=0.5)
    )


def rendered(model: Model, request: Request, folder: Path) -> Path:
    """The clip of the model's program, run here and now: these programs are our own, and a process
    for each costs more than they do.
    """
    (folder / "program.py").write_text(
        extract(model.complete(request).text).source, encoding="utf-8"
    )
    with chdir(folder):
        runpy.run_path("program.py")
    return folder / "out.wav"


class BaselineContract(ModelContract):
    states = frozenset({"ordinary"})
    baseline: Callable[..., Baseline]
    task = ALL[0]

    @contextmanager
    def model(self, state: State) -> Iterator[Model]:
        yield self.baseline(name="baseline")

    def request(self) -> Request:
        return asked(self.task)

    def test_it_costs_nothing_and_counts_no_tokens(self) -> None:
        said = self.baseline(name="baseline").complete(self.request())
        assert (said.cost_usd, said.prompt_tokens, said.completion_tokens, said.finish_reason) == (
            0.0,
            None,
            None,
            "stop",
        )

    def test_the_same_request_gets_the_same_answer(self) -> None:
        assert self.baseline(name="baseline").complete(self.request()) == self.baseline(
            name="baseline"
        ).complete(self.request())

    def test_it_refuses_to_pass_for_a_model(self) -> None:
        with pytest.raises(ValueError, match="must be true"):
            self.baseline(name="baseline", baseline=False)


class TestNoise(BaselineContract):
    baseline = Noise


class TestSilence(BaselineContract):
    baseline = Silence


class TestSine(BaselineContract):
    baseline = Sine


class TestRandomProgram(BaselineContract):
    baseline = RandomProgram


class TestTrivial(BaselineContract):
    baseline = partial(Trivial, kind="clicks")


class TestExpert(BaselineContract):
    baseline = Expert
    states = frozenset({"ordinary", "refused"})

    @contextmanager
    def model(self, state: State) -> Iterator[Model]:
        yield Expert() if state == "ordinary" else _Unknown()


class _Unknown(Expert):
    """Asked for a task that has no program, whatever the request."""

    def complete(self, request):
        return super().complete(request_of(task_id="no_such_task", sampling=request.sampling))


def test_an_unknown_task_is_a_refusal_that_names_the_file() -> None:
    completion = Expert().complete(request_of(task_id="no_such_task"))
    assert "write programs/TIER/no_such_task.py" in completion.text
    with pytest.raises(CompletionError, match="ended the reply by 'refusal'") as caught:
        check_completion(completion)
    assert caught.value.failure.kind == "refused"


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be a folder of expert programs"):
        Expert(folder=str(tmp_path / "none"))


def test_the_experts_identity_follows_its_programs(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.py").write_text("print(1)")
    before = Expert(folder=str(tmp_path)).identity
    assert Expert(folder=str(tmp_path)).identity == before
    (tmp_path / "mine" / "a.py").write_text("print(2)")
    assert Expert(folder=str(tmp_path)).identity != before


@pytest.mark.parametrize(
    "name", ["expert", "random_program", "trivial", "noise", "silence", "sine"]
)
def test_the_yaml_names_the_baseline(name: str) -> None:
    model = compose([f"model={name}"]).model
    assert (model.name, model.baseline) == (name, True)


@pytest.mark.parametrize("task", LONG)
def test_an_expert_satisfies_its_task(task: Task, tmp_path: Path) -> None:
    path = rendered(Expert(), asked(task), tmp_path)
    assert read_clip(path, asked_seconds=task.seconds).seconds == pytest.approx(
        task.seconds, abs=0.001
    )
    scores = check(*samples(path), task.spec, DETECTORS)
    missed = {
        name
        for name, value in scores.values.items()
        if name.endswith("_ok") and name != "check_ok" and value < 1
    }
    assert missed == ({"check_words_ok"} if task.id in NOT_UNDERSTOOD else set()), dict(
        scores.values
    )


def test_experts_use_only_what_the_contract_offers() -> None:
    for task in ALL:
        tree = ast.parse(Expert().program(asked(task)))
        names = [
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        ]
        names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert {name.split(".")[0] for name in names} <= {"numpy", "scipy", "soundfile"}


@pytest.mark.parametrize(
    "sample", [*range(8), *(pytest.param(k, marks=pytest.mark.long) for k in range(8, 200))]
)
def test_a_random_program_runs_and_is_audible(sample: int, tmp_path: Path) -> None:
    request = Request("any", 0.1 + 0.4 * (sample % 5), sample, 0, (), Sampling())
    clip = read_clip(rendered(RandomProgram(), request, tmp_path), asked_seconds=request.seconds)
    assert clip.seconds == pytest.approx(request.seconds, abs=0.001)
    assert clip.clipped_fraction < 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_a_trivial_program_is_the_same_whatever_the_task(kind: str, tmp_path: Path) -> None:
    model = Trivial(kind=kind)
    request = Request("any", 1.3, 0, 0, (), Sampling())
    clip = read_clip(rendered(model, request, tmp_path), asked_seconds=1.3)
    assert clip.seconds == pytest.approx(1.3, abs=0.001)
    assert clip.peak == pytest.approx(0.7, abs=0.01)
    other = Request("other", 1.3, 2, 1, (Message("user", "Make a dog."),), Sampling())
    assert model.complete(request).text == model.complete(other).text


def test_a_trivial_model_answers_once_its_program_is_chosen() -> None:
    model = Trivial()
    with pytest.raises(ValueError, match="choose one first"):
        model.complete(asked(ALL[0]))
    assert model.candidates == tuple(KINDS)
    chosen = model.choose("bell")
    assert chosen.candidates == ()
    assert chosen.identity != model.identity
    with pytest.raises(ConfigError, match=r"model\.kind must be one of clicks, .* got 'drum'"):
        Trivial(kind="drum")


def test_random_programs_differ_by_task_sample_and_seed() -> None:
    requests = [
        Request(task, 1.0, sample, 0, (), Sampling()) for task in ("a", "b") for sample in range(20)
    ]
    answers = [
        RandomProgram(seed=seed).complete(request).text for seed in (0, 1) for request in requests
    ]
    assert len(set(answers)) == len(answers)


def test_noise_has_the_level_it_states(tmp_path: Path) -> None:
    clip = read_clip(
        rendered(Noise(level_dbfs=-26.0), Request("any", 2.0, 0, 0, (), Sampling()), tmp_path)
    )
    assert clip.rms == pytest.approx(10 ** (-26 / 20), rel=0.02)


def test_a_sine_has_the_pitch_and_level_it_states(tmp_path: Path) -> None:
    path = rendered(
        Sine(f0_hz=330.0, level_dbfs=-26.0), Request("any", 1.0, 0, 0, (), Sampling()), tmp_path
    )
    assert read_clip(path).rms == pytest.approx(10 ** (-26 / 20), rel=0.02)
    sound, rate_hz = samples(path)
    assert np.abs(np.fft.rfft(sound[:, 0])).argmax() * rate_hz / len(sound) == pytest.approx(
        330, abs=1
    )


def test_silence_is_silent(tmp_path: Path) -> None:
    path = rendered(Silence(), Request("any", 1.0, 0, 0, (), Sampling()), tmp_path)
    with pytest.raises(AudioError, match="must rise above"):
        read_clip(path)


@pytest.mark.parametrize("tier", TIERS)
def test_a_program_stands_alone_in_a_process_of_its_own(tier: str, tmp_path: Path) -> None:
    program = extract(
        Expert().complete(asked(next(task for task in ALL if task.tier == tier))).text
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program.source],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert read_clip(tmp_path / "out.wav").rms > 0


@pytest.mark.parametrize("few", [6, pytest.param(None, marks=pytest.mark.long, id="all")])
@pytest.mark.parametrize("baseline", [Noise, RandomProgram])
@pytest.mark.parametrize("tier", TIERS)
def test_a_sound_that_heeds_no_task_satisfies_one_in_ten_at_most(
    tier: str, baseline: type[Baseline], few: int | None, tmp_path: Path
) -> None:
    tasks = select(tasks_of(tier), limit=few)
    clips = (
        (task, samples(rendered(baseline(name="baseline"), asked(task), tmp_path)))
        for task in tasks
    )
    met = [
        task.id
        for task, clip in clips
        if check(*clip, task.spec, DETECTORS).values["check_ok"] == 1
    ]
    assert len(met) <= max(1, len(tasks) // 10), met


def test_noise_and_held_tones_hold_no_words(tmp_path: Path) -> None:
    assert transcript(sound(*samples(rendered(Noise(), asked(ALL[0]), tmp_path)), DETECTORS)) == ""
    assert transcript(sound(*samples(rendered(Expert(), asked(ALL[0]), tmp_path)), DETECTORS)) == ""


def test_a_program_is_one_file_that_names_its_output_once() -> None:
    for task in ALL:
        assert len(re.findall(r'"out\.wav"', Expert().complete(asked(task)).text)) == 1
