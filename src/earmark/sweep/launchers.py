"""Launchers that start workers, here or on other machines: what they need, what workers must know.

Hydra's launchers are engines of others: joblib, Ray, and Slurm by submitit. A worker composes its
run itself, so it must find the variables that the configuration reads. Keys of model providers and
addresses that hold a password are not handed over, since submitit writes what it hands over to the
disk: each machine has them in its own environment.
"""

import os
import shutil
import socket
from collections.abc import Mapping
from typing import Any

from earmark import paths
from earmark.errors import ConfigError, HarnessError
from earmark.sweep.resume import read_variables
from earmark.sweep.worker import SWEEP_PROCESS
from earmark.tracking.connection import redact

CONNECT_SECONDS = 5.0
SLURM_PROGRAMS = ("sbatch", "srun")
NOT_HANDED = {SWEEP_PROCESS}  # the number of a process means nothing on another machine


def worker_variables() -> dict[str, str]:
    """The variables that make a worker compose the same runs in the same folders."""
    names = {name for name in os.environ if name.startswith("EARMARK_")} - NOT_HANDED
    names |= {*read_variables(), "MLFLOW_TRACKING_URI"}
    found = {name: os.environ[name] for name in names if name in os.environ}
    public = {name: value for name, value in found.items() if redact(value) == value}
    return {**public, "EARMARK_ROOT": str(paths.root())}


def check_launcher(launcher: Mapping[str, Any]) -> None:
    """Look whether a launcher can start its workers from here.

    Args:
        launcher: its settings, as Hydra composed them.

    Raises:
        ConfigError: Slurm's programs are not here.
        HarnessError: the Ray cluster does not answer.
    """
    kind = str(launcher["_target_"]).rpartition(".")[2]
    if kind == "SlurmLauncher":
        _check_slurm()
    elif kind == "RayLauncher":
        _connect_ray(dict(launcher["ray"]["init"]))


def _check_slurm() -> None:
    for program in SLURM_PROGRAMS:
        if shutil.which(program) is None:
            rule = f"needs {program} on PATH, which is not here"
            hint = "type the line on a login node, or try it here by hydra/launcher=submitit_local"
            raise ConfigError(f"hydra/launcher=submitit_slurm: {rule}; {hint}")


def _connect_ray(settings: dict[str, Any]) -> None:
    """Connect to the cluster that is named; where none is, the launcher starts one here."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report to its makers
    address = settings.get("address") or os.environ.get("RAY_ADDRESS")
    if not address:
        return
    _check_port(str(address))
    import ray

    if ray.is_initialized():
        return
    try:
        ray.init(**settings)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise _no_cluster(str(address), str(error).splitlines()[0]) from error


def _check_port(address: str) -> None:
    """Ray itself waits for minutes, where nothing listens."""
    host, _, port = address.rpartition("/")[2].rpartition(":")
    if not port.isdigit():  # auto
        return
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        raise _no_cluster(address, error.strerror or str(error)) from error


def _no_cluster(address: str, reason: str) -> HarnessError:
    hint = "start it with `ray start --head`, or name another address: docs/scale.md"
    problem = f"hydra.launcher.ray.init.address={address}: no Ray cluster answers ({reason})"
    return HarnessError(f"{problem}; {hint}")
