"""Where numba keeps machine code, for the libraries behind VGGish and PANN (fad_embedder)."""

import os

from earmark import paths


def choose_folder() -> None:
    """Keep machine code in the cache where the environment may not be written.

    Without a place for it, these libraries refuse to be imported. Call this before they are: numba
    reads its environment once.
    """
    if paths.environment_or_cache() != paths.environment():
        os.environ.setdefault("NUMBA_CACHE_DIR", str(paths.cache() / "numba"))
