"""A grid is put together from few of its points, and each is what Hydra would have composed."""

import itertools
from collections.abc import Sequence

import pytest

from earmark.config import grid
from earmark.config.compose import compose, compose_groups
from earmark.config.grid import compose_grid
from earmark.records import Json

FIXED = ["embedder=none", "reference=none", "tier.limit=2"]
MODELS = ("model=noise", "model=random_program", "model=expert")
SEEDS = ("seed=1", "seed=2")
PROMPTS = ("prompt=default", "prompt=terse")
STRATEGIES = ("strategy=zero_shot", "strategy=few_shot")
SHOTS = ("strategy.shots=0", "strategy.shots=2")


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """The points that were composed to put a grid together."""
    points: list[Sequence[str]] = []

    def count(words: Sequence[str]) -> Json:
        points.append(words)
        return compose_groups(words)

    monkeypatch.setattr(grid, "compose_groups", count)
    return points


@pytest.mark.parametrize(
    ("axes", "most"),
    [
        pytest.param((MODELS, SEEDS, PROMPTS), 6, id="independent"),
        pytest.param((STRATEGIES, SHOTS, PROMPTS), 7, id="of-one-group"),
    ],
)
def test_a_grid_is_what_its_points_are(
    axes: Sequence[tuple[str, ...]], most: int, composed: list[Sequence[str]]
) -> None:
    """A seed reaches the random program, a prompt the strategy: interpolations are followed."""
    configs = compose_grid(FIXED, axes)
    assert len(composed) <= most
    assert configs == [compose([*FIXED, *point]) for point in itertools.product(*axes)]


def test_a_grid_that_cannot_be_put_together_is_composed(
    composed: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that only together change a third: no point that turns one of them shows it."""

    def entangled(words: Sequence[str]) -> Json:
        groups = compose_groups(words)
        both = {"seed=2", "prompt=terse"} <= set(words)
        return {**groups, "samples": 2 if both else 1}

    monkeypatch.setattr(grid, "compose_groups", entangled)
    axes = (MODELS, SEEDS, PROMPTS)
    configs = compose_grid(FIXED, axes)
    assert configs == [compose([*FIXED, *point]) for point in itertools.product(*axes)]
