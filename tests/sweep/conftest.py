"""A project root of its own for each test, and words that keep a sweep small and local."""

from collections.abc import Callable
from pathlib import Path

import pytest

from earmark.cli import main
from earmark.sweep import outage
from tests.caches import new_cache

Launch = Callable[..., int]
SMALL = ("embedder=none", "reference=none", "tier.limit=2", "prompt=terse")


def make_root(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Make a folder the project root, with a cache and a store of its own."""
    patch.setenv("EARMARK_ROOT", str(folder))
    patch.setenv("EARMARK_CACHE", str(new_cache(folder / "cache")))
    patch.delenv("MLFLOW_TRACKING_URI", raising=False)
    patch.delenv("EARMARK_SWEEP", raising=False)
    patch.setattr(outage, "_gone_until", [0.0])  # the store of an earlier test may have been gone
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_root(tmp_path, monkeypatch)


@pytest.fixture
def launch(root: Path) -> Launch:
    """Run a command line in this process, in the test's own root."""

    def go(*words: str) -> int:
        return main(
            [
                *words,
                *(
                    word
                    for word in SMALL
                    if not any(w.startswith(word.split("=")[0] + "=") for w in words)
                ),
            ]
        )

    return go


def local_model(api_base: str, name: str = "local") -> list[str]:
    """Settings that turn the vllm model into a server of ours."""
    return [
        "model=vllm",
        f"model.name={name}",
        "model.model=openai/local",
        f"model.api_base={api_base}",
    ]
