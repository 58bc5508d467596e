"""Mean and covariance of a reference, stored once."""

from pathlib import Path

import numpy as np
import pytest

from earmark.metrics.frechet import Gaussian
from earmark.metrics.stored_gaussian import stored_gaussian

ROWS = np.random.default_rng(0).normal(size=(40, 8))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path))
    return tmp_path


def refuse() -> Gaussian:
    raise AssertionError("must not be fitted a second time")


def test_it_is_read_back_bit_for_bit_and_fitted_once(cache: Path) -> None:
    fitted = stored_gaussian("e 1", ["a", "b"], lambda: Gaussian.of(ROWS))
    read = stored_gaussian("e 1", ["a", "b"], refuse)
    assert np.array_equal(read.mean, fitted.mean)
    assert np.array_equal(read.root, fitted.root)
    assert read.distance(fitted) == Gaussian.of(ROWS).distance(Gaussian.of(ROWS))
    assert len(list((cache / "statistics").iterdir())) == 1


@pytest.mark.parametrize(("embedder_id", "hashes"), [("e 2", ["a", "b"]), ("e 1", ["a", "c"])])
def test_another_pipeline_or_another_file_is_another_set(
    cache: Path, embedder_id: str, hashes: list[str]
) -> None:
    stored_gaussian("e 1", ["a", "b"], lambda: Gaussian.of(ROWS))
    with pytest.raises(AssertionError, match="must not be fitted a second time"):
        stored_gaussian(embedder_id, hashes, refuse)


def test_a_torn_file_is_fitted_again(cache: Path) -> None:
    stored_gaussian("e 1", ["a"], lambda: Gaussian.of(ROWS))
    path = next((cache / "statistics").iterdir())
    path.write_bytes(path.read_bytes()[:100])
    again = stored_gaussian("e 1", ["a"], lambda: Gaussian.of(ROWS))
    assert np.array_equal(again.root, Gaussian.of(ROWS).root)
