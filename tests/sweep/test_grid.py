"""A grid is put together from few of its points, and each is what Hydra would have composed."""

import gc
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.utils import JobReturn
from omegaconf import DictConfig, OmegaConf

from earmark import paths
from earmark.config import grid, sweeper
from earmark.config.compose import compose, compose_groups, register, run_name
from earmark.config.grid import compose_grid
from earmark.config.jobs import run_jobs
from earmark.config.schema import RunConfig
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
    configs = [point.config for point in compose_grid(FIXED, axes)]
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
    points = compose_grid(FIXED, (MODELS, SEEDS, PROMPTS))
    both = [{"seed=2", "prompt=terse"} <= set(point.words) for point in points]
    assert sum(both) == len(MODELS)
    assert [point.config.samples for point in points] == [2 if one else 1 for one in both]


@pytest.fixture
def hydra_loader() -> Iterator[Any]:
    """Hydra's own loader, over our configuration."""
    register()
    with initialize_config_dir(str(paths.conf())):
        yield GlobalHydra.instance().config_loader()


def test_a_launcher_gets_what_hydra_would_have_composed(
    hydra_loader: Any,
) -> None:
    """All of it: the choices of groups, nested ones too, and what .hydra keeps of the line."""
    points = compose_grid([*FIXED, "sampling.max_tokens=99"], (MODELS, STRATEGIES, SEEDS))
    master = hydra_compose("config", FIXED, return_hydra_config=True)
    sweeper.plan_points(points)
    for point in points:
        ready = sweeper.PlannedLoader(hydra_loader).load_sweep_config(master, list(point.words))
        by_hydra = hydra_loader.load_sweep_config(master, list(point.words))
        assert ready.hydra.sweep.subdir == run_name(point.config)
        assert _plain(ready) == _plain(by_hydra)


def test_nothing_is_held_of_a_run_that_was_launched(root: Path) -> None:
    def launched() -> int:
        gc.collect()
        return sum(type(one) is JobReturn for one in gc.get_objects())

    before = launched()  # other tests may hold some
    held: list[int] = []

    def job(_: RunConfig) -> None:
        held.append(launched() - before)

    words = ("model=noise,random_program,expert", "seed=1,2")
    run_jobs(["-m", *FIXED, *words], job, points=compose_grid(FIXED, (MODELS, SEEDS)))
    assert len(held) == len(MODELS) * len(SEEDS)
    assert max(held) <= 2  # of this run, and of the one before
    assert len(list(root.glob("multirun/*/*/.hydra/config.yaml"))) == len(held)


def test_a_fault_ends_a_grid_before_the_next_run(root: Path) -> None:
    begun: list[str] = []

    def job(config: RunConfig) -> None:
        begun.append(config.model.name)
        raise ValueError("a fault of ours")

    with pytest.raises(ValueError, match="a fault of ours"):
        run_jobs(["-m", *FIXED, "model=noise,expert"], job, points=compose_grid(FIXED, (MODELS,)))
    assert begun == ["noise"]


def test_a_point_that_changes_hydra_itself_is_composed_by_hydra(
    hydra_loader: Any,
) -> None:
    [point] = compose_grid([*FIXED, "hydra.job.chdir=true"], (MODELS[:1],))
    master = hydra_compose("config", FIXED, return_hydra_config=True)
    sweeper.plan_points([point])
    loaded = sweeper.PlannedLoader(hydra_loader).load_sweep_config(master, list(point.words))
    sweep = OmegaConf.to_container(loaded.hydra.sweep, resolve=False)
    assert isinstance(sweep, dict)
    assert sweep["subdir"] == "${earmark.run:}"  # as it is written; planned, it is a name


def _plain(cfg: DictConfig) -> Any:
    plain = OmegaConf.to_container(cfg, resolve=False)
    assert isinstance(plain, dict)
    del plain["hydra"]["sweep"]["subdir"]  # a name where Hydra has an interpolation
    return plain
