"""The example bank: captions and whole programs that a few-shot prompt may show.

In: the files of the folder examples/. Out: Examples, in an order that takes one of each tier in turn. A file's first line says
`TIER, SECONDS s: CAPTION` and is not shown; the rest is the program. No example is a task of conf/tier.
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
        """The example as if it had been asked."""
        prompt = f"{self.caption[0].upper()}{self.caption[1:]}."
        return Task(
            id=self.name, tier=self.tier, caption=self.caption, prompt=prompt, seconds=self.seconds
        )

    @property
    def packages(self) -> frozenset[str]:
        """The packages that its program imports, the standard library's modules left out."""
        nodes = list(ast.walk(ast.parse(self.source)))
        names = [
            alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
        ]
        names += [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
        return frozenset(name.split(".")[0] for name in names) - sys.stdlib_module_names


def read_example(path: Path) -> Example:
    """One file of the bank; ConfigError when its first line does not say what it is."""
    text = path.read_text(encoding="utf-8")
    if (header := HEADER.match(text)) is None:
        raise ConfigError(
            f'{path}: the first line must be """TIER, SECONDS s: CAPTION""", is {text.partition(chr(10))[0]!r}'
        )
    return Example(
        path.stem,
        header["tier"],
        header["caption"],
        float(header["seconds"]),
        text[header.end() :].rstrip(),
    )


@cache
def bank() -> tuple[Example, ...]:
    """All examples: by name within a tier, the tiers taking turns."""
    tiers: dict[str, list[Example]] = {}
    for path in sorted(FOLDER.glob("*.py")):
        example = read_example(path)
        tiers.setdefault(example.tier, []).append(example)
    turns = chain.from_iterable(zip_longest(*(tiers[tier] for tier in sorted(tiers))))
    return tuple(example for example in turns if example is not None)


@cache
def bank_of(packages: Collection[str]) -> tuple[Example, ...]:
    """The examples that import nothing beyond `packages` (a hashable collection): none may show what is not allowed."""
    return tuple(example for example in bank() if example.packages <= set(packages))
