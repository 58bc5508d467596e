"""Lets one process at a time compile what numba compiles of librosa.

numba keeps machine code next to librosa's sources for the next process. Two processes that fill
this cache at the same moment have been seen to crash (a segmentation fault in peak_pick, two test
workers in a new environment). `make setup` fills it; a process that finds it empty fills it under
a lock, while the others wait and then read it.
"""

import os
import threading

from filelock import FileLock

from earmark import paths

_once = threading.Lock()
_filled: list[bool] = []


def choose_folder() -> None:
    """Keep machine code in the cache where the environment may not be written.

    Without a place for it, librosa refuses to be imported. Call this before librosa is imported:
    numba reads its environment once.
    """
    if paths.environment_or_cache() != paths.environment():
        os.environ.setdefault("NUMBA_CACHE_DIR", str(paths.cache() / "numba"))


def librosa_ready() -> None:
    """Return when the parts of librosa that earmark calls are compiled, on disk and loaded.

    From the second call on it returns at once.
    """
    with _once:
        if _filled:
            return
        # Processes that share the compiled files must share the lock, whatever their caches are.
        folder = paths.environment_or_cache()
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "librosa-compiled.lock"):
            _call_each()
        _filled.append(True)


def _call_each() -> None:
    import numpy as np
    from librosa import lpc, pyin
    from librosa.onset import onset_detect

    rng = np.random.default_rng(0)
    for kind in (np.float32, np.float64):  # numba compiles for each type by itself
        line = rng.uniform(-0.5, 0.5, 8192).astype(kind)
        onset_detect(y=line, sr=16000)
        onset_detect(onset_envelope=np.abs(line[:256]), sr=16000)
        pyin(line, fmin=65.0, fmax=1000.0, sr=16000)
        lpc(line, order=10)


if __name__ == "__main__":
    librosa_ready()
