"""A template chooses, repeats and joins; what could take all memory or time is refused by name."""

from pathlib import Path

import pytest
import yaml

from earmark.errors import ConfigError
from earmark.records import Limits
from earmark.strategies.prompt_template import PromptTemplate

CONF = Path(__file__).parents[2] / "conf" / "prompt"
PARTS = yaml.safe_load((CONF / "default.yaml").read_text(encoding="utf-8"))


def of(task: str) -> PromptTemplate:
    return PromptTemplate({**PARTS, "task": task}, limits=Limits())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{{ 'x' * 10000000000 }}", "has no mul"),
        ("{{ 10 ** 1000000000 }}", "has no pow"),
        ("{{ '%1000000000d' % 1 }}", "a short format"),
        ("{{ '%*d' % (1000000000, 1) }}", "a short format"),
        ("{{ task.prompt % 1 }}", "a short format"),
        ("{{ '{:1000000000}'.format(1) }}", "a call must be one of"),
        ("{{ 'x'.center(1000000000) }}", "a call must be one of"),
        ("{{ range(100000) | list }}", "a call must be one of"),
        ("{{ lipsum(n=100000) }}", "a call must be one of"),
        ("{{ 'x' | center(1000000000) }}", "unknown filter 'center'"),
        ("{{ 'x' | indent(1000000000, true) }}", "unknown filter 'indent'"),
        ("{{ 'x' | replace('', 'y' ) }}", "unknown filter 'replace'"),
        ("{{ 1.5 | round(1000000000, 'ceil') }}", "unknown filter 'round'"),
        ("{% set a = 'x' ~ 'x' %}{{ a }}", "has no assign"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "has no macro"),
        ("{% include 'a' %}", "has no include"),
        (f"{'{% for a in forbidden %}' * 3}{'{% endfor %}' * 3}", "nested at most 2 deep"),
        ("{% for a in [[]] recursive %}{% endfor %}", "must not be recursive"),
        (f"{{{{ {'(' * 3000}1{')' * 3000} }}}}", "nested too deeply|Expression too"),
        ("{{ ().__class__ }}", "unsafe"),
    ],
)
def test_what_grows_without_bound_is_refused(text: str, rule: str) -> None:
    with pytest.raises(ConfigError, match=rf"part 'task'.*({rule})"):
        of(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ task.prompt | upper }}", "A TONE."),
        (
            "{% for name in forbidden if 'network' in name %}{{ name }}{% endfor %}",
            "uses the network",
        ),
        ("{{ limits.packages | join(', ') ~ '!' }}", "numpy, scipy, soundfile!"),
        ("{{ '%.2f' % task.seconds }}", "1.00"),
        ("{{ 'long' if task.seconds > 2 else 'short' }}", "short"),
        ("{{ limits.file_bytes // 1048576 }} MiB", "64 MiB"),
    ],
)
def test_what_a_prompt_needs_is_there(text: str, said: str) -> None:
    from earmark.strategies.prompt_template import _EXAMPLE_VALUES

    assert of(text).render("task", task=_EXAMPLE_VALUES["task"]) == said


@pytest.mark.parametrize("path", sorted(CONF.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_packaged_wording_keeps_to_it(path: Path) -> None:
    PromptTemplate(yaml.safe_load(path.read_text(encoding="utf-8")), limits=Limits())
