"""Several embedders at once: a number for each, and a flag where they put runs in another order."""

from dataclasses import replace
from pathlib import Path

import pytest

from earmark.analysis.stability import Disagreement, disagreements, order_warning
from earmark.config.build import build
from earmark.config.compose import compose
from earmark.errors import ConfigError
from earmark.metrics.panel import Panel
from earmark.records import Run, RunFacts, Task
from earmark.testing.audio import tone, wav16
from earmark.testing.clap import save_checkpoint
from earmark.testing.sweeps import config

NO_FACTS = RunFacts()


def run(name: str, facts: RunFacts = NO_FACTS, **scores: float) -> Run:
    return Run(name, "s", config(model=name, strategy="s"), scores=scores, facts=facts)


PANEL = RunFacts(panel=("clap_music", "clap_general"))


def test_a_pair_that_a_member_orders_otherwise_is_named() -> None:
    runs = [
        run("a", PANEL, clap=0.3, clap_music=0.1, clap_general=0.5),
        run("b", PANEL, clap=0.2, clap_music=0.2, clap_general=0.4),
    ]
    assert (
        disagreements(runs, "clap")
        == disagreements(runs[::-1], "clap")
        == [Disagreement("clap_music", "a notes s t0", "b notes s t0")]
    )
    assert (
        order_warning(runs, "clap")
        == "clap_music would order them otherwise (b notes s t0 above a notes s t0)"
    )


def test_a_wording_may_order_a_pair_otherwise_too() -> None:
    runs = [run("a", clap=0.3, clap_template_0=0.1), run("b", clap=0.2, clap_template_0=0.2)]
    assert [one.by for one in disagreements(runs, "clap")] == ["clap_template_0"]


def test_where_all_agree_or_one_has_no_score_nothing_is_named() -> None:
    agree = [run("a", PANEL, clap=0.3, clap_music=0.3), run("b", PANEL, clap=0.2, clap_music=0.2)]
    assert (
        order_warning(agree, "clap")
        == order_warning([agree[0], run("c", PANEL, clap_music=0.9)], "clap")
        == ""
    )


class Named:
    name, id, standin = "clap", "clap 1", False


def test_each_member_gives_its_own_number(tmp_path: Path) -> None:
    from earmark.audio import read_clip

    folders = {
        "clap_a": save_checkpoint(tmp_path / "a"),
        "clap_b": save_checkpoint(tmp_path / "b", fusion=True),
    }
    (tmp_path / "tone.wav").write_bytes(wav16(tone(seconds=1.0, rate_hz=48000), rate_hz=48000))
    clip = read_clip(tmp_path / "tone.wav")
    component = compose(["metric=panel"]).metric.clip["panel"]
    members = {name: str(folder) for name, folder in folders.items()}
    settings = {**component.settings, "members": members, "cache": str(tmp_path)}
    panel = build(replace(component, settings=settings), embedder=Named())
    scores = panel.score(clip, Task("t", "notes", "a bell", "p", 1.0))
    assert set(scores.values) == {"clap_a", "clap_b"}
    assert scores.values["clap_a"] != scores.values["clap_b"]
    assert panel.id == build(replace(component, settings=settings), embedder=Named()).id
    assert set(panel.members) == {"clap_a", "clap_b"}


@pytest.mark.parametrize(
    ("members", "said"),
    [({}, "must name at least one"), ({"clap": "x"}, "must not have the name of the embedder")],
)
def test_members_that_cannot_be_are_refused(members: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Panel(Named(), members=members)  # type: ignore[arg-type]  # a name is all that is looked at
