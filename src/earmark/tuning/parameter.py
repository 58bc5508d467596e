"""One parameter of a space: its values, as data, and what a sampler may propose of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from earmark.errors import ConfigError

if TYPE_CHECKING:
    from optuna import Trial

Value = str | int | float | bool
Point = Mapping[str, Value]
SPREAD = 21  # values of a long range that a local search looks at


@dataclass(frozen=True, slots=True)
class Parameter:
    """One setting: its `values`, or a range from `low` to `high` where there are none.

    `when` holds, for earlier parameters, the values under which this one exists.
    """

    name: str
    values: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float | None = None
    log: bool = False
    when: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    def exists(self, point: Point) -> bool:
        """Whether the parameter exists with these values."""
        return all(point.get(name) in values for name, values in self.when.items())

    def holds(self, value: object) -> bool:
        """Whether a value can be suggested."""
        if self.values:
            return any(value == one and type(value) is type(one) for one in self.values)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if not self.low <= value <= self.high or (self.whole and value != int(value)):
            return False
        steps = (value - self.low) / self.step if self.step else 0
        return abs(steps - round(steps)) < 1e-6

    def suggest(self, trial: "Trial") -> Value:
        """What the study's sampler proposes."""
        if self.values:
            chosen = trial.suggest_categorical(self.name, self.values)
            return self.values[self.values.index(chosen)]
        if self.whole:
            step = int(self.step or 1)
            low, high = int(self.low), int(self.high)
            return trial.suggest_int(self.name, low, high, step=step, log=self.log)
        value = trial.suggest_float(self.name, self.low, self.high, step=self.step, log=self.log)
        return round(value, 10)  # 0.1 steps are not exact in binary: 0.30000000000000004

    def listed(self) -> tuple[Value, ...]:
        """Every value. ConfigError for a range without a step."""
        if self.values:
            return self.values
        if self.whole:
            return tuple(range(int(self.low), int(self.high) + 1, int(self.step or 1)))
        if self.step is None:
            hint = f"set {self.name}: {{from: {self.low}, to: {self.high}, step: 0.1}}"
            raise ConfigError(f"sampler=grid: {self.name} is a range without a step; {hint}")
        count = int((self.high - self.low) / self.step + 1e-9) + 1
        return tuple(round(self.low + at * self.step, 10) for at in range(count))

    def spread(self) -> tuple[Value, ...]:
        """Its values; of a range with more than SPREAD of them, so many from end to end."""
        if self.values:
            return self.values
        stepped = self.whole or self.step is not None
        if stepped and (self.high - self.low) / (self.step or 1) < SPREAD:
            return self.listed()
        shares = [at / (SPREAD - 1) for at in range(SPREAD)]
        return tuple(dict.fromkeys(map(self._at, shares)))

    @property
    def ordered(self) -> bool:
        """Whether its values are numbers."""
        return not any(isinstance(one, str | bool) for one in self.values)

    def share(self, value: float) -> float:
        """Where a number stands between the lowest, 0, and the highest, 1."""
        numbers = [float(one) for one in self.values] or [self.low, self.high]
        low, high = min(numbers), max(numbers)
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return (value - low) / (high - low) if high > low else 0.5

    def ends(self) -> tuple[Value, ...]:
        """Its values, or the two ends of its range: what is composed to see whether it fits."""
        if self.values:
            return self.values
        return (int(self.low), int(self.high)) if self.whole else (self.low, self.high)

    def _at(self, share: float) -> Value:
        """The number of a range that stands at this share of it."""
        if self.log:
            value = self.low * (self.high / self.low) ** share
        else:
            value = self.low + share * (self.high - self.low)
        step = 1 if self.whole and self.step is None else self.step
        if step is not None:
            value = round(self.low + round((value - self.low) / step) * step, 10)
        return int(value) if self.whole else min(max(value, self.low), self.high)

    @property
    def whole(self) -> bool:
        """Whether its range is one of whole numbers."""
        numbers = (self.low, self.high, self.step or 1)
        return all(isinstance(number, int) for number in numbers)
