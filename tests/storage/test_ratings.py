"""Ratings are kept once for each rater and sound, and what holds none is named."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.errors import HarnessError
from earmark.storage.ratings import FILE, Rating, load_ratings, save_ratings

ONE = Rating("k", "piano_c4", 0, 0, "anna", "quality", 4.0, "mlflow")


def test_ratings_are_kept_and_a_later_one_replaces_its_own(tmp_path: Path) -> None:
    assert load_ratings(tmp_path) == ()
    other = replace(ONE, rater="bert")
    assert save_ratings(tmp_path, [ONE, other]) == 2
    assert save_ratings(tmp_path, [replace(ONE, value=2.0)]) == 2
    assert load_ratings(tmp_path) == (replace(ONE, value=2.0), other)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_rating_that_is_no_number_is_refused(value: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be finite"):
        save_ratings(tmp_path, [replace(ONE, value=value)])
    assert load_ratings(tmp_path) == ()


@pytest.mark.parametrize("stored", [{}, {"ratings": [{"run": "k"}]}, {"ratings": 3}])
def test_a_file_without_ratings_is_named(stored: object, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps(stored))
    with pytest.raises(HarnessError, match=r"ratings\.json: must hold ratings"):
        load_ratings(tmp_path)
