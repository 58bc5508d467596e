"""Makes small finished sweeps on disk, as a real one leaves them, without asking or scoring.

Sounds are synthesised, and failures and scores are drawn from a seed: they mean nothing, and the
names of the models say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from random import Random

from earmark.analysis import baseline_clips
from earmark.analysis.baselines import Baselines, to_json
from earmark.analysis.summary import summarise
from earmark.audio import read_clip, spectrogram
from earmark.config.schema import (
    Component,
    ModelConfig,
    RunConfig,
    SamplingConfig,
    StrategyConfig,
    TierConfig,
)
from earmark.identity import attempt_key, run_key
from earmark.records import (
    Attempt,
    Completion,
    Execution,
    Failure,
    FailureKind,
    Message,
    Program,
    Request,
    Run,
    RunFacts,
    Sampling,
    Stage,
    Task,
)
from earmark.storage.atomic import write_json
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.audio import tone, wav16

HEADLINE = "yamnet_minilm"
FLOOR = 0.05
FACTS = RunFacts(
    isolation="namespaces",
    embedder_id="drawn-1",
    stand_in=True,
    reference="drawn, n=3",
    reference_digest="00" * 16,
)
FAILURES: tuple[tuple[Stage, FailureKind, str], ...] = (
    ("extract", "no_code", "the answer holds no Python"),
    ("execute", "runtime_error", "NameError: name 'np' is not defined"),
    ("audio", "silent", "out.wav: must rise above -60 dBFS, has no movement at all"),
)


@dataclass(frozen=True)
class LastValid:
    """The loop of a single answer with the default pick."""

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        """One message, then none."""
        return None if history else (Message("user", task.prompt),)

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        """The last valid attempt, else the last."""
        return ([one for one in history if one.valid] or list(history))[-1]


def make_sweep(
    root: Path,
    *,
    name: str = "small",
    models: Sequence[str] = ("drawn-a", "drawn-b"),
    tiers: Sequence[str] = ("notes",),
    temperatures: Sequence[float] = (0.0,),
    tasks: int = 3,
    samples: int = 1,
    seed: int = 0,
) -> SweepFolder:
    """A finished sweep under root/multirun/name; the same arguments give the same records."""
    sweep = SweepFolder(root / "multirun" / name)
    points = list(product(models, tiers, temperatures))
    sweep.save_facts(
        {
            "overrides": [f"model={','.join(models)}"],
            "runs": len(points),
            "versions": {"earmark": "test"},
        }
    )
    for model, tier, temperature in points:
        settings = config(model=model, tier=tier, temperature=temperature, samples=samples)
        make_run(sweep, settings, tasks=tasks, seed=seed)
    return sweep


def config(
    *,
    model: str = "drawn-a",
    tier: str = "notes",
    strategy: str = "zero_shot",
    temperature: float = 0.0,
    samples: int = 1,
) -> RunConfig:
    """A configuration with what trackers and reports read."""
    return RunConfig(
        name="small",
        model=ModelConfig(model),
        tier=TierConfig(tier),
        strategy=StrategyConfig(strategy, settings={"shots": 0}),
        embedder=Component(HEADLINE),
        fad_embedder=Component("same"),
        temperature=temperature,
        samples=samples,
        sampling=SamplingConfig(max_tokens=512),
    )


def as_baseline(run: Run) -> RunConfig:
    """The run's configuration, had a baseline written its programs."""
    return replace(run.config, model=replace(run.config.model, baseline=True))


def make_run(
    sweep: SweepFolder, settings: RunConfig, *, tasks: int = 3, seed: int = 0
) -> RunFolder:
    """One finished run: every fourth attempt fails, and one that fails has a second turn."""
    key = run_key(settings)
    names = [settings.model.name, settings.tier.name, settings.strategy.name]
    folder = RunFolder(
        sweep.path / f"{names[0].replace('/', '_')[:40]}-{'-'.join(names[1:])}-{key}"
    )
    rng = Random(f"{seed} {key}")
    for number, sample in product(range(tasks), range(settings.samples)):
        failed = (number + sample) % 4 == 3 or (number == 1 and sample == 0)
        if failed:
            blank = _answered(key, settings, number, sample, turn=0)
            folder.save_attempt(_failed(blank, rng))
        if not failed or number == 1:
            blank = _answered(key, settings, number, sample, turn=int(failed))
            folder.save_attempt(_valid(blank, folder, rng))
    run = Run(key, sweep.name, settings, attempts=tuple(folder.attempts()), facts=FACTS)
    run = summarise(run, strategy=LastValid(), headline=HEADLINE, floor=FLOOR, set_metrics=())
    reasons = {**run.unscored, "fad": "3 clips are too few for a distance"}
    folder.save_run(replace(run, unscored=reasons))
    return folder


