"""Laws of what an episode counts as: the picked attempt, failures at the floor."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.analysis.scores import floored_mean, mean_score, picked_attempts, scores
from earmark.analysis.summary import summarise
from earmark.config.build import build
from earmark.config.compose import compose
from earmark.records import Attempt, Clip, Failure, Message, Request, Run, Sampling, Task
from earmark.report import load_results, tables
from earmark.report.export import attempt_rows
from earmark.report.media import link_to
from earmark.report.page import page_data
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.strategies import Strategy
from earmark.testing.sweeps import FLOOR, HEADLINE, LastValid, config, make_sweep
from earmark.tracking import run_content

CLIP = Clip("out.wav", 44100, 1, 44100, 1.0, 0.5, 0.1, 0.0, 0.0, "00")
SCORES = st.floats(-1, 1)
# Each episode: the score of its clip and whether it failed instead.
EPISODES = st.lists(st.tuples(SCORES, st.booleans()), min_size=1, max_size=12)


def episode(number: int, score: float, *, failed: bool) -> Attempt:
    task = Task(f"t{number // 2}", "notes", "c", "p", 1.0)
    request = Request(task.id, 1.0, number % 2, 0, (), Sampling())
    one = Attempt(f"k{number}", "c", task, number % 2, 0, request)
    if failed:
        return replace(one, failure=Failure("execute", "timeout", "30 s are over"))
    return replace(one, clip=CLIP, scores={"clap": score})


def floored(episodes: Sequence[tuple[float, bool]], floor: float) -> float:
    attempts = [
        episode(number, score, failed=failed) for number, (score, failed) in enumerate(episodes)
    ]
    run = Run("k", "s", config(), tuple(attempts))
    run = summarise(run, strategy=LastValid(), headline="clap", floor=floor, set_metrics=())
    mean = floored_mean(run, "clap")
    assert mean is not None
    assert mean.value == run.scores["clap_floored"]
    assert mean.standard_error == run.scores.get("clap_floored_se")
    return mean.value


@given(EPISODES, SCORES, st.data())
def test_making_one_more_clip_valid_never_lowers_the_mean(
    episodes: list[tuple[float, bool]], floor: float, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(episodes) - 1))
    score, _ = episodes[at]
    before = [*episodes[:at], (score, True), *episodes[at + 1 :]]
    after = [*episodes[:at], (score, False), *episodes[at + 1 :]]
    assert floored(after, floor) >= floored(before, floor)


@given(EPISODES, SCORES)
def test_a_floored_mean_is_never_below_the_floor(
    episodes: list[tuple[float, bool]], floor: float
) -> None:
    assert floored(episodes, floor) >= floor - 1e-12


def test_without_a_floor_failures_are_left_out_and_scores_stay_as_they_are() -> None:
    attempts = (episode(0, -0.5, failed=False), episode(1, 0.0, failed=True))
    run = Run("k", "s", config(), attempts, picked=("k0", "k1"))
    assert scores(run, "clap") == {("t0", 0): -0.5}
    assert scores(run, "clap", floor=0.1) == {("t0", 0): 0.1, ("t0", 1): 0.1}


@dataclass(frozen=True)
class FirstOfAll:
    """A strategy of a user: the first attempt counts, valid or not."""

    def render(self, task: Task, history: Sequence[Attempt]) -> tuple[Message, ...] | None:
        return None

    def pick(self, history: Sequence[Attempt]) -> Attempt:
        return history[0]


def best_of_n() -> Strategy:
    settings = compose(["strategy=best_of_n", f"strategy.metric={HEADLINE}"])
    strategy: Strategy = build(settings.strategy)
    return strategy


def repicked(folder: SweepFolder, strategy: Strategy) -> list[tuple[RunFolder, Run]]:
    """The sweep's runs with three valid turns in every episode, picked by `strategy`."""
    runs = []
    for run_folder in folder.runs():
        run = run_folder.run()
        for one in [one for one in run.attempts if one.valid]:
            for turn, score in enumerate([0.1, 0.7, 0.3]):
                key = f"{one.key}-{turn}"
                run_folder.save_attempt(replace(one, key=key, turn=turn, scores={HEADLINE: score}))
        run = replace(run, attempts=tuple(run_folder.attempts()))
        run = summarise(run, strategy=strategy, headline=HEADLINE, floor=FLOOR, set_metrics=())
        run_folder.save_run(run)
        runs.append((run_folder, run))
    return runs


@pytest.mark.parametrize(
    ("strategy", "mean"),
    [(FirstOfAll(), 0.1), (best_of_n(), 0.7), (LastValid(), 0.3)],
    ids=["own", "best_of_n", "last_valid"],
)
def test_a_strategys_own_pick_gives_the_same_mean_everywhere(
    strategy: Strategy, mean: float, tmp_path: Path
) -> None:
    folder = make_sweep(tmp_path, tasks=1)
    runs = repicked(folder, strategy)
    for _, run in runs:
        assert {one.scores[HEADLINE] for one in picked_attempts(run).values()} == {mean}
        found = mean_score(run, HEADLINE)
        assert found is not None
        assert found.value == pytest.approx(mean)
        assert run_content.metrics(run)[HEADLINE] == pytest.approx(mean)
        rows = run_content.attempts_table(run)
        picked, score = (rows["columns"].index(name) for name in ("picked", HEADLINE))
        assert [row[score] for row in rows["data"] if row[picked]] == [mean]
    [table] = tables(load_results(folder))
    assert {row[table.heads.index("floored")] for row in table.rows} == {f"{mean:.3f}"}
    [group] = page_data("t", runs, clip_uri=link_to(folder.path))["groups"]
    assert [one["score"] for one in group["runs"]] == pytest.approx([mean, mean])
    assert [one["mean"] for one in group["runs"]] == pytest.approx([mean, mean])
    exported = [row for row in attempt_rows(folder) if row["picked"]]
    assert [row[f"score_{HEADLINE}"] for row in exported] == [mean, mean]
