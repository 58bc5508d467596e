"""What a run is called, and which runs may stand in one table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from earmark.config.schema import RunConfig, TierConfig
from earmark.errors import printable
from earmark.records import Run

NAMED = ("model", "tier", "strategy", "temperature")  # what a label names by itself


def label(run: Run) -> str:
    """The run by its swept values: `model tier strategy t0.7`, then the rest, as in `shots=2`.

    Fit for a terminal, since a record may name anything: control characters are escaped.
    """
    return printable(f"{config_label(run.config)} {swept_words(run)}").rstrip()


def config_label(config: RunConfig, axes: Iterable[str] = ()) -> str:
    """A composed configuration as `label` names its run, in a sweep over `axes`."""
    names = f"{config.model.name} {config.tier.name} {config.strategy.name}"
    swept = _words(swept_settings(config, axes))
    return printable(f"{names} t{config.temperature:g} {swept}").rstrip()


def swept_words(run: Run) -> str:
    """The swept settings that the label does not name by itself: `shots=2 prompt=terse`."""
    return _words(run.facts.swept)


def _words(swept: Mapping[str, str]) -> str:
    return printable(" ".join(f"{name}={value}" for name, value in swept.items()))


def settings_of(run: Run) -> dict[str, str]:
    """The run's values of everything that runs of a sweep may differ in, its tier aside."""
    config = run.config
    return {
        "model": config.model.name,
        "strategy": config.strategy.name,
        "temperature": f"{config.temperature:g}",
        **{printable(name): printable(value) for name, value in run.facts.swept.items()},
    }


def swept_settings(config: RunConfig, axes: Iterable[str]) -> dict[str, str]:
    """The values of those swept axes that a label does not name: `strategy.shots` as `shots`."""
    extra = [axis for axis in axes if axis not in NAMED and axis.split(".")[-1] != "name"]
    return {axis.split(".")[-1]: str(config.setting(axis)) for axis in extra}


def headline(run: Run) -> str:
    """The name of the run's text-audio score, which is its embedder's."""
    return run.config.embedder.name


def is_baseline(run: Run) -> bool:
    """True when the run's programs are a baseline's and no model was asked."""
    return run.config.model.baseline


def is_smoke(run: Run) -> bool:
    """True when the run's model only shows that things run."""
    return run.config.model.smoke


def pipeline_id(run: Run) -> str:
    """What the run's scores depend on besides its answers: its tasks, embedders and references.

    Captions differ between tiers and between choices of their tasks, so their scores have no
    common scale; neither have distances to other recordings.
    """
    return " ".join([run.config.tier.name, *filter(None, pipeline_facts(run).values())])


def pipeline_facts(run: Run) -> dict[str, str]:
    """The same one by one, in words that tell two tables of a tier apart; the tier aside."""
    facts = run.facts
    named = {
        "tasks": _tasks(run.config.tier),
        "scored by": headline(run),
        "embedder": facts.embedder_id,
        "pipeline": facts.pipeline,
        "FAD by": facts.fad_embedder_id,
        "recordings": (facts.reference_digest or "")[:8],
    }
    return {name: value or "" for name, value in named.items()}


def by_pipeline(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """The runs of each pipeline: what may stand in one table, in order of first appearance."""
    groups: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[pipeline_id(run)].append(run)
    return dict(groups)


def table_titles(groups: Iterable[Sequence[Run]]) -> list[str]:
    """The tier of each table; where it has several, also what differs: `notes (tasks limit=8)`.

    Args:
        groups: the runs of each table, as `by_pipeline` groups them.
    """
    firsts = [runs[0] for runs in groups]
    titles = []
    for run in firsts:
        tier = run.config.tier.name
        of_tier = [one for one in firsts if one.config.tier.name == tier]
        facts = [pipeline_facts(one).items() for one in of_tier]
        shared = set(facts[0]).intersection(*facts)
        differing = [fact for fact in pipeline_facts(run).items() if fact not in shared]
        words = ", ".join(f"{name} {value or 'none'}" for name, value in differing)
        titles.append(f"{tier} ({words})" if words else tier)
    return titles


def _tasks(tier: TierConfig) -> str:
    """Which of the tier's tasks: `limit=8`, `only=piano_c4`; `all` without a choice."""
    chosen = (("split", tier.split), ("limit", tier.limit))
    words = [f"{name}={value}" for name, value in chosen if value not in (None, "all")]
    if tier.only:
        words.append(f"only={','.join(sorted(set(tier.only)))}")
    return " ".join(words) or "all"
