"""A sweep rescored: new runs next to the old, nothing asked, nothing executed, nothing new at the
second call, and what changed is printed.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from earmark.analysis.labels import by_pipeline
from earmark.cli import main
from earmark.config.compose import compose
from earmark.records import Run, RunFacts
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.rescore import rescored_config, rescored_facts
from earmark.testing.sweeps import config
from tests.models.server import ChatServer, fenced
from tests.sweep.conftest import Launch, local_model
from tests.sweep.test_sweep import TONE


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parts
def test_a_sweep_without_scores_is_scored_later(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EARMARK_CACHE")  # the stand-in's class names are read once for all tests
    with ChatServer(fenced(TONE)) as server:
        assert (
            launch(*local_model(server.api_base), "name=deaf", "tracking=none", "tier.limit=2") == 0
        )
        asked = server.requests
        sweep = SweepFolder(root / "multirun" / "deaf")
        (old,) = sweep.runs()
        before = bytes_of(old.path)
        capsys.readouterr()
        assert main(["rescore", "deaf", "--embedder", "yamnet_minilm", "--json"]) == 0
        result = json.loads(capsys.readouterr().out)
        assert server.requests == asked
    (one,) = result["runs"]
    assert one["made"]
    assert (one["from"]["embedder"], one["to"]["embedder"]) == ("none", "yamnet_minilm")
    assert one["from"]["score"] is None
    assert one["gained"]["yamnet_minilm"] == one["to"]["score"]
    assert one["lost"] == {}
    assert result["order"] == [{"tier": "notes", "from": [], "to": [one["run"]]}]
    assert bytes_of(old.path) == before
    new = next(run for run in sweep.runs() if run.path != old.path)
    assert new.run().facts.rescored_from == old.run().key
    assert new.run().facts.stand_in
    assert [a.clip.sha256 for a in new.attempts() if a.clip] == [
        a.clip.sha256 for a in old.attempts() if a.clip
    ]
    assert len(by_pipeline(run.run() for run in sweep.runs())) == 2
    whole = bytes_of(new.path)
    assert main(["rescore", "deaf", "--embedder", "yamnet_minilm"]) == 0
    assert "was there already" in capsys.readouterr().out
    assert bytes_of(new.path) == whole
    assert len(sweep.runs()) == sweep.facts()["runs"] == 2


def test_what_cannot_be_rescored_is_said(
    root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "multirun" / "empty").mkdir(parents=True)
    (root / "multirun" / "empty" / "sweep.json").write_text("{}")
    for words, said in (
        (["nowhere", "--embedder", "none"], "'nowhere': no such sweep"),
        (["empty", "--embedder", "none"], "holds no finished run yet"),
        (
            ["empty", "--embedder", "none", "temperature=1"],
            "temperature=1: only what scores can be set here",
        ),
    ):
        assert main(["rescore", *words]) == 1
        assert said in capsys.readouterr().err


def test_another_embedder_changes_the_embedder_and_nothing_else(root: Path) -> None:
    words = [
        *("embedder=none", "metric=pitch_track"),
        *("strategy=best_of_n", "strategy.metric=none", "seed=7"),
    ]
    mine = replace(compose(words), name="s")
    stored = replace(mine, cassette="/elsewhere")
    made = rescored_config(stored, ["embedder=yamnet_minilm"], sweep="s")
    other = compose(["embedder=yamnet_minilm"]).embedder
    strategy = replace(mine.strategy, metric="yamnet_minilm")
    assert made == replace(mine, embedder=other, fad_embedder=other, strategy=strategy)
    pann = compose(["fad_embedder=pann"]).fad_embedder
    with_pann = replace(stored, fad_embedder=pann)
    kept = rescored_config(with_pann, ["embedder=yamnet_minilm"], sweep="s")
    assert kept.fad_embedder == pann


def test_what_scored_before_is_no_fact_of_the_rescored_run() -> None:
    facts = RunFacts(
        isolation="process",
        swept={"shots": "1"},
        panel=("clap_music",),
        pipeline="old",
        baselines="c",
    )
    after = rescored_facts(Run("k", "s", config(), facts=facts), RunFacts(pipeline="new"))
    assert after == RunFacts(isolation="process", pipeline="new", rescored_from="k")
