"""A choice of a group is composed by itself, and is what the whole would have been."""

import pytest

from earmark.config.compose import choices, compose, compose_choice, compose_groups


@pytest.mark.parametrize("group", ["model", "embedder"])
def test_a_choice_by_itself_is_what_all_composed_together_are(group: str) -> None:
    groups = compose_groups([])
    for name in choices(group):
        assert compose_choice(groups, group, name) == compose([f"{group}={name}"])
