"""The parts of the listening page: what its panel says of each attempt, in lists of so many.

    leaderboard/RUN-0.js      a script that hands one list to the page next to the folder

A page that was opened from a disk may load scripts and nothing else.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from earmark.records import Attempt, Json, Run
from earmark.storage.atomic import write_text

PER_PART = 200
MESSAGE_CHARS = 400
Part = tuple[str, Sequence[Json | None]]  # RUN-NUMBER, and its attempts in their order


def details_of(one: Attempt) -> Json:
    """What the panel says of an attempt besides what its place in the page shows."""
    return {
        "message": one.failure.message[:MESSAGE_CHARS] if one.failure else None,
        "scores": dict(one.scores),
        "unscored": dict(one.unscored),
        "program": one.program.source if one.program else None,
    }


def parts_of(run: Run, kept: Mapping[str, Json] | None = None) -> Iterator[Part]:
    """The parts of a run: all of it, or what is `kept` of each attempt, by its key."""
    for start in range(0, len(run.attempts), PER_PART):
        attempts = run.attempts[start : start + PER_PART]
        if kept is None:
            details: list[Json | None] = [details_of(one) for one in attempts]
        else:
            details = [kept.get(one.key) for one in attempts]
        yield f"{run.key}-{start // PER_PART}", details


def write_parts(into: Path, parts: Iterable[Part]) -> None:
    """Write each part as a script, and remove those of runs that are not there any more."""
    written = set()
    for name, details in parts:
        path = into / f"{name}.js"
        text = json.dumps([name, details], ensure_ascii=False, allow_nan=False)
        write_text(path, f"details(...{text});\n")
        written.add(path)
    for path in set(into.glob("*.js")) - written:
        path.unlink()
