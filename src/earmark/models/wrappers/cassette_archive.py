"""A cassette in one portable file: a ZIP of its answers, to share with a paper and to replay from.

Each entry is checked against its key, on the way in and out. The same answers make the same bytes.
Errors are left out: the file holds answers only, with the prompts that brought them.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from earmark.errors import ConfigError, HarnessError
from earmark.models.wrappers.completion_store import KINDS, CompletionStore, load_entry
from earmark.records import Completion, Json
from earmark.storage.atomic import replacing, write_text
from earmark.storage.foreign import json_of

NAME = re.compile(r"([0-9a-f]{64})(" + "|".join(re.escape(kind) for kind in KINDS) + r")\.json")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date of a ZIP: the bytes depend on no clock
PACK_HINT = "make one by `earmark cassette pack`"
MAX_BYTES = 16 * 1024**2  # of one entry: a longest answer is far below a megabyte
# Of all of them together, as they come out, whatever the file says of their sizes: an honest file
# is a tenth of what it holds.
MAX_RATIO, FREE_BYTES = 50, 64 * 1024**2
DAMAGED = (
    OSError,
    ValueError,
    LookupError,
    EOFError,
    RuntimeError,  # it is locked
    zipfile.BadZipFile,
    zlib.error,
)


class CassetteArchive:
    """A packed cassette, read in place. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, key: str) -> Completion | None:
        """The packed completion, or None. HarnessError names the file and the entry that is
        corrupt.
        """
        for kind in KINDS:
            if (name := f"{key}{kind}.json") in self._names:
                return load_entry(self._entry(name), key, where=f"{self._path}: {name}")
        return None

    def keys(self) -> frozenset[str]:
        """The keys of all entries."""
        return frozenset(name.partition(".")[0] for name in self._names)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Name and text of every entry, each checked against its key. HarnessError once they are
        far larger than the file.
        """
        names = sorted(self._names)
        most = left = max(FREE_BYTES, MAX_RATIO * self._path.stat().st_size)
        for name in names:
            text = self._text(name)
            where = f"{self._path}: {name}"
            left -= len(text.encode())
            if left < 0:
                rule = f"entries must be below {most} bytes together, {MAX_RATIO} times the file"
                raise HarnessError(f"{self._path}: {rule}; pack again from the folder")
            load_entry(_parse(text, where), name[:64], where=where)
            yield name, text

    @cached_property
    def _packed(self) -> zipfile.ZipFile:
        """The file, opened once: its directory is as long as it has entries."""
        if not self._path.is_file():  # the end of a device is never reached
            raise ConfigError(f"{self._path}: must be a packed cassette, is no file; {PACK_HINT}")
        try:
            return zipfile.ZipFile(self._path)
        except (OSError, zipfile.BadZipFile) as error:
            raise ConfigError(
                f"{self._path}: must be a packed cassette ({error}); {PACK_HINT}"
            ) from error

    @cached_property
    def _names(self) -> frozenset[str]:
        names = self._packed.namelist()
        for name in names:
            if not NAME.fullmatch(name):
                raise ConfigError(
                    f"{self._path}: must be a packed cassette, got a file with {name!r} in it; "
                    f"{PACK_HINT}"
                )
        return frozenset(names)

    def _entry(self, name: str) -> Json:
        return _parse(self._text(name), f"{self._path}: {name}")

    def _text(self, name: str) -> str:
        try:
            with self._packed.open(name) as entry:
                data = entry.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise HarnessError(
                    f"{self._path}: {name}: an entry must be below {MAX_BYTES} bytes; "
                    "pack again from the folder"
                )
            return data.decode()
        except DAMAGED as error:
            raise HarnessError(
                f"{self._path}: {name}: cannot be read ({error}); pack again from the folder"
            ) from error


def pack(folder: Path, path: Path) -> int:
    """Write all answers of a cassette's folder to the file `path`; returns how many. ConfigError
    for a folder without any.
    """
    entries = list(CompletionStore(folder).entries())
    if not entries:
        raise ConfigError(f"{folder}: holds no completions; give a cassette's folder")
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as packed:
        for entry in entries:
            text = entry.read_text(encoding="utf-8")
            load_entry(_parse(text, str(entry)), entry.name[:64], where=str(entry))
            packed.writestr(_info(entry.name), text)
    return len(entries)


def unpack(path: Path, folder: Path) -> int:
    """Write all answers of a packed file into a cassette's folder; returns how many were new.

    Where the folder holds another answer to the same request, nothing is written (HarnessError):
    two answers to one request cannot both be replayed.
    """
    texts = {folder / name[:2] / name: text for name, text in CassetteArchive(path).texts()}
    existing = {entry.name[:64]: entry for entry in CompletionStore(folder).entries()}
    for target, text in texts.items():
        other = existing.get(target.name[:64])
        if other is not None and (
            other.name != target.name or other.read_text(encoding="utf-8") != text
        ):
            raise HarnessError(
                f"{path}: {target.name} differs from the answer in {other}; "
                "unpack into an empty folder"
            )
    new = [target for target in texts if target.name[:64] not in existing]
    for target in new:
        write_text(target, texts[target])
    return len(new)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _parse(text: str, where: str) -> Json:
    try:
        value = json_of(text)
    except ValueError as error:
        raise HarnessError(
            f"{where}: cannot be read as JSON ({error}); delete it and start again"
        ) from error
    if not isinstance(value, dict):
        raise HarnessError(f"{where}: must hold a JSON object; delete it and start again")
    return value
