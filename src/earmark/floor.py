"""The floor of a tier: what white noise scores against its captions, through the same pipeline.

In: the tier's tasks, the noise control, the sandbox, the clip metrics. Out: one number per tier and pipeline id, cached. It is what
an invalid episode counts as, so that a model is not rewarded for failing on the hard tasks.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from earmark.archive import read_json, write_json
from earmark.identity import digest
from earmark.metrics import ClipMetric
from earmark.models import Model
from earmark.pipeline import Parts, attempt
from earmark.records import Attempt, Message, Request, Sampling, Task, dump
from earmark.sandbox import Sandbox


def floor(
    tasks: Sequence[Task], *, noise: Model, sandbox: Sandbox, metrics: Sequence[ClipMetric], headline: str, pipeline_id: str, cache: Path
) -> float | None:
    """Mean `headline` score of white noise over `tasks`, or None where the metrics leave it unscored.

    Args:
        tasks: the tasks that the cell asks; the floor belongs to exactly these.
        noise: the noise control.
        sandbox: runs the noise programs.
        metrics: the clip metrics of the cell.
        headline: the name of the text-audio score.
        pipeline_id: id of what hears, templates included; with tasks and control it is the cache key.
        cache: folder of the cached floors.

    Raises:
        HarnessError: the sandbox or the embedder is dead.
    """
    kept = cache / f"{digest([pipeline_id, headline, dict(noise.identity), [dump(task) for task in tasks]])[:32]}.json"
    if kept.is_file():
        return float(read_json(kept)["mean"])
    with tempfile.TemporaryDirectory(prefix="earmark-floor-") as place:
        made = [_heard(task, Path(place) / task.id, Parts(model=noise, sandbox=sandbox, metrics=metrics)) for task in tasks]
    scores = [one.scores[headline] for one in made if headline in one.scores]
    if not scores:
        return None
    write_json(kept, {"mean": fmean(scores), "n": len(scores), "headline": headline, "pipeline_id": pipeline_id})
    return fmean(scores)


def _heard(task: Task, folder: Path, parts: Parts) -> Attempt:
    folder.mkdir(parents=True)
    request = Request(task.id, task.seconds, 0, 0, (Message("user", task.prompt),), Sampling(seed=0))
    return attempt(task, request, cell="floor", folder=folder, parts=parts)
