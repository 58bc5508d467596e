"""The words of a command line as people type them -> overrides in Hydra's grammar.

Hydra takes letters of English, digits and a few signs without quotes. A text with others (ö, an
apostrophe, brackets) is put into quotes here; what is not one setting is refused in one line.
"""

import re
from collections.abc import Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, QuotedString
from hydra.errors import HydraException

from earmark import paths
from earmark.errors import ConfigError

LIST = re.compile(r"\[(?P<items>[^\[\]{}'\"]*)\]")
NESTED = ("{", "[[", "[{", "${")  # no quotes are guessed inside


def parse_words(words: Sequence[str]) -> list[Override]:
    """Every word as an override.

    Raises:
        ConfigError: the first word that is none, a list where one name belongs, or two values for
            one setting.
    """
    pairs = zip(words, [*words[1:], ""], strict=False)
    overrides = [_parsed(word) or _read(word, following) for word, following in pairs]
    given: dict[str, Override] = {}
    for one in overrides:
        _refuse_list_of_choices(one)
        earlier = given.setdefault(str(one.get_key_element()), one)
        if earlier.input_line != one.input_line:
            both = f"{earlier.input_line} and {one.input_line}"
            values = ",".join(str(two.input_line).partition("=")[2] for two in (earlier, one))
            hint = f"keep one, or sweep both: -m {one.key_or_group}={values}"
            raise ConfigError(f"{one.key_or_group} is set twice, by {both}; {hint}")
    return overrides


def quoted(words: Sequence[str]) -> list[str]:
    """The words with quotes where Hydra wants them. Raises ConfigError, as parse_words."""
    return [str(one.input_line) for one in parse_words(words)]


def listed_values(one: Override) -> list[str]:
    """The values of a swept setting as they are typed, each once: 0 and 0.0 are one."""
    values: dict[str, str] = {}
    for value, text in zip(one.sweep_iterator(), one.sweep_string_iterator(), strict=True):
        name = value.text if isinstance(value, QuotedString) else value
        if isinstance(name, int) and not isinstance(name, bool):
            name = float(name)
        values.setdefault(str(name), str(text))
    return list(values.values())


def _parsed(word: str) -> Override | None:
    try:
        [override] = OverridesParser.create().parse_overrides([word])
    except HydraException:
        return None
    return override


def _read(word: str, following: str) -> Override:
    """A word that Hydra does not take as it is, and the one after it. Raises ConfigError."""
    key, equals, value = word.partition("=")
    if not equals:
        raise ConfigError(f"{word!r} is not a setting; write SETTING=VALUE, as in model=expert")
    if key != key.strip() or value != value.lstrip():
        hint = f"write {key.strip()}={value.strip()}"
        raise ConfigError(f"{word}: has spaces around the equals sign; {hint}")
    if value.rstrip().endswith(","):
        goes_on = following and "=" not in following
        rule = "a list has no spaces" if goes_on else "ends in a comma"
        fixed = f"{word}{following}" if goes_on else word.rstrip(", ")
        raise ConfigError(f"{word}{f' {following}' if goes_on else ''}: {rule}; write {fixed}")
    override = None if value.startswith(NESTED) else _parsed(f"{key}={_quoted_value(value)}")
    if override is None:
        hint = f"put quotes around each text, and others around the word: \"{key}='a, b'\""
        raise ConfigError(f"{word}: cannot be read; {hint}")
    return override


def _quoted_value(value: str) -> str:
    """The value with quotes around each of its texts that need them."""
    if inside := LIST.fullmatch(value):
        return f"[{_quoted_items(inside['items'])}]"
    return _quoted_items(value)


def _quoted_items(items: str) -> str:
    return ",".join(_quoted_text(item.strip()) for item in items.split(","))


def _quoted_text(text: str) -> str:
    if _parsed(f"x={text}") is not None:
        return text
    escaped = text.replace("\\'", "\\\\'").replace("'", "\\'")
    return f"'{escaped}'"


def _refuse_list_of_choices(one: Override) -> None:
    """A list of names for a group: Hydra would take the last and drop the others."""
    value = None if one.is_sweep_override() else one.value()
    if isinstance(value, list) and paths.conf_files(f"{one.key_or_group}/*.yaml"):
        names = ",".join(str(name) for name in value)
        rule = "must be one name, or in a sweep several without brackets"
        raise ConfigError(f"{one.input_line}: {rule}; write -m {one.key_or_group}={names}")
