"""One portable file of a cassette: a ZIP of its answers, to share beside a paper and to replay from.

In: a cassette's folder, or such a file. Out: the other, each entry checked against its key. The same answers make the same bytes.
Errors stay behind: a packed cassette holds answers only, with the prompts that brought them.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from earmark.errors import ConfigError, HarnessError
from earmark.models.wrappers.completion_store import KINDS, CompletionStore, completion_of
from earmark.records import Completion, Json
from earmark.storage.folders import write_text

NAME = re.compile(r"([0-9a-f]{64})(" + "|".join(re.escape(kind) for kind in KINDS) + r")\.json")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can say: no clock in the file
MAX_BYTES = 16 * 1024**2  # of one entry: a longest answer is far below a megabyte


class CassetteArchive:
    """A packed cassette, read in place. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, key: str) -> Completion | None:
        """The packed completion, or None. HarnessError names the file and the entry that is corrupt."""
        for kind in KINDS:
            if (name := f"{key}{kind}.json") in self._names:
                return completion_of(self._entry(name), key, where=f"{self._path}: {name}")
        return None

    def texts(self) -> Iterator[tuple[str, str]]:
        """Name and text of every entry, each checked against its key."""
        for name in sorted(self._names):
            text = self._text(name)
            completion_of(
                _parsed(text, f"{self._path}: {name}"), name[:64], where=f"{self._path}: {name}"
            )
            yield name, text

    @cached_property
    def _names(self) -> frozenset[str]:
        try:
            with zipfile.ZipFile(self._path) as packed:
                names = packed.namelist()
        except (OSError, zipfile.BadZipFile) as error:
            raise ConfigError(
                f"{self._path}: is no packed cassette ({error}); make one by `earmark cassette pack`"
            ) from error
        if strange := [name for name in names if not NAME.fullmatch(name)]:
            raise ConfigError(
                f"{self._path}: is no packed cassette (it holds {strange[0]!r}); make one by `earmark cassette pack`"
            )
        return frozenset(names)

    def _entry(self, name: str) -> Json:
        return _parsed(self._text(name), f"{self._path}: {name}")

    def _text(self, name: str) -> str:
        try:
            with zipfile.ZipFile(self._path) as packed:
                if packed.getinfo(name).file_size > MAX_BYTES:
                    raise HarnessError(
                        f"{self._path}: {name}: an entry must be below {MAX_BYTES} bytes; pack again from the folder"
                    )
                return packed.read(name).decode()
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise HarnessError(
                f"{self._path}: {name}: cannot be read ({error}); pack again from the folder"
            ) from error


def pack(folder: Path, path: Path) -> int:
    """Write all answers of a cassette's folder to the file `path`; returns how many. ConfigError for a folder without any."""
    entries = list(CompletionStore(folder).entries())
    if not entries:
        raise ConfigError(f"{folder}: holds no completions; name a cassette's folder")
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with zipfile.ZipFile(temporary, "w") as packed:
            for entry in entries:
                text = entry.read_text(encoding="utf-8")
                completion_of(_parsed(text, str(entry)), entry.name[:64], where=str(entry))
                packed.writestr(_info(entry.name), text)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return len(entries)


def unpack(path: Path, folder: Path) -> int:
    """Write all answers of a packed file into a cassette's folder; returns how many were new.

    An answer that the folder already holds otherwise is a HarnessError, and nothing is written: two answers to one request cannot
    both be replayed.
    """
    texts = {folder / name[:2] / name: text for name, text in CassetteArchive(path).texts()}
    shelf = CompletionStore(folder)
    held = {entry.name[:64]: entry for entry in shelf.entries()}
    for place, text in texts.items():
        other = held.get(place.name[:64])
        if other is not None and (
            other.name != place.name or other.read_text(encoding="utf-8") != text
        ):
            raise HarnessError(
                f"{path}: {place.name} differs from the answer in {other}; unpack into an empty folder"
            )
    new = [place for place in texts if place.name[:64] not in held]
    for place in new:
        write_text(place, texts[place])
    return len(new)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _parsed(text: str, where: str) -> Json:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise HarnessError(
            f"{where}: cannot be read as JSON ({error}); delete it and start again"
        ) from error
    if not isinstance(value, dict):
        raise HarnessError(f"{where}: must hold a JSON object; delete it and start again")
    return value
