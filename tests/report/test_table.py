from dataclasses import replace
from pathlib import Path

import pytest

from earmark.errors import HarnessError
from earmark.report import load_results, print_table, render_markdown, render_text, tables
from earmark.report.media import link_to
from earmark.report.page import page_data
from earmark.storage.run_folder import FORMAT
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import as_baseline, make_sweep
from earmark.tracking.run_note import run_note


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    return make_sweep(tmp_path, tiers=("notes", "speech"))


def test_one_table_per_tier_best_first(folder: SweepFolder) -> None:
    found = tables(load_results(folder))
    scored_by = "scored by yamnet_minilm (stand-in); no FAD: 3 clips are too few for a distance"
    assert [table.title for table in found] == [f"notes, {scored_by}", f"speech, {scored_by}"]
    for table in found:
        order = [float(row[table.heads.index("floored")].split()[0]) for row in table.rows]
        assert order == sorted(order, reverse=True)


def test_the_table_says_the_folders_numbers(folder: SweepFolder) -> None:
    shown = {
        (table.title.split(",")[0], row[1]): row[table.heads.index("yamnet_minilm (stand-in)")]
        for table in tables(load_results(folder))
        for row in table.rows
    }
    for one in folder.runs():
        run = one.run()
        text = shown[run.config.tier.name, run.config.model.name]
        assert float(text) == pytest.approx(run.scores["yamnet_minilm"], abs=0.0005)


def test_what_is_not_known_is_a_dash_and_baselines_are_named(folder: SweepFolder) -> None:
    one = folder.runs()[0]
    run = one.run()
    one.save_run(replace(run, scores={"valid_rate": 0.0}, config=as_baseline(run)))
    last = tables(load_results(folder))[0].rows[-1]
    assert last == ("–", "drawn-a (baseline)", "zero_shot", "0", "–", "–", "0%", "–", "–")


def test_a_distance_scored_by_a_stand_in_or_to_rendered_clips_says_so(folder: SweepFolder) -> None:
    for one in folder.runs():
        run = one.run()
        facts = replace(run.facts, fad_stand_in=True, reference="rendered here, no recordings, n=3")
        scores = {"fad": 1.0, "fad_null": 0.5, "fad_n": 12.0, "fad_n_reference": 24.0}
        one.save_run(replace(run, scores={**run.scores, **scores}, facts=facts))
    for table in tables(load_results(folder)):
        assert "FAD (stand-in) n=12" in table.heads
        assert "rendered here, no recordings" in table.title
    for group in page_data(
        "t", [(one, one.run()) for one in folder.runs()], clip_uri=link_to(folder.path)
    )["groups"]:
        assert group["fad"] == ["FAD (stand-in) n=12"]
        assert group["fad_note"] == "FAD against rendered here, no recordings, n=3"
    assert "FAD (stand-in)" in run_note(folder.runs()[0].run())


def test_a_damaged_summary_is_one_line_that_names_the_file(folder: SweepFolder) -> None:
    (folder.runs()[0].path / "run.json").write_text(
        f'{{"format": {FORMAT}, "key": 1}}', encoding="utf-8"
    )
    with pytest.raises(
        HarnessError, match=r"run\.json: is not a Run of this version .* delete it and start again"
    ):
        tables(load_results(folder))


def test_without_a_terminal_the_lines_are_plain(
    folder: SweepFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    print_table(load_results(folder))
    out = capsys.readouterr().out
    assert out == render_text(load_results(folder)) + "\n"
    assert "\x1b" not in out


def test_markdown_has_a_row_per_run(folder: SweepFolder) -> None:
    assert render_markdown(tables(load_results(folder))).count(" | drawn-") == 4


def test_a_sweep_without_runs_says_so(tmp_path: Path) -> None:
    assert render_text(load_results(SweepFolder(tmp_path / "none"))) == "none: no finished run yet"


def test_runs_that_differ_by_a_swept_setting_alone_do_not_look_alike(folder: SweepFolder) -> None:
    for shots, one in enumerate(folder.runs()):
        one.save_run(
            replace(one.run(), facts=replace(one.run().facts, swept={"shots": str(shots)}))
        )
    strategies = [row[2] for table in tables(load_results(folder)) for row in table.rows]
    assert sorted(strategies) == [f"zero_shot shots={shots}" for shots in range(len(folder.runs()))]
