"""CSV, TSV, Parquet, JSON and JSON Lines into rows of cells, one at a time, with what can't be read as rejects."""

from __future__ import annotations

import base64
import csv
import datetime
import io
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from quotestance.data.cells import unwrapped
from quotestance.data.columns import named_twice
from quotestance.data.digests import is_no_file
from quotestance.data.errors import FormatError
from quotestance.data.json_lines import OTHER_ENCODINGS, json_entries, unreadable
from quotestance.data.packing import BROKEN, unpacked
from quotestance.data.pair_tables import DELIMITERS, other_separator
from quotestance.inference.rejects import LONGEST_LINE, NO_FILE, Reject
from quotestance.inference.sources import Source

ROWS_AT_ONCE = 256  # of a Parquet file; a page of it is unpacked at a time anyhow
LONGEST_CELL = 1 << 24  # characters of CSV: so far an open quotation mark is followed
NOT_UTF8 = "\udc80", "\udcff"  # what a byte that is not UTF-8 is read as


@dataclass(frozen=True)
class Row:
    """One row: its number from 1 (0: the file is this one), the line it begins on (None in Parquet and JSON files), and its cells by column."""

    number: int
    line: int | None
    cells: dict[str, Any]


def read_rows(source: Source, words: Collection[str] = ()) -> Iterator[Row | Reject]:
    """The rows of a table or of a JSON file in their order. A file that breaks off gives one reject for its rest.

    `words` are columns that are text: the bytes that Parquet may keep in their place are read as UTF-8.
    """
    if is_no_file(source.path):
        yield Reject(source.name, None, NO_FILE)
        return
    if source.ending == ".parquet":
        yield from _parquet(source, words)
        return
    read = _delimited if source.ending in DELIMITERS else _json
    try:
        with open(source.path, "rb") as packed, unpacked(packed) as stream:
            for row in read(stream, source):
                source.read = packed.tell()
                yield row
    except (OSError, *BROKEN) as problem:
        lost = " The rest of the file is lost; nobody knows how many rows that are." if source.read else ""
        reject = Reject.of(unreadable(source.name, problem), source.name)
        yield replace(reject, reason=reject.reason + lost)


def _delimited(stream: BinaryIO, source: Source) -> Iterator[Row | Reject]:
    if hasattr(stream, "peek") and (other := _other_encoding(stream.peek(2)[:2])):
        yield Reject(source.name, None, f"the file is {other}. Save it as UTF-8.")
        return
    lines = _Lines(io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline=""))
    reader = csv.reader(lines, delimiter=DELIMITERS[source.ending], strict=True)
    header: list[str] | None = None
    number = 0
    while True:
        line = lines.number + 1
        try:
            cells = _next(reader)
        except csv.Error as problem:
            number += header is not None
            yield Reject(source.name, line, _told(problem, line, lines), number or None)
            continue
        if cells is None:
            break
        if header is None:
            if len(cells) < 2 and not "".join(cells).strip():
                continue  # a blank line above it
            header = cells
            if wrong := _wrong_header(header, DELIMITERS[source.ending]):
                yield Reject(source.name, line, wrong)
                return
        elif cells:
            number += 1
            yield _row(source, number, line, header, cells)
    if header is None:
        yield Reject(source.name, None, "the file is empty.")


class _TooLong(csv.Error):
    """A line that was passed over."""


