"""What a number depends on besides the weights: library versions, the kind of processor."""

import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from earmark.identity import digest


def versions(names: Iterable[str]) -> dict[str, str]:
    """The installed version of each distribution."""
    return {name: _version(name) for name in names}


@cache
def machine() -> str:
    """The kind of processor: libraries choose their arithmetic by its vector instructions."""
    vectors = np.show_config(mode="dicts")["SIMD Extensions"]
    return f"{platform.system()} {platform.machine()} {digest(vectors)[:8]}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
