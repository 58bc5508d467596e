"""The words of a command line: what people type is read as they mean it, or refused in one line."""

from contextlib import suppress

import hypothesis.strategies as st
import pytest
from hypothesis import given

from earmark.config.compose import compose
from earmark.config.words import listed_values, parse_words, quoted
from earmark.errors import ConfigError
from earmark.sweep.plan import plan


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("name=ö", "ö"),
        ("name=don't", "don't"),
        ("name=a=b", "a=b"),
        ("name=what (is) this!", "what (is) this!"),
        ("name=50%20?#", "50%20?#"),
        ("name='ö'", "ö"),
        ('name="ö', '"ö'),
        ("name=😀", "😀"),
        ("name=[ö,a]", ["ö", "a"]),
        ("name=1", 1),
        ("name=null", None),
    ],
)
def test_a_text_needs_no_quotes_of_hydras(word: str, value: object) -> None:
    [override] = parse_words([word])
    assert override.value() == value


@given(st.text(st.characters(exclude_characters="=\\,'\"[]{}()$:", exclude_categories=["C", "Z"])))
def test_any_plain_text_is_read_as_it_stands_and_reading_it_again_changes_nothing(
    text: str,
) -> None:
    [word] = quoted([f"name={text}"])
    [override] = parse_words([word])
    assert str("" if override.value() is None and not text else override.input_line) == word
    if not text.isascii():
        assert override.value() == text


@given(st.lists(st.text(max_size=12), max_size=4))
def test_whatever_is_typed_is_read_or_refused(words: list[str]) -> None:
    with suppress(ConfigError):
        parse_words(words)


def test_a_list_of_texts_stays_a_sweep() -> None:
    [override] = parse_words(["prompt.task=ö, ü"])
    assert override.is_sweep_override()
    assert listed_values(override) == ["'ö'", "'ü'"]


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (("temperature=0,0",), 1),
        (("temperature=0,0.0,1",), 2),
        (("model=expert,noise,expert", "temperature=0,1"), 4),
        (("tier.only=[piano_c4,sine_a4],[sine_a4,piano_c4]",), 1),
        (("tier.only=[piano_c4],[piano_c4,piano_c4],[sine_a4]",), 2),
    ],
)
def test_a_value_swept_twice_is_one_run(words: tuple[str, ...], runs: int) -> None:
    planned = plan([*words, "prompt=terse"], multirun=True)
    assert len(planned.configs()) == runs


def test_a_value_typed_twice_reaches_hydra_once() -> None:
    planned = plan(["temperature=0,0.0,1", "model=glob(s*)"], multirun=True)
    assert planned.words == ("temperature=0,1", "model=glob(s*)")
    assert planned.runs == 2 * 3  # silence, sine, smollm2


def test_the_order_in_which_tasks_are_named_makes_no_other_run() -> None:
    one, other = (
        compose([f"tier.only=[{names}]"]).tier
        for names in ("piano_c4,sine_a4", "sine_a4,piano_c4,sine_a4")
    )
    assert one == other
