"""A run's key: whatever can change an answer or a number changes it, whatever cannot does not."""

import shutil
from pathlib import Path

import pytest

from earmark import identity
from earmark.config.compose import compose
from earmark.identity import run_key
from earmark.paths import PACKAGE


def key(*overrides: str) -> str:
    return run_key(compose(["model=vllm", *overrides]))


@pytest.mark.parametrize(
    "override",
    [
        "model.concurrency=3",
        "model.retries=2",
        "model.timeout_seconds=99",
        "sandbox.workers=7",
        "sandbox.recycle_after=3",
        "concurrency.requests=9",
        "name=other",
        "cache=/elsewhere",
        "budget_usd=1",
        "tracking.uri=sqlite:///other.db",
    ],
)
def test_who_does_the_work_and_where_it_goes_is_no_part_of_a_run(override: str) -> None:
    assert key(override) == key()


@pytest.mark.parametrize(
    "override",
    [
        "temperature=0.1",
        "seed=1",
        "samples=2",
        "tier.limit=3",
        "tier=speech",
        "strategy=few_shot",
        "prompt=terse",
        "sampling.top_p=0.5",
        "sandbox.limits.packages=[numpy]",
        "sandbox.warm=false",
        "embedder=yamnet_minilm",
        "metric=pitch_track",
        "model.name=other",
    ],
)
def test_what_can_change_a_number_is(override: str) -> None:
    assert key(override) != key()


def test_other_packaged_programs_make_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key()
    for folder in ("strategies/examples", "models/baselines/programs"):
        shutil.copytree(PACKAGE / folder, tmp_path / folder)
    monkeypatch.setattr("earmark.identity.PACKAGE", tmp_path)
    keys = {before}
    for program in ("strategies/examples/speech_hum.py", "models/baselines/programs/notes/new.py"):
        (tmp_path / program).write_text("# another program\n", encoding="utf-8")
        identity._packaged_programs.cache_clear()
        keys.add(key())
    identity._packaged_programs.cache_clear()
    assert len(keys) == 3
