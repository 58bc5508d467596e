"""Which swept setting moves the score: main effects and two-way interactions.

Conventions: `settings` holds, for each run, its value of every swept setting. An effect is a
matched contrast: runs that agree in everything but the setting are compared with each other, and
these differences are averaged, so that a grid with holes is not confounded. Rows are weights over
runs, to be tested by `comparisons.compare` (one family per kind of effect).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Settings = Mapping[str, str]
Rest = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """One contrast over runs: `high` against `low` of `setting`; for an interaction, how it differs
    between values of another.
    """

    setting: str
    high: str
    low: str
    weights: tuple[float, ...]
    pairs: int
    within: tuple[str, str, str] | None = None

    @property
    def label(self) -> str:
        """Such as `strategy: few_shot − zero_shot`, with `, more at temperature 0 than at 1` for an
        interaction.
        """
        text = f"{self.setting}: {self.high} − {self.low}"
        if self.within is None:
            return text
        other, first, second = self.within
        return f"{text}, more at {other} {first} than at {second}"

    def turned(self) -> "Effect":
        """The same contrast from the other side: `low` against `high`."""
        weights = tuple(-weight for weight in self.weights)
        return replace(self, high=self.low, low=self.high, weights=weights)


def main_effects(settings: Sequence[Settings]) -> list[Effect]:
    """Every pair of values of every setting that runs differ in, where matched runs exist."""
    effects = []
    for setting in _varying(settings):
        groups = _matched(settings, setting)
        for high, low in combinations(_values(settings, setting), 2):
            matches = [(by[high], by[low]) for by in groups.values() if high in by and low in by]
            if matches:
                weights = _weights(matches, len(settings))
                effects.append(Effect(setting, high, low, weights, len(matches)))
    return effects


def interactions(settings: Sequence[Settings]) -> list[Effect]:
    """Every difference of two differences that four matched runs show."""
    effects = []
    for setting, other in combinations(_varying(settings), 2):
        groups = _matched(settings, setting, other)
        for high, low in combinations(_values(settings, setting), 2):
            for first, second in combinations(_values(settings, other), 2):
                corners = [(high, first), (low, first), (high, second), (low, second)]
                squares = [by for by in groups.values() if by.keys() >= set(corners)]
                if squares:
                    weights = np.zeros(len(settings))
                    for by in squares:
                        signs = (1.0, -1.0, -1.0, 1.0)
                        for corner, sign in zip(corners, signs, strict=True):
                            weights[by[corner]] += sign / len(squares)
                    within = (other, first, second)
                    effects.append(Effect(setting, high, low, tuple(weights), len(squares), within))
    return effects


def contrasts(effects: Sequence[Effect]) -> Floats:
    """(K, R) weights for `comparisons.compare`."""
    return np.array([effect.weights for effect in effects], float)


def _varying(settings: Sequence[Settings]) -> list[str]:
    names = settings[0].keys() if settings else ()
    return [name for name in names if len(_values(settings, name)) > 1]


def _values(settings: Sequence[Settings], setting: str) -> list[str]:
    return list(dict.fromkeys(one[setting] for one in settings))


def _matched(settings: Sequence[Settings], *turned: str) -> dict[Rest, dict[object, int]]:
    """Runs that agree in all other settings, each group by its value of the turned one (or of the
    turned two).
    """
    groups: dict[Rest, dict[object, int]] = defaultdict(dict)
    for run, one in enumerate(settings):
        rest = tuple((name, value) for name, value in one.items() if name not in turned)
        key = tuple(one[name] for name in turned)
        groups[rest][key[0] if len(key) == 1 else key] = run
    return groups


def _weights(matches: Sequence[tuple[int, int]], runs: int) -> tuple[float, ...]:
    weights = np.zeros(runs)
    for high, low in matches:
        weights[high] += 1 / len(matches)
        weights[low] -= 1 / len(matches)
    return tuple(weights)
