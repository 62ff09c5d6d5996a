"""CSV, TSV, Parquet, JSON and JSON Lines into rows of cells, one at a time, with what can't be read as rejects."""

from __future__ import annotations

import base64
import csv
import datetime
import io
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from quotestance.data.json_lines import OTHER_ENCODINGS, opened, read_json
from quotestance.data.packing import BROKEN
from quotestance.inference.rejects import Reject, in_order
from quotestance.inference.sources import Source

DELIMITERS = {".csv": ",", ".tsv": "\t"}
ROWS_AT_ONCE = 256  # of a Parquet file; a page of it is unpacked at a time anyhow
NOT_UTF8 = "\udc80", "\udcff"  # what a byte that is not UTF-8 is read as


@dataclass(frozen=True)
class Row:
    """One row: its number from 1 (0: the file is this one), the line it begins on (None in Parquet and JSON files), and its cells by column."""

    number: int
    line: int | None
    cells: dict[str, Any]


def read_rows(source: Source) -> Iterator[Row | Reject]:
    """The rows of a table or of a JSON file in their order. A file that breaks off gives one reject for its rest."""
    if source.ending in DELIMITERS:
        yield from _delimited(source, DELIMITERS[source.ending])
    elif source.ending == ".parquet":
        yield from _parquet(source)
    else:
        yield from _json(source)


def _delimited(source: Source, delimiter: str) -> Iterator[Row | Reject]:
    limit = csv.field_size_limit(sys.maxsize)
    try:
        with opened(source.path) as stream:
            if hasattr(stream, "peek") and (other := _other_encoding(stream.peek(2)[:2])):
                yield Reject(source.name, None, f"the file is {other}. Save it as UTF-8.")
                return
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
            yield from _rows_of(csv.reader(text, delimiter=delimiter, strict=True), source, stream)
    except (OSError, *BROKEN) as problem:
        yield Reject(source.name, None, f"the file breaks off or can't be read ({problem}).")
    finally:
        csv.field_size_limit(limit)


def _rows_of(reader: Any, source: Source, stream: Any) -> Iterator[Row | Reject]:
    header: list[str] | None = None
    number = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as problem:
            number += header is not None
            yield Reject(source.name, line, f"{problem}. Double the quotation marks inside a cell, and close each.")
            continue
        source.read = min(stream.tell(), source.size)
        if header is None:
            header = cells
            if len(set(header)) < len(header):
                twice = next(name for name in header if header.count(name) > 1)
                yield Reject(source.name, line, f"two columns are called '{twice}'. Give each its own name.")
                return
        elif cells:
            number += 1
            yield _row(source, number, line, header, cells)
    if header is None:
        yield Reject(source.name, None, "the file is empty.")


def _row(source: Source, number: int, line: int, header: list[str], cells: list[str]) -> Row | Reject:
    if len(cells) != len(header):
        return Reject(
            source.name, line, f"has {len(cells)} cells, but the header names {len(header)} columns. Quote the cells."
        )
    for name, cell in zip(header, cells, strict=True):
        bad = next((one for one in cell if NOT_UTF8[0] <= one <= NOT_UTF8[1]), None)
        if bad is not None:
            return Reject(
                source.name,
                line,
                f"column '{name}' has a byte (0x{ord(bad) - 0xDC00:02x}) that is not UTF-8. Save the file as UTF-8.",
            )
    return Row(number, line, dict(zip(header, cells, strict=True)))


def _parquet(source: Source) -> Iterator[Row | Reject]:
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(source.path)
    except Exception as problem:  # pyarrow raises a dozen kinds for rubbish
        yield Reject(source.name, None, f"is not a readable Parquet file ({_first_line(problem)}).")
        return
    with file:
        before = 0  # rows of the groups that are done
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            number = before
            try:
                for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, row_groups=[group]):
                    for cells in batch.to_pylist():
                        number += 1
                        yield Row(number, None, {str(name): plain(value) for name, value in cells.items()})
                    source.read = source.size * number // max(1, file.metadata.num_rows)
            except Exception as problem:
                lost = f"rows {number + 1} to {before + rows} can't be read"
                yield Reject(source.name, None, f"{lost} ({_first_line(problem)}). Write the file again.")
            before += rows


def _json(source: Source) -> Iterator[Row | Reject]:
    whole = source.ending == ".json"
    number = 0
    for entry in in_order(lambda refuse: read_json(source.path, whole=whole, refuse=refuse), source.path, source.name):
        if isinstance(entry, Reject):
            number += 1
            yield entry
            continue
        source.read = min(source.read + len(entry.raw), source.size)
        several = not whole or isinstance(entry.value, list)
        for value in entry.value if whole and several else [entry.value]:
            number += several
            if isinstance(value, dict):
                yield Row(number, entry.line, value)
            else:
                yield Reject(
                    source.name, entry.line, f"row {number} should be an object {{ … }}, but is {value!r:.40}."
                )


def plain(value: Any) -> Any:
    """A cell of a typed table as what JSON can hold: dates in ISO form, NaN as None, bytes in Base64."""
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
