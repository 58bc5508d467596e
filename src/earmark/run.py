"""One configuration -> a Run: skip what exists, run the rest concurrently, save it, summarise.

What is in the run's folder is not repeated; an interrupted run goes on where it stopped.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from earmark.analysis import baseline_clips
from earmark.analysis.baseline_choice import choose
from earmark.analysis.baseline_runs import compute_baselines
from earmark.analysis.baselines import Baselines, to_json
from earmark.analysis.calibration import calibrate
from earmark.analysis.exclusion import applying, without
from earmark.analysis.labels import swept_settings
from earmark.analysis.summary import summarise
from earmark.audio import spectrogram
from earmark.config.schema import RunConfig
from earmark.errors import MetricUnavailable
from earmark.identity import digest
from earmark.metrics import ClipMetric, Identified, SetMetric
from earmark.metrics.text_audio import TextAudio
from earmark.models import Model, SupportsChoice
from earmark.pipeline import Design, Parts, episode
from earmark.records import Attempt, Request, Run, RunFacts, Task
from earmark.references import Reference, ReferenceSet
from earmark.storage.atomic import write_bytes, write_json
from earmark.storage.exclusions import load_exclusions
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.tasks.loading import load

Episodes = dict[tuple[str, int], list[Attempt]]
OnAttempt = Callable[[Attempt], None]
# Runs that overlap share the baselines of their tier: the first to come computes them.
_one_computes = threading.Lock()


def run_one(
    config: RunConfig,
    folder: RunFolder,
    *,
    design: Design,
    parts: Parts,
    on_attempt: OnAttempt = lambda _: None,
) -> Run:
    """Run what is missing of a run, and finish its folder.

    Args:
        config: the run's configuration, as it is recorded.
        folder: where its attempts are found and kept.
        design: what is asked.
        parts: what does the work.
        on_attempt: called with every attempt, saved ones included.

    Raises:
        HarnessError: the first one met; what was finished is saved.
    """
    folder.tidy()
    parts = replace(parts, model=chosen_model(config, parts))
    attempts = []
    with closing(run_episodes(design, parts=parts, folder=folder)) as stream:
        for attempt in stream:
            attempts.append(attempt)
            on_attempt(attempt)
    # In the order of the folder, whichever ended first: sums of scores have one last digit.
    attempts.sort(key=lambda one: (one.task.id, one.sample, one.turn))
    sweep = SweepFolder(folder.path.parent)
    run = Run(
        key=design.run,
        sweep=config.name,
        config=config,
        attempts=tuple(attempts),
        facts=replace(
            scoring_facts(config, parts),
            isolation=parts.sandbox.isolation,
            swept=swept_of(config, sweep),
        ),
    )
    run = score_run(run, sweep, design=design, parts=parts)
    return finish(run, folder, set_metrics=parts.set_metrics)


def finish(run: Run, folder: RunFolder, *, set_metrics: Sequence[SetMetric]) -> Run:
    """Save a scored run; what is excluded from its sweep counts in no number of it either."""
    sweep = folder.path.parent
    excluded = applying(load_exclusions(sweep), run)
    if not excluded:
        folder.save_run(run)
        return run
    left = without(run, excluded, sweep=sweep, set_metrics=set_metrics)
    folder.save_left(left, whole=run)
    return left


def run_episodes(
    design: Design,
    *,
    parts: Parts,
    folder: RunFolder,
    ready: Callable[[Request], bool] = lambda _: True,
) -> Generator[Attempt]:
    """Yield every attempt of the run, saved ones first; a new one is saved before it is yielded.

    An episode waits, for another call of this, before a request that is not `ready`.

    Raises:
        HarnessError: the first one met; episodes under way may end, the others are not started.

    When the stream is closed, no further turn is begun.
    """
    episodes = saved_episodes(folder)
    for saved in episodes.values():
        yield from saved
    stop = threading.Event()
    pool = ThreadPoolExecutor(max_workers=design.workers, thread_name_prefix="episode")
    work = partial(_run_episode, design=design, parts=parts, folder=folder, ready=ready, stop=stop)
    # Not `wait`, which looks at every episode that is left each time that one ends.
    done: SimpleQueue[Future[list[Attempt]]] = SimpleQueue()
    for sample in range(design.samples):
        for task in design.tasks:
            within = copy_context().run  # of the run: its log file is known by it
            history = tuple(episodes[task.id, sample])
            pool.submit(within, work, task, sample, history).add_done_callback(done.put)
    try:
        for _ in range(design.samples * len(design.tasks)):
            yield from done.get().result()
    except (KeyboardInterrupt, GeneratorExit):
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)  # a person waits: calls under way are left
        raise
    except Exception:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)  # turns under way end and are saved
        raise
    pool.shutdown()


def _run_episode(
    task: Task,
    sample: int,
    history: Sequence[Attempt],
    *,
    design: Design,
    parts: Parts,
    folder: RunFolder,
    ready: Callable[[Request], bool],
    stop: threading.Event,
) -> list[Attempt]:
    """The new attempts of an episode, each saved with its spectrogram."""
    turns = episode(
        task,
        sample,
        design=design,
        parts=parts,
        folder_of=partial(folder.attempt_folder, task.id, sample),
        history=history,
        ready=ready,
    )
    made: list[Attempt] = []
    while not stop.is_set() and (attempt := next(turns, None)) is not None:
        if attempt.clip is not None:
            picture = spectrogram.png(Path(attempt.clip.path))
            write_bytes(folder.folder_of(attempt) / "out.png", picture)
        folder.save_attempt(attempt)
        made.append(attempt)
    return made


def saved_episodes(folder: RunFolder) -> Episodes:
    """The attempts of earlier starts, by episode, in turn order."""
    episodes: Episodes = defaultdict(list)
    for attempt in folder.attempts():
        history = episodes[attempt.task.id, attempt.sample]
        if attempt.turn == len(history):  # a gap is a lost file: what follows it is repeated
            history.append(attempt)
    return episodes


def score_run(run: Run, sweep: SweepFolder, *, design: Design, parts: Parts) -> Run:
    """The run with its scores, calibrated between the baselines of its tier."""
    with _one_computes:
        baselines = _kept_baselines(run.config, sweep, design=design, parts=parts)
    summary = summarise(
        run,
        strategy=design.strategy,
        headline=run.config.embedder.name,
        floor=baselines.floor,
        set_metrics=parts.set_metrics,
    )
    return calibrate(summary, baselines)


def _kept_baselines(
    config: RunConfig, sweep: SweepFolder, *, design: Design, parts: Parts
) -> Baselines:
    """The baselines of a run's tier; they and the references are kept in the sweep's folder."""
    tier, cache = config.tier.name, Path(config.cache) / "baselines"
    references = reference_set(parts.references, tier)
    if isinstance(references, ReferenceSet):
        name = f"{tier}-{references.digest[:8]}.json"
        write_json(sweep.path / "references" / name, references.manifest)
    baselines = tier_baselines(config, design.tasks, parts)
    kept = sweep.path / "baselines" / f"{tier}-{baselines.id}"
    baseline_clips.link(baselines.clips, kept, cache=cache)
    write_json(kept.with_name(f"{kept.name}.json"), to_json(baselines))
    return baselines


def tier_baselines(config: RunConfig, tasks: tuple[Task, ...], parts: Parts) -> Baselines:
    """What the scores of this tier are read against."""
    return compute_baselines(
        tasks,
        tier=load({"name": config.tier.name, "tasks": config.tier.tasks}),
        models=parts.baselines,
        rules=config.baselines,
        parts=parts,
        metric=text_audio_of(parts.metrics),
        references=reference_set(parts.references, config.tier.name),
        cache=Path(config.cache) / "baselines",
    )


def begun(config: RunConfig, design: Design, parts: Parts) -> Run:
    """The run before its first attempt, with the floor that failed episodes count as."""
    floor = tier_baselines(config, design.tasks, parts).floor
    scores = {} if floor is None else {"floor": floor}
    return Run(design.run, config.name, config, scores=scores)


def chosen_model(config: RunConfig, parts: Parts) -> Model:
    """The model of the run; of one with several programs the best on the tier's tune tasks.

    Raises:
        MetricUnavailable: none of them could be scored.
    """
    model = parts.model
    if not isinstance(model, SupportsChoice) or not model.candidates:
        return model
    tier = load({"name": config.tier.name, "tasks": config.tier.tasks})
    cache, metric = Path(config.cache) / "baselines", text_audio_of(parts.metrics)
    with _one_computes:
        choice = choose(model, tier, parts=parts, metric=metric, cache=cache)
    return model.choose(choice.program)


def text_audio_of(metrics: Iterable[ClipMetric]) -> TextAudio:
    """The metric of the headline score."""
    return next(metric for metric in metrics if isinstance(metric, TextAudio))


def reference_set(references: Reference, tier: str) -> ReferenceSet | MetricUnavailable:
    """The recordings of a tier, or why there are none."""
    try:
        return references.for_tier(tier)
    except MetricUnavailable as error:
        return error


def scoring_facts(config: RunConfig, parts: Parts) -> RunFacts:
    """By what the run is scored, and against which references."""
    embedder, fad_embedder = parts.embedders["embedder"], parts.embedders["fad_embedder"]
    ids = [metric.id for metric in parts.metrics if isinstance(metric, Identified)]
    panel = [name for name in parts.embedders if name not in ("embedder", "fad_embedder")]
    references = reference_set(parts.references, config.tier.name)
    return RunFacts(
        embedder_id=embedder.id,
        fad_embedder_id=fad_embedder.id,
        stand_in=embedder.standin,
        fad_stand_in=fad_embedder.standin,
        pipeline=digest(ids)[:8],
        panel=tuple(panel),
        reference=reference_words(references),
        reference_digest=references.digest if isinstance(references, ReferenceSet) else None,
    )


def reference_words(references: ReferenceSet | MetricUnavailable) -> str:
    """Which recordings distances are taken to, in words."""
    if isinstance(references, MetricUnavailable):
        return f"none: {references}"[:400]
    kind = "rendered here, no recordings" if references.rendered else "recordings"
    return f"{kind}, n={len(references.clips)}"


def swept_of(config: RunConfig, sweep: SweepFolder) -> dict[str, str]:
    """The swept settings beyond the names in a run's label: two runs must never look alike."""
    return swept_settings(config, sweep.facts().get("axes", ()))
