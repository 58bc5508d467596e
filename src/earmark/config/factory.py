"""A RunConfig -> the live objects of its run.

    design_of(config)              what is asked: the tasks and the strategy
    build_parts(config, design)    what does the work

Both are built once per run; the objects inside are shared by the runs of a process (see build).
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from earmark.config.build import build
from earmark.config.compose import compose
from earmark.config.schema import RunConfig, TierConfig
from earmark.embedders import AudioEmbedder
from earmark.errors import ConfigError
from earmark.identity import run_key
from earmark.metrics import ClipMetric, HasMembers, SetMetric
from earmark.models import Model, pacing_of
from earmark.models.wrappers.batched import Batched
from earmark.models.wrappers.budget import Budget
from earmark.models.wrappers.cassette import Cassette
from earmark.models.wrappers.ledger import Ledger
from earmark.models.wrappers.retry import Retry
from earmark.pipeline import Design, Parts
from earmark.records import Sampling, Task
from earmark.references import Reference
from earmark.sandbox import Sandbox
from earmark.storage.sweep_folder import SweepFolder
from earmark.tasks.loading import load, select


def design_of(config: RunConfig) -> Design:
    """What the run asks, and how. Raises ConfigError."""
    return Design(
        run=run_key(config),
        tasks=tasks_of(config),
        samples=config.samples,
        strategy=build(config.strategy),
        sampling=Sampling(temperature=config.temperature, **asdict(config.sampling)),
        seed=config.seed,
        workers=config.concurrency.total,
    )


def tasks_of(config: RunConfig) -> tuple[Task, ...]:
    """The tasks that a run asks, validated. Raises ConfigError."""
    tier = config.tier
    return select(tier_tasks(tier), only=tier.only, split=tier.split, limit=tier.limit)


def load_tier(name: str) -> tuple[Task, ...]:
    """Every task of conf/tier/NAME.yaml, validated.

    Raises:
        ConfigError: an unknown tier, a broken task, or a selection that selects nothing.
    """
    tier = compose([f"tier={name}"]).tier
    if tier.name != name:
        rule = f"name must be that of its file, {name}, got {tier.name or None!r}"
        raise ConfigError(f"tier {name!r}: {rule}; see conf/tier/{name}.yaml")
    tasks = tier_tasks(tier)
    select(tasks, only=tier.only, split=tier.split, limit=tier.limit)
    return tasks


def tier_tasks(tier: TierConfig) -> tuple[Task, ...]:
    """Every task of a tier, validated. Raises ConfigError."""
    return _validated(json.dumps({"name": tier.name, "tasks": tier.tasks}))


@lru_cache(maxsize=32)
def _validated(tier: str) -> tuple[Task, ...]:
    return load(json.loads(tier))


@dataclass(frozen=True)
class Scorers:
    """What scores the clips of a run; see Parts."""

    metrics: tuple[ClipMetric, ...]
    set_metrics: tuple[SetMetric, ...]
    embedders: Mapping[str, AudioEmbedder]
    references: Reference


def build_parts(config: RunConfig, design: Design, *, sandbox: Sandbox | None = None) -> Parts:
    """What does the work of a run.

    Args:
        config: which class each part is, and its settings.
        design: what the run asks: some metrics compare with all of its captions.
        sandbox: executes programs in place of the configured one.

    Raises:
        ConfigError, HarnessError: a part that cannot be built here.
    """
    scorers, concurrency = build_scorers(config, design.tasks), config.concurrency
    return Parts(
        model=model_of(config),
        sandbox=build(config.sandbox) if sandbox is None else sandbox,
        metrics=scorers.metrics,
        requests=threading.Semaphore(concurrency.requests),
        programs=threading.Semaphore(concurrency.programs),
        scoring=threading.Semaphore(concurrency.scoring),
        set_metrics=scorers.set_metrics,
        embedders=scorers.embedders,
        references=scorers.references,
        baselines={name: build(one) for name, one in config.baselines.models.items()},
        check_determinism=config.check_determinism,
    )


def build_scorers(config: RunConfig, tasks: tuple[Task, ...]) -> Scorers:
    """The metrics of a run with their embedders and references. Raises ConfigError."""
    embedder: AudioEmbedder = build(config.embedder)
    fad_embedder: AudioEmbedder = build(config.fad_embedder)
    references: Reference = build(config.reference)
    live = {"fad_embedder": fad_embedder, "references": references, "tasks": tasks}
    metric = config.metric
    metrics = tuple(build(one, embedder=embedder, **live) for one in metric.clip.values())
    panels = [one for one in metrics if isinstance(one, HasMembers)]
    members = {name: member for panel in panels for name, member in panel.members.items()}
    return Scorers(
        metrics=metrics,
        set_metrics=tuple(build(one, embedder=fad_embedder, **live) for one in metric.set.values()),
        embedders={"embedder": embedder, "fad_embedder": fad_embedder, **members},
        references=references,
    )


def model_of(config: RunConfig) -> Model:
    """The model as runs use it. Baselines cost nothing: they are neither limited nor recorded."""
    model: Model = build(config.model)
    if config.model.baseline:
        return model
    if config.replay:
        return Cassette(model, Path(config.replay), replay=True)
    if config.asking == "batch":
        return Cassette(batched_of(config), Path(config.cassette))
    paid = model
    if config.budget_usd is not None:
        ledger = SweepFolder.named(config.name).ledger
        paid = Budget(model, budget_usd=config.budget_usd, ledger=ledger)
    return Cassette(Retry(paid, pacing=pacing_of(model)), Path(config.cassette))


def batched_of(config: RunConfig) -> Batched:
    """The model of a run that is asked in batches."""
    ledger = None
    if config.budget_usd is not None:
        path = SweepFolder.named(config.name).ledger
        ledger = Ledger(path, budget_usd=config.budget_usd)
    return Batched(build(config.model), Path(config.cassette), ledger=ledger)
