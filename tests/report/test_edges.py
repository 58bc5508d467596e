"""Whatever is missing, every analysis, table, page and report has a stated answer: no crash, no NaN
in the text, and no run is called best where nothing can tell.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earmark.analysis.conclusion import conclude
from earmark.analysis.gate import gate, overall
from earmark.analysis.ranking import ranking
from earmark.analysis.summary import summarise
from earmark.analysis.technique import alikeness
from earmark.errors import EarmarkError
from earmark.records import Attempt, Run
from earmark.report.figures import Figure, write_figure
from earmark.report.page import linked_page
from earmark.report.report import render_latex, render_report_markdown
from earmark.report.results import Results
from earmark.report.sections import sections
from earmark.report.spending import Shared
from earmark.report.table import render_text, summary_tables
from earmark.report.verdict import brief_lines, verdict_lines
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.testing.sweeps import FLOOR, HEADLINE, LastValid
from tests.analysis.known import known_run

NOT_A_NUMBER = re.compile(r"\b(?:nan|inf)\b|\b1 (?:runs|tasks|samples|votes|attempts)\b", re.I)


@dataclass(frozen=True)
class Shape:
    """One run of an edge sweep: what it lacks."""

    mean: float
    valid: float
    samples: int
    checks: float | None
    unscored: bool
    lost_tasks: int
    lost_floor: bool


def shapes() -> st.SearchStrategy[Shape]:
    return st.builds(
        Shape,
        mean=st.sampled_from([0.0, 0.3, 0.9]),
        valid=st.sampled_from([0.0, 0.5, 1.0]),
        samples=st.sampled_from([1, 2]),
        checks=st.sampled_from([None, 0.0, 0.5, 1.0]),
        unscored=st.booleans(),
        lost_tasks=st.sampled_from([0, 0, 1, 99]),
        lost_floor=st.booleans(),
    )


def made(at: int, shape: Shape, *, tasks: int, tier: str, chance: float) -> Run:
    run = known_run(
        f"m{at}",
        tier=tier,
        mean=shape.mean,
        valid=shape.valid,
        samples=shape.samples,
        checks=shape.checks,
        tasks=tasks,
        chance=chance,
        stand_in=True,
    )
    attempts = run.attempts[: max(0, len(run.attempts) - shape.lost_tasks * shape.samples)]
    if shape.unscored:
        attempts = tuple(without_score(one) for one in attempts)
    run = replace(run, attempts=attempts)
    floor = None if shape.lost_floor else FLOOR
    return summarise(run, strategy=LastValid(), headline=HEADLINE, floor=floor, set_metrics=())


def without_score(one: Attempt) -> Attempt:
    scores = {name: value for name, value in one.scores.items() if name != HEADLINE}
    return replace(one, scores=scores, unscored={HEADLINE: "no weights"})


def texts_of(runs: list[Run]) -> list[str]:
    """Everything that a person reads of these runs."""
    conclusion = conclude("edges", runs, {})
    folder = SweepFolder(Path("/nowhere/multirun/edges"))
    pairs = tuple((RunFolder(folder.path / run.key), run) for run in runs)
    results = Results(folder, pairs, conclusion, Shared())
    shown = sections(results, {run.key: alikeness(run) for run in runs})
    texts = [*verdict_lines(conclusion), *brief_lines(conclusion), render_text(results)]
    texts += [render_report_markdown("edges", shown), render_latex(shown)]
    texts += [row for table in summary_tables(runs) for row in map(str, table.rows)]
    if runs:
        linked_page(folder, pairs, conclusion)
    return texts


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    given_shapes=st.lists(shapes(), min_size=0, max_size=4),
    tasks=st.sampled_from([1, 2, 3, 5, 6, 8]),
    tiers=st.sampled_from([("notes",), ("notes", "speech")]),
    chance=st.sampled_from([0.0, 0.05]),
)
def test_every_sweep_has_a_stated_answer(
    given_shapes: list[Shape], tasks: int, tiers: tuple[str, ...], chance: float
) -> None:
    runs = [
        made(at, shape, tasks=tasks, tier=tier, chance=chance)
        for tier in tiers
        for at, shape in enumerate(given_shapes)
    ]
    for text in texts_of(runs):
        assert text
        assert not NOT_A_NUMBER.search(text), text
    for tier in conclude("edges", runs, {}).tiers:
        by = tier.by_primary_metric
        if by.reason is not None:
            assert by.reason.startswith("cannot tell: "), by.reason
            assert not by.pairs
        assert len(by.scored) < 2 or tasks >= 6 or len(by.best) == len(by.scored)
    half = len(runs) // 2
    if {run.config.tier.name for run in runs[:half]} & {
        run.config.tier.name for run in runs[half:]
    }:
        gates = gate(runs[:half], runs[half:], margin=0.03)
        assert overall(gates) in ("worse", "not worse", "cannot tell")
        assert not any(NOT_A_NUMBER.search(one.sentence) for one in gates)


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([], "cannot tell: no finished run yet"),
        ([known_run("a", tasks=1, samples=1)], "one run only"),
        ([known_run("a", tasks=1), known_run("b", tasks=1)], "cannot tell: 1 task that all runs"),
        ([known_run("a", valid=0.0), known_run("b", valid=0.0)], "no run has a valid clip"),
        ([replace(known_run("a"), attempts=())], "cannot tell: no run has a score (no attempts)"),
    ],
    ids=["none", "one", "one task", "all invalid", "no attempts"],
)
def test_the_answer_says_what_is_missing(runs: list[Run], said: str, tmp_path: Path) -> None:
    assert any(said in text for text in texts_of(runs))
    results = Results(SweepFolder(tmp_path), (), conclude("edges", runs, {}), Shared())
    for section in sections(results, {}):
        for block in section.blocks:
            if isinstance(block, Figure):
                assert "<svg" in write_figure(block, tmp_path)


def test_runs_of_different_tasks_are_refused_with_the_reason() -> None:
    fewer = known_run("b")
    fewer = replace(fewer, attempts=tuple(one for one in fewer.attempts if one.task.id != "task1"))
    [line] = verdict_lines(conclude("edges", [known_run("a"), fewer], {}))
    assert "runs must have asked the same tasks" in line
    with pytest.raises(EarmarkError, match="must have asked the same tasks"):
        ranking([known_run("a"), fewer], HEADLINE)
