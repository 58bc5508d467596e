"""Which limits of a program can be enforced."""

from dataclasses import replace

from earmark.errors import ConfigError
from earmark.records import Limits

MIN_MEMORY_BYTES = 64 * 1024**2  # what an interpreter takes by itself
# The least of each limit. 0 is never among them, because a tmpfs reads it as "no limit".
MINIMUMS = {
    "cpu_seconds": 1,
    "memory_bytes": MIN_MEMORY_BYTES,
    "file_bytes": 1,
    "scratch_bytes": 4096,
    "scratch_inodes": 2,
    "output_bytes": 2,
    "max_channels": 1,
    "min_rate_hz": 1,
}
ORDERED_PAIRS = (
    ("min_rate_hz", "sample_rate_hz"),
    ("sample_rate_hz", "max_rate_hz"),
    ("min_seconds", "max_seconds"),
)


def validate_limits(limits: Limits) -> Limits:
    """The same limits, with `packages` as a tuple even where a configuration made a list of it.

    Raises:
        ConfigError: a limit that no isolation could enforce.
    """
    for name, minimum in MINIMUMS.items():
        _require(limits, name, getattr(limits, name) >= minimum, f"must be at least {minimum}")
    finite = 0 < limits.wall_seconds < float("inf")
    _require(limits, "wall_seconds", finite, "must be more than 0 and finite")
    _require(limits, "min_seconds", limits.min_seconds >= 0, "must not be negative")
    plain = limits.file_name not in {"", ".", ".."} and not set(limits.file_name) & {"/", "\0"}
    _require(limits, "file_name", plain, "must be the plain name of a file in the current folder")
    for low, high in ORDERED_PAIRS:
        maximum = getattr(limits, high)
        in_order = getattr(limits, low) <= maximum
        _require(limits, low, in_order, f"must be at most sandbox.limits.{high}={maximum}")
    return replace(limits, packages=tuple(limits.packages))


def _require(limits: Limits, name: str, holds: bool, rule: str) -> None:
    if not holds:
        raise ConfigError(
            f"sandbox.limits.{name} {rule}, got {getattr(limits, name)!r}; "
            "set another value, or leave the default"
        )
