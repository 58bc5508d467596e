"""A contract as it was configured -> the same, fit to be enforced.

In: a Contract. Out: a Contract, or ConfigError that names the value, the rule and the way out. What no isolation could hold, or what the
kernel reads as "no limit", is refused before anything starts.
"""

from dataclasses import replace

from earmark.errors import ConfigError
from earmark.records import Limits

LEAST_MEMORY_BYTES = 64 * 1024**2  # an interpreter by itself
# The least of each limit; a tmpfs takes 0 for "no limit".
LEAST = {
    "cpu_seconds": 1,
    "memory_bytes": LEAST_MEMORY_BYTES,
    "file_bytes": 1,
    "scratch_bytes": 4096,
    "scratch_inodes": 2,
    "output_bytes": 2,
    "max_channels": 1,
    "min_rate_hz": 1,
}
ORDERED = (
    ("min_rate_hz", "sample_rate_hz"),
    ("sample_rate_hz", "max_rate_hz"),
    ("min_seconds", "max_seconds"),
)


def settled(limits: Limits) -> Limits:
    """The same contract, its list of packages a tuple whatever a configuration made of it. Raises ConfigError."""
    for name, least in LEAST.items():
        _require(limits, name, getattr(limits, name) >= least, f"must be at least {least}")
    _require(
        limits,
        "wall_seconds",
        0 < limits.wall_seconds < float("inf"),
        "must be more than 0 and finite",
    )
    _require(limits, "min_seconds", limits.min_seconds >= 0, "must not be negative")
    plain = limits.file_name not in {"", ".", ".."} and not set(limits.file_name) & {"/", "\0"}
    _require(limits, "file_name", plain, "must be the plain name of a file in the current folder")
    for low, high in ORDERED:
        most = getattr(limits, high)
        _require(
            limits,
            low,
            getattr(limits, low) <= most,
            f"must be at most sandbox.limits.{high}={most}",
        )
    return replace(limits, packages=tuple(limits.packages))


def _require(limits: Limits, name: str, holds: bool, rule: str) -> None:
    if not holds:
        raise ConfigError(
            f"sandbox.limits.{name}: {rule}, is {getattr(limits, name)!r}; change it or leave it as it is by default"
        )