class _Lines:
    """The lines of a text, counted. One that is too long is passed over and raised as csv.Error."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text, self.number, self.ended = text, 0, False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.text.readline(LONGEST_CELL)
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        if len(line) == LONGEST_CELL and line[-1] not in "\r\n":
            while (rest := self.text.readline(LONGEST_CELL)) and rest[-1] not in "\r\n":
                pass
            raise _TooLong(f"the line is longer than {LONGEST_CELL:,} characters. Shorten it.")
        return line


def _next(reader: Any) -> list[str] | None:
    """The next cells; None at the end. The limit of the csv module is one for the whole process, so it is set for a moment."""
    limit = csv.field_size_limit(LONGEST_CELL)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(limit)


def _told(problem: csv.Error, line: int, lines: _Lines) -> str:
    """What is wrong with a row, and how far it reached."""
    if isinstance(problem, _TooLong) and lines.number == line:
        return str(problem)
    if lines.number == line:
        return f"{problem}. Double the quotation marks inside a cell, and close each."
    end = "the end of the file" if lines.ended else f"line {lines.number}"
    return (
        f"{problem}. A quotation mark that is open here took in everything to {end}, {lines.number - line + 1} lines, and "
        "the rows in them are lost. Close it."
    )


def _wrong_header(header: list[str], delimiter: str) -> str | None:
    if other := other_separator(header, delimiter):
        return f"{other} No row of it was read."
    if twice := _named_twice(header):
        return twice
    if (bad := _no_text(header)) is not None:
        number, byte = bad
        return (
            f"the name of column {number + 1} has a byte (0x{byte:02x}) that is not UTF-8. Save the file as UTF-8. No row of "
            "it was read."
        )
    return None


def _named_twice(header: list[str]) -> str | None:
    wrong = named_twice(header)
    return wrong and f"{wrong} No row of the file was read."


def _row(source: Source, number: int, line: int, header: list[str], cells: list[str]) -> Row | Reject:
    reason = None
    if len(cells) != len(header):
        reason = f"has {len(cells)} cells, but the header names {len(header)} columns. Quote the cells."
    elif (bad := _no_text(cells)) is not None:
        reason = f"column '{header[bad[0]]}' has a byte (0x{bad[1]:02x}) that is not UTF-8. Save the file as UTF-8."
    if reason is not None:
        return Reject(source.name, line, reason, number)
    return Row(number, line, dict(zip(header, cells, strict=True)))


def _no_text(cells: list[str]) -> tuple[int, int] | None:
    """Which cell has a byte that is not UTF-8, and the byte."""
    for number, cell in enumerate(cells):
        bad = next((one for one in cell if NOT_UTF8[0] <= one <= NOT_UTF8[1]), None) if not cell.isascii() else None
        if bad is not None:
            return number, ord(bad) - 0xDC00
    return None


def _parquet(source: Source, words: Collection[str]) -> Iterator[Row | Reject]:
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(source.path)
    except Exception as problem:  # pyarrow raises a dozen kinds for rubbish
        yield Reject(
            source.name, None, f"is not a readable Parquet file ({_first_line(problem)}). No row of it was read."
        )
        return
    with file:
        if twice := _named_twice(file.schema_arrow.names):
            yield Reject(source.name, None, twice)
            return
        number, end = 0, 0
        for group in range(file.num_row_groups):
            number, end = end, end + file.metadata.row_group(group).num_rows
            try:
                for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, row_groups=[group]):
                    for cells in _rows_of(batch):
                        number += 1
                        yield _typed_row(source, number, cells, words)
                    source.read = source.size * number // max(1, file.metadata.num_rows)
            except Exception as problem:
                lost = f"rows {number + 1} to {end} can't be read ({_first_line(problem)}). Write the file again."
                yield Reject(source.name, None, lost, number + 1, rows=end - number)


def _rows_of(batch: Any) -> Iterator[Mapping[str, Any]]:
    """The rows of a batch of Parquet; a cell that is no value of its column, as text that is not UTF-8, is the problem instead."""
    try:
        yield from batch.to_pylist()
    except ValueError:  # before the first row
        for number in range(batch.num_rows):
            yield {name: _cell_of(batch.column(place)[number]) for place, name in enumerate(batch.schema.names)}


def _cell_of(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except ValueError as problem:
        return problem


def _typed_row(source: Source, number: int, cells: Mapping[str, Any], words: Collection[str]) -> Row | Reject:
    found = {}
    for name, value in cells.items():
        try:
            if isinstance(value, ValueError):
                raise value
            found[name] = value.decode("utf-8") if isinstance(value, bytes) and name in words else plain(value)
        except UnicodeDecodeError as problem:
            byte = problem.object[problem.start]
            return Reject(
                source.name,
                None,
                f"column '{name}' has a byte (0x{byte:02x}) that is not UTF-8. Write it as UTF-8.",
                number,
            )
        except ValueError as problem:
            return Reject(source.name, None, f"column '{name}' can't be read ({_first_line(problem)}).", number)
    return Row(number, None, found)


def _json(stream: BinaryIO, source: Source) -> Iterator[Row | Reject]:
    whole = source.ending == ".json"
    number = 0
    for entry in json_entries(stream, source.name, whole=whole, longest=LONGEST_LINE):
        if isinstance(entry, FormatError):
            number += 1
            yield Reject.of(entry, source.name, row=number)
            continue
        several = not whole or isinstance(entry.value, list)
        for value in entry.value if whole and several else [entry.value]:
            number += several
            if isinstance(value, dict):
                yield Row(number, entry.line, value)
            else:
                reason = f"row {number} should be an object {{ … }}, but is {value!r:.40}."
                yield Reject(source.name, entry.line, reason, number or None)


def plain(value: Any) -> Any:
    """A cell of a typed table as what JSON can hold: dates in ISO form, NaN as None, bytes in Base64."""
    if type(value).__name__ in ("NAType", "NaTType"):  # pandas' missing values
        return None
    if type(value).__name__ == "datetime64":
        return None if str(value) == "NaT" else str(value)
    value = unwrapped(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else str(value)


def _other_encoding(beginning: bytes) -> str | None:
    return next((name for mark, name in OTHER_ENCODINGS if beginning == mark), None)


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0][:200]
