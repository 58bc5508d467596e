"""Several ClapModel checkpoints at once: the text-audio score by each, so that an order which only one of them sees is known as such.

In: a Clip and its Task. Out: one score per member, under the member's name; a member that cannot hear a clip says why. Whether the
members agree on an order is told by earmark.analysis.stability. The headline stays with the embedder of the sweep.
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
                "metric panel members: must name at least one checkpoint; write members: {clap_music: FOLDER}"
            )
        if embedder.name in members:
            hint = "call the member something else"
            raise ConfigError(
                f"metric panel member {embedder.name!r}: is the name of the embedder itself; {hint}"
            )
        self.members: Mapping[str, Embedder] = {
            name: Clap(checkpoint=checkpoint, device=device, name=name)
            for name, checkpoint in members.items()
        }
        self._scores = {
            name: TextAudio(ear, templates=templates, cache=cache)
            for name, ear in self.members.items()
        }

    @property
    def id(self) -> str:
        """Digest of every member's pipeline; reads the weights."""
        return f"panel {digest({name: one.id for name, one in self._scores.items()})[:16]}"

    def score(self, clip: Clip, task: Task) -> Scores:
        """A number or a reason for each member."""
        said = {name: one.score(clip, task) for name, one in self._scores.items()}
        return Scores(
            values={name: one.values[name] for name, one in said.items() if name in one.values},
            unscored={
                name: one.unscored[name] for name, one in said.items() if name in one.unscored
            },
        )
