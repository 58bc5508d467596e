"""A setting that some choices of a swept group have and others do not: it counts for the first.

`-m model=expert,gpt_4o model.retries=1`: a baseline has no retries. Hydra would refuse the whole
line; here the word becomes one that each run applies where its model has the setting. A name that
no choice has is left as it is, and is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hydra.core.override_parser.types import Override

from earmark.config.choices import choices, without_setting
from earmark.config.partial_settings import WHERE_TAKEN


@dataclass(frozen=True, slots=True)
class PartialSettings:
    """What partial settings become: words by the word that was typed, and notes for the user."""

    words: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def applied(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words as runs are to read them."""
        return tuple(self.words.get(word, word) for word in words)


def is_group_setting(one: Override) -> bool:
    """Whether a word sets something within a group that has choices: model.retries=1."""
    group, _, setting = one.key_or_group.partition(".")
    as_typed = str(one.input_line).startswith(one.key_or_group)  # without + or ~
    return bool(setting) and as_typed and bool(choices(group))


def partial_settings(
    fixed: Sequence[Override], swept: Mapping[str, Sequence[str]]
) -> PartialSettings:
    """Which of the words that all runs share hold for some of them only.

    Args:
        fixed: the words.
        swept: the choices of each swept group, as words: `model` -> `model=expert`, ….
    """
    words: dict[str, str] = {}
    notes: list[str] = []
    for one in fixed:
        group, _, setting = one.key_or_group.partition(".")
        if group not in swept or not is_group_setting(one):
            continue
        lacking = without_setting(swept[group], group, setting)
        if lacking and len(lacking) < len(swept[group]):
            typed = str(one.input_line)
            words[typed] = f"++{WHERE_TAKEN}.{typed}"
            names = ", ".join(word.partition("=")[2] for word in lacking)
            verb = "has" if len(lacking) == 1 else "have"
            notes.append(f"{typed}: {names} {verb} no such setting; it counts for the others")
    return PartialSettings(words, tuple(notes))
