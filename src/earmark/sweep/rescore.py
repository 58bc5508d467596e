"""Score a sweep's saved clips by something else: new runs of the same attempts.

No model is asked and none of the sweep's programs is executed again. An old run is never changed:
what scores is part of what a run is. The new run says which one it comes from (`rescored_from`),
and a second call, or the sweep's own line with that embedder, finds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from earmark.config.build import build
from earmark.config.compose import compose, run_name
from earmark.config.factory import build_parts, design_of
from earmark.config.from_record import compose_from_record
from earmark.config.preflight import embedders_preflight
from earmark.config.schema import RunConfig
from earmark.errors import ConfigError, SandboxUnavailable
from earmark.identity import attempt_key
from earmark.pipeline import Design, Parts, score_clip
from earmark.records import Attempt, Execution, Isolation, Limits, Program, Run, RunFacts
from earmark.run import finish, score_run, scoring_facts, swept_of
from earmark.sandbox import Sandbox
from earmark.storage.atomic import link_or_copy
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.store import recorded

SCORING = ("embedder", "fad_embedder", "metric", "reference")
DESCRIBED = ("model", "sandbox")  # of these nothing is built
KEPT_SCORES = ("frames_agree",)  # of a second execution, which is not repeated


@dataclass(frozen=True, slots=True)
class Rescored:
    """A run before and after, without its attempts; `made`: the second was not there yet."""

    before: Run
    after: Run
    made: bool


def rescore(folder: SweepFolder, settings: Sequence[str]) -> list[Rescored]:
    """Score every finished run by `settings` (embedder=NAME and what belongs to it).

    Raises:
        ConfigError: an unknown setting, one that does not score, or a sweep without finished runs.
        MetricUnavailable: weights that cannot be had, or that have drifted.
    """
    groups = {word: _group(word) for word in settings}
    if other := [word for word, group in groups.items() if group not in SCORING]:
        allowed = ", ".join(SCORING)
        hint = "the answers stay as they are"
        raise ConfigError(f"{other[0]}: only what scores can be set here: {allowed}; {hint}")
    # Each is read whole before the first is scored, and again when it is: none is kept.
    runs = [(one, replace(one.whole(), attempts=())) for one in folder.runs()]
    sources = [(run_folder, run) for run_folder, run in runs if not run.facts.rescored_from]
    if not sources:
        hint = "finish it by the same line again, then rescore"
        raise ConfigError(f"{folder.name}: holds no finished run yet; {hint}")
    configs = [rescored_config(run.config, settings, sweep=folder.name) for _, run in sources]
    embedders_preflight(config for config in configs if not _target(folder, config).finished)
    done = []
    for (run_folder, _), config in zip(sources, configs, strict=True):
        done.append(_rescore(run_folder, config))
    facts, made = folder.facts(), sum(one.made for one in done)
    if made:
        folder.save_facts({**facts, "runs": int(facts.get("runs", len(sources))) + made})
    return done


def rescored_config(stored: RunConfig, settings: Sequence[str], *, sweep: str) -> RunConfig:
    """A run's configuration with what the settings name; what is built is this machine's."""
    config = compose_from_record(stored, settings, described=DESCRIBED)
    strategy = config.strategy
    if strategy.metric == stored.embedder.name:
        strategy = replace(strategy, metric=config.embedder.name)
    return replace(config, strategy=strategy, name=sweep)


def _group(word: str) -> str:
    return word.lstrip("+~").split("=")[0].split(".")[0].split("@")[0]


def _target(folder: SweepFolder, config: RunConfig) -> RunFolder:
    return RunFolder(folder.path / run_name(config))


def _rescore(source: RunFolder, config: RunConfig) -> Rescored:
    sweep = SweepFolder(source.path.parent)
    target = _target(sweep, config)
    if target.finished:
        return Rescored(source.summary(), target.summary(), made=False)
    before, design = source.whole(), design_of(config)
    parts = _build_parts(config, design)
    for attempt in before.attempts:
        _link_evidence(source.folder_of(attempt), target.folder_of(attempt))
        target.save_attempt(_rescore_attempt(attempt, design.run, parts))
    run = Run(
        key=design.run,
        sweep=sweep.name,
        config=recorded(config),
        attempts=tuple(target.attempts()),
        facts=replace(
            rescored_facts(before, scoring_facts(config, parts)), swept=swept_of(config, sweep)
        ),
    )
    after = score_run(run, sweep, design=design, parts=parts)
    after = finish(after, target, set_metrics=parts.set_metrics)
    return Rescored(source.summary(), replace(after, attempts=()), made=True)


def rescored_facts(before: Run, scoring: RunFacts) -> RunFacts:
    """The facts of a rescored run: nothing of what scored it before is left."""
    return replace(scoring, isolation=before.facts.isolation, rescored_from=before.key)


def _rescore_attempt(attempt: Attempt, run: str, parts: Parts) -> Attempt:
    key = attempt_key(run, attempt.task.id, attempt.sample, attempt.turn)
    if attempt.clip is None or attempt.failure is not None:
        return replace(attempt, key=key, run=run)
    scores = score_clip(attempt.clip, attempt.task, parts.metrics)
    kept = {name: attempt.scores[name] for name in KEPT_SCORES if name in attempt.scores}
    reasons = {name: attempt.unscored[name] for name in KEPT_SCORES if name in attempt.unscored}
    return replace(
        attempt,
        key=key,
        run=run,
        scores={**kept, **scores.values},
        unscored={**reasons, **scores.unscored},
    )


def _link_evidence(source: Path, target: Path) -> None:
    """The files of an attempt under another name; the record itself is written anew."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.name != "attempt.json" and not path.name.startswith("."):
            link_or_copy(path, target / path.name)


def _build_parts(config: RunConfig, design: Design) -> Parts:
    """The parts that score. The recorded model is not built: a baseline stands in its place."""
    model = config.baselines.models[config.baselines.floor]
    return build_parts(replace(config, model=model), design, sandbox=_sandbox())


def _sandbox() -> Sandbox:
    """This machine's, for the baselines. Without isolation they alone stay unscored."""
    try:
        sandbox: Sandbox = build(compose([]).sandbox)
    except SandboxUnavailable as error:
        return _Closed(str(error))
    return sandbox


@dataclass(frozen=True)
class _Closed:
    """A sandbox that executes nothing, and why."""

    reason: str
    isolation: Isolation = "none"
    limits: Limits = field(default_factory=Limits)

    def execute(self, program: Program, *, folder: Path) -> Execution:
        """Always SandboxUnavailable."""
        self._refuse(program, folder)

    def _refuse(self, *_: object) -> NoReturn:
        raise SandboxUnavailable(self.reason)

    def close(self) -> None:
        """Nothing is open."""
