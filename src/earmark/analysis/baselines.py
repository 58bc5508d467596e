"""The record of a tier's baselines: what silence, noise, expert programs and their like score.

They are scored by the same pipeline as everything else, on the same tasks. One of them is the
floor, which a failed episode counts as, and one the expert.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from earmark.analysis import baseline_clips
from earmark.analysis.baseline_choice import Choice
from earmark.analysis.estimates import Estimate, estimate_mean
from earmark.errors import HarnessError
from earmark.identity import digest
from earmark.records import Json, Run
from earmark.storage.atomic import read_json
from earmark.storage.foreign import own_files

# Baselines that no model writes: the expert's clips with captions of other tasks; the reference
# recordings with their own captions, and those of a task's very thing with the task's caption.
MISMATCHED, RECORDINGS = "mismatched_caption", "recordings"
TASK_RECORDINGS = "task_recordings"


@dataclass(frozen=True)
class Baselines:
    """What the baselines of one tier scored by one pipeline.

    `scores` are by baseline and task, `unscored` has the reason for each baseline without one,
    `choices` says how the program of a baseline was chosen that has several, and `clips` lists the
    few that are kept to listen to.
    """

    tier: str
    headline: str
    pipeline_id: str
    floor_name: str = "noise"
    expert_name: str = "expert"
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unscored: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    clips: baseline_clips.Kept = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Every baseline, those without a score last."""
        return [*self.scores, *self.unscored]

    @property
    def floor(self) -> float | None:
        """What a failed episode counts as; None where it is not known."""
        floor = self.mean(self.floor_name)
        return floor.value if floor else None

    @property
    def id(self) -> str:
        """Eight hex digits of the numbers and reasons; kept clips change no number."""
        return digest(to_json(self))[:8]

    def mean(self, name: str) -> Estimate | None:
        """Mean over the tasks of one baseline with its interval, or None where it has no score."""
        scores = self.scores.get(name)
        return estimate_mean(list(scores.values()), list(scores)) if scores else None


def without_tasks(baselines: Baselines, tasks: Collection[str]) -> Baselines:
    """The baselines without what they scored on these tasks; recordings answer no task."""
    scores: dict[str, Mapping[str, float]] = {}
    unscored = dict(baselines.unscored)
    for name, by_task in baselines.scores.items():
        left = {task: score for task, score in by_task.items() if task not in tasks}
        if left:
            scores[name] = left
        else:
            unscored[name] = "every task that it has a score on is excluded"
    return replace(baselines, scores=scores, unscored=unscored)


def to_json(baselines: Baselines) -> Json:
    """As JSON, with means for readers and without the clips."""
    entries: Json = {}
    for name, scores in baselines.scores.items():
        if (average := baselines.mean(name)) is not None:
            entries[name] = {**asdict(average), "scores": dict(scores)}
    for name, reason in baselines.unscored.items():
        entries[name] = {"unscored": reason}
    return {
        "tier": baselines.tier,
        "headline": baselines.headline,
        "pipeline_id": baselines.pipeline_id,
        "floor": baselines.floor_name,
        "expert": baselines.expert_name,
        "choices": {name: asdict(choice) for name, choice in baselines.choices.items()},
        "baselines": entries,
    }


def from_json(stored: Json) -> Baselines:
    """Baselines from their JSON, with the clips that an entry of the cache lists."""
    entries = stored["baselines"]
    return Baselines(
        stored["tier"],
        stored["headline"],
        stored["pipeline_id"],
        floor_name=stored["floor"],
        expert_name=stored["expert"],
        scores={name: one["scores"] for name, one in entries.items() if "scores" in one},
        unscored={name: one["unscored"] for name, one in entries.items() if "unscored" in one},
        choices={name: Choice(**one) for name, one in stored["choices"].items()},
        clips=baseline_clips.from_json(stored.get("clips", {})),
    )


def load_baselines(path: Path) -> Baselines:
    """Baselines from a file. HarnessError where it holds none."""
    try:
        own_files(path)
        return from_json(read_json(path))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise HarnessError(
            f"{path}: holds no baselines of this version ({error!r}); delete it and start again"
        ) from error


def kept_baselines(sweep: Path, runs: Iterable[Run]) -> dict[str, Baselines]:
    """The baselines that a sweep's folder keeps for its runs, by their id."""
    kept = {}
    for run in runs:
        id_ = run.facts.baselines
        path = sweep / "baselines" / f"{run.config.tier.name}-{id_}.json"
        if id_ and id_ not in kept and path.is_file():
            kept[id_] = load_baselines(path)
    return kept
