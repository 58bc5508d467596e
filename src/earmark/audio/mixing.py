"""Many channels as one."""

import numpy as np
from numpy.typing import NDArray

CANCELLED = 0.05  # of the loudest channel's power: a mix below it has lost the sound


def one_channel(frames: NDArray[np.floating]) -> NDArray[np.floating]:
    """(frames,) mean of (frames, channels); where they cancel, the loudest channel instead."""
    if frames.shape[1] == 1:
        only: NDArray[np.floating] = frames[:, 0]
        return only
    mixed: NDArray[np.floating] = frames.mean(axis=1, dtype=frames.dtype)
    power = np.square(frames, dtype=np.float64).mean(axis=0)
    if np.square(mixed, dtype=np.float64).mean() > CANCELLED * power.max():
        return mixed
    loudest: NDArray[np.floating] = frames[:, int(power.argmax())]
    return loudest
