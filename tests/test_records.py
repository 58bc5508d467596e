"""Records travel to JSON and back unchanged; a value that does not fit is refused by name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from earmark.records import FAILURES, Attempt, Cell, Execution, FailureKind, Task, dump, load

finite = st.floats(allow_nan=False, allow_infinity=False)
plain = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | finite | st.text() | st.lists(finite))
st.register_type_strategy(float, finite)
tasks = st.builds(Task, spec=plain)
attempts = st.builds(Attempt, task=tasks)
cells = st.builds(Cell, config=plain, attempts=st.lists(attempts, max_size=2).map(tuple))


@given(attempts)
def test_attempt_survives_json(attempt: Attempt) -> None:
    assert load(Attempt, json.loads(json.dumps(dump(attempt)))) == attempt


@given(cells)
def test_cell_survives_json(cell: Cell) -> None:
    assert load(Cell, json.loads(json.dumps(dump(cell)))) == cell


def test_unknown_end_is_refused() -> None:
    with pytest.raises(ValidationError, match="ended"):
        load(Execution, {"ended": "vanished"})


def test_failure_kinds_are_a_partition() -> None:
    listed = [kind for kinds in FAILURES.values() for kind in kinds]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(FailureKind.__args__)  # type: ignore[attr-defined]  # Literal's members have no typed accessor
