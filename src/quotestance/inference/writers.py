"""Records in shards into what a name says by its ending: JSON, JSON Lines, CSV, TSV, Parquet, a page, or a folder.

Tables are typed and hold one row a quote and target. Two passes are made over the shards, one to learn the columns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, BinaryIO

from quotestance.data.atomic import whole_file
from quotestance.data.errors import FormatError
from quotestance.data.json_lines import json_line
from quotestance.data.packing import PACKED
from quotestance.data.pair_tables import DELIMITERS, JSON_LINES
from quotestance.data.records import Article
from quotestance.inference.long_format import Columns, columns_of, stance_rows
from quotestance.inference.sources import ending_of

FOLDER = ""  # a name without ending: a folder of Parquet files
ARTICLE_ENDINGS = (*JSON_LINES, ".json", *DELIMITERS, ".parquet", ".html", FOLDER)
PAIR_ENDINGS = (*JSON_LINES, *DELIMITERS, ".parquet", FOLDER)
NEVER_PACKED = (".parquet", FOLDER)
LABEL, PREDICTED = "label", "predicted"
MOST_ON_A_PAGE = 500  # articles; more makes a page that no browser likes and nobody reads
LARGEST_EXACT = 1 << 53  # beyond it, a float can't tell a whole number from the next
ROWS_A_GROUP = 8192  # of Parquet
ROWS_A_FILE = 1 << 20  # of a folder of Parquet files: some 200 MB of quotes

Records = Iterable[dict[str, Any]]  # iterated more than once
Page = Callable[[Sequence[Article]], str]


def check_ending(path: str | Path, endings: Sequence[str]) -> str:
    """The ending of an output. Raises FormatError where nothing is written by it, and where a file lies in a folder's place."""
    ending, packing = ending_of(Path(path)), Path(path).suffix.lower()
    if ending not in endings:
        raise FormatError(f"{path}: the ending '{ending}' is not one that can be written. Write {_listed(endings)}.")
    if ending in NEVER_PACKED and packing in PACKED:
        raise FormatError(f"{path}: Parquet is packed already, and nobody reads it with {packing}. Leave that out.")
    if ending == FOLDER and Path(path).is_file():
        raise FormatError(
            f"{path}: a name without ending means a folder, but there is a file of this name. Name another."
        )
    return ending


def most_records(path: str | Path) -> int | None:
    """How many articles a file of this ending holds at most; None: any number."""
    return {".json": 1, ".html": MOST_ON_A_PAGE}.get(ending_of(Path(path)))


def write_article_records(
    records: Records, path: str | Path, *, labels: Sequence[str] = (), page: Page | None = None
) -> None:
    """Write article records (JSON objects of the format) by the ending of `path`. The file is there whole or not at all.

    `labels` are those of the model: their probabilities are columns even if no row has them. `page` makes an .html file.
    """
    ending = check_ending(path, ARTICLE_ENDINGS)
    if ending == ".json":
        with whole_file(path) as stream:
            for record in records:
                stream.write(json_line(record, where=str(path), indent=2))
    elif ending == ".html":
        if page is None:
            raise FormatError(f"{path}: pages are not made here. Write {_listed(PAIR_ENDINGS)}.")
        shown = page([Article.model_validate(record) for record in records])
        with whole_file(path) as stream:
            stream.write(shown.encode("utf-8"))
    elif ending in JSON_LINES:
        _write_lines(records, path)
    else:
        rows = _StanceRows(records, labels)
        _write_table(rows, path, _unrounded(rows, labels))


def write_pair_records(records: Records, path: str | Path, *, labels: Sequence[str] = ()) -> None:
    """Write the rows of a pair table by the ending of `path`: .jsonl, .csv, .tsv (with `.gz` or `.zst` if wanted), .parquet, or none.

    The answer, `predicted`, is called `label` where no row has a label of its own.
    """
    if not any(LABEL in row for row in records):
        records = _Unlabelled(records)
    if check_ending(path, PAIR_ENDINGS) in JSON_LINES:
        _write_lines(records, path)
    else:
        _write_table(records, path, _unrounded(records))


def _listed(endings: Sequence[str]) -> str:
    named = ", ".join(ending for ending in endings if ending != FOLDER)
    return f"{named}, or a name without ending (a folder of Parquet files)" if FOLDER in endings else named


class _Unlabelled:
    """Rows with their answer as `label`, as often as they are iterated."""

    def __init__(self, records: Records) -> None:
        self.records = records

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for record in self.records:
            yield {LABEL if name == PREDICTED else name: value for name, value in record.items()}


class _StanceRows:
    """The long format of records, as often as it is iterated."""

    def __init__(self, records: Records, labels: Sequence[str]) -> None:
        self.records, self.labels = records, labels

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for record in self.records:
            yield from stance_rows(record, self.labels)


def _write_lines(records: Records, path: str | Path) -> None:
    with whole_file(path) as stream:
        for record in records:
            stream.write(json_line(record, where=str(path)))


def _write_table(rows: Records, path: str | Path, columns: Columns) -> None:
    ending = ending_of(Path(path))
    if ending == FOLDER:
        _write_folder(rows, Path(path), columns)
        return
    with whole_file(path) as stream:
        if ending == ".parquet":
            _write_parquet(rows, stream, columns)
        else:
            delimiter = DELIMITERS[ending]
            stream.write((delimiter.join(_cell(name, delimiter) for name in columns) + "\n").encode("utf-8"))
            for row in rows:
                cells = (_cell(row.get(name), delimiter) for name in columns)
                stream.write((delimiter.join(cells) + "\n").encode("utf-8"))


def _unrounded(rows: Records, stances: Sequence[str] | None = None) -> Columns:
    """`columns_of`, but a column of numbers is text where it holds a whole number that a fraction's type would round."""
    large = set[str]()

    def noted() -> Iterator[dict[str, Any]]:
        for row in rows:
            large.update(name for name, value in row.items() if isinstance(value, int) and abs(value) > LARGEST_EXACT)
            yield row

    columns = columns_of(noted(), stances=stances)
    return {name: "text" if kind == "number" and name in large else kind for name, kind in columns.items()}


def _write_folder(rows: Records, folder: Path, columns: Columns) -> None:
    waiting = iter(rows)
    first = next(waiting, None)
    for number in count():
        some = () if first is None else chain([first], islice(waiting, ROWS_A_FILE - 1))
        with whole_file(folder / f"part-{number:05}.parquet") as stream:
            _write_parquet(some, stream, columns)
        first = next(waiting, None)
        if first is None:
            return


def _write_parquet(rows: Iterable[dict[str, Any]], stream: BinaryIO, columns: Columns) -> None:
    import pyarrow
    import pyarrow.parquet

    types = {"text": pyarrow.string(), "whole": pyarrow.int64(), "number": pyarrow.float64(), "truth": pyarrow.bool_()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
    waiting = iter(rows)
    with pyarrow.parquet.ParquetWriter(stream, schema) as writer:
        while group := list(islice(waiting, ROWS_A_GROUP)):
            arrays = {
                name: pyarrow.array([_typed(row.get(name), kind) for row in group], types[kind])
                for name, kind in columns.items()
            }
            writer.write_table(pyarrow.table(arrays, schema=schema))


def _typed(value: Any, kind: str) -> Any:
    if value is None or kind != "text":
        return float(value) if kind == "number" and value is not None else value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cell(value: Any, delimiter: str) -> str:
    """One cell of CSV. Python's csv writer leaves a lone CR without quotation marks, which its reader then refuses."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | bool) else str(value)
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in (delimiter, '"', "\r", "\n")) else text
