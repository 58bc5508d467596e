"""One trial of a search: an ordinary run, made a few tasks at a time so that it can be stopped."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from earmark.analysis.labels import config_label
from earmark.analysis.summary import pick_keys, summarise
from earmark.config.factory import build_parts, design_of
from earmark.config.schema import RunConfig
from earmark.identity import answer_key, run_key
from earmark.pipeline import Design, Parts
from earmark.records import Attempt, Run
from earmark.run import begun, run_episodes, run_one, scoring_facts
from earmark.storage.foreign import own_files
from earmark.sweep.logs import log_attempt, log_file
from earmark.sweep.outage import try_tracking
from earmark.sweep.session import Session, run_folder
from earmark.sweep.store import recorded

Watch = Callable[[Run], bool]


def run_trial(
    config: RunConfig, order: Sequence[str], opened: Session, *, chunk: int, watch: Watch
) -> Run | None:
    """Run one configuration, unless `watch` stops it.

    Args:
        config: of the run.
        order: the ids of its tasks, in the order in which they are asked.
        opened: the sweep that it belongs to.
        chunk: how many tasks are asked between two looks.
        watch: called with the run so far; False stops it. What was answered is kept.

    Returns:
        The finished run, or None where it was stopped.

    Raises:
        HarnessError: the first one met; what was finished is saved.
    """
    folder = run_folder(config)
    opened.runs.add(folder.path.name)
    own_files(folder.path)
    with log_file(folder):
        opened.progress.run_started(config_label(config))
        run = (
            folder.run()
            if folder.finished
            else _run(config, order, opened, chunk=chunk, watch=watch)
        )
    try_tracking(lambda: opened.tracker.run(folder))
    if run is None:
        opened.progress.run_stopped(run_key(config))
        return None
    opened.progress.run_finished(run)
    return run


def _run(
    config: RunConfig, order: Sequence[str], opened: Session, *, chunk: int, watch: Watch
) -> Run | None:
    folder, design = run_folder(config), design_of(config)
    parts = build_parts(config, design)
    by_id = {task.id: task for task in design.tasks}
    so_far = begun(config, design, parts)
    seen: set[str] = set()
    for end in range(chunk, len(order) + chunk, chunk):
        asked = tuple(by_id[name] for name in order[:end])
        attempts = []
        for attempt in run_episodes(replace(design, tasks=asked), parts=parts, folder=folder):
            if attempt.task in asked:
                attempts.append(attempt)
                _show(attempt, seen, config, opened)
        picked = pick_keys(attempts, design.strategy)
        partial = replace(so_far, attempts=tuple(attempts), picked=picked)
        if end < len(order) and not watch(partial):
            folder.save_stopped(_measured(partial, design, parts))
            return None
    return run_one(recorded(config), folder, design=design, parts=parts)


def _measured(stopped: Run, design: Design, parts: Parts) -> Run:
    """The run that is given up, with the scores of what it has asked."""
    config = stopped.config
    facts = replace(scoring_facts(config, parts), isolation=parts.sandbox.isolation)
    run = replace(stopped, config=recorded(config), facts=facts)
    floor = stopped.scores.get("floor")
    # Distances of sets are left out: they depend on the number of clips.
    return summarise(
        run, strategy=design.strategy, headline=config.embedder.name, floor=floor, set_metrics=()
    )


def _show(attempt: Attempt, seen: set[str], config: RunConfig, opened: Session) -> None:
    if attempt.key not in seen:
        seen.add(attempt.key)
        log_attempt(attempt)
        opened.progress.attempt(attempt, answer=answer_key(config.model, attempt.request))
