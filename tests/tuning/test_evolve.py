"""Texts of a prompt evolve by a scripted proposer; what it proposes is guarded and confirmed."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from earmark.config.compose import compose
from earmark.records import Failure
from earmark.testing.strategies import TASK, valid_attempt
from earmark.tuning.evolve import Answered, diff, evolve, feedback, problem_of, prompt_yaml

START = {"task": "Sound: {{ task.prompt }} Length: {{ '%g' % task.seconds }} s.\n"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Make {{ task.prompt }} of {{ '%g' % task.seconds }} seconds.", ""),
        ("Make {{ task.prompt }}.", "task: must keep {{ '%g' % task.seconds }}"),
        (
            START["task"] + "{{ task.spec }}",
            "task: must use only the expressions of the first text",
        ),
        (START["task"] + "{% if x %}", "task: must use only the expressions"),
        (START["task"] + "{{ '%g' ", "task: is no jinja2 template"),
    ],
)
def test_a_text_may_not_read_more_than_the_first_did(text: str, problem: str) -> None:
    assert problem_of({"task": text}, START).startswith(problem)
    assert bool(problem) == bool(problem_of({"task": text}, START))


def test_the_proposer_reads_the_failure_and_the_score_but_not_the_spec() -> None:
    task = replace(TASK, spec={"f0_hz": 261.63})
    failed = replace(
        valid_attempt(0),
        task=task,
        clip=None,
        failure=Failure("execute", "runtime_error", "NameError: x"),
    )
    read = feedback(Answered(0.1, failed))
    assert read["Failure"] == "runtime_error: NameError: x"
    assert read["Score"] == "0.100"
    assert "261" not in repr(read)
    sounded = replace(valid_attempt(0, check_ok=0.0, check_f0_ok=0.0), task=task)
    read = feedback(Answered(0.2, sounded))
    assert "Measured in the sound" in read
    assert "check_ok" not in repr(read)
    assert "261" not in repr(read)


def test_a_wording_that_helps_is_kept_and_one_that_breaks_is_not() -> None:
    pytest.importorskip("gepa", reason="gepa is not installed: pip install 'earmark[evolve]'")
    proposals = iter(["lost everything", "Carefully. " + START["task"], "worse " + START["task"]])
    asked: list[str] = []

    def answer(texts: "dict[str, str]", task: str) -> Answered:
        asked.append(texts["task"])
        value = 0.9 if texts["task"].startswith("Carefully") else 0.2
        return Answered(value, valid_attempt(0))

    def propose(prompt: str) -> str:
        assert "0.200" in prompt or "0.900" in prompt or "must keep" in prompt
        return f"```\n{next(proposals, START['task'])}\n```"

    tasks = [f"task{at}" for at in range(4)]
    start, *others = evolve(START, tasks, answer, propose, calls=40)  # type: ignore[arg-type]
    assert start.value == pytest.approx(0.2)
    assert max(one.value for one in others) == pytest.approx(0.9)
    assert "lost everything" not in asked
    best = max(others, key=lambda one: one.value)
    assert "+Carefully." in diff(START, best.texts)


def test_an_evolved_prompt_is_a_file_that_composes_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARMARK_ROOT", str(tmp_path))
    templates = dict(compose(["model=expert"]).prompt.templates)
    templates["system"] = "Write one program.\nIt writes {{ limits.file_name }}: now.\n"
    text = prompt_yaml("evolved_x", templates, comment="Evolved.")
    folder = tmp_path / "conf" / "prompt"
    folder.mkdir(parents=True)
    (folder / "evolved_x.yaml").write_text(text, encoding="utf-8")
    assert yaml.safe_load(text)["system"] == templates["system"]
    path = f"hydra.searchpath=[{tmp_path / 'conf'}]"
    made = compose(["model=expert", "prompt=evolved_x", path])
    assert dict(made.prompt.templates) == templates
