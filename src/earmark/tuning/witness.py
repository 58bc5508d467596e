"""A second embedder that scores what is confirmed: settings may please the first alone."""

from collections.abc import Sequence

from earmark.analysis.scores import Pair, means_by_task, picked_attempts
from earmark.config.choices import choices
from earmark.config.compose import compose
from earmark.config.factory import build_parts, build_scorers, design_of, tasks_of
from earmark.config.schema import RunConfig
from earmark.errors import ConfigError, choose_from
from earmark.records import Run
from earmark.run import text_audio_of, tier_baselines
from earmark.tuning.gains import ByTask


def witness_config(name: str, fixed: Sequence[str], first: RunConfig) -> RunConfig:
    """The search's configuration with another embedder, checked without loading weights.

    Args:
        name: of conf/embedder.
        fixed: the words that all trials share.
        first: what they compose to.

    Raises:
        ConfigError: no such embedder, the first once more, or one that knows no captions.
    """
    others = [one for one in choices("embedder") if one not in ("none", first.embedder.name)]
    if name not in others:
        rule = "must be an embedder other than that of the search"
        raise ConfigError(f"witness={name}: {rule}; {choose_from(name, others)}")
    kept = [word for word in fixed if not word.lstrip("+").startswith("embedder")]
    config = compose([*kept, f"embedder={name}"])
    try:
        build_scorers(config, tasks_of(config))
    except ConfigError as error:
        raise ConfigError(f"witness={name}: {error}") from error
    return config


def witness_scores(config: RunConfig, runs: Sequence[Run]) -> dict[str, list[ByTask]]:
    """The scores of runs by the embedder of `config`, by task, failures at its own floor.

    Its name says where it is a stand-in. A sound that it cannot score has none.
    """
    design = design_of(config)
    parts = build_parts(config, design)
    floor = tier_baselines(config, design.tasks, parts).floor
    metric, name = text_audio_of(parts.metrics), config.embedder.name
    scores: list[ByTask] = []
    for run in runs:
        values: dict[Pair, float] = {}
        for pair, one in picked_attempts(run).items():
            score = floor
            if one.valid and one.clip is not None:
                score = metric.score(one.clip, one.task).values.get(name)
                score = score if score is None or floor is None else max(score, floor)
            if score is not None:
                values[pair] = score
        scores.append(means_by_task(values))
    mark = " (stand-in)" if parts.embedders["embedder"].standin else ""
    return {f"{name}_floored{mark}": scores}
