"""Whether a clip finds its own caption among those of its tier: a scale-free companion of the text-audio score.

In: a Clip and its Task, against the captions of the tasks given at construction. Out: retrieval_hit (1 when its caption comes first),
retrieval_reciprocal_rank in 0..1, retrieval_margin (own cosine less the best other's). Ties count against the clip.
"""

from collections.abc import Sequence

import numpy as np

from earmark.embedders import Embedder, EmbeddingError
from earmark.errors import AudioError
from earmark.metrics.text_audio import TEMPLATES, TextAudio
from earmark.records import Clip, Scores, Task

NAMES = ("retrieval_hit", "retrieval_reciprocal_rank", "retrieval_margin")


class Retrieval:
    """Rank of the task's caption among the tier's."""

    def __init__(
        self,
        embedder: Embedder,
        *,
        tasks: Sequence[Task],
        templates: Sequence[str] = TEMPLATES,
        cache: str | None = None,
    ) -> None:
        self.text_audio = TextAudio(embedder, templates=templates, cache=cache)
        self.captions = tuple(dict.fromkeys(task.caption for task in tasks))

    def score(self, clip: Clip, task: Task) -> Scores:
        """The three numbers, or the one reason why there are none."""
        others = [caption for caption in self.captions if caption != task.caption]
        if not others:
            return _none("the tier holds no other caption to tell it from")
        try:
            cosines = self.text_audio.cosines(clip, [task.caption, *others]).mean(axis=1)
        except (AudioError, EmbeddingError) as error:
            return _none(str(error))
        if not np.isfinite(cosines).all():
            return _none(
                f"{clip.path}: its embedding is not finite; look at the levels of the clip"
            )
        own, hardest = float(cosines[0]), float(cosines[1:].max())
        rank = 1 + int((cosines[1:] >= own).sum())
        return Scores(
            values=dict(zip(NAMES, (float(rank == 1), 1 / rank, own - hardest), strict=True))
        )


def _none(reason: str) -> Scores:
    return Scores(unscored=dict.fromkeys(NAMES, reason))
