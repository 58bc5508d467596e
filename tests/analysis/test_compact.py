"""A run without its texts gives the same numbers, in a fraction of the memory."""

import pickle
from array import array
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.analysis.compact import Compactor, Numbers
from earmark.analysis.conclusion import conclude
from earmark.analysis.scores import picked_attempts
from earmark.records import Run
from earmark.report.verdict import verdict_lines
from earmark.testing.sweeps import make_sweep


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """Runs whose programs have features."""
    folder = make_sweep(tmp_path_factory.mktemp("compact"), tasks=8, samples=3)
    return [with_features(one.run()) for one in folder.runs()]


def with_features(run: Run) -> Run:
    attempts = []
    for at, one in enumerate(run.attempts):
        features: dict[str, int | str] = {
            "imports": "numpy",
            "loops": at % 3,
            "lines": 10 + at % 5,
            "cheats": "",
        }
        program = one.program and replace(one.program, features=features)
        attempts.append(replace(one, program=program))
    return replace(run, attempts=tuple(attempts))


def small(run: Run) -> Run:
    return replace(run, attempts=tuple(map(Compactor().small, run.attempts)))


def test_numbers_are_those_of_the_dict_that_they_were() -> None:
    values = {"b": 0.5, "a": -1.0}
    numbers = Numbers({"b": 0, "a": 1}, array("d", values.values()))
    assert numbers == values
    assert values == numbers
    assert list(numbers) == ["b", "a"]
    assert dict(numbers) == values
    assert "a" in numbers
    assert "c" not in numbers
    assert numbers.get("c") is None
    assert pickle.loads(pickle.dumps(numbers)) == values
    with pytest.raises(KeyError, match="c"):
        numbers["c"]


def test_what_counts_is_left_of_every_attempt(runs: list[Run]) -> None:
    for run in runs:
        assert any(one.failure for one in run.attempts)
        for one, kept in zip(run.attempts, small(run).attempts, strict=True):
            assert (kept.key, kept.task, kept.sample, kept.turn) == (
                *(one.key, one.task, one.sample, one.turn),
            )
            assert kept.valid == one.valid
            assert kept.scores == one.scores
            assert (kept.failure is None) == (one.failure is None)
            if kept.failure and one.failure:
                assert kept.failure.kind == one.failure.kind
            assert (kept.program is None) == (one.program is None)
            assert (kept.clip is None) == (one.clip is None)
        assert list(picked_attempts(small(run))) == list(picked_attempts(run))


def test_no_text_is_left(runs: list[Run]) -> None:
    for one in small(runs[0]).attempts:
        assert one.completion is None
        assert one.execution is None
        assert one.request.messages == ()
        assert one.program is None or one.program.source == ""
        assert one.failure is None or one.failure.message == ""
        assert one.clip is None or one.clip.path == Path(one.clip.path).name


def test_what_attempts_have_in_common_is_kept_once(runs: list[Run]) -> None:
    compactor = Compactor()
    first, second = (tuple(map(compactor.small, run.attempts)) for run in runs)
    for one, other in zip(first, second, strict=False):
        if one.task == other.task:
            assert one.task is other.task
    assert first[0].request is compactor.small(runs[1].attempts[0]).request


def test_the_conclusion_is_the_same(runs: list[Run]) -> None:
    whole = conclude("s", runs, {})
    without = conclude("s", list(map(small, runs)), {})
    assert verdict_lines(without) == verdict_lines(whole)
    [tier], [other] = whole.tiers, without.tiers
    assert not isinstance(tier.associations, str)
    assert other.associations == tier.associations
    for one, same in zip(tier.runs, other.runs, strict=True):
        assert (same.floored, same.scored, same.failures, same.repeats) == (
            *(one.floored, one.scored, one.failures, one.repeats),
        )
    for name, metric in tier.metrics.items():
        assert other.metrics[name].pairs == metric.pairs
        assert (other.metrics[name].grid.values == metric.grid.values).all()
