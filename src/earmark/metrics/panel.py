"""The text-audio score by several ClapModel checkpoints, to tell whether they agree on an order.

Each member's score carries the member's name; earmark.analysis.stability compares the orders. The
headline stays with the embedder of the sweep.
"""

from collections.abc import Mapping, Sequence

from earmark.embedders import AudioEmbedder, Embedder
from earmark.embedders.clap import Clap
from earmark.errors import ConfigError
from earmark.identity import digest
from earmark.metrics.text_audio import TEMPLATES, TextAudio
from earmark.records import Clip, Scores, Task


class Panel:
    """The text-audio score by each of `members`: name -> checkpoint, a hub name or a folder."""

    def __init__(
        self,
        embedder: AudioEmbedder,
        *,
        members: dict[str, str],
        device: str = "cpu",
        templates: Sequence[str] = TEMPLATES,
        cache: str | None = None,
    ) -> None:
        if not members:
            raise ConfigError(
                "metric panel members: must name at least one checkpoint, got none;"
                " set members: {clap_music: FOLDER}"
            )
        if embedder.name in members:
            raise ConfigError(
                f"metric panel member {embedder.name!r}: must not have the name of the embedder"
                " itself; rename the member"
            )
        self.members: Mapping[str, Embedder] = {
            name: Clap(checkpoint=checkpoint, device=device, name=name)
            for name, checkpoint in members.items()
        }
        self._scorers = {
            name: TextAudio(member, templates=templates, cache=cache)
            for name, member in self.members.items()
        }

    @property
    def id(self) -> str:
        """Digest of every member's pipeline; reads the weights."""
        ids = {name: scorer.id for name, scorer in self._scorers.items()}
        return f"panel {digest(ids)[:16]}"

    def score(self, clip: Clip, task: Task) -> Scores:
        """One score in -1..1 under each member's name, or the reason why it is unscored."""
        values: dict[str, float] = {}
        unscored: dict[str, str] = {}
        for name, scorer in self._scorers.items():
            scores = scorer.score(clip, task)
            if name in scores.values:
                values[name] = scores.values[name]
            else:
                unscored[name] = scores.unscored[name]
        return Scores(values=values, unscored=unscored)
