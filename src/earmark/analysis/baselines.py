"""The baselines of a tier: what silence, noise, a sine, wrong captions, random programs, expert programs and recordings score against its
captions, through the same pipeline as everything else.

In: the tier's tasks, the baseline models, the parts that run and hear. Out: one mean with its interval per baseline, or the reason why there
is none; computed once per tier and pipeline id, then read from the cache. One baseline is the floor (what an invalid episode counts as),
one the ceiling; between them a score is calibrated: 0 is the floor, 1 the ceiling. A few clips of each are kept, the same tasks of every
baseline, so that a person can hear what the numbers are of. It ranks nothing.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from earmark.analysis import baseline_clips
from earmark.analysis.baseline_clips import MAX_CLIPS, BaselineClip
from earmark.analysis.statistics import Mean, mean
from earmark.embedders import EmbeddingError
from earmark.errors import HarnessError, MetricUnavailable, SandboxUnavailable
from earmark.identity import digest
from earmark.metrics.text_audio import TextAudio
from earmark.models import Model
from earmark.pipeline import Parts, attempt
from earmark.records import Attempt, Clip, Json, Message, Request, Run, Sampling, Scores, Task, dump
from earmark.storage.atomic import read_json, write_json
from earmark.storage.foreign import own_files

MISMATCHED, RECORDINGS = "mismatched_caption", "recordings"
Captioned = tuple[Clip, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """One baseline: its scores by task, the reason where there are none, what is kept of its sound; `hurried`: a program was out of time."""

    scores: Mapping[str, float]
    reason: str
    clips: tuple[BaselineClip, ...] = ()
    hurried: bool = False


@dataclass(frozen=True)
class Rules:
    """Which baseline is what, and how many tasks are asked: enough for an interval at the ends, few for the rest, since each is a run."""

    floor: str = "noise"
    ceiling: str = "expert"
    max_tasks: int = 16
    other_tasks: int = 6


@dataclass(frozen=True)
class Baselines:
    """What the baselines of one tier scored by one pipeline: `scores` by baseline and task, `unscored` with reasons, and `clips` to hear."""

    tier: str
    headline: str
    pipeline_id: str
    rules: Rules = field(default_factory=Rules)
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unscored: Mapping[str, str] = field(default_factory=dict)
    clips: baseline_clips.Kept = field(default_factory=dict)

    def mean(self, baseline: str) -> Mean | None:
        """Mean over the baseline's tasks with its interval, or None where it has no score."""
        found = self.scores.get(baseline)
        return mean(list(found.values()), list(found)) if found else None

    @property
    def floor(self) -> float | None:
        """What an invalid episode counts as."""
        found = self.mean(self.rules.floor)
        return found.value if found else None

    @property
    def id(self) -> str:
        """Eight hex digits of everything that is in here but the clips: what is kept to listen to changes no number."""
        return digest(self.plain())[:8]

    def plain(self) -> Json:
        """As JSON, with means for readers and without the clips."""
        told: Json = {
            name: {**dump_mean(found), "scores": dict(self.scores[name])}
            for name, found in self._means().items()
        }
        told |= {name: {"unscored": reason} for name, reason in self.unscored.items()}
        ends = {"floor": self.rules.floor, "ceiling": self.rules.ceiling}
        return {
            "tier": self.tier,
            "headline": self.headline,
            "pipeline_id": self.pipeline_id,
            **ends,
            "baselines": told,
        }

    def names(self) -> list[str]:
        """Every baseline, those without a score last."""
        return [*self.scores, *self.unscored]

    def _means(self) -> dict[str, Mean]:
        return {name: found for name in self.scores if (found := self.mean(name))}

    def no_scale(self) -> str | None:
        """Why no score can be calibrated here, or None: both ends must be known, and the ceiling's interval lie above the floor's."""
        low, high = self.mean(self.rules.floor), self.mean(self.rules.ceiling)
        for name, found in ((self.rules.floor, low), (self.rules.ceiling, high)):
            if found is None:
                return f"the baseline {name} has no score: {self.unscored.get(name, 'it was not asked')}"
        assert low is not None and high is not None  # said above, for mypy
        if low.high is None or high.low is None:
            return f"{high.tasks} task; a scale between {self.rules.floor} and {self.rules.ceiling} needs at least 2"
        if high.low > low.high:
            return None
        ends = f"{self.rules.ceiling} {high.low:.3g}..{high.high:.3g}, {self.rules.floor} {low.low:.3g}..{low.high:.3g}"
        return f"{self.headline} cannot tell {self.rules.ceiling} from {self.rules.floor} on these tasks: {ends}"

    def calibrated(self, value: float) -> float:
        """`value` on the scale from floor (0) to ceiling (1); beyond both where it is. ValueError where `no_scale` has a reason."""
        low = self.mean(self.rules.floor)
        return (value - (low.value if low else 0.0)) / self.span

    @property
    def span(self) -> float:
        """From the floor to the ceiling, in the unit of the score. ValueError when `no_scale` has a reason."""
        low, high = self.mean(self.rules.floor), self.mean(self.rules.ceiling)
        if low is None or high is None or self.no_scale() is not None:
            raise ValueError(f"no scale: {self.no_scale()}")
        return high.value - low.value


