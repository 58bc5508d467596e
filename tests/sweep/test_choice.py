"""A choice of a group is composed by itself, and is what the whole would have been."""

from pathlib import Path

import cloudpickle  # type: ignore[import-untyped]  # it has no types
import pytest

from earmark import paths
from earmark.config import composed_types
from earmark.config.choices import choices, compose_choices
from earmark.config.compose import compose, compose_groups
from earmark.errors import ConfigError


def own_conf(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> None:
    """A folder of the user's own with models: the name of each, and its text."""
    (folder / "model").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "model" / f"{name}.yaml").write_text(text)
    monkeypatch.setenv(paths.OWN_CONF, str(folder))


@pytest.mark.parametrize("group", ["model", "embedder", "fad_embedder"])
def test_a_choice_by_itself_is_what_all_composed_together_are(group: str) -> None:
    composed = compose_choices(compose_groups([]), group)
    assert list(composed) == choices(group)
    for name, config in composed.items():
        assert config() == compose([f"{group}={name}"])


def test_files_that_set_more_than_their_group_are_composed_with_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sine = (paths.conf() / "model" / "sine.yaml").read_text()
    cold = "# @package _global_\ndefaults:\n  - sine@model\n  - _self_\ntemperature: 0\n"
    by_another = f"defaults:\n  - part/none@_global_\n  - _self_\n{sine}"
    (tmp_path / "model" / "part").mkdir(parents=True)
    (tmp_path / "model" / "part" / "none.yaml").write_text("temperature: 0\n")
    for files in ({"my.sine": sine, "cold": cold}, {"by_another": by_another}):
        own_conf(tmp_path, monkeypatch, **files)
        composed = compose_choices(compose_groups([]), "model")
        for name in files:
            assert composed[name]() == compose([f"model={name}"])


def test_a_file_that_cannot_be_composed_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_conf(tmp_path, monkeypatch, broken="name: [")
    composed = compose_choices(compose_groups([]), "model")
    assert composed["sine"]() == compose(["model=sine"])
    with pytest.raises(ConfigError, match=r"broken\.yaml"):
        composed["broken"]()


@pytest.mark.parametrize("name", ["Run", "Sampling", "Concurrency"])
def test_what_a_worker_returns_changes_no_type_of_this_process(name: str) -> None:
    ours = getattr(composed_types, name)
    before = dict(ours.__dataclass_fields__)
    assert cloudpickle.loads(cloudpickle.dumps(ours)) is ours
    assert dict(ours.__dataclass_fields__) == before
    assert compose([]).concurrency.requests == 4
