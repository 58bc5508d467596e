"""Every few-shot example runs, sounds and is as long as it says; none is a task."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from earmark import paths
from earmark.audio import read_clip
from earmark.errors import ConfigError
from earmark.extract import extract
from earmark.records import Limits
from earmark.strategies.few_shot_examples import Example, all_examples, read_example
from earmark.tasks.loading import load


def tier(name: str) -> Any:
    return OmegaConf.to_container(OmegaConf.load(paths.conf() / "tier" / f"{name}.yaml"))


def test_there_are_enough_examples_of_each_tier_in_turns() -> None:
    tiers = [example.tier for example in all_examples()]
    assert len(all_examples()) >= 12
    assert all(tiers.count(name) >= 4 for name in ("notes", "environment", "speech"))
    assert set(tiers[:3]) == {"notes", "environment", "speech"}
    assert len({example.caption for example in all_examples()}) == len(all_examples())


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in (paths.conf() / "tier").glob("*.yaml"))
)
def test_no_example_is_a_task(name: str) -> None:
    asked = {
        text.lower().strip(" .")
        for task in load(tier(name))
        for text in (task.caption, task.prompt, *task.paraphrases)
    }
    assert not asked & {example.caption.lower() for example in all_examples()}


@pytest.mark.parametrize("example", all_examples(), ids=lambda example: example.name)
def test_an_example_does_what_it_says(example: Example, tmp_path: Path) -> None:
    program = extract(f"```python\n{example.source}\n```")
    assert program.features["cheats"] == ""
    assert set(str(program.features["imports"]).split(",")) <= {"numpy", "scipy", "soundfile"}
    assert len(example.source.split("\n")) <= 25
    (tmp_path / "program.py").write_text(program.source, encoding="utf-8")
    quiet = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "program.py"], cwd=tmp_path, check=True, timeout=60, env=quiet)
    clip = read_clip(tmp_path / "out.wav", limits=Limits(), asked_seconds=example.seconds)
    assert clip.sample_rate == 44100
    assert clip.seconds == pytest.approx(example.seconds, abs=0.01)
    assert clip.peak == pytest.approx(0.8, abs=0.01)


def test_a_file_that_does_not_say_what_it_is_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import numpy\n", encoding="utf-8")
    with pytest.raises(
        ConfigError,
        match=r"bad\.py: the first line must be \"\"\"TIER, SECONDS s: CAPTION\"\"\", "
        "got 'import numpy'",
    ):
        read_example(tmp_path / "bad.py")
