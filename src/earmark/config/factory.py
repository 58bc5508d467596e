"""One run: from its configuration to its finished folder.

In: a plain configuration. Out: the Run, saved. Objects are made by config.build and shared by all runs of the process, so that
weights, workers and servers are started once. It knows no tracker and no sweep.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from earmark.analysis import baseline_clips
from earmark.analysis.baseline_runs import compute_baselines
from earmark.analysis.baselines import Baselines, to_json
from earmark.analysis.calibration import calibrate
from earmark.analysis.labels import swept_settings
from earmark.analysis.summary import summarise
from earmark.audio.spectrogram import write as write_spectrogram
from earmark.config.compose import build, build_with
from earmark.embedders import AudioEmbedder, canary
from earmark.errors import MetricUnavailable
from earmark.identity import digest, run_key
from earmark.metrics import ClipMetric, SetMetric
from earmark.metrics.text_audio import TextAudio
from earmark.models import Model, optional
from earmark.models.wrappers.budget import Budget
from earmark.models.wrappers.cassette import Cassette
from earmark.pipeline import Parts
from earmark.records import Attempt, Run, RunFacts, Sampling, Task
from earmark.run import Design, run_episodes
from earmark.storage.folders import RunFolder, SweepFolder, write_json
from earmark.tasks.loading import load, select
from earmark.tracking.connection import redact

Config = Mapping[str, Any]
Heard = Callable[[Attempt], None]


def run_one(config: Config, folder: RunFolder, *, heard: Heard = lambda _: None) -> Run:
    """Run what is missing of a run, or read it when it is finished; `heard` is called with every attempt, saved ones included."""
    if folder.finished:
        run = folder.run()
        for attempt in run.attempts:
            heard(attempt)
        return run
    folder.tidy()
    design, parts = design_of(config), parts_of(config)
    attempts = []
    for attempt in run_episodes(design, parts=parts, folder=folder, finish=_draw(folder)):
        attempts.append(attempt)
        heard(attempt)
    key = run_key(config)
    facts = replace(facts_of(config), swept=swept_of(config, folder))
    run = Run(
        key=key,
        sweep=str(config["name"]),
        config=recorded(config),
        attempts=tuple(attempts),
        facts=facts,
    )
    done = scored(run, design=design, parts=parts)
    folder.save_run(done)
    return done


def recorded(config: Config) -> dict[str, Any]:
    """The configuration as a record holds it: without the password that the address of a store may carry."""
    return {
        **config,
        "tracking": {
            name: redact(value) if isinstance(value, str) else value
            for name, value in config["tracking"].items()
        },
    }


def scored(run: Run, *, design: Design, parts: Parts) -> Run:
    """The run with its scores: summarised, then calibrated between the baselines of its tier, which are kept beside the sweep."""
    config = run.config
    beside = baselines_of(config, design.tasks, parts)
    place = (
        Path(config["root"])
        / "multirun"
        / config["name"]
        / "baselines"
        / f"{config['tier']['name']}-{beside.id}"
    )
    baseline_clips.link(beside.clips, place, cache=Path(config["cache"]) / "baselines")
    write_json(place.with_name(f"{place.name}.json"), to_json(beside))
    headline = str(config["embedder"]["name"])
    done = summarise(
        run,
        strategy=design.strategy,
        headline=headline,
        floor=beside.floor,
        set_metrics=set_metrics(config),
    )
    return calibrate(done, beside)


def swept_of(config: Config, folder: RunFolder) -> dict[str, str]:
    """The swept settings beyond the names in a run's label: two runs must never look alike."""
    return swept_settings(config, SweepFolder(folder.path.parent).facts().get("axes", ()))


def tasks_of(config: Config) -> tuple[Task, ...]:
    """The tasks that a run asks, validated."""
    tier = config["tier"]
    return select(load(tier), limit=tier.get("limit"), split=tier.get("split", "all"))


def design_of(config: Config) -> Design:
    """What the run asks, and how."""
    sampling = config["sampling"]
    return Design(
        run=run_key(config),
        tasks=tasks_of(config),
        samples=config["samples"],
        strategy=build(config["strategy"]),
        sampling=Sampling(temperature=config["temperature"], **sampling),
        seed=config["seed"],
        max_turns=config["max_turns"],
        workers=sum(config["concurrency"].values()),
    )


def parts_of(config: Config) -> Parts:
    """Who does the work, with one gate per stage."""
    at_once = config["concurrency"]
    return Parts(
        model=model_of(config),
        sandbox=build(config["sandbox"]),
        metrics=clip_metrics(config),
        requests=threading.Semaphore(at_once["requests"]),
        programs=threading.Semaphore(at_once["programs"]),
        scoring=threading.Semaphore(at_once["scoring"]),
        check_determinism=config["check_determinism"],
    )


def model_of(config: Config) -> Model:
    """The model as it is asked: behind the budget, behind the cassette. Baselines cost nothing and are asked afresh."""
    model: Model = build(config["model"])
    if config["model"].get("baseline"):
        return model
    if config["replay"]:
        return Cassette(model, Path(config["replay"]), replay=True)
    if config["budget_usd"] is not None:
        model = Budget(model, budget_usd=config["budget_usd"], ledger=ledger_of(config))
    return Cassette(model, Path(config["cassette"]))


