"""Embedding a set in which some clips may not be hearable, and telling which clips belong to one task.

In: an embedder's method and clips. Out: rows of the clips that could be heard, and a reason for each that could not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earmark.embedders import EmbeddingError, Rows
from earmark.errors import AudioError
from earmark.records import Clip

Embed = Callable[[Sequence[Clip]], Rows]


@dataclass(frozen=True)
class Heard:
    """Rows of the clips that could be heard, in order; the others with their reasons."""

    clips: tuple[Clip, ...]
    rows: NDArray[np.float32]
    deaf: tuple[str, ...] = ()


def heard(embed: Embed, clips: Sequence[Clip]) -> Heard:
    """Embed what can be embedded. MetricUnavailable passes through: it is ours, not the clip's."""
    kept: list[Clip] = []
    rows: list[NDArray[np.float32]] = []
    deaf: list[str] = []
    for clip in clips:
        try:
            row = embed([clip])[0]
        except (AudioError, EmbeddingError) as error:
            deaf.append(str(error))
            continue
        if np.isfinite(row).all():
            kept.append(clip)
            rows.append(row)
        else:
            deaf.append(f"{clip.path}: its embedding is not finite; look at the levels of the clip")
    return Heard(tuple(kept), np.stack(rows) if rows else np.empty((0, 0), np.float32), tuple(deaf))


def task_of(clip: Clip) -> str:
    """The task that a saved clip answers, by its place in the archive (attempts/TASK/SAMPLE-TURN/out.wav); else the clip itself."""
    parts = Path(clip.path).parts
    return parts[-3] if len(parts) > 3 and parts[-4] == "attempts" else clip.path
