"""Where numba keeps machine code, for the libraries behind VGGish and PANN (fad_embedder)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earmark import paths

FOLDER = "NUMBA_CACHE_DIR"


def choose_folder() -> None:
    """Keep machine code in the cache where the environment may not be written.

    Without a place for it, these libraries refuse to be imported. Call this before they are: numba
    reads its environment once.
    """
    if paths.environment_or_cache() != paths.environment():
        os.environ.setdefault(FOLDER, str(paths.cache() / "numba"))


@contextmanager
def one_process() -> Iterator[None]:
    """Import such a library in this block, one process at a time.

    Where nothing is compiled yet, two that filled one folder at once have been seen to crash.
    """
    from filelock import FileLock

    choose_folder()
    folder = Path(os.environ.get(FOLDER) or paths.environment_or_cache())
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".numba.lock"):
        yield
