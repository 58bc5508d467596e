"""A project root of its own for each test, and words that keep a sweep small and local."""

from collections.abc import Callable
from pathlib import Path

import pytest

from earmark.cli import main
from earmark.sweep import outage
from tests.caches import new_cache

Launch = Callable[..., int]
SMALL = ("embedder=none", "reference=none", "tier.limit=2", "prompt=terse")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    monkeypatch.setenv("EARMARK_CACHE", str(new_cache(tmp_path / "cache")))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("EARMARK_SWEEP", raising=False)
    monkeypatch.setattr(outage, "_gone_until", [0.0])  # whose store was gone is not this one
    return tmp_path


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
