"""A sweep that is finished says so at once: a command line -> whether everything it would make is there.

In: the overrides of a line and the sweep's folder. Out: a note in sweep.json when the last run is written, and later the answer whether
the note still holds. Composing a configuration takes 0.3 s, so 500 finished runs would cost minutes before Hydra found nothing to do. A
line whose configuration files, code or environment have changed since is a new line: it is composed as ever. It runs nothing.
"""

import os
import re
from collections.abc import Iterable, Sequence
from functools import cache

from earmark import paths
from earmark.errors import HarnessError
from earmark.identity import digest, file_digest
from earmark.records import Json
from earmark.storage.folders import RunFolder, SweepFolder

NOTE = "complete"
READ_BY_CONF = re.compile(r"oc\.env:([A-Z_0-9]+)")


def line_digest(overrides: Sequence[str]) -> str:
    """The line, in any order, and everything that turns it into runs: configuration, code, the variables that the configuration reads."""
    return digest(
        [sorted(overrides), _sources(), {name: os.environ.get(name) for name in _variables()}]
    )[:32]


def noted(folder: SweepFolder, overrides: Sequence[str]) -> bool:
    """True when this line was finished before and every run of it is still there. HarnessError where sweep.json is damaged."""
    notes = folder.facts().get(NOTE, {})
    if not isinstance(notes, dict):
        raise HarnessError(
            f"{folder.path / 'sweep.json'}: {NOTE!r} must be a JSON object, is {notes!r}; delete the file and start again"
        )
    note: list[str] = notes.get(line_digest(overrides), [])
    return bool(note) and all(RunFolder(folder.path / name).finished for name in note)


def note(facts: Json, overrides: Sequence[str], runs: Iterable[str]) -> Json:
    """The facts of a sweep with the note that this line made these runs, all finished."""
    return {**facts, NOTE: {**facts.get(NOTE, {}), line_digest(overrides): sorted(runs)}}


@cache
def _sources() -> str:
    files = sorted([*paths.conf().rglob("*.yaml"), *paths.PACKAGE.rglob("*.py")])
    return digest([[path.parent.name, path.name, file_digest(path)] for path in files])


@cache
def _variables() -> tuple[str, ...]:
    texts = (path.read_text(encoding="utf-8") for path in paths.conf().rglob("*.yaml"))
    # The sweep's own name is in the note's place already, and where runs go changes no run.
    return tuple(
        sorted(
            {name for text in texts for name in READ_BY_CONF.findall(text)}
            - {"EARMARK_SWEEP", "MLFLOW_TRACKING_URI"}
        )
    )
