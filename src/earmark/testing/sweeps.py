"""Small sweeps on disk, as a real run leaves them: numbers -> SweepFolder.

In: a folder, names of models, tiers and temperatures, a seed. Out: a finished sweep of synthesised WAVs, half-made failures and scores
drawn from the seed. Nothing is asked, run or heard: the scores mean nothing, and the names of the models say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from earmark.analysis import baseline_clips
from earmark.analysis.baselines import Baselines
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
    Sampling,
    Stage,
    Task,
)
from earmark.storage.atomic import write_json
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.strategies import Strategy
from earmark.testing.audio import tone, wav16

FAILURES: tuple[tuple[Stage, FailureKind, str], ...] = (
    ("extract", "no_code", "the answer holds no Python"),
    ("run", "runtime_error", "NameError: name 'np' is not defined"),
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


def made_sweep(
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
    points = [
        (model, tier, temperature)
        for model in models
        for tier in tiers
        for temperature in temperatures
    ]
    sweep.save_facts(
        {
            "overrides": [f"model={','.join(models)}"],
            "runs": len(points),
            "versions": {"earmark": "test"},
        }
    )
    for model, tier, temperature in points:
        made_run(
            sweep,
            config(model=model, tier=tier, temperature=temperature, samples=samples),
            tasks=tasks,
            seed=seed,
        )
    return sweep


def with_baselines(sweep: SweepFolder) -> SweepFolder:
    """The same sweep with baselines beside its runs: noise at their floor, an expert, silence without a score; clips of three tasks."""
    cache = sweep.path.parents[1] / "cache" / "baselines"
    for place in sweep.runs():
        run = place.run()
        heard = [
            (one.clip, one.task) for one in run.attempts if one.clip is not None and one.sample == 0
        ]
        scores = {
            name: {task.id: value + 0.01 * turn for turn, (_, task) in enumerate(heard)}
            for name, value in (("noise", 0.05), ("expert", 0.4))
        }
        unscored = {"silence": "no valid clip: silent"}
        clips = {
            name: baseline_clips.keep(heard[: baseline_clips.MAX_CLIPS], cache=cache)
            for name in scores
        }
        told = Baselines(
            run.config.tier.name,
            "yamnet_minilm",
            "drawn-1",
            scores=scores,
            unscored=unscored,
            clips=clips,
        )
        beside = sweep.path / "baselines" / f"{told.tier}-{told.id}"
        baseline_clips.lay(told.clips, beside, cache=cache)
        write_json(beside.with_name(f"{beside.name}.json"), told.plain())
        place.save_run(replace(run, facts={**run.facts, "baselines": told.id}))
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
        embedder=Component("yamnet_minilm"),
        fad_embedder=Component("same"),
        temperature=temperature,
        samples=samples,
        sampling=SamplingConfig(max_tokens=512),
    )


def made_run(
    sweep: SweepFolder, composed: RunConfig, *, tasks: int = 3, seed: int = 0
) -> RunFolder:
    """One finished run: every fourth attempt fails, and an attempt that fails is followed by a second turn."""
    key = run_key(composed)
    model, tier = composed.model.name, composed.tier.name
    folder = RunFolder(
        sweep.path / f"{model.replace('/', '_')[:40]}-{tier}-{composed.strategy.name}-{key}"
    )
    rng = Random(f"{seed} {key}")
    for number in range(tasks):
        for sample in range(composed.samples):
            failed = (number + sample) % 4 == 3 or (number == 1 and sample == 0)
            if failed:
                folder.save_attempt(_failed(_blank(key, tier, number, sample, 0), rng))
            if not failed or number == 1:
                folder.save_attempt(
                    _heard(_blank(key, tier, number, sample, int(failed)), folder, rng)
                )
    run = Run(key, sweep.name, composed, attempts=tuple(folder.attempts()), facts=facts())
    strategy: Strategy = LastValid()
    scored = summarise(run, strategy=strategy, headline="yamnet_minilm", floor=0.05, set_metrics=())
    folder.save_run(
        replace(scored, unscored={**scored.unscored, "fad": "3 clips are too few for a distance"})
    )
    return folder


def facts() -> dict[str, str]:
    """What a run notes beside its numbers."""
    return {
        "isolation": "namespaces",
        "embedder_id": "drawn-1",
        "standin": "yes",
        "reference": "drawn, n=3",
        "reference_digest": "00" * 16,
    }


def _blank(run: str, tier: str, number: int, sample: int, turn: int) -> Attempt:
    task = Task(
        f"tone-{number}",
        tier,
        f"a steady tone, number {number}",
        f"Write a program for tone {number}.",
        0.4 + 0.1 * number,
    )
    request = Request(
        task.id,
        task.seconds,
        sample,
        turn,
        (Message("user", task.prompt),),
        Sampling(temperature=0.0),
    )
    return Attempt(
        attempt_key(run, task.id, sample, turn),
        run,
        task,
        sample,
        turn,
        request,
        completion=_answer(request),
    )


def _answer(request: Request) -> Completion:
    text = f"```python\n# tone for {request.task_id}\nprint('{request.sample}')\n```"
    return Completion(text, "drawn", "stop", 20, 30, 0.5, 0.001, request.sampling, request.sampling)


def _failed(blank: Attempt, rng: Random) -> Attempt:
    stage, kind, message = rng.choice(FAILURES)
    program = (
        None
        if stage == "extract"
        else Program("import soundfile\nsoundfile.write('out.wav', np.zeros(9), 44100)\n")
    )
    execution = (
        None
        if program is None
        else Execution(
            "exit",
            1,
            "",
            "Traceback ...\n" + message,
            0.2,
            0.1,
            2**20,
            "namespaces",
            "missing",
            None,
        )
    )
    return replace(
        blank, program=program, execution=execution, failure=Failure(stage, kind, message)
    )


def _heard(blank: Attempt, folder: RunFolder, rng: Random) -> Attempt:
    place = folder.folder_of(blank)
    place.mkdir(parents=True, exist_ok=True)
    wav = place / "out.wav"
    wav.write_bytes(wav16(tone(seconds=blank.task.seconds, level=rng.uniform(0.2, 0.9))))
    wav.with_suffix(".png").write_bytes(spectrogram.png(wav))
    execution = Execution("exit", 0, "ok\n", "", 0.2, 0.1, 2**20, "namespaces", "file", str(wav))
    program = Program(f"# steady tone\nprint({blank.sample})\n")
    values = {"yamnet_minilm": rng.uniform(-0.1, 0.5)}
    return replace(
        blank,
        program=program,
        execution=execution,
        clip=read_clip(wav),
        scores=values,
        unscored={"ebur128": "too short"},
    )