def add_baselines(sweep: SweepFolder) -> SweepFolder:
    """The same sweep with baselines: noise as its floor, an expert, and silence without a score."""
    cache = sweep.path.parents[1] / "cache" / "baselines"
    for run_folder in sweep.runs():
        run = run_folder.run()
        clips = [
            (one.clip, one.task) for one in run.attempts if one.clip is not None and one.sample == 0
        ]
        kept = baseline_clips.store(clips[: baseline_clips.MAX_CLIPS], cache=cache)
        noise = {task.id: FLOOR + 0.01 * at for at, (_, task) in enumerate(clips)}
        baselines = Baselines(
            run.config.tier.name,
            HEADLINE,
            "drawn-1",
            scores={
                "noise": noise,
                "expert": {task: score + 0.35 for task, score in noise.items()},
            },
            unscored={"silence": "no valid clip: silent"},
            clips={"noise": kept, "expert": kept},
        )
        folder = sweep.path / "baselines" / f"{baselines.tier}-{baselines.id}"
        baseline_clips.link(baselines.clips, folder, cache=cache)
        write_json(folder.with_name(f"{folder.name}.json"), to_json(baselines))
        run_folder.save_run(replace(run, facts=replace(run.facts, baselines=baselines.id)))
    return sweep


def _answered(key: str, settings: RunConfig, number: int, sample: int, *, turn: int) -> Attempt:
    task = Task(
        f"tone-{number}",
        settings.tier.name,
        f"a steady tone, number {number}",
        f"Write a program for tone {number}.",
        0.4 + 0.1 * number,
    )
    sampling = Sampling(temperature=settings.temperature)
    messages = (Message("user", task.prompt),)
    text = f"```python\n# tone for {task.id}\nprint('{sample}')\n```"
    return Attempt(
        attempt_key(key, task.id, sample, turn),
        key,
        task,
        sample,
        turn,
        Request(task.id, task.seconds, sample, turn, messages, sampling),
        Completion(text, "drawn", "stop", 20, 30, 0.5, 0.001, sampling, sampling),
    )


def _execution(*, wav: Path | None, stderr: str = "") -> Execution:
    return Execution(
        end="exit",
        exit_code=1 if stderr else 0,
        stdout="" if stderr else "ok\n",
        stderr=stderr,
        seconds=0.2,
        cpu_seconds=0.1,
        peak_bytes=2**20,
        isolation="namespaces",
        result="file" if wav else "missing",
        wav=str(wav) if wav else None,
    )


def _failed(blank: Attempt, rng: Random) -> Attempt:
    stage, kind, message = rng.choice(FAILURES)
    failed = replace(blank, failure=Failure(stage, kind, message))
    if stage == "extract":
        return failed
    source = "import soundfile\nsoundfile.write('out.wav', np.zeros(9), 44100)\n"
    execution = _execution(wav=None, stderr=f"Traceback ...\n{message}")
    return replace(failed, program=Program(source), execution=execution)


def _valid(blank: Attempt, folder: RunFolder, rng: Random) -> Attempt:
    wav = folder.folder_of(blank) / "out.wav"
    wav.parent.mkdir(parents=True, exist_ok=True)
    wav.write_bytes(wav16(tone(seconds=blank.task.seconds, level=rng.uniform(0.2, 0.9))))
    wav.with_suffix(".png").write_bytes(spectrogram.png(wav))
    return replace(
        blank,
        program=Program(f"# steady tone\nprint({blank.sample})\n"),
        execution=_execution(wav=wav),
        clip=read_clip(wav),
        scores={HEADLINE: rng.uniform(-0.1, 0.5)},
        unscored={"ebur128": "too short"},
    )
