"""Spaces as data: what they hold, where a setting exists, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from earmark import paths
from earmark.config.choices import choices
from earmark.config.compose import compose
from earmark.config.search import compose_search
from earmark.errors import ConfigError
from earmark.tuning.parameter import Value
from earmark.tuning.space import read_space, words

SPACE: dict[str, Any] = {
    "strategy": ["zero_shot", "repair"],
    "strategy.turns": {"from": 2, "to": 4, "when": {"strategy": "repair"}},
    "temperature": {"from": 0.0, "to": 0.3, "step": 0.1},
    "sandbox.limits.packages": [["numpy"], ["numpy", "scipy"]],
    "strategy.hints": [True, False],
}


def test_a_setting_exists_only_under_its_condition() -> None:
    space = read_space(SPACE)
    points = list(space.points())
    assert len(points) == space.size() == (1 + 3) * 4 * 2 * 2
    assert all(("strategy.turns" in one) == (one["strategy"] == "repair") for one in points)
    assert {one["temperature"] for one in points} == {0.0, 0.1, 0.2, 0.3}


def test_a_point_is_the_words_of_a_command_line() -> None:
    point: dict[str, Value] = {
        "strategy": "repair",
        "strategy.hints": True,
        "sandbox.limits.packages": "[numpy]",
    }
    expected = ["strategy=repair", "strategy.hints=true", "sandbox.limits.packages=[numpy]"]
    assert words(point) == expected


def test_few_points_cover_every_value_and_both_ends() -> None:
    space = read_space(SPACE)
    covered = space.cover()
    assert len(covered) <= 3
    for one in space.parameters:
        seen = {point[one.name] for point in covered if one.name in point}
        assert seen >= set(one.ends())
    assert all(
        one.exists(point) for point in covered for one in space.parameters if one.name in point
    )


def test_the_defaults_are_a_point_as_far_as_the_space_holds_them() -> None:
    space = read_space(SPACE)
    line = {
        "strategy": "zero_shot",
        "temperature": 0.7,
        "strategy.hints": False,
        "strategy.turns": 3,
    }
    default = space.default(lambda name: line.get(name, ["numpy"]))
    assert default == {
        "strategy": "zero_shot",
        "sandbox.limits.packages": "[numpy]",
        "strategy.hints": False,
    }


def test_a_range_without_a_step_cannot_be_listed() -> None:
    space = read_space({"temperature": {"from": 0.0, "to": 1.0}})
    assert space.size() is None
    with pytest.raises(ConfigError, match="temperature is a range without a step"):
        next(space.points())


@pytest.mark.parametrize(
    ("node", "problem"),
    [
        ({}, "the space has no parameter"),
        ({"temperature": 3}, "must be a list of values, or"),
        ({"temperature": {"low": 0, "high": 1}}, "unknown key 'high'"),
        ({"temperature": []}, "values must be some, each once"),
        ({"temperature": [1, 1]}, "values must be some, each once"),
        ({"temperature": {"from": 1, "to": 0}}, "needs from < to"),
        ({"temperature": {"from": "a", "to": 0}}, "must be numbers"),
        ({"temperature": {"from": 0.0, "to": 1.0, "log": True}}, "log needs from > 0"),
        ({"tier": ["notes", "speech"]}, "all trials must share it"),
        (
            {"temperature": {"values": [0], "when": {"strategy": "x"}}},
            "must name an earlier parameter",
        ),
        (
            {"prompt": ["a"], "seed_": {"values": [0], "when": {"prompt": "b"}}},
            "which prompt never is",
        ),
        ({"prompt": [{"a": 1}]}, "a value must be a text"),
    ],
)
def test_a_wrong_space_is_refused(node: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        read_space(node)


@pytest.mark.parametrize("name", choices("hparams_search"))
def test_every_value_of_a_packaged_space_composes(name: str) -> None:
    settings, rest = compose_search([f"hparams_search={name}", "tier=notes"])
    assert rest == ["tier=notes"]
    space = read_space(settings.space)
    for point in space.cover():
        config = compose([*rest, *words(point)])
        for setting, value in point.items():
            assert str(value) in (
                str(config.setting(setting)),
                str(_listed(config.setting(setting))),
            )


def _listed(value: object) -> str:
    return f"[{','.join(value)}]" if isinstance(value, list) else str(value)


def test_every_packaged_sampler_and_pruner_has_its_file() -> None:
    assert choices("sampler") == ["gp", "grid", "nsga2", "random", "tpe"]
    assert choices("pruner") == ["none", "wilcoxon"]
    assert (Path(paths.conf()) / "search.yaml").is_file()
