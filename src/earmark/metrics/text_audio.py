"""How well a clip matches its task's caption: the cosine in an embedder's joint space.

The score is the mean over caption templates, and each template's own score is kept, so that a
ranking can be checked against the wording. Numbers are comparable only within one pipeline id, and
rankings more than values.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.embedders import AudioEmbedder, EmbeddingError, JointSpace
from earmark.embedders.cached import Cached, no_captions
from earmark.errors import AudioError, ConfigError
from earmark.identity import digest
from earmark.metrics.embedding import not_finite
from earmark.records import Clip, Scores, Task

TEMPLATES = ("{caption}", "the sound of {caption}", "a recording of {caption}")


class TextAudio:
    """The text-audio score, named after the embedder."""

    def __init__(
        self,
        embedder: AudioEmbedder,
        *,
        templates: Sequence[str] = TEMPLATES,
        cache: str | None = None,
    ) -> None:
        if not isinstance(embedder, JointSpace):
            raise ConfigError(no_captions(embedder))
        if not templates:
            raise ConfigError("metric templates: must hold at least one, got none; set '{caption}'")
        for template in templates:
            if "{caption}" not in template:
                raise ConfigError(
                    f"metric template {template!r}: must contain {{caption}};"
                    " set for example 'the sound of {caption}'"
                )
        self.embedder = Cached(embedder, cache or str(paths.cache() / "embeddings"))
        self.templates = tuple(templates)

    @property
    def id(self) -> str:
        """Pipeline id of the score: the embedder's and the templates'."""
        return f"{self.embedder.id} templates={digest(list(self.templates))[:8]}"

    def score(self, clip: Clip, task: Task) -> Scores:
        """The score and each template's, in -1..1, or the reason why it is unscored.

        NAME is the embedder's name; NAME_template_K are there when there are several templates.
        """
        name = self.embedder.name
        try:
            cosines = self.cosines(clip, [task.caption])[0]
        except (AudioError, EmbeddingError) as error:
            return Scores(unscored={name: str(error)})
        if not np.isfinite(cosines).all():
            return Scores(unscored={name: not_finite(clip)})
        values = {name: float(cosines.mean())}
        if len(cosines) > 1:
            values |= {f"{name}_template_{k}": float(value) for k, value in enumerate(cosines)}
        return Scores(values=values)

    def cosines(self, clip: Clip, captions: Sequence[str]) -> NDArray[np.float64]:
        """(captions, templates) cosines of one clip, in -1..1.

        Raises:
            AudioError: the file is not a readable clip.
            EmbeddingError: the clip cannot be embedded.
        """
        wordings = [
            template.replace("{caption}", caption)
            for caption in captions
            for template in self.templates
        ]
        row = self.embedder.embed_audio([clip])[0].astype(np.float64)
        cosines: NDArray[np.float64] = self.embedder.embed_text(wordings).astype(np.float64) @ row
        return cosines.reshape(len(captions), len(self.templates)).clip(-1, 1)
