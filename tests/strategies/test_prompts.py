"""What models read: every prompt states what a program needs to know, in plain English."""

import re
from functools import cache

import pytest
import yaml

from earmark import paths
from earmark.audio import LENGTH_FACTOR
from earmark.checks import CHECKS
from earmark.records import FAILURES, Limits, Message, Stage, Task
from earmark.strategies import Strategy
from earmark.strategies.acoustic_report import LINES, PREFIXES, acoustic_report
from earmark.strategies.few_shot_examples import all_examples
from earmark.tasks.loading import load
from earmark.testing.strategies import failed_attempt, valid_attempt
from tests.strategies.presets import PRESETS, PROMPTS, preset

TIERS = ("notes", "environment", "speech")
# The private words of the design page, and phrases that were in the prompts before.
PRIVATE_WORDS = re.compile(
    r"\b(cells?|heard|hears?|hearing|ears?|told|untold|said|says|shelf|shelved|laid|lay|beside|"
    r"bill|lost|nobody|whoever|contract|controls?|chance|asked (was|were|again|for))\b",
    re.IGNORECASE,
)


@cache
def tasks(tier: str) -> tuple[Task, ...]:
    text = (paths.conf() / "tier" / f"{tier}.yaml").read_text(encoding="utf-8")
    return load(yaml.safe_load(text))


@cache
def strategy(name: str, prompt: str) -> Strategy:
    made: Strategy = preset(name, prompt=prompt)
    return made


def our_words(messages: tuple[Message, ...], task: Task) -> str:
    """The text of a prompt without the task's own words and those of the examples."""
    text = "\n".join(message.content for message in messages)
    for words in (task.prompt, *(example.task.prompt for example in all_examples())):
        text = text.replace(words, "")
    return text


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("name", PRESETS)
def test_every_prompt_states_what_a_program_needs(name: str, tier: str, prompt: str) -> None:
    limits = Limits()
    for task in tasks(tier):
        messages = strategy(name, prompt).render(task, ())
        assert messages is not None
        system, question = messages[0].content, messages[-1].content
        assert limits.file_name in system
        assert f"{limits.sample_rate_hz} Hz" in system
        assert "WAV" in system
        assert all(package in system for package in limits.packages)
        assert f"{limits.wall_seconds:g} s" in system
        assert "subprocess" in system
        assert "multiprocessing" in system
        assert task.prompt in question
        assert re.search(rf"Length: {task.seconds:g} s", question)


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("name", PRESETS)
def test_no_prompt_uses_a_private_word(name: str, tier: str, prompt: str) -> None:
    for task in tasks(tier):
        text = our_words(strategy(name, prompt).render(task, ()) or (), task)
        assert PRIVATE_WORDS.findall(text) == []


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("name", ["repair", "listen_refine"])
def test_no_feedback_uses_a_private_word(name: str, prompt: str) -> None:
    task = tasks("environment")[0]
    stages: list[Stage] = list(FAILURES)
    history = [failed_attempt(stage, turn=turn) for turn, stage in enumerate(stages)]
    loop = strategy(name, prompt)
    answers = [loop.render(task, [attempt]) for attempt in history]
    if name == "listen_refine":
        scores = {name: 0.5 for name in LINES}
        answers.append(loop.render(task, [valid_attempt(0, **scores)]))
    for messages in answers:
        assert messages is not None
        assert PRIVATE_WORDS.findall(our_words(messages, task)) == []


def test_the_list_of_private_words_can_fail() -> None:
    task = tasks("notes")[0]
    prompt = (Message("user", f"Asked was: {task.prompt} Nobody heard it."),)
    assert len(PRIVATE_WORDS.findall(our_words(prompt, task))) == 3


def test_the_prompt_states_the_factor_by_which_the_reader_rejects_lengths() -> None:
    assert LENGTH_FACTOR == 2
    messages = strategy("zero_shot", "default").render(tasks("notes")[0], ())
    assert messages is not None
    assert "shorter than half or longer than twice the requested length" in messages[0].content


def test_the_report_has_words_for_the_number_of_every_check() -> None:
    numbers = {f"check_{check.number}" for check in CHECKS.values()}
    unworded = {one for one in numbers - LINES.keys() if not one.startswith(tuple(PREFIXES))}
    assert unworded == set()


def test_the_report_gives_a_rank_and_one_similarity_for_each_embedder() -> None:
    scores = {"clap": 0.31, "clap_template_0": 0.3, "clap_template_1": 0.32}
    lines = acoustic_report(valid_attempt(0, **scores, retrieval_reciprocal_rank=0.25))
    assert "similarity of the sound to the task's description: 0.310 (clap)" in lines
    assert sum("similarity of" in line for line in lines) == 1
    assert any("among those of all tasks" in line and ": 4 (1 is" in line for line in lines)
