"""Which runs a line has made, in sweep.json: once all are finished it is not composed again.

Composing takes a third of a second a run, so 500 finished runs would cost minutes before there was
nothing to do. A line whose configuration files, code or environment have changed is a new line: it
is composed as ever.
"""

import os
from collections.abc import Iterable, Sequence
from functools import cache

from earmark import paths
from earmark.errors import HarnessError
from earmark.identity import digest, file_digest
from earmark.records import Json
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep.finished import READ_BY_CONF

NOTE = "complete"
# The sweep's own name is known without it, and where runs are tracked changes no run.
NOT_READ = {"EARMARK_SWEEP", "MLFLOW_TRACKING_URI"}


def complete_runs(folder: SweepFolder, overrides: Sequence[str]) -> list[str]:
    """The runs of a line that was finished before; none where one of them is not there any more.

    Raises:
        HarnessError: sweep.json is damaged.
    """
    notes = folder.facts().get(NOTE, {})
    if not isinstance(notes, dict):
        rule = f"{NOTE!r} must be a JSON object, got {notes!r}"
        path = folder.path / "sweep.json"
        raise HarnessError(f"{path}: {rule}; delete the file and start again")
    names: list[str] = notes.get(line_digest(overrides), [])
    return names if all(RunFolder(folder.path / name).finished for name in names) else []


def note(facts: Json, overrides: Sequence[str], runs: Iterable[str]) -> Json:
    """The facts of a sweep with the note that this line made these runs, all finished."""
    return {**facts, NOTE: {**facts.get(NOTE, {}), line_digest(overrides): sorted(runs)}}


def line_digest(overrides: Sequence[str]) -> str:
    """The line, in any order, with everything that turns it into runs."""
    environment = {name: os.environ.get(name) for name in read_variables()}
    return digest([sorted(overrides), _sources(), environment])[:32]


@cache
def _sources() -> str:
    files = sorted([*paths.conf_files("**/*.yaml"), *paths.PACKAGE.rglob("*.py")])
    return digest([[path.parent.name, path.name, file_digest(path)] for path in files])


@cache
def read_variables() -> tuple[str, ...]:
    """The environment variables that the configuration reads."""
    texts = [path.read_text(encoding="utf-8") for path in paths.conf_files("**/*.yaml")]
    return tuple(sorted({*READ_BY_CONF.findall("\n".join(texts))} - NOT_READ))
