"""Hydra's sweeper and loader for the points of a grid, which the plan has composed and checked.

Hydra would compose every point twice more, a third of a second each: once to see that it can be,
before the first run begins, and once to run it. A launcher of this process gets what the plan has
put together. One that hands jobs to other processes has them composed there, by Hydra.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, cast

from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.config_loader import ConfigLoader
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, flag_override, read_write

from earmark.config.compose import CHOICE, HYDRA, hydra_settings, run_name, settings_of
from earmark.config.grid import Point

TARGET = f"hydra.sweeper._target_={__name__}.GridSweeper"

_points: dict[tuple[str, ...], Point] = {}  # of the sweep that this process plans and launches


def plan_points(points: Sequence[Point]) -> None:
    """These points are what the next sweep runs."""
    Plugins.instance().register(GridSweeper)
    _points.clear()
    _points.update({point.words: point for point in points})


def planned(words: Sequence[str]) -> Point | None:
    """The point of these overrides; None in a process that has not planned it."""
    return _points.get(tuple(words))


class GridSweeper(BasicSweeper):
    """Runs the planned points."""

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Give the launcher the loader of the planned points."""
        loader = cast(ConfigLoader, PlannedLoader(hydra_context.config_loader))
        context = replace(hydra_context, config_loader=loader)
        super().setup(hydra_context=context, task_function=task_function, config=config)
        if type(self.launcher) is BasicLauncher:
            self.launcher = LocalLauncher()
            self.launcher.setup(hydra_context=context, task_function=task_function, config=config)

    @staticmethod
    def split_arguments(
        overrides: list[Any],  # noqa: ARG004  the plan has read them
        max_batch_size: int | None,
    ) -> list[list[list[str]]]:
        """The overrides of each point, in batches."""
        jobs = [list(words) for words in _points]
        return list(BasicSweeper.split_overrides_to_chunks(jobs, max_batch_size))

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """The plan has composed and checked each."""


class LocalLauncher(BasicLauncher):
    """Hydra's launcher in this process, without the results that Hydra keeps until the last run.

    They hold two configurations of every run, 0.2 MB together.
    """

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        """Launch one after another; what a run raises ends the sweep before the next."""
        for at, words in enumerate(job_overrides, initial_job_idx):
            [launched] = super().launch([words], at)
            _ = launched.return_value  # raises what the run raised
        return []


class PlannedLoader:
    """A loader that has the planned points, and asks another one for all else."""

    def __init__(self, inner: ConfigLoader) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the other has
        return getattr(self.inner, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unchanged, (self.inner,)  # in a worker process nothing is planned

    def load_sweep_config(
        self, master_config: DictConfig, sweep_overrides: list[str]
    ) -> DictConfig:
        """What the point was composed to."""
        point = planned(sweep_overrides)
        if point is None or point.groups[HYDRA] != hydra_settings(master_config):
            return self.inner.load_sweep_config(master_config, sweep_overrides)
        cfg = deepcopy(master_config)
        OmegaConf.set_readonly(cfg.hydra, None)  # as composed; Hydra closes that of a sweep
        with flag_override(cfg, ["struct", "readonly"], False):
            for name, value in settings_of(point.groups).items():
                if OmegaConf.get_type(cfg, name) is dict or not isinstance(value, dict):
                    cfg[name] = value
                else:
                    cfg[name].merge_with(value)  # of plain values, whose types are checked
            cfg.hydra.sweep.subdir = run_name(point.config)
        chosen = {name: one for name, one in point.groups.items() if name.startswith(CHOICE)}
        choices = {name.removeprefix(CHOICE): one for name, one in chosen.items()}
        with read_write(cfg.hydra.runtime), read_write(cfg.hydra.overrides):
            cfg.hydra.runtime.choices.update(choices)
            cfg.hydra.overrides.task = list(sweep_overrides)
        return cfg


def _unchanged(loader: ConfigLoader) -> ConfigLoader:
    return loader
