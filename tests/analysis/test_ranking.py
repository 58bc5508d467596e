"""Laws of tables and ranks: what may be compared, and the places that intervals allow."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earmark.analysis.labels import by_pipeline
from earmark.analysis.ranking import ranking
from earmark.errors import ConfigError
from earmark.testing.sweeps import HEADLINE, make_sweep


def test_other_tasks_of_a_tier_have_a_ranking_of_their_own(tmp_path: Path) -> None:
    one = make_sweep(tmp_path).runs()[0].run()
    tiers: tuple[dict[str, Any], ...] = (
        {"limit": None, "split": "all"},
        {},
        {"limit": 8},
        {"split": "tune"},
        {"split": "held-out"},
    )
    runs = [
        replace(one, config=replace(one.config, tier=replace(one.config.tier, **more)))
        for more in tiers
    ]
    assert [len(group) for group in by_pipeline(runs).values()] == [2, 1, 1, 1]


def test_pipelines_are_kept_apart(tmp_path: Path) -> None:
    runs = [folder.run() for folder in make_sweep(tmp_path, tiers=("notes", "speech")).runs()]
    assert sorted(len(group) for group in by_pipeline(runs).values()) == [2, 2]
    with pytest.raises(ConfigError, match=r"2 pipelines .* cannot be ranked together"):
        ranking(runs, HEADLINE)


def test_ranks_are_ranges_that_hold_the_order(tmp_path: Path) -> None:
    folder = make_sweep(tmp_path, models=("a", "b", "c", "d"), tasks=5)
    ranks = ranking([run.run() for run in folder.runs()], HEADLINE)
    assert [one.rank for one in ranks] == [1, 2, 3, 4]
    assert all(one.best_rank <= one.rank <= one.worst_rank for one in ranks)
    means = [one.mean.value for one in ranks if one.mean]
    assert means == sorted(means, reverse=True)
    assert means == [one.run.scores[f"{HEADLINE}_floored"] for one in ranks]


def test_an_unscored_run_comes_last_without_a_mean(tmp_path: Path) -> None:
    runs = [folder.run() for folder in make_sweep(tmp_path, tasks=5).runs()]
    without_floor = replace(runs[0], scores={})
    empty = replace(runs[1], attempts=())
    ranks = ranking([empty, without_floor, replace(runs[0], key="scored")], HEADLINE)
    assert [one.mean is None for one in ranks] == [False, True, True]
    assert all(one.mean is None for one in ranking(runs, "a metric of no run"))
