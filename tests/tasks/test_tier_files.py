"""A tier file of one's own: one file is enough, and a broken one is refused in one line."""

import shutil
from pathlib import Path

import pytest

from earmark import paths
from earmark.commands.score import spec_of
from earmark.commands.tasks import main
from earmark.config.compose import compose
from earmark.config.factory import tasks_of
from earmark.errors import ConfigError
from earmark.paths import CHECKOUT, conf

MINE = """name: drums
limit: null
only: null
split: all
tasks:
  - id: one_snare
    caption: a single snare drum stroke
    prompt: One stroke on a snare drum, sharp and short, at the very start.
    paraphrases: [A snare drum is struck once., One dry snare hit.]
    seconds: 1.0
    difficulty: 2
    split: tune
    spec: {onset_count: [1, 1], attack_seconds: [0, 0.03], flatness: [0.05, 1]}
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our configuration with room for a tier of one's own."""
    shutil.copytree(conf(), tmp_path / "conf")
    monkeypatch.setattr(paths, "conf", lambda: tmp_path / "conf")
    return tmp_path / "conf" / "tier" / "drums.yaml"


def test_a_tier_of_ones_own_is_one_file(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine.write_text(MINE, encoding="utf-8")
    assert main(["drums"]) == 0
    assert "drums          1: 0+0    2: 1+0 " in capsys.readouterr().out
    config = compose(["tier=drums", "model=noise"])
    assert [one.id for one in tasks_of(config)] == ["one_snare"]
    assert spec_of("drums/one_snare")["onset_count"] == [1, 1]


def test_a_tier_may_be_large_and_its_words_are_taken_as_they_stand(mine: Path) -> None:
    head, _, task = MINE.partition("  - ")
    task = task.replace("very start.", "very start of ${bar}.")
    mine.write_text(
        head + "".join(f"  - {task.replace('one_snare', f'snare_{at}')}" for at in range(600)),
        encoding="utf-8",
    )
    asked = tasks_of(compose(["tier=drums", "model=noise"]))
    assert [one.id for one in asked] == [f"snare_{at}" for at in range(600)]
    assert asked[0].prompt.endswith("at the very start of ${bar}.")


def test_an_edited_tier_is_read_again(mine: Path) -> None:
    for word in ("snare", "tabla"):
        mine.write_text(MINE.replace("one_snare", f"one_{word}"), encoding="utf-8")
        assert [one.id for one in tasks_of(compose(["tier=drums", "model=noise"]))] == [
            f"one_{word}"
        ]


def test_the_manual_shows_that_file() -> None:
    page = (CHECKOUT / "docs" / "tasks.md").read_text(encoding="utf-8")
    shown = page.partition("Write `conf/tier/drums.yaml`:\n\n```yaml\n")[2].partition("```")[0]
    assert shown == MINE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            MINE.replace("One stroke on a snare drum,", "One stroke: a snare drum,"),
            r"drums\.yaml line 8 column 23: .* wants quotes",
        ),
        (
            MINE.replace("One dry snare hit.]", "One dry snare hit."),
            r"drums\.yaml line 10 column 12: .*; YAML wants quotes",
        ),
        (
            MINE.replace("    seconds", "\tseconds"),
            r"drums\.yaml line 10 column 1: .* spaces for every indent",
        ),
        (
            MINE.replace("    seconds", "    seconds: 2\n    seconds"),
            r"line 11 column 5: found duplicate key seconds; a key stands",
        ),
        (
            MINE.replace("name: drums", "name: snares"),
            "tier 'drums': name must be that of its file, drums, got 'snares'",
        ),
        (
            MINE.replace("limit: null", "limti: null"),
            r"tier 'drums': unknown setting 'limti'; did you mean limit",
        ),
        (
            MINE.replace("limit: null", "limit: many"),
            r"tier\.limit must be a whole number, got 'many'",
        ),
        (
            MINE.replace("split: all", "split: held-out"),
            "must leave at least one task, got none of 1",
        ),
        (
            "",
            "tier 'drums': name must be that of its file, drums, got None; "
            r"see conf/tier/drums\.yaml",
        ),
        (MINE.replace("snare drum stroke", "snare \xe9"), "must be text in UTF-8"),
    ],
)
def test_a_broken_file_is_one_line_that_names_it(mine: Path, text: str, message: str) -> None:
    mine.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=message) as caught:
        main(["drums"])
    assert "\n" not in str(caught.value)
