"""The space of a search: its parameters, as data, and the points that they make.

A parameter is a list of values, or a range {from, to, step, log}; `when` names the values of
earlier parameters under which it exists. A point gives a value to every parameter that exists
there, as the words of a command line do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from earmark.errors import ConfigError
from earmark.tuning.parameter import Parameter, Point, Value

if TYPE_CHECKING:
    from optuna import Trial

KEYS = {"values", "from", "to", "step", "log", "when"}
MAX_POINTS = 100_000  # a grid that is larger is not counted
# What every trial must share, or trials could not be compared.
SHARED = (
    *("tier", "samples", "seed", "embedder", "fad_embedder", "metric", "reference", "baselines"),
    *("tracking", "name", "cache", "cassette", "budget_usd", "replay", "dry_run", "concurrency"),
)


@dataclass(frozen=True, slots=True)
class Space:
    """Parameters in the order in which they are suggested."""

    parameters: tuple[Parameter, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The settings that are searched."""
        return tuple(one.name for one in self.parameters)

    def suggest(self, trial: "Trial") -> dict[str, Value]:
        """The point of a trial."""
        point: dict[str, Value] = {}
        for one in self.parameters:
            if one.exists(point):
                point[one.name] = one.suggest(trial)
        return point

    def points(self) -> Iterator[dict[str, Value]]:
        """Every point. ConfigError for a range without a step."""
        yield from self._points(0, {})

    def size(self, most: int = MAX_POINTS) -> int | None:
        """How many points there are, counted as far as `most`; None for a range without a step."""
        if any(not one.values and one.step is None and not one.whole for one in self.parameters):
            return None
        return sum(1 for _ in islice(self.points(), most))

    def default(self, setting: Callable[[str], object]) -> dict[str, Value]:
        """The point of the settings as they are, as far as the space holds them."""
        point: dict[str, Value] = {}
        for one in self.parameters:
            value = setting(one.name)
            known = value is None or isinstance(value, str | int | float | bool | list)
            if known and one.exists(point) and one.holds(_value(value)):
                point[one.name] = _value(value)
        return point

    def neighbours(self, point: Point) -> Iterator[dict[str, Value]]:
        """The points that differ in one setting, and in the settings that it brings or takes."""
        for one in self.parameters:
            if one.name in point:
                for value in one.spread():
                    if value != point[one.name]:
                        yield self._completed({**point, one.name: value})

    def _completed(self, wanted: Point) -> dict[str, Value]:
        """A point with the wanted values, and the middle of what else exists there."""
        point: dict[str, Value] = {}
        for one in self.parameters:
            if one.exists(point):
                middle = one.spread()[len(one.spread()) // 2]
                point[one.name] = wanted.get(one.name, middle)
        return point

    def cover(self) -> list[dict[str, Value]]:
        """Few points that hold every value, and both ends of every range."""
        missing = {one.name: list(one.ends()) for one in self.parameters}
        points = []
        for one in self.parameters:
            while missing[one.name]:
                wanted = self._conditions(one) | {one.name: missing[one.name][0]}
                points.append(self._point_with(wanted, missing))
        return points

    def _conditions(self, one: Parameter) -> dict[str, Value]:
        """The first values under which a parameter exists."""
        wanted: dict[str, Value] = {}
        by_name = {other.name: other for other in self.parameters}
        for name, values in one.when.items():
            wanted |= self._conditions(by_name[name]) | {name: values[0]}
        return wanted

    def _point_with(
        self, wanted: Mapping[str, Value], missing: Mapping[str, list[Value]]
    ) -> dict[str, Value]:
        """A point with the wanted values, and elsewhere with such as are still missing."""
        point: dict[str, Value] = {}
        for one in self.parameters:
            if one.exists(point):
                left = missing[one.name] or one.ends()
                value = wanted.get(one.name, left[0])
                point[one.name] = value
                if value in missing[one.name]:
                    missing[one.name].remove(value)
        return point

    def _points(self, at: int, point: dict[str, Value]) -> Iterator[dict[str, Value]]:
        if at == len(self.parameters):
            yield point
            return
        one = self.parameters[at]
        if not one.exists(point):
            yield from self._points(at + 1, point)
            return
        for value in one.listed():
            yield from self._points(at + 1, {**point, one.name: value})


def words(point: Point) -> list[str]:
    """The point as words of a command line."""
    return [f"{name}={_text(value)}" for name, value in point.items()]


def read_space(plain: Mapping[str, Any]) -> Space:
    """The space of a file of conf/hparams_search/.

    Raises:
        ConfigError: a parameter that is neither a list nor a range, or a condition on none.
    """
    if not plain:
        raise ConfigError("hparams_search: the space has no parameter; see conf/hparams_search")
    parameters: list[Parameter] = []
    for name, node in plain.items():
        one = _parameter(str(name), node)
        _check_when(one, {earlier.name: earlier for earlier in parameters})
        parameters.append(one)
    return Space(tuple(parameters))


def _parameter(name: str, node: object) -> Parameter:
    if name.partition(".")[0] in SHARED:
        raise ConfigError(f"space {name}: all trials must share it; set it on the command line")
    if isinstance(node, Sequence) and not isinstance(node, str):
        node = {"values": node}
    if not isinstance(node, Mapping):
        hint = "a list of values, or {from: 0, to: 1, step: 0.1}"
        raise ConfigError(f"space {name}: must be {hint}, got {node!r}")
    if unknown := sorted(node.keys() - KEYS):
        known = ", ".join(sorted(KEYS))
        raise ConfigError(f"space {name}: unknown key {unknown[0]!r}; choose from {known}")
    when = {str(key): _conditions(value) for key, value in node.get("when", {}).items()}
    if "values" in node:
        values = tuple(map(_value, node["values"]))
        if not values or len({*map(repr, values)}) < len(values):
            raise ConfigError(f"space {name}: values must be some, each once, got {list(values)}")
        return Parameter(name, values, when=when)
    return _range(name, node, when)


def _range(name: str, node: Mapping[str, Any], when: Mapping[str, tuple[Value, ...]]) -> Parameter:
    numbers = [node.get("from"), node.get("to"), node.get("step", 1)]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
        raise ConfigError(f"space {name}: from, to and step must be numbers, got {dict(node)}")
    low, high, step = numbers
    if not low < high or step <= 0:
        raise ConfigError(f"space {name}: needs from < to and step > 0, got {dict(node)}")
    log = bool(node.get("log", False))
    if log and (low <= 0 or "step" in node):
        raise ConfigError(f"space {name}: log needs from > 0 and no step, got {dict(node)}")
    return Parameter(name, (), low, high, node.get("step"), log, when)


def _check_when(one: Parameter, earlier: Mapping[str, Parameter]) -> None:
    for name, values in one.when.items():
        if name not in earlier:
            known = ", ".join(earlier) or "none"
            rule = f"`when` must name an earlier parameter, got {name!r}"
            raise ConfigError(f"space {one.name}: {rule}; those before it: {known}")
        if wrong := [value for value in values if not earlier[name].holds(value)]:
            rule = f"`when` {name} is {wrong[0]!r}, which {name} never is"
            raise ConfigError(f"space {one.name}: {rule}")


def _conditions(value: object) -> tuple[Value, ...]:
    several = value if isinstance(value, list | tuple) else [value]
    return tuple(map(_value, several))


def _value(value: object) -> Value:
    """A value that Optuna can store: a list as the text that a command line has for it."""
    if isinstance(value, str | int | float | bool):
        return value
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return f"[{','.join(str(item) for item in value)}]"
    raise ConfigError(f"space: a value must be a text, a number, true, false or a list: {value!r}")


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
