"""`earmark prompt` prints what a sweep would send."""

import json

import pytest

from earmark.cli import main
from earmark.commands.prompt import prompt
from earmark.errors import ConfigError


def test_json_and_text_hold_the_same_messages(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["prompt", "tier=notes", "task=saw_a2", "strategy=few_shot", "strategy.shots=1"]
    assert main(words) == 0
    readable = capsys.readouterr().out
    assert main([*words, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["tier"], printed["task"], printed["strategy"]) == (
        "notes",
        "saw_a2",
        "few_shot",
    )
    assert [message["role"] for message in printed["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert (
        readable
        == "\n\n".join(f"## {one['role']}\n\n{one['content']}" for one in printed["messages"])
        + "\n"
    )


@pytest.mark.parametrize(
    ("overrides", "task", "message"),
    [
        (["tier=notes"], "nope", "task=nope: unknown task of tier 'notes'; choose from sine_a4"),
        (["strategy=nope"], None, "nope"),
        (["strategy.shots=many"], None, "shots"),
        (["strategy.shotz=1"], None, "shotz"),
    ],
)
def test_an_error_is_one_line(overrides: list[str], task: str | None, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        prompt(overrides, task=task)
    assert "\n" not in str(caught.value)
