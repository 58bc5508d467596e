"""FAD is read at one n with its null floor, in every place, and is no headline anywhere."""

from dataclasses import replace
from pathlib import Path

import pytest

from earmark.analysis.fad_reading import comparable_size, fad_reading, fad_readings
from earmark.analysis.gate import gate
from earmark.analysis.grid import episode_scores
from earmark.cli import main
from earmark.metrics.fad import SIZES
from earmark.records import Run
from earmark.report import load_results, tables
from earmark.report.export import run_rows
from earmark.report.media import link_to
from earmark.report.page import page_data
from earmark.report.report_figures import tier_figures
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.launch import objective
from earmark.testing.sweeps import make_sweep
from earmark.tracking.metric_names import mlflow_metrics
from earmark.tracking.run_note import run_note
from earmark.tracking.views import charts, comparable_fad, state
from tests.analysis.known import known_run


def fads(
    n: int, *, value: float = 4.0, recordings: int = 97, ladder: bool = True
) -> dict[str, float]:
    """What `Fad` leaves of a run with so many clips; all nulls are half of FAD."""
    scores = {"fad": value, "fad_null": value / 2, "fad_ratio": 2.0, "fad_n": float(n)}
    scores |= {"fad_n_reference": float(recordings - n), "fad_width": 1024.0}
    scores["fad_rank_deficient"] = 1.0
    for size in SIZES if ladder else ():
        if size <= n:
            scores |= {f"fad_n{size}": value + 10 / size, f"fad_null_n{size}": value / 2}
    return scores


def scored(run: Run, n: int, *, ladder: bool = True) -> Run:
    return replace(run, scores={**run.scores, **fads(n, ladder=ladder)}, unscored={})


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    """Two runs with FAD of 30 and of 47 clips."""
    made = make_sweep(tmp_path)
    for n, place in zip((30, 47), made.runs(), strict=True):
        place.save_run(scored(place.run(), n))
    return made


def test_equal_n_is_read_at_that_n_and_unequal_n_at_the_largest_that_all_have() -> None:
    one, other = (scored(known_run(name), 30) for name in "ab")
    assert comparable_size([one, other]) == 30
    more = scored(other, 47)
    assert comparable_size([one, more]) == 24
    assert comparable_size([one, known_run("without")]) == 30
    assert comparable_size([known_run("without")]) is None
    [(n, readings)] = fad_readings([one, more]).items()
    assert n == 24
    assert [readings[run.key].value for run in (one, more)] == [4 + 10 / 24] * 2
    assert [readings[run.key].m for run in (one, more)] == [73, 73]


def test_without_a_common_n_each_n_is_apart() -> None:
    runs = [scored(known_run(name), n, ladder=False) for name, n in (("a", 30), ("b", 47))]
    assert comparable_size(runs) is None
    assert [(n, list(one)) for n, one in fad_readings(runs).items()] == [
        (30, [runs[0].key]),
        (47, [runs[1].key]),
    ]


def test_a_reading_says_null_ratio_and_rank() -> None:
    run = scored(known_run("a"), 30)
    reading = fad_reading(run)
    assert reading is not None
    assert reading.text == "4*, 2 × null 2"
    assert fad_reading(run, 48) is None
    narrow = replace(run, scores={**run.scores, "fad_width": 8.0, "fad_rank_deficient": 0.0})
    low = fad_reading(narrow, 12)
    assert low is not None
    assert low.text == "4.83, 2.4 × null 2"
    alike = replace(run, scores={**run.scores, "fad_null": 0.0})
    reading = fad_reading(alike)
    assert reading is not None
    assert reading.text == "4*, null 0"


def test_table_page_and_figure_show_one_n(folder: SweepFolder) -> None:
    results = load_results(folder)
    [table] = tables(results)
    [column] = [at for at, head in enumerate(table.heads) if head.startswith("FAD")]
    assert table.heads[column] == "FAD n=24"
    assert {row[column] for row in table.rows} == {"4.42*, 2.2 × null 2"}
    [group] = page_data("t", results.runs, clip_uri=link_to(folder.path))["groups"]
    assert group["fad"] == ["FAD n=24"]
    assert [run["fad"] for run in group["runs"]] == [["4.42*, 2.2 × null 2"]] * 2
    assert "FAD against drawn, n=3" in group["fad_note"]
    [tier] = results.conclusion.tiers
    [figure] = [one for one in tier_figures(tier, "x") if one.name.startswith("x-fad")]
    assert figure.name == "x-fad-n24"
    assert {row[figure.heads.index("n")] for row in figure.rows} == {24}
    assert {row[figure.heads.index("rank_deficient")] for row in figure.rows} == {True}


def test_where_no_run_has_a_distance_the_reason_stands_in_the_title(tmp_path: Path) -> None:
    [table] = tables(load_results(make_sweep(tmp_path)))
    assert "no FAD: 3 clips are too few for a distance" in table.title
    assert not any(head.startswith("FAD") for head in table.heads)


def test_export_and_mlflow_say_of_how_many_clips(folder: SweepFolder) -> None:
    assert [row["fad_sizes"] for row in run_rows(folder)] == ["n=30 m=67", "n=47 m=50"]
    assert "FAD of 30 clips 4*, 2 × null 2" in run_note(folder.runs()[0].run())
    few, many = mlflow_metrics(fads(30), "clap"), mlflow_metrics(fads(47), "clap")
    unequal = comparable_fad([few, many, {}])
    assert unequal == ["fad/n24", "fad/null_n24"]
    assert comparable_fad([few, few])[:2] == ["fad", "fad_null"]
    bare = mlflow_metrics(fads(30, ladder=False), "clap")
    assert comparable_fad([bare, many]) == comparable_fad([{}]) == []
    columns = state(["clap"], fad=unequal)["selectedColumns"]
    assert "metrics.`fad/n24`" in columns
    assert "metrics.`fad`" not in columns
    kinds = [chart["type"] for chart in charts("clap", fad=unequal, swept=["model"])]
    assert "SCATTER" in kinds
    over_tiers = charts("clap", fad=unequal, swept=["model", "tier"])
    assert "SCATTER" not in [chart["type"] for chart in over_tiers]


def test_a_distance_is_no_headline(
    folder: SweepFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not of the conclusion, the gate, the planner, or a search: it has no tasks to compare by."""
    runs = [place.run() for place in folder.runs()]
    reason = "fad is one number of a whole run: it has no tasks to compare by"
    assert episode_scores(runs[0], "fad") == reason
    [one] = gate(runs[:1], runs[1:], margin=0.1, metric="fad")
    assert one.result == "cannot tell"
    assert reason in one.sentence
    [tier] = load_results(folder).conclusion.tiers
    assert not any(name.startswith("fad") for name in tier.metrics)
    for run in runs:
        assert objective(run) == run.scores["yamnet_minilm_floored"]
        alone = {name: value for name, value in run.scores.items() if name.startswith("fad")}
        assert objective(replace(run, scores=alone)) is None
    monkeypatch.setenv("EARMARK_ROOT", str(folder.path.parents[1]))
    assert main(["plan", folder.name, "--metric", "fad"]) == 1
    assert "unknown metric 'fad'; choose from" in capsys.readouterr().err