def dump_mean(found: Mean) -> Json:
    """A Mean as plain JSON."""
    return {
        name: getattr(found, name)
        for name in ("value", "standard_error", "low", "high", "n", "tasks")
    }


def calibrate(run: Run, baselines: Baselines) -> Run:
    """The run with `NAME_calibrated` and `NAME_all_calibrated` between the tier's floor and ceiling, or the reason; and the ceiling.

    Their errors take the two ends as given: that these are means of few clips themselves is not in them.
    """
    forms = (baselines.headline, f"{baselines.headline}_all")
    reason = baselines.no_scale()
    values, unscored = dict(run.scores), dict(run.unscored)
    for form in forms:
        if form not in values:
            unscored[f"{form}_calibrated"] = (
                f"there is no {form}: {run.unscored.get(form, 'it was not given')}"
            )
        elif reason is not None:
            unscored[f"{form}_calibrated"] = reason
        else:
            values[f"{form}_calibrated"] = baselines.calibrated(values[form])
            if f"{form}_se" in values:
                values[f"{form}_calibrated_se"] = values[f"{form}_se"] / baselines.span
    top = baselines.mean(baselines.rules.ceiling)
    if top is not None:
        values["ceiling"] = top.value
    return replace(
        run, scores=values, unscored=unscored, facts={**run.facts, "baselines": baselines.id}
    )


def heard(
    tasks: Sequence[Task],
    *,
    models: Mapping[str, Model],
    rules: Rules,
    parts: Parts,
    metric: TextAudio,
    recordings: Callable[[], Sequence[Captioned]],
    reference_id: str,
    cache: Path,
) -> Baselines:
    """The baselines of the tasks' tier by the pipeline of `metric`; asked, run and heard at the first call ever.

    Args:
        tasks: what the run asks; of these at most `rules.max_tasks`, spread over the list.
        models: the baseline models by name; the floor and the ceiling must be among them.
        rules: which baseline is what.
        parts: runs and hears; its model is not asked.
        metric: gives the score.
        recordings: real recordings with captions; MetricUnavailable where there are none.
        reference_id: what the recordings are, for the cache.
        cache: folder of the cached baselines and of their clips; an entry of a version that kept none has none.

    Raises:
        MetricUnavailable: the embedder is dead.
    """
    blank = Baselines(tasks[0].tier, metric.embedder.name, metric.id, rules)
    try:
        metric.embedder.embed_text([tasks[0].caption])
    except EmbeddingError as error:  # nothing hears at all: no program need run to find that out
        return replace(blank, unscored=dict.fromkeys((*models, MISMATCHED, RECORDINGS), str(error)))
    asked = _spread(tasks, rules.max_tasks)
    made_of = [
        blank.plain(),
        {name: dict(model.identity) for name, model in models.items()},
        [dump(task) for task in asked],
        reference_id,
    ]
    kept = cache / f"{digest([made_of, rules.other_tasks])[:32]}.json"
    if kept.is_file():
        return replace(stored(kept), rules=rules)
    try:
        outcomes = _outcomes(
            asked, models, rules, replace(parts, metrics=(metric,)), metric, cache=cache
        )
    except SandboxUnavailable as error:  # a sweep is heard again where no program may run: its own clips are there, the baselines' are not
        return replace(blank, unscored=dict.fromkeys((*models, MISMATCHED, RECORDINGS), str(error)))
    outcomes[RECORDINGS] = _recorded(recordings, metric, rules.max_tasks, cache)
    done = replace(
        blank,
        scores={name: dict(one.scores) for name, one in outcomes.items() if one.scores},
        unscored={name: one.reason for name, one in outcomes.items() if not one.scores},
        clips={name: one.clips for name, one in outcomes.items() if one.clips},
    )
    if not any(
        one.hurried for one in outcomes.values()
    ):  # a busy machine's fault: another time there are more of them
        write_json(
            kept, {**done.plain(), "clips": baseline_clips.plain(done.clips)}
        )  # after the clips: what it names is there
    return done


def _outcomes(
    tasks: Sequence[Task],
    models: Mapping[str, Model],
    rules: Rules,
    parts: Parts,
    metric: TextAudio,
    *,
    cache: Path,
) -> dict[str, Found]:
    shown = {
        task.id for task in _spread(_spread(tasks, rules.other_tasks), MAX_CLIPS)
    }  # of those that every baseline is asked
    with tempfile.TemporaryDirectory(prefix="earmark-baselines-") as place:
        found = dict(_asked(tasks, models, rules, parts, Path(place)))
        told = {
            name: _found(attempts, metric.embedder.name, shown, cache)
            for name, attempts in found.items()
        }
        return {**told, MISMATCHED: _mismatched(found[rules.ceiling], metric)}


