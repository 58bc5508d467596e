"""Hydra's entry: its sweeper and launcher run a command line as jobs, each with its RunConfig."""

import os
import sys
from collections.abc import Callable, Sequence

from omegaconf import DictConfig

from earmark import paths
from earmark.config.build import whitelist
from earmark.config.compose import from_hydra, register
from earmark.config.schema import RunConfig

Job = Callable[[RunConfig], float | None]


def run_jobs(words: Sequence[str], job: Job) -> None:
    """Run `job` for every point of a line of overrides and Hydra's flags.

    Args:
        words: as Hydra takes them; -m makes several jobs.
        job: called with the configuration of each point, perhaps in another process; what it
            returns is the objective of a search.
    """
    import hydra

    def compose_and_run(cfg: DictConfig) -> float | None:
        return job(from_hydra(cfg))

    register()
    os.environ["HYDRA_FULL_ERROR"] = "1"  # raise, do not print and exit: cli.py says it in one line
    sys.argv = ["earmark", *words]
    hydra.main(
        config_path=str(paths.conf()),
        config_name="config",
        execution_whitelist=(*whitelist(), "optuna.*", "hydra_plugins.*"),
    )(compose_and_run)()
