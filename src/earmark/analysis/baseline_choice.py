"""Which program stands for a baseline that has several: the best one under this embedder.

Each is run once, at the median length of the tier's tune tasks, and scored against the captions of
them all. Held-out tasks have no say. The means are kept, as evidence.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from earmark.embedders import EmbeddingError
from earmark.errors import AudioError, HarnessError, MetricUnavailable
from earmark.identity import digest
from earmark.metrics.text_audio import TextAudio
from earmark.models import SupportsChoice
from earmark.pipeline import Parts, attempt
from earmark.records import Attempt, Json, Message, Request, Sampling, Task
from earmark.storage.atomic import read_json, write_json


@dataclass(frozen=True)
class Choice:
    """The chosen program, and the mean score of each candidate over so many tasks of a split."""

    program: str
    means: dict[str, float]
    split: str
    tasks: int
    seconds: float

    @property
    def words(self) -> str:
        """What was chosen, and from what."""
        of = f"best of {len(self.means)} on {self.tasks} {self.split} tasks"
        return f"{self.program}, {of}"


def choose(
    model: SupportsChoice, tier: Sequence[Task], *, parts: Parts, metric: TextAudio, cache: Path
) -> Choice:
    """The candidate with the highest mean score on the tune tasks of a tier, or on all without any.

    Args:
        model: has the candidates.
        tier: every task of the tier, whichever of them the run asks.
        parts: execute the candidates; their model and metrics are not used.
        metric: gives the score.
        cache: folder of earlier choices.

    Raises:
        MetricUnavailable: no candidate has a score.
    """
    tune = [task for task in tier if task.split == "tune"]
    judged, split = (tune, "tune") if tune else (list(tier), "all")
    seconds = sorted(task.seconds for task in judged)[len(judged) // 2]
    captions = [task.caption for task in judged]
    question = [dict(model.identity), metric.id, captions, seconds]
    entry = cache / f"choice-{digest(question)[:32]}.json"
    if entry.is_file():
        return _from_json(read_json(entry), entry)
    try:
        metric.embedder.embed_text(captions)
    except EmbeddingError as error:  # no program need run to find that out
        raise MetricUnavailable(f"no program could be chosen: {error}") from error
    means, reason, timed_out = {}, "it has no candidates", False
    with tempfile.TemporaryDirectory(prefix="earmark-choice-") as folder:
        for candidate in model.candidates:
            own = replace(parts, model=model.choose(candidate), metrics=())
            task = replace(judged[0], id=candidate, seconds=seconds)
            made = run_baseline(task, Path(folder) / candidate, own)
            timed_out |= made.failure is not None and made.failure.kind == "timeout"
            try:
                means[candidate] = _mean(made, captions, metric)
            except (AudioError, EmbeddingError) as error:
                reason = str(error)
    if not means:
        raise MetricUnavailable(f"no program could be chosen: {reason}")
    choice = Choice(max(means, key=lambda one: means[one]), means, split, len(judged), seconds)
    if not timed_out:  # the fault of a busy machine; another time there would be more to choose
        write_json(entry, asdict(choice))
    return choice


def run_baseline(task: Task, folder: Path, parts: Parts) -> Attempt:
    """One attempt of a baseline, which reads no message but the task's."""
    folder.mkdir(parents=True)
    own = replace(parts, check_determinism=False)
    return attempt(task, baseline_request(task), run="baselines", folder=folder, parts=own)


def baseline_request(task: Task) -> Request:
    """What a baseline is asked."""
    messages = (Message("user", task.prompt),)
    return Request(task.id, task.seconds, 0, 0, messages, Sampling(seed=0))


def _mean(made: Attempt, captions: Sequence[str], metric: TextAudio) -> float:
    if made.clip is None:
        raise EmbeddingError(str(made.failure and made.failure.message))
    return float(metric.cosines(made.clip, captions).mean())


def _from_json(stored: Json, path: Path) -> Choice:
    try:
        return Choice(**stored)
    except TypeError as error:
        raise HarnessError(
            f"{path}: holds no choice of this version ({error}); delete it and start again"
        ) from error