def read(kept: Json) -> Baselines:
    """Baselines from their JSON, with the clips that an entry of the cache names; how many tasks were asked is not in it."""
    told = kept["baselines"]
    return Baselines(
        **{name: kept[name] for name in ("tier", "headline", "pipeline_id")},
        rules=Rules(floor=kept["floor"], ceiling=kept["ceiling"]),
        scores={name: one["scores"] for name, one in told.items() if "scores" in one},
        unscored={name: one["unscored"] for name, one in told.items() if "unscored" in one},
        clips=baseline_clips.read(kept.get("clips", {})),
    )


def stored(path: Path) -> Baselines:
    """Baselines from a file. HarnessError where it holds none."""
    try:
        own_files(path)
        return read(read_json(path))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise HarnessError(
            f"{path}: holds no baselines of this version ({error!r}); delete it and start again"
        ) from error


def _spread(things: Sequence[T], most: int) -> list[T]:
    """At most `most` of a list, evenly over it: the tasks of tiers are ordered by kind, and the first few would be all of one."""
    count = min(most, len(things))
    return [things[k * len(things) // count] for k in range(count)]


def _asked(
    tasks: Sequence[Task], models: Mapping[str, Model], rules: Rules, parts: Parts, place: Path
) -> list[tuple[str, list[Attempt]]]:
    jobs = [
        (name, task)
        for name in models
        for task in _spread(
            tasks, rules.max_tasks if name in (rules.floor, rules.ceiling) else rules.other_tasks
        )
    ]
    with ThreadPoolExecutor(max_workers=2) as pool:
        made = list(
            pool.map(
                lambda job: _attempt(
                    job[1],
                    place / job[0] / job[1].id,
                    replace(parts, model=models[job[0]], check_determinism=False),
                ),
                jobs,
            )
        )
    return [
        (name, [one for (asked, _), one in zip(jobs, made, strict=True) if asked == name])
        for name in models
    ]


def _attempt(task: Task, folder: Path, parts: Parts) -> Attempt:
    folder.mkdir(parents=True)
    request = Request(
        task.id, task.seconds, 0, 0, (Message("user", task.prompt),), Sampling(seed=0)
    )
    return attempt(task, request, run="baselines", folder=folder, parts=parts)


def _found(attempts: Sequence[Attempt], headline: str, shown: Set[str], cache: Path) -> Found:
    scores = {one.task.id: one.scores[headline] for one in attempts if headline in one.scores}
    failed = next((one.failure for one in attempts if one.failure is not None), None)
    said = next(
        (reason for one in attempts if (reason := one.unscored.get(headline))),
        "it could not be heard",
    )
    heard = [
        (one.clip, one.task)
        for one in attempts
        if one.clip is not None and one.task.id in shown & scores.keys()
    ]
    hurried = any(one.failure is not None and one.failure.kind == "timeout" for one in attempts)
    return Found(
        scores,
        f"no valid clip: {failed.message}" if failed else said,
        baseline_clips.keep(heard, cache=cache),
        hurried,
    )


def _mismatched(attempts: Sequence[Attempt], metric: TextAudio) -> Found:
    """The ceiling's clips against captions of other tasks: what a score is worth when the sound is good and the caption is not its own."""
    captions = [one.task for one in attempts]
    if len(captions) < 2:
        return Found({}, "1 task; a wrong caption needs at least 2")
    turn = len(captions) // 2
    pairs = [
        (one.clip, captions[(at + turn) % len(captions)])
        for at, one in enumerate(attempts)
        if one.clip is not None
    ]
    return _judged([(clip, task) for clip, task in pairs], metric)


def _recorded(
    recordings: Callable[[], Sequence[Captioned]], metric: TextAudio, most: int, cache: Path
) -> Found:
    try:
        listed = recordings()
    except MetricUnavailable as error:
        return Found({}, str(error))
    blank = Task(id="", tier="recordings", caption="", prompt="", seconds=1.0)
    named = [
        (clip, replace(blank, id=clip.sha256[:16], caption=caption))
        for clip, caption in listed[:most]
    ]
    if not named:
        return Found({}, "the reference recordings of this tier have no captions")
    found = _judged(named, metric)
    heard = [(clip, task) for clip, task in named if task.id in found.scores]
    return replace(found, clips=baseline_clips.keep(_spread(heard, MAX_CLIPS), cache=cache))


def _judged(pairs: Sequence[tuple[Clip, Task]], metric: TextAudio) -> Found:
    said: list[tuple[str, Scores]] = [(task.id, metric.score(clip, task)) for clip, task in pairs]
    name = metric.embedder.name
    scores = {task: one.values[name] for task, one in said if name in one.values}
    return Found(
        scores,
        next((one.unscored[name] for _, one in said if name in one.unscored), "no valid clip"),
    )
