"""What is missing or has drifted, found before the first call: keys, weights, recordings."""

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import is_dataclass
from pathlib import Path

from earmark.config.build import build
from earmark.config.factory import build_scorers, design_of, model_of, tasks_of
from earmark.config.schema import RunConfig
from earmark.embedders import AudioEmbedder, EmbeddingError, Preloadable, canary
from earmark.errors import ConfigError
from earmark.models import SupportsChoice, pacing_of
from earmark.models import preflight as preflight_model
from earmark.records import dump
from earmark.run import reference_set, reference_words, text_audio_of

OnPhase = Callable[[str], None]


def preflight(
    configs: Sequence[RunConfig], *, on_phase: OnPhase = lambda _: None
) -> dict[str, str]:
    """Check everything that the runs will need. Returns facts to print.

    Args:
        configs: of the runs.
        on_phase: called with what begins, in words, where that takes its time.

    Raises:
        EarmarkError: the first thing that is missing, with what to do about it.
    """
    asked = ("model", "temperature", "sampling", "budget_usd", "asking", "replay")
    for config in distinct(configs, asked):
        preflight_model(model_of(config), design_of(config).sampling)
    for config in distinct(configs, ("strategy", "tier")):
        design = design_of(config)
        for task in design.tasks:
            design.strategy.render(task, ())  # a text that a task lacks is reported now
    # A missing key is known at once, weights are loaded for half a minute: they come after it.
    with ThreadPoolExecutor(1) as aside:  # escapes are tried in processes, while weights are read
        isolation = aside.submit(_isolation, configs)
        facts = embedders_preflight(configs, on_phase=on_phase)
        for config in distinct(configs, ("model", "embedder")):
            _check_choice(config)
        if isolation.result():
            facts["sandbox"] = f"isolation {isolation.result()}"
    for config in distinct(configs, ("reference", "tier")):
        on_phase(f"looking for recordings for {config.tier.name}")
        references = reference_set(build(config.reference), config.tier.name)
        facts[f"reference {config.tier.name}"] = reference_words(references)
    return facts


def _isolation(configs: Sequence[RunConfig]) -> str:
    """The isolation of the last sandbox; each has been tried."""
    names = [str(build(config.sandbox).isolation) for config in distinct(configs, ("sandbox",))]
    return names[-1] if names else ""


def embedders_preflight(
    configs: Iterable[RunConfig], *, on_phase: OnPhase = lambda _: None
) -> dict[str, str]:
    """Load the weights of every embedder and see whether it has drifted. Returns facts to print."""
    facts: dict[str, str] = {}
    known: dict[str, str] = {}
    for config in distinct(configs, ("embedder", "fad_embedder", "metric")):
        embedders = build_scorers(config, tasks_of(config)).embedders
        names = sorted({embedder.name for embedder in embedders.values()} - {"none"})
        if names:
            on_phase(f"loading {', '.join(names)}")
        for name, embedder in embedders.items():
            loaded = _load(embedder)
            if (one := f"{loaded} {embedder.id}") not in known:
                drift = canary.check(embedder, cache=Path(config.cache))
                known[one] = f"{loaded}; {drift}"
            facts[name] = known[one]
    return facts


def _check_choice(config: RunConfig) -> None:
    """A model that is the best of several programs needs an embedder that says which is best."""
    model, tasks = model_of(config), tasks_of(config)
    if not isinstance(model, SupportsChoice) or not model.candidates:
        return
    metric = text_audio_of(build_scorers(config, tasks).metrics)
    try:
        metric.embedder.embed_text([tasks[0].caption])
    except EmbeddingError as error:
        hint = f"set model.kind to one of {', '.join(model.candidates)}"
        raise ConfigError(f"model={config.model.name}: {error}; {hint}") from error


def calls_at_once(configs: Sequence[RunConfig]) -> int:
    """How many calls may be under way at once: each provider has a limit of its own too.

    A replay calls none, and a batch is one call.
    """
    first = configs[0]
    requests = first.concurrency.requests
    if first.replay or first.asking == "batch":
        return requests
    models = [config.model for config in distinct(configs, ("model",))]
    paces = [pacing_of(build(model)) for model in models if not model.baseline]
    per_provider = {one.provider: one.concurrency for one in paces}
    return min(requests, sum(per_provider.values())) if per_provider else requests


def distinct(configs: Iterable[RunConfig], settings: Sequence[str]) -> list[RunConfig]:
    """The first configuration of each combination of these settings."""
    first: dict[str, RunConfig] = {}
    for config in configs:
        values = [getattr(config, name) for name in settings]
        plain = [dump(value) if is_dataclass(value) else value for value in values]
        first.setdefault(json.dumps(plain, sort_keys=True), config)
    return list(first.values())


def _load(embedder: AudioEmbedder) -> str:
    """A checkpoint that cannot be had must be known before a completion is paid."""
    if isinstance(embedder, Preloadable):
        embedder.load()
    label = " (stand-in: not CLAP, never compare with it)" if embedder.standin else ""
    return f"{embedder.name}{label}"
