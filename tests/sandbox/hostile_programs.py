"""Reads the hostile programs, one file each under tests/hostile.

The first line of a file is the program's law. Comment lines `# word: value` follow, then the
program. A line `#%% next` separates a second program, which runs after the first. The words:

    oracle   which oracle sees it escape: see hostile_ground
    kinds    failure kinds that are right for it, "clip" among them; without the word, any
    soft     ISOLATION -- reason: an escape that this isolation is known not to stop
    kept     why it is kept although no weaker runner lets it escape
    only     the machine it is written for
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "hostile"
NEXT = "#%% next\n"
# What hostile_ground, hostile_watch and hostile_judge look for. For "kind", only the failure kind
# matters.
ORACLES = frozenset(
    {
        *("secret", "canary", "network", "listens", "victim", "alive", "ipc", "claim", "next"),
        *("late", "memory", "crowd", "flood", "forged", "litter", "kind"),
    }
)


@dataclass(frozen=True)
class Hostile:
    """One program and what is known of it."""

    name: str
    law: str
    oracle: str
    kinds: frozenset[str]
    soft: Mapping[str, str]
    kept: str | None
    only: str | None
    source: str
    following: str | None

    @property
    def attacks_reader(self) -> bool:
        """True when it attacks the reader of the result and not the isolation."""
        return self.name.startswith("result_")


def read(path: Path) -> Hostile:
    """One program; ValueError when its file lacks its law or an oracle."""
    source, _, following = path.read_text(encoding="utf-8").partition(NEXT)
    law = re.match(r'"""Law: (.+)"""\n', source)
    words = re.findall(r"^# (oracle|kinds|soft|kept|only): (.+)$", source, flags=re.M)
    single = {word: value for word, value in words if word != "soft"}
    if law is None or single.get("oracle") not in ORACLES:
        raise ValueError(
            f"{path.name}: must begin with its law and name an oracle; "
            "see tests/sandbox/hostile_programs.py"
        )
    soft = dict(value.split(" -- ", 1) for word, value in words if word == "soft")
    kinds = frozenset(single.get("kinds", "").split())
    more = (soft, single.get("kept"), single.get("only"), source, following or None)
    return Hostile(path.stem, law[1], single["oracle"], kinds, *more)


def programs() -> list[Hostile]:
    """All of them, by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.py"))]
