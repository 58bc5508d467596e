"""Whether a clip is nearer to its caption as a clean recording than as a spoiled one.

`quality_margin` is the clip's cosine with the clean wording of its caption less that with the
nearest spoiled one (distorted, clipped, noisy). It is a text anchor: no listener's rating was used,
and it is worth what the checkpoint knows of these words. A stand-in for CLAP knows only kinds of
sound, so with one the margin is unscored.
"""

from collections.abc import Mapping

import numpy as np

from earmark.embedders import Embedder, EmbeddingError
from earmark.errors import AudioError, ConfigError, MetricUnavailable
from earmark.identity import digest
from earmark.metrics.embedding import not_finite
from earmark.metrics.text_audio import TextAudio
from earmark.records import Clip, Scores, Task

NAME = "quality_margin"
CLEAN = "a clean, high quality recording of {caption}"
SPOILED = {
    "distorted": "a distorted, low quality recording of {caption}",
    "clipped": "a recording of {caption} that is too loud and clipped",
    "noisy": "a recording of {caption} full of background noise",
}


class QualityMargin:
    """The margin of the clean wording over each spoiled one."""

    def __init__(
        self,
        embedder: Embedder,
        *,
        clean: str = CLEAN,
        spoiled: Mapping[str, str] | None = None,
        cache: str | None = None,
    ) -> None:
        self.spoiled = dict(SPOILED if spoiled is None else spoiled)
        if not self.spoiled:
            raise ConfigError(
                "metric quality_margin spoiled: must name at least one wording, got none;"
                " set spoiled: {noisy: 'a noisy recording of {caption}'}"
            )
        templates = (clean, *self.spoiled.values())
        self.text_audio = TextAudio(embedder, templates=templates, cache=cache)
        self.standin = embedder.standin

    @property
    def id(self) -> str:
        """Digest of the pipeline and the wordings."""
        return f"{NAME} {digest(self.text_audio.id)[:16]}"

    def score(self, clip: Clip, task: Task) -> Scores:
        """`quality_margin`, -2 to 2 and above 0 for clean, and one `quality_margin_KIND` each."""
        names = (NAME, *(f"{NAME}_{kind}" for kind in self.spoiled))
        if self.standin:
            reason = "a stand-in knows kinds of sound and nothing of quality; set embedder=clap"
            return Scores(unscored=dict.fromkeys(names, reason))
        try:
            cosines = self.text_audio.cosines(clip, [task.caption])[0]
        except (AudioError, EmbeddingError, MetricUnavailable) as error:
            return Scores(unscored=dict.fromkeys(names, str(error)))
        if not np.isfinite(cosines).all():
            return Scores(unscored=dict.fromkeys(names, not_finite(clip)))
        margins = [float(cosines[0] - cosine) for cosine in cosines[1:]]
        return Scores(values=dict(zip(names, (min(margins), *margins), strict=True)))
