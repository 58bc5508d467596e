"""Caches of tests."""

from pathlib import Path

from earmark import paths


def new_cache(folder: Path) -> Path:
    """A cache that is empty but for the graphs of networks, which it shares with other tests.

    A graph depends on nothing but the network's bytes and the libraries, and takes up to half a
    minute to make.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shared = paths.cache() / "graphs"
    shared.mkdir(parents=True, exist_ok=True)
    (folder / "graphs").symlink_to(shared)
    return folder
