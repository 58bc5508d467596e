"""A sweep as files: attempts and runs as Parquet and CSV, some thousand rows in memory at a time.

The rows are read twice: for the columns that only this sweep has, then to be written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.report.export import ATTEMPTS, RUNS, Row, attempt_rows, column_types, run_rows
from earmark.storage.atomic import replacing
from earmark.storage.sweep_folder import SweepFolder

if TYPE_CHECKING:
    from pandas import DataFrame  # type: ignore[import-untyped]  # pandas ships no types

AT_ONCE = 2000  # rows
# Texts that a spreadsheet takes for a formula begin so; the last four are full-width = + - @.
FORMULA = ("=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def export(folder: SweepFolder, into: Path) -> list[Path]:
    """Write attempts and runs as .parquet and .csv into a folder; the four paths.

    Raises:
        HarnessError: a file that cannot be written, or a damaged run.
    """
    into.mkdir(parents=True, exist_ok=True)
    attempts = _write(into / "attempts", lambda: attempt_rows(folder), ATTEMPTS)
    return [*attempts, *_write(into / "runs", lambda: run_rows(folder), RUNS)]


@dataclass
class _Seen:
    """Of a column that has no stated type: the kinds of its values, and how many there are."""

    count: int = 0
    kinds: set[type] = field(default_factory=set)

    def type_among(self, rows: int) -> str:
        """What pandas would take for all rows at once; a mixture is written as text."""
        if self.kinds == {bool}:
            return "bool" if self.count == rows else "boolean"
        if self.kinds == {int} and self.count == rows:
            return "int64"
        return "float64" if self.kinds <= {int, float} else "string"


def _write(stem: Path, rows: Callable[[], Iterable[Row]], columns: Mapping[str, str]) -> list[Path]:
    types = _types(rows(), columns)
    paths = [stem.with_suffix(suffix) for suffix in (".parquet", ".csv")]
    with ExitStack() as stack:
        temporary = [stack.enter_context(replacing(path)) for path in paths]
        _write_rows(_frames(rows(), types), *temporary)
    return paths


def _types(rows: Iterable[Row], columns: Mapping[str, str]) -> dict[str, str]:
    seen: dict[str, _Seen] = {}
    count = 0
    for row in rows:
        count += 1
        for name in row:
            if name not in columns:
                seen.setdefault(name, _Seen())
        for name, one in seen.items():
            if row.get(name) is not None:
                one.count += 1
                one.kinds.add(type(row[name]))
    types = column_types(seen, columns)
    return {name: kind or seen[name].type_among(count) for name, kind in types.items()}


def _frames(rows: Iterable[Row], types: Mapping[str, str]) -> Iterator["DataFrame"]:
    """Frames of so many rows, all of the same columns and types; at least one."""
    import pandas

    rest = iter(rows)
    first = True
    while (batch := list(islice(rest, AT_ONCE))) or first:
        first = False
        batch = [_as_utf8(row) for row in batch]
        yield pandas.DataFrame(batch).reindex(columns=list(types)).astype(types)


def _as_utf8(row: Row) -> Row:
    """Half a surrogate pair, which JSON and answers may hold and no file of text, is escaped."""
    return {
        name: value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
        for name, value in row.items()
    }


def _write_rows(frames: Iterable["DataFrame"], parquet: Path, csv: Path) -> None:
    import pyarrow  # type: ignore[import-untyped]  # pyarrow ships no types
    from pyarrow.parquet import ParquetWriter  # type: ignore[import-untyped]  # as above

    writer = None
    with csv.open("w", encoding="utf-8", newline="") as stream, ExitStack() as stack:
        for table in frames:
            written = pyarrow.Table.from_pandas(table, preserve_index=False)
            if writer is None:
                writer = stack.enter_context(ParquetWriter(parquet, written.schema))
                without_formulas(table).to_csv(stream, index=False)
            else:
                without_formulas(table).to_csv(stream, index=False, header=False)
            writer.write_table(written)


def without_formulas(table: "DataFrame") -> "DataFrame":
    """The frame with an apostrophe before every text that begins like a formula.

    OWASP advises so. Numbers are left as they are.
    """

    def quote(value: object) -> object:
        if not isinstance(value, str):
            return value
        # pandas does not quote a lone carriage return, and a row would end there.
        text = value.replace("\r\n", "\n").replace("\r", "\n")
        return f"'{text}" if text.startswith(FORMULA) else text

    texts = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.assign(**{name: table[name].map(quote) for name in texts}).rename(columns=quote)
