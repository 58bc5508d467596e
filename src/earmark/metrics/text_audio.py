"""How well a clip matches its task's caption: cosine in an embedder's joint space, averaged over caption templates.

In: a Clip and its Task. Out: NAME (the embedder's) and NAME_template_K for each wording, so that a ranking can be checked against
the wording. A clip that the embedder cannot hear goes to `unscored` with the reason. The numbers are comparable only within one
pipeline id, and rankings more than values.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.embedders import Embedder, EmbeddingError
from earmark.embedders.cached import Cached
from earmark.errors import AudioError, ConfigError
from earmark.identity import digest
from earmark.records import Clip, Scores, Task

TEMPLATES = ("{caption}", "the sound of {caption}", "a recording of {caption}")


class TextAudio:
    """The text-audio score, named after the embedder."""

    def __init__(
        self, embedder: Embedder, *, templates: Sequence[str] = TEMPLATES, cache: str | None = None
    ) -> None:
        self.embedder, self.templates = (
            Cached(embedder, cache or str(paths.cache() / "embeddings")),
            tuple(templates),
        )
        if not hasattr(embedder, "embed_text"):
            raise ConfigError(
                f"embedder {embedder.name}: reads no captions; set embedder=clap, and fad_embedder={embedder.name} for distances"
            )
        for template in self.templates:
            if "{caption}" not in template:
                raise ConfigError(
                    f"metric template {template!r}: must contain {{caption}}; write for example 'the sound of {{caption}}'"
                )
        if not self.templates:
            raise ConfigError(
                "metric templates: must hold at least one, holds none; '{caption}' alone is the plainest"
            )

    @property
    def id(self) -> str:
        """Pipeline id of the score: the embedder's and the templates'."""
        return f"{self.embedder.id} templates={digest(list(self.templates))[:8]}"

    def score(self, clip: Clip, task: Task) -> Scores:
        """Mean cosine over the templates in -1..1, and each template's own."""
        name = self.embedder.name
        try:
            cosines = self.cosines(clip, [task.caption])[0]
        except (AudioError, EmbeddingError) as error:
            return Scores(unscored={name: str(error)})
        if not np.isfinite(cosines).all():
            return Scores(
                unscored={
                    name: f"{clip.path}: its {name} embedding is not finite; look at the levels of the clip"
                }
            )
        each = (
            {f"{name}_template_{k}": float(value) for k, value in enumerate(cosines)}
            if len(cosines) > 1
            else {}
        )
        return Scores(values={name: float(cosines.mean()), **each})

    def cosines(self, clip: Clip, captions: Sequence[str]) -> NDArray[np.float64]:
        """(captions, templates) cosines of one clip. Raises AudioError for a clip that cannot be heard."""
        wordings = [
            template.replace("{caption}", caption)
            for caption in captions
            for template in self.templates
        ]
        row = self.embedder.embed_audio([clip])[0].astype(np.float64)
        cosines: NDArray[np.float64] = self.embedder.embed_text(wordings).astype(np.float64) @ row
        return cosines.reshape(len(captions), len(self.templates)).clip(-1, 1)
