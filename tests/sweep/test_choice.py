"""A choice of a group is composed by itself, and is what the whole would have been."""

import cloudpickle  # type: ignore[import-untyped]  # it has no types
import pytest

from earmark.config import composed_types
from earmark.config.compose import choices, compose, compose_choice, compose_groups


@pytest.mark.parametrize("group", ["model", "embedder"])
def test_a_choice_by_itself_is_what_all_composed_together_are(group: str) -> None:
    groups = compose_groups([])
    for name in choices(group):
        assert compose_choice(groups, group, name) == compose([f"{group}={name}"])


@pytest.mark.parametrize("name", ["Run", "Sampling", "Concurrency"])
def test_what_a_worker_returns_changes_no_type_of_this_process(name: str) -> None:
    ours = getattr(composed_types, name)
    before = dict(ours.__dataclass_fields__)
    assert cloudpickle.loads(cloudpickle.dumps(ours)) is ours
    assert dict(ours.__dataclass_fields__) == before
    assert compose([]).concurrency.requests == 4
