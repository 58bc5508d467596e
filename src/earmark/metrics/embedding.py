"""Embed a set in which some clips may fail."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import EmbeddingError, Rows
from earmark.errors import AudioError, ConfigError
from earmark.records import Clip, Task

Embed = Callable[[Sequence[Clip]], Rows]


@dataclass(frozen=True)
class EmbeddedSet:
    """The rows of the clips that could be embedded, and the reasons of those that could not.

    rows: (n, k) float32; n may be smaller than the number of clips.
    kept: for each row, the position of its clip.
    failures: one reason for each clip without a row.
    """

    rows: NDArray[np.float32]
    kept: tuple[int, ...]
    failures: tuple[str, ...] = ()

    @property
    def first_failure(self) -> str:
        """The end of a message that names the first failure; empty where there is none."""
        return f"; the first failure: {self.failures[0]}" if self.failures else ""


def embed_set(embed: Embed, clips: Iterable[Clip]) -> EmbeddedSet:
    """Embed each clip on its own, and keep what can be embedded.

    MetricUnavailable passes through: it is the harness's failure, not the clip's.
    """
    kept: list[int] = []
    rows: list[NDArray[np.float32]] = []
    failures: list[str] = []
    for k, clip in enumerate(clips):
        try:
            row = embed([clip])[0]
        except (AudioError, EmbeddingError) as error:
            failures.append(str(error))
            continue
        if np.isfinite(row).all():
            kept.append(k)
            rows.append(row)
        else:
            failures.append(not_finite(clip))
    stacked = np.stack(rows) if rows else np.empty((0, 0), np.float32)
    return EmbeddedSet(stacked, tuple(kept), tuple(failures))


def not_finite(clip: Clip) -> str:
    """The reason for a clip whose embedding is not finite."""
    return f"{clip.path}: its embedding must be finite, it is not; check the levels of the clip"


def tier_of(pairs: Sequence[tuple[Clip, Task]]) -> str:
    """The tier of a set. ConfigError where its tasks are of several."""
    tiers = sorted({task.tier for _, task in pairs})
    if len(tiers) != 1:
        raise ConfigError(
            f"the clips of a set must be of one tier, got {', '.join(tiers) or 'no clip'};"
            " score each tier on its own"
        )
    return tiers[0]
