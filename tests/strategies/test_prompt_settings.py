"""Settings combine freely, examples are near, and a wrong name in a wording is refused at once."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.errors import ConfigError
from earmark.records import Limits, Task
from earmark.strategies.few_shot_examples import all_examples
from earmark.strategies.prompt_settings import QUESTION_PARTS, SYSTEM_PARTS
from earmark.strategies.prompt_template import PromptTemplate
from earmark.strategies.similarity import tfidf_cosine
from earmark.strategies.single import Single
from earmark.testing.strategies import valid_attempt
from tests.strategies.presets import PROMPTS, preset, settings

TASK = Task(
    id="t",
    tier="environment",
    caption="an owl far away",
    prompt="An owl hoots far away.",
    seconds=2.5,
)
WORDS: dict[str, str] = settings("zero_shot")["prompt"]
SWITCHES = [name for name in (*SYSTEM_PARTS, *QUESTION_PARTS) if name != "system"]


def single(**given: Any) -> Single:
    made: dict[str, Any] = {"name": "test", "prompt": WORDS, "limits": Limits()}
    return Single(**{**made, **given})


@pytest.mark.parametrize("on", list(itertools.product([False, True], repeat=len(SWITCHES)))[::7])
@pytest.mark.parametrize("prompt", PROMPTS)
def test_each_setting_adds_its_part_and_no_other(prompt: str, on: tuple[bool, ...]) -> None:
    words = settings("zero_shot", prompt=prompt)["prompt"]
    chosen = dict(zip(SWITCHES, on, strict=True))
    text = "\n".join(message.content for message in single(prompt=words, **chosen).opening(TASK))
    template = PromptTemplate(words, limits=Limits())
    assert {name: template.render(name) in text for name in SWITCHES} == chosen
    assert TASK.prompt in text
    assert "2.5 s" in text


def test_the_prompt_states_the_sandboxs_limits() -> None:
    limits = Limits(
        packages=("numpy", "zither"), file_name="tune.wav", sample_rate_hz=22050, wall_seconds=7.0
    )
    system = single(limits=limits).opening(TASK)[0].content
    assert all(
        word in system
        for word in ("zither", "tune.wav", "22050 Hz", "Run time: at most 7 seconds", "subprocess")
    )


def test_packages_that_are_not_allowed_are_neither_hinted_at_nor_shown() -> None:
    for prompt in PROMPTS:
        words = settings("zero_shot", prompt=prompt)["prompt"]
        bare = single(prompt=words, hints=True, limits=Limits(packages=("numpy",)))
        assert "scipy" not in bare.opening(TASK)[0].content
        assert "soundfile" not in bare.opening(TASK)[0].content
    no_scipy = single(shots=9, limits=Limits(packages=("numpy", "soundfile")))
    assert all("scipy" not in message.content for message in no_scipy.opening(TASK))


@pytest.mark.parametrize(
    ("phrasing", "text"),
    [
        ("prompt", "An owl hoots far away."),
        ("caption", "An owl far away."),
        ("paraphrase_1", "Hoots."),
        ("paraphrase_2", "A far owl."),
    ],
)
def test_every_turn_words_the_task_as_phrasing_says(phrasing: str, text: str) -> None:
    task = replace(TASK, paraphrases=("Hoots.", "A far owl."))
    assert text in single(phrasing=phrasing).opening(task)[-1].content
    refining = preset("listen_refine", [f"strategy.phrasing={phrasing}"])
    messages = refining.render(task, [valid_attempt()])
    assert messages is not None
    assert text in messages[-1].content


def test_a_paraphrase_that_a_task_lacks_is_named() -> None:
    with pytest.raises(
        ConfigError,
        match="phrasing=paraphrase_1 needs 1 paraphrases, task 't' of tier 'environment' has 0; "
        r"write more in conf/tier/environment\.yaml",
    ):
        single(phrasing="paraphrase_1").opening(TASK)


def test_shots_come_as_turns_the_nearest_next_to_the_question() -> None:
    messages = single(shots=3).opening(TASK)
    assert [message.role for message in messages] == ["system", *["user", "assistant"] * 3, "user"]
    assert "hooting" in messages[-3].content


def test_fixed_examples_are_the_same_for_every_task_and_of_every_tier() -> None:
    other = Task(id="o", tier="notes", caption="a bell", prompt="A bell.", seconds=1.0)
    fixed = single(shots=3, examples="fixed")
    assert fixed.select_examples(TASK) == fixed.select_examples(other)
    assert {example.tier for example in fixed.select_examples(TASK)} == {
        "notes",
        "environment",
        "speech",
    }


def test_examples_of_the_tasks_own_tier_come_first() -> None:
    unlike = replace(TASK, caption="qqq")
    assert set(tfidf_cosine("qqq", [example.caption for example in all_examples()])) == {0.0}
    chosen = single(shots=5).select_examples(unlike)
    assert {example.tier for example in chosen} == {"environment"}
    assert single(shots=1).select_examples(replace(TASK, tier="another")) == single(
        shots=1
    ).select_examples(TASK)


def test_nearest_means_most_alike_by_caption() -> None:
    for example in all_examples():
        asked = replace(TASK, tier=example.tier, caption=example.caption)
        assert single(shots=1).select_examples(asked) == (example,)


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=6))
def test_similarity_is_a_number_within_0_and_1(caption: str, others: list[str]) -> None:
    rated = tfidf_cosine(caption, others)
    assert len(rated) == len(others)
    assert all(0.0 <= value <= 1.0 for value in rated)


def test_a_caption_is_nearest_to_itself() -> None:
    captions = [example.caption for example in all_examples()]
    for at, caption in enumerate(captions):
        rated = tfidf_cosine(caption, captions)
        assert rated.index(max(rated)) == at
        assert rated[at] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            {"shots": -1},
            r"strategy 'test': shots must be within 0\.\.15 "
            r"\(examples that need only numpy, scipy, soundfile\), got -1; set strategy\.shots",
        ),
        ({"shots": 16}, r"shots must be within 0\.\.15 .*, got 16"),
        (
            {"shots": 1, "limits": Limits(packages=("numpy",))},
            r"shots must be within 0\.\.0 \(examples that need only numpy\), got 1",
        ),
        (
            {"phrasing": "song"},
            "phrasing must be one of prompt, caption, paraphrase_1, paraphrase_2, got 'song'",
        ),
        ({"examples": "random"}, "examples must be one of nearest, fixed, got 'random'"),
        (
            {"prompt": {**WORDS, "task": "{{ tusk }}"}},
            r"conf/prompt/default\.yaml\) part 'task': unknown name 'tusk'; "
            "choose from limits, forbidden, task",
        ),
        (
            {"prompt": {**WORDS, "system": "{{ limits.tusk }}"}},
            r"part 'system': .*no attribute 'tusk'; correct the template",
        ),
        (
            {"prompt": {**WORDS, "system": "{{ ''.__class__.__mro__ }}"}},
            "part 'system': access to attribute '__class__' .* is unsafe.*; correct the template",
        ),
        (
            {"prompt": {**WORDS, "hints": "\n{% if %}"}},
            r"part 'hints' line 2: .*; correct the template",
        ),
        ({"prompt": {**WORDS, "hint": "x"}}, "part 'hint': unknown part; did you mean hints"),
        (
            {"prompt": {name: text for name, text in WORDS.items() if name != "task"}},
            "part 'task' is missing; write system",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_a_hint(override: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        single(**override)


@pytest.mark.parametrize(
    ("name", "setting"), [("repair", "turns"), ("listen_refine", "turns"), ("best_of_n", "n")]
)
def test_a_loop_is_bounded(name: str, setting: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"strategy '{name}': {setting} must be within 1\.\.\d+, got 0"
    ):
        preset(name, [f"strategy.{setting}=0"])
