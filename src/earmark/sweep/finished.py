"""What a finished line printed, with the state of all that it read: it is printed again at once.

    multirun/.finished/LINE.json    what the line prints, and the state of the sweep and its store

A change of the configuration, the code, the environment, a file of the sweep or its runs in the
store makes the line be worked out anew. Nothing that takes time to import is imported here.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR
from typing import Any, TextIO, cast

from earmark import paths

READ_BY_CONF = re.compile(r"oc\.env:([A-Z_0-9]+)")
# All of the sweep in the store of MLflow, which keeps runs, their tags and experiments so.
ROWS = (
    "SELECT runs.run_uuid, status, runs.lifecycle_stage, runs.name, artifact_location, tag.key, "
    "tag.value FROM tags AS mark JOIN runs ON runs.run_uuid = mark.run_uuid "
    "JOIN tags AS tag ON tag.run_uuid = runs.run_uuid "
    "JOIN experiments ON experiments.experiment_id = runs.experiment_id "
    "WHERE mark.key = 'earmark.sweep' AND mark.value = ? ORDER BY runs.run_uuid, tag.key"
)


def line_key(words: Sequence[str]) -> str:
    """The line, in any order, with everything that turns it into runs and text."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in _conf()]
    named = {*READ_BY_CONF.findall("\n".join(texts)), "MLFLOW_TRACKING_URI"}
    named |= {name for name in os.environ if name.startswith("EARMARK_")}
    environment = {name: os.environ.get(name) for name in sorted(named)}
    code = [*_conf(), *paths.PACKAGE.rglob("*.py")]
    place = [str(paths.sweeps()), str(paths.cache())]
    return _digest([sorted(words), environment, _stats(code), place, _screen()])


def print_again(words: Sequence[str]) -> bool:
    """Print what a finished line printed; False where it is unknown, or something has changed."""
    try:
        kept = json.loads(_path(line_key(words)).read_text(encoding="utf-8"))
        tables, finished, link = (str(kept[name]) for name in ("tables", "finished", "link"))
        unchanged = kept["state"] == _state(paths.sweeps() / kept["sweep"], kept["store"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if unchanged:
        print(tables, end="", flush=True)
        print(finished, file=sys.stderr, flush=True)
        print(link, end="", flush=True)
    return bool(unchanged)


@dataclass(frozen=True, slots=True)
class Printed:
    """What was printed of a sweep: all about its runs, and the link to its store."""

    tables: str
    link: str


def finished_line(sweep: str, runs: int) -> str:
    """That there is nothing to do."""
    what = "its run is finished" if runs == 1 else f"all {runs} runs are finished"
    return f"{sweep}: {what}; nothing to do"


def keep(key: str, sweep: Path, printed: Printed, *, runs: int, uri: str | None) -> None:
    """Keep what a finished line prints.

    Args:
        key: the line_key, taken before the sweep ran.
        sweep: the sweep's folder.
        printed: what was printed of it.
        runs: how many they are.
        uri: the store. Any but an sqlite file would have to be asked, so with one nothing is kept.
    """
    from earmark.errors import HarnessError
    from earmark.storage.atomic import write_json
    from earmark.storage.urls import sqlite_path

    database = sqlite_path(uri) if uri else None
    if uri and database is None:
        return
    store = str(database or "")
    texts = {"tables": printed.tables, "link": printed.link}
    line = {"finished": finished_line(sweep.name, runs), "store": store}
    with suppress(HarnessError, OSError):  # a folder of others: only the next time is not quick
        state = _state(sweep, store)
        write_json(_path(key), {"sweep": sweep.name, "state": state, **line, **texts})


@contextmanager
def copied_stdout() -> Iterator[list[str]]:
    """Collect what is printed inside, which is printed all the same."""
    copy = _Copy(sys.stdout)
    with redirect_stdout(cast(TextIO, copy)):
        yield copy.texts


class _Copy:
    """A stream that remembers what was written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.texts: list[str] = []

    def write(self, text: str) -> int:
        """Write, and remember."""
        self.texts.append(text)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the stream has
        return getattr(self._stream, name)


def _path(key: str) -> Path:
    return paths.sweeps() / ".finished" / f"{key}.json"


def _conf() -> list[Path]:
    return paths.conf_files("**/*.yaml")


def _screen() -> list[str]:
    """What decides how tables are drawn."""
    if not sys.stdout.isatty():
        return []
    size = shutil.get_terminal_size()
    return [str(size.columns), *(os.environ.get(name, "") for name in ("TERM", "NO_COLOR"))]


def _state(sweep: Path, store: str) -> str:
    """Of the records in the sweep's folder, and of its runs in the store."""
    records = [str(path) for path in sweep.iterdir() if not path.name.startswith(".")]
    for folder, _, names in os.walk(sweep):
        records += [os.path.join(folder, name) for name in names if name.endswith(".json")]
    return _digest([_stats(records), _rows(store, sweep.name)])


def _rows(store: str, sweep: str) -> list[Any]:
    """What an sqlite store of MLflow holds of a sweep. OSError where it cannot be read so."""
    if not store:
        return []
    try:
        with closing(sqlite3.connect(f"{Path(store).as_uri()}?mode=ro", uri=True)) as database:
            return database.execute(ROWS, [sweep]).fetchall()
    except sqlite3.Error as error:
        raise OSError(str(error)) from error


def _stats(files: Iterable[str | Path]) -> list[tuple[str, int, int]]:
    """Name, size and time of each file; of a folder the name alone. OSError for one that is gone.

    Only the directory entries are read: a hundred thousand records take a second.
    """
    stats = []
    for path in files:
        one = os.lstat(path)
        size, time_ns = one.st_size, one.st_mtime_ns
        stats.append((str(path), 0, 0) if S_ISDIR(one.st_mode) else (str(path), size, time_ns))
    return sorted(stats)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:32]
