"""Few-shot examples: captions with whole programs, read from the folder examples/.

The first line of each file is `TIER, SECONDS s: CAPTION` in a docstring and is not shown to the
model; the rest is the program. No example is a task of conf/tier.
"""

import ast
import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from itertools import chain, zip_longest
from pathlib import Path

from earmark.errors import ConfigError
from earmark.records import Task

FOLDER = Path(__file__).with_name("examples")
HEADER = re.compile(r'"""(?P<tier>\w+), (?P<seconds>[\d.]+) s: (?P<caption>[^"\n]+)"""\n+')


@dataclass(frozen=True, slots=True)
class Example:
    """One sound and a program that makes it."""

    name: str
    tier: str
    caption: str
    seconds: float
    source: str

    @property
    def task(self) -> Task:
        """The example as a task, so that its prompt reads like that of any other task."""
        return Task(
            id=self.name,
            tier=self.tier,
            caption=self.caption,
            prompt=as_sentence(self.caption),
            seconds=self.seconds,
        )

    @property
    def packages(self) -> frozenset[str]:
        """The packages that its program imports, without the standard library."""
        nodes = list(ast.walk(ast.parse(self.source)))
        imports = [node for node in nodes if isinstance(node, ast.Import)]
        names = [alias.name for node in imports for alias in node.names]
        names += [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
        return frozenset(name.split(".")[0] for name in names) - sys.stdlib_module_names


def as_sentence(caption: str) -> str:
    """A caption with a capital letter and a full stop, to be used as a prompt."""
    return f"{caption[0].upper()}{caption[1:]}."


def read_example(path: Path) -> Example:
    """The example in one file. Raises ConfigError when its first line is not a header."""
    text = path.read_text(encoding="utf-8")
    if (header := HEADER.match(text)) is None:
        first_line = text.partition("\n")[0]
        raise ConfigError(
            f'{path}: the first line must be """TIER, SECONDS s: CAPTION""", got {first_line!r}'
        )
    return Example(
        name=path.stem,
        tier=header["tier"],
        caption=header["caption"],
        seconds=float(header["seconds"]),
        source=text[header.end() :].rstrip(),
    )


@cache
def all_examples() -> tuple[Example, ...]:
    """Every example: one of each tier in turn, by name within a tier."""
    tiers: dict[str, list[Example]] = {}
    for path in sorted(FOLDER.glob("*.py")):
        example = read_example(path)
        tiers.setdefault(example.tier, []).append(example)
    turns = zip_longest(*(tiers[tier] for tier in sorted(tiers)))
    return tuple(example for example in chain.from_iterable(turns) if example is not None)


@cache
def examples_within(packages: Collection[str]) -> tuple[Example, ...]:
    """The examples that import only `packages` (hashable): none may show what is not allowed."""
    return tuple(example for example in all_examples() if example.packages <= set(packages))
