"""Hydra's entry: its sweeper and launcher run a command line as jobs, each with its RunConfig."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from earmark import paths
from earmark.config.build import whitelist
from earmark.config.compose import from_hydra, register
from earmark.config.grid import Point
from earmark.config.schema import RunConfig

Job = Callable[[RunConfig], float | None]


@dataclass(frozen=True, slots=True)
class Variables:
    """Environment variables that a worker sets when it is handed them, wherever it runs.

    It must have them before Hydra resolves the folder of a run, so unpickling sets them.
    """

    values: Mapping[str, str] = field(default_factory=dict)

    def __reduce__(
        self,
    ) -> "tuple[Callable[[Mapping[str, str]], Variables], tuple[Mapping[str, str]]]":
        return _set_variables, (self.values,)


def _set_variables(values: Mapping[str, str]) -> Variables:
    os.environ.update(values)
    return Variables(values)


def run_jobs(
    words: Sequence[str],
    job: Job,
    *,
    points: Sequence[Point] = (),
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run `job` for every point of a line of overrides and Hydra's flags.

    Args:
        words: as Hydra takes them; -m makes several jobs.
        job: called with the configuration of each point, perhaps in another process; what it
            returns is the objective of a search.
        points: the runs, where they are planned; a search plans them as it goes.
        variables: what a worker process sets in its environment before it composes its run.
    """
    import hydra

    from earmark.config import sweeper  # this function is copied to workers, its names with it

    handed = Variables(variables or {})

    def compose_and_run(cfg: DictConfig, *, _handed: Variables = handed) -> float | None:
        point = sweeper.planned(HydraConfig.get().overrides.task)
        return job(from_hydra(cfg) if point is None else point.config)

    register()
    os.environ["HYDRA_FULL_ERROR"] = "1"  # raise, do not print and exit: cli.py says it in one line
    sweeper.plan_points(points)
    if "-m" in words and points:
        words = [*words, sweeper.TARGET]
    sys.argv = ["earmark", *words]
    hydra.main(
        config_path=str(paths.conf()),
        config_name="config",
        execution_whitelist=(*whitelist(), "optuna.*", "hydra_plugins.*"),
    )(compose_and_run)()