def ledger_of(config: Config) -> Path:
    """Where the sweep's spending is kept."""
    return Path(config["root"]) / "multirun" / str(config["name"]) / "ledger.json"


def _live(config: Config) -> dict[str, object]:
    """Live objects that a metric may ask for by the name of its constructor's argument."""
    return {
        "embedder": build(config["embedder"]),
        "fad_embedder": build(config["fad_embedder"]),
        "references": build(config["reference"]),
        "tasks": tasks_of(config),
    }


def clip_metrics(config: Config) -> tuple[ClipMetric, ...]:
    """The metrics that judge one clip, in the order of conf/metric."""
    return tuple(
        build_with(node, _live(config)) for node in config["metric"].get("clip", {}).values()
    )


def set_metrics(config: Config) -> tuple[SetMetric, ...]:
    """The metrics that judge a run's clips together."""
    live = _live(config)
    return tuple(
        build_with(node, {**live, "embedder": live["fad_embedder"]})
        for node in config["metric"].get("set", {}).values()
    )


def baselines_of(config: Config, tasks: tuple[Task, ...], parts: Parts) -> Baselines:
    """What the scores of this tier are read against."""
    node, reference = config["baselines"], build(config["reference"])
    tier = str(config["tier"]["name"])
    return compute_baselines(
        tasks,
        models={name: build(model) for name, model in node["models"].items()},
        rules=build(node["rules"]),
        parts=parts,
        metric=next(metric for metric in parts.metrics if isinstance(metric, TextAudio)),
        recordings=lambda: reference.for_tier(tier).captioned(),
        reference_id=_reference_facts(config)[1] or "none",
        cache=Path(config["cache"]) / "baselines",
    )


def facts_of(config: Config) -> RunFacts:
    """What a reader of the numbers must know beyond the settings."""
    return replace(scoring_facts(config), isolation=build(config["sandbox"]).isolation)


def scoring_facts(config: Config) -> RunFacts:
    """By what the run is scored, and against which reference."""
    embedder, fad_embedder = build(config["embedder"]), build(config["fad_embedder"])
    ids = [metric.id for metric in clip_metrics(config) if hasattr(metric, "id")]
    reference, reference_digest = _reference_facts(config)
    return RunFacts(
        embedder_id=embedder.id,
        fad_embedder_id=fad_embedder.id,
        stand_in=embedder.standin,
        fad_stand_in=fad_embedder.standin,
        pipeline=digest(ids)[:8],
        panel=tuple(_panel(config)),
        reference=reference,
        reference_digest=reference_digest,
    )


def _reference_facts(config: Config) -> tuple[str, str | None]:
    """Which recordings FAD compares with, and their digest; the manifest is kept beside the runs."""
    try:
        found = build(config["reference"]).for_tier(str(config["tier"]["name"]))
    except MetricUnavailable as error:
        return f"none: {error}"[:400], None
    kept = (
        Path(config["root"])
        / "multirun"
        / config["name"]
        / "references"
        / f"{config['tier']['name']}-{found.digest[:8]}.json"
    )
    write_json(kept, found.manifest)
    kind = "rendered here, no recordings" if found.rendered else "recordings"
    return f"{kind}, n={len(found.clips)}", found.digest


def preflight(configs: Sequence[Config]) -> dict[str, str]:
    """What may be missing or has drifted, said before the first call: keys, words, weights, references, isolation. Facts to print."""
    facts = embedders_preflight(configs)
    for config in configs:
        design = design_of(config)
        optional.preflight(model_of(config), design.sampling)
        for task in design.tasks:
            design.strategy.render(
                task, ()
            )  # a text that this task lacks is said now, not after the first hundred answers
        facts["sandbox"] = f"isolation {build(config['sandbox']).isolation}"
        if (tier := f"reference {config['tier']['name']}") not in facts:
            facts[tier] = _reference_facts(config)[0]
    return facts


def embedders_preflight(configs: Sequence[Config]) -> dict[str, str]:
    """Weights that cannot be had and embedders that have drifted, said before anything is heard. Facts to print."""
    facts: dict[str, str] = {}
    known: dict[str, str] = {}
    for config in configs:
        ears = {name: build(config[name]) for name in ("embedder", "fad_embedder")}
        for name, ear in {**ears, **_panel(config)}.items():
            said = _loaded(ear)
            if (one := f"{said} {ear.id}") not in known:
                known[one] = f"{said}; {canary.checked(ear, cache=Path(config['cache']))}"
            facts[name] = known[one]
    return facts


def _panel(config: Config) -> dict[str, AudioEmbedder]:
    """Further ears that metrics bring with them, by name."""
    return {
        name: ear
        for metric in clip_metrics(config)
        for name, ear in getattr(metric, "members", {}).items()
    }


def _loaded(ear: AudioEmbedder) -> str:
    """Load the weights now: a checkpoint that cannot be had must be known before a completion is paid."""
    if hasattr(ear, "load"):
        ear.load()
    return f"{ear.name} (stand-in: not CLAP, never compare with it)" if ear.standin else ear.name


def _draw(folder: RunFolder) -> Heard:
    def draw(attempt: Attempt) -> None:
        if attempt.clip is not None:
            write_spectrogram(Path(attempt.clip.path), folder.folder_of(attempt) / "out.png")

    return draw
