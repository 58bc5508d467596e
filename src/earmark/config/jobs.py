"""Hydra's entry: its sweeper and launcher run a command line as jobs, each with its RunConfig."""

import sys
from collections.abc import Callable, Sequence

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from earmark import paths
from earmark.config.build import whitelist
from earmark.config.compose import from_hydra, register
from earmark.config.grid import Point
from earmark.config.schema import RunConfig

Job = Callable[[RunConfig], float | None]


def run_jobs(words: Sequence[str], job: Job, *, points: Sequence[Point] = ()) -> None:
    """Run `job` for every point of a line of overrides and Hydra's flags.

    Args:
        words: as Hydra takes them; -m makes several jobs.
        job: called with the configuration of each point, perhaps in another process; what it
            returns is the objective of a search.
        points: the runs, where they are planned; a search plans them as it goes.
    """
    import hydra

    from earmark.config import sweeper  # this module is copied to workers, its names with it

    def compose_and_run(cfg: DictConfig) -> float | None:
        point = sweeper.planned(HydraConfig.get().overrides.task)
        return job(from_hydra(cfg) if point is None else point.config)

    register()
    sweeper.plan_points(points)
    if "-m" in words and points:
        words = [*words, sweeper.TARGET]
    sys.argv = ["earmark", *words]
    hydra.main(
        config_path=str(paths.conf()),
        config_name="config",
        execution_whitelist=(*whitelist(), "optuna.*", "hydra_plugins.*"),
    )(compose_and_run)()
