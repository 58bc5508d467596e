"""Whether a clip matches its own caption best among those of its tier.

It needs no scale, unlike the text-audio score. The captions are those of the tasks given at
construction. Ties count against the clip.
"""

from collections.abc import Sequence

import numpy as np

from earmark.embedders import Embedder, EmbeddingError
from earmark.errors import AudioError
from earmark.metrics.embedding import not_finite
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
        """Three numbers, or one reason for all.

        retrieval_hit: 1 when the clip's own caption has the highest cosine, else 0.
        retrieval_reciprocal_rank: 1 / rank of its own caption, in 0..1.
        retrieval_margin: its own cosine less the best other's, in -2..2.
        """
        others = [caption for caption in self.captions if caption != task.caption]
        if not others:
            return _unscored("retrieval needs another caption in the tier, there is none")
        try:
            cosines = self.text_audio.cosines(clip, [task.caption, *others]).mean(axis=1)
        except (AudioError, EmbeddingError) as error:
            return _unscored(str(error))
        if not np.isfinite(cosines).all():
            return _unscored(not_finite(clip))
        own, hardest = float(cosines[0]), float(cosines[1:].max())
        rank = 1 + int((cosines[1:] >= own).sum())
        numbers = (float(rank == 1), 1 / rank, own - hardest)
        return Scores(values=dict(zip(NAMES, numbers, strict=True)))


def _unscored(reason: str) -> Scores:
    return Scores(unscored=dict.fromkeys(NAMES, reason))
