"""Records travel to JSON and back unchanged; a value that does not fit is refused by name."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from earmark.config.schema import (
    Component,
    ModelConfig,
    RunConfig,
    SandboxConfig,
    StrategyConfig,
    TierConfig,
    TrackingConfig,
)
from earmark.records import FAILURES, Attempt, Execution, FailureKind, Run, Task, dump, load

finite = st.floats(allow_nan=False, allow_infinity=False)
plain = st.dictionaries(
    st.text(), st.none() | st.booleans() | st.integers() | finite | st.text() | st.lists(finite)
)
st.register_type_strategy(float, finite)
tasks = st.builds(Task, spec=plain)
attempts = st.builds(Attempt, task=tasks)
for kind in (Component, ModelConfig, StrategyConfig, SandboxConfig, TrackingConfig):
    st.register_type_strategy(kind, st.builds(kind, settings=plain))
tiers = st.builds(TierConfig, tasks=st.lists(plain, max_size=2).map(tuple))
configs = st.builds(RunConfig, tier=tiers)
runs = st.builds(Run, config=configs, attempts=st.lists(attempts, max_size=2).map(tuple))


@given(attempts)
def test_attempt_survives_json(attempt: Attempt) -> None:
    assert load(Attempt, json.loads(json.dumps(dump(attempt)))) == attempt


@given(runs)
def test_run_survives_json(run: Run) -> None:
    assert load(Run, json.loads(json.dumps(dump(run)))) == run


def test_unknown_end_is_refused() -> None:
    with pytest.raises(ValidationError, match="end"):
        load(Execution, {"end": "vanished"})


def test_failure_kinds_are_a_partition() -> None:
    listed = [kind for kinds in FAILURES.values() for kind in kinds]
    assert len(listed) == len(set(listed))
    assert set(listed) == {kind for stage in get_args(FailureKind) for kind in get_args(stage)}
