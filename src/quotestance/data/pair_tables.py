"""Pair tables: questions and labels as rows of text and target, for people who have no articles.

CSV, TSV, Parquet and JSON Lines with the columns `text` and `target` and, where known, `id`, `label`, `group`,
`speaker`, `quote`, `mention`, `corpus`, `target_kind`, `aliases`, `quote_kind`, `annotator` and one `p_<label>` per
label for probabilities. `aliases` are other words for the target: a list, or one text with `;` between them. An id
stands once for each `annotator`. `quote` and `mention` are places in the text, `start:end` (`start:end;start:end` for
an interrupted quote), or the words themselves where they stand once in the text (` … ` between the parts of an
interrupted quote). Other columns are kept in `Pair.extra`.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from quotestance.data.atomic import STANDARD_STREAM, whole_file
from quotestance.data.cells import unwrapped
from quotestance.data.columns import names_beside
from quotestance.data.errors import FormatError
from quotestance.data.json_lines import decoded, display_name, json_line, opened, read_json
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.packing import BROKEN, without_packing
from quotestance.data.pairs import MODEL, Pair
from quotestance.data.records import BETWEEN_PARTS

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = {".csv": ",", ".tsv": "\t"}
JSON_LINES = (".jsonl", ".ndjson")
PARQUET = ".parquet"
ENDINGS = (*DELIMITERS, *JSON_LINES, PARQUET)
NEEDED = ("text", "target")
WORDS = ("id", "label", "group", "speaker", "corpus", "target_kind", "quote_kind", "annotator")
PLACES = ("quote", "mention")
COLUMNS = (
    "id",
    *NEEDED,
    "label",
    "group",
    "speaker",
    *PLACES,
    "corpus",
    "target_kind",
    "aliases",
    "quote_kind",
    "annotator",
)
PROBABILITY = "p_"
PLACE = re.compile(r"\s*\d+:\d+(\s*;\s*\d+:\d+)*\s*")
MOST_SHOWN = 20  # problems of one table that are spelled out

Row = tuple[str, Mapping[str, Any]]  # where it stands, and its cells by column


def read_pairs(
    path: str | Path,
    columns: Mapping[str, str] | None = None,
    *,
    labels: LabelSet | None = CODEBOOK,
    probabilities_of: LabelSet | None = None,
) -> list[Pair]:
    """The pairs of a table, in the order of its rows. The ending tells the format; `-` is CSV or JSON Lines from
    standard input.

    `columns` says under which names a table of your own keeps ours: `{"text": "post", "target": "topic"}`.
    Rows without an id are called `row-1`, `row-2`, …; empty cells are None. `labels` is the declared label set; None
    allows any. `probabilities_of`: the labels whose `p_<label>` are probabilities, if not those of `labels` (the
    codebook's for None); other columns that begin so are columns like any other. An id may stand once for each
    annotator. Raises FormatError with file, line, column, value and remedy of every problem.
    """
    name = display_name(path)
    return pairs_from_rows(_rows(path, name, columns), columns, labels, name, probabilities_of)


def pairs_from_frame(
    frame: pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    *,
    labels: LabelSet | None = CODEBOOK,
    probabilities_of: LabelSet | None = None,
    name: str = "the frame",
) -> list[Pair]:
    """The pairs of a pandas frame, one a row, as `read_pairs` reads them from a table; `name` is what errors call it."""
    from quotestance.data.frames import rows_of_frame

    return pairs_from_rows(rows_of_frame(frame, name), columns, labels, name, probabilities_of)


def as_predicted(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs of a table of predictions: its columns `predicted` and `model` count where it also carries gold's `label` and `annotator`."""
    return [_answer(pair) if "predicted" in pair.extra else pair for pair in pairs]


def _answer(pair: Pair) -> Pair:
    label, model = pair.extra["predicted"], pair.extra.get("model")
    return replace(pair, label=str(label) if label else None, annotator=f"{MODEL}{model}" if model else None)


def write_pairs(pairs: Iterable[Pair], path: str | Path) -> int:
    """Write a pair table in the format of the ending (`-`: CSV to standard output) and return the number of its rows.

    Columns that no pair fills are left out, except `id`, `text` and `target`. JSON Lines and Parquet keep the types of
    extra columns; CSV and TSV write them as text (lists and objects as JSON) and can't tell empty text from none.
    """
    rows = [_row(pair) for pair in pairs]
    ending = table_ending(path) or ".csv"
    with whole_file(path) as stream:
        if ending in JSON_LINES:
            stream.writelines(json_line(row, where=f"row {number}") for number, row in enumerate(rows, 1))
        elif ending in DELIMITERS:
            stream.writelines(_delimited(rows, DELIMITERS[ending], str(path)))
        else:
            from quotestance.data.frames import parquet_bytes

            stream.write(parquet_bytes(rows, _columns(rows), path))
    return len(rows)


def pairs_to_frame(pairs: Iterable[Pair]) -> pd.DataFrame:
    """The pairs as a pandas frame with the columns of a pair table, those that no pair fills left out."""
    rows = [_row(pair) for pair in pairs]
    import pandas as pd

    return pd.DataFrame(rows, columns=_columns(rows))


def table_ending(path: str | Path) -> str:
    """The ending that says which kind of table a file is, without `.gz` or `.zst`; empty for a standard stream."""
    if str(path) == STANDARD_STREAM:
        return ""
    ending = without_packing(path).suffix.lower()
    if ending not in ENDINGS:
        raise FormatError(f"{path}: the ending '{ending}' is not one of pair tables. They end in {', '.join(ENDINGS)}.")
    return ending


def pairs_from_rows(
    rows: Iterable[Row],
    columns: Mapping[str, str] | None,
    labels: LabelSet | None,
    name: str,
    probabilities_of: LabelSet | None = None,
) -> list[Pair]:
    """Rows into pairs; what is wrong with any of them is told together."""
    check_named(columns)
    answers = probabilities_of or labels or CODEBOOK
    pairs: list[Pair] = []
    places: dict[tuple[str, str | None], str] = {}
    problems: list[str] = []
    for number, (where, cells) in enumerate(rows, 1):
        _check_columns(where, list(cells), columns)
        renamed = _renaming(cells, columns or {})
        cells = {renamed[column]: unwrapped(value) for column, value in cells.items()}
        reader = _Cells(where, cells)
        pair = reader.pair(number, labels, answers)
        problems.extend(reader.problems)
        key = pair.id, pair.annotator
        if key in places:
            by, remedy = (
                (f" from {pair.annotator}", "Keep one of the two.")
                if pair.annotator
                else ("", "Give each row its own id.")
            )
            problems.append(f"{where}, column 'id': '{pair.id}' stands already{by} at {places[key]}. {remedy}")
        places[key] = where
        pairs.append(pair)
    if problems:
        more = [f"… and {len(problems) - MOST_SHOWN} more"] if len(problems) > MOST_SHOWN else []
        shown = [*problems[:MOST_SHOWN], *more]
        raise FormatError(
            shown[0]
            if len(shown) == 1
            else f"{name}: {len(problems)} problems\n" + "\n".join(f"  - {one}" for one in shown)
        )
    return pairs


def _check_columns(
    where: str, columns: list[str], named: Mapping[str, str] | None, needed: Iterable[str] = NEEDED
) -> None:
    if missing := [
        column for ours in dict.fromkeys(needed) if (column := (named or {}).get(ours, ours)) not in columns
    ]:
        folded = {column.casefold(): column for column in columns}
        meant = [found for one in missing for found in get_close_matches(one.casefold(), folded, n=1)]
        guess = f"Did you mean {_quoted(folded[found] for found in meant)}? " if meant else ""
        raise FormatError(
            f"{where}: there is no column {_quoted(missing)}; there are: {', '.join(columns) or 'none'}. {guess}"
            "Rename them, or say which is which: --text COLUMN --target COLUMN (--label, --id, --group, --speaker) of the commands, columns = { text = '…', "
            "target = '…' } in a recipe, columns={'text': …, 'target': …} of read_pairs, read_material, predict_frame and "
            "map_batch in Python."
        )


class _Cells:
    """One row's cells, read by column with their problems noted."""

    def __init__(self, where: str, cells: Mapping[str, Any]) -> None:
        self.where, self.cells = where, cells
        self.problems: list[str] = []

    def pair(self, number: int, labels: LabelSet | None, answers: LabelSet) -> Pair:
        words = {column: self._words(column) for column in (*NEEDED, *WORDS)}
        text = words.pop("text") or ""
        for column, value in (("text", text), ("target", words["target"] or "")):
            if not value.strip():
                self._problem(column, "is empty. Every row needs its text and its target.")
        self._check_label(words["label"], labels)
        marks = {column: self._places(column, text) for column in PLACES}
        if len(marks["mention"]) > 1:
            self._problem("mention", f"has {len(marks['mention'])} places, but a target is marked once. Keep one.")
        probabilities = self._probabilities(answers, every=labels is not None)
        known = {*COLUMNS, *self._probability_columns(answers)}
        return Pair(
            id=words.pop("id") or f"row-{number}",
            text=text,
            target=words.pop("target") or "",
            quote=marks["quote"],
            mention=marks["mention"][0] if marks["mention"] else None,
            probabilities=probabilities,
            aliases=self._aliases(),
            extra={column: value for column, value in self.cells.items() if column not in known},
            **cast(Any, words),
        )

    def _words(self, column: str) -> str | None:
        value = self.cells.get(column)
        if _is_empty(value):
            return None
        if isinstance(value, bytes):  # as Parquet may keep text
            try:
                return value.decode("utf-8")
            except UnicodeDecodeError as problem:
                self._problem(
                    column, f"has a byte (0x{value[problem.start]:02x}) that is not UTF-8. Write it as UTF-8."
                )
                return None
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool) and column not in NEEDED:
            return (
                str(int(value)) if float(value).is_integer() else str(value)
            )  # ids and groups that a table keeps as numbers
        self._problem(column, f"should be text, but is {value!r}.")
        return None

    def _aliases(self) -> tuple[str, ...]:
        value = self.cells.get("aliases")
        if isinstance(value, str) and value.lstrip().startswith("["):
            with suppress(ValueError):  # a list that CSV keeps as JSON; else words that begin with a bracket
                value = json.loads(value)
        names = value.split(";") if isinstance(value, str) else [] if _is_empty(value) else value
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            self._problem("aliases", f"should be words with ';' between them, or a list of words, but is {value!r}.")
            return ()
        return tuple(name.strip() for name in names if name.strip())

    def _check_label(self, label: str | None, labels: LabelSet | None) -> None:
        if label is not None and labels is not None:
            try:
                labels.check(label)
            except ValueError as problem:
                own = " Labels of your own: --labels, --label-map." if labels == CODEBOOK else ""
                self._problem("label", f"{problem} An empty cell is a question.{own}")

    def _places(self, column: str, text: str) -> tuple[tuple[int, int], ...]:
        value = self.cells.get(column)
        if _is_empty(value):
            return ()
        if isinstance(value, str):
            found = _written_places(value) if PLACE.fullmatch(value) else self._places_of_words(column, value, text)
        elif isinstance(value, list | tuple) and _is_list_of_places(value):
            found = tuple((start, end) for start, end in value)
        else:
            self._problem(column, f"should be places like 12:40, or the words themselves, but is {value!r}.")
            return ()
        for start, end in found:
            if not 0 <= start < end <= len(text):
                self._problem(
                    column,
                    f"the place {start}:{end} is not in the text, which has {len(text)} characters. Count code "
                    "points from 0.",
                )
                return ()
        return found

    def _places_of_words(self, column: str, words: str, text: str) -> tuple[tuple[int, int], ...]:
        found = []
        for part in [words] if words in text else words.split(BETWEEN_PARTS):
            start = text.find(part)
            if start < 0:
                self._problem(column, f"{part[:80]!r} does not stand in the text. Give its place as start:end.")
                return ()
            if text.find(part, start + 1) >= 0:
                self._problem(column, f"{part[:80]!r} stands more than once in the text. Give its place as start:end.")
                return ()
            found.append((start, start + len(part)))
        return tuple(found)

    def _probability_columns(self, answers: LabelSet) -> list[str]:
        return [PROBABILITY + label for label in answers if PROBABILITY + label in self.cells]

    def _probabilities(self, answers: LabelSet, *, every: bool) -> dict[str, float] | None:
        """The probabilities of a row; `every`: where there is one, each label must have one."""
        columns = [column for column in self._probability_columns(answers) if not _is_empty(self.cells[column])]
        found: dict[str, float] = {}
        for column in columns:
            try:
                found[column.removeprefix(PROBABILITY)] = float(self.cells[column])
            except (TypeError, ValueError):
                self._problem(column, f"should be a number from 0 to 1, but is {self.cells[column]!r}.")
                continue
            if not 0 <= found[column.removeprefix(PROBABILITY)] <= 1:
                self._problem(column, f"should be a number from 0 to 1, but is {self.cells[column]!r}.")
        if (
            found
            and every
            and (missing := [PROBABILITY + label for label in answers if PROBABILITY + label not in columns])
        ):
            self._problem(
                missing[0],
                f"is empty, while {columns[0]} is not. Give a probability for every label ({', '.join(answers)}), "
                "or for none.",
            )
        return found or None

    def _problem(self, column: str, what: str) -> None:
        self.problems.append(f"{self.where}, column '{column}': {what}")


def _rows(path: str | Path, name: str, columns: Mapping[str, str] | None) -> Iterable[Row]:
    ending = table_ending(path)
    if ending == PARQUET:
        from quotestance.data.frames import read_parquet, rows_of_frame

        frame = read_parquet(path)
        _check_columns(name, list(frame.columns), columns, (*NEEDED, *(columns or {})))
        return rows_of_frame(frame, name)
    if ending in JSON_LINES:
        return _json_rows(path)
    text = _text(path)
    if not ending and text.lstrip().startswith("{"):
        return _json_text_rows(name, text)
    return _delimited_rows(name, text, DELIMITERS.get(ending, ","), columns)


def other_separator(header: list[str], delimiter: str) -> str | None:
    """What is wrong with a header that is one column because another mark separates its columns; None where that is not so."""
    other = (
        next((mark for mark in ";\t,|" if mark != delimiter and mark in header[0]), None) if len(header) == 1 else None
    )
    if other is None:
        return None
    return f"the columns are separated by {other!r}, not by {delimiter!r}. Save it as .csv with commas or as .tsv with tabs."


def _delimited_rows(name: str, text: str, delimiter: str, columns: Mapping[str, str] | None) -> Iterator[Row]:
    limit = csv.field_size_limit(
        min(sys.maxsize, 2**31 - 1)
    )  # a cell may hold a whole article; the module's limit is global
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = next((cells for cells in reader if "".join(cells).strip() or len(cells) > 1), None)
        if not header:
            raise FormatError(f"{name}: the file is empty. Its first line should name the columns: text, target, …")
        if twice := sorted({column for column in header if header.count(column) > 1}):
            raise FormatError(f"{name}, line 1: the column {_quoted(twice)} stands twice. Rename one.")
        if wrong := other_separator(header, delimiter):
            raise FormatError(f"{name}, line 1: {wrong}")
        top, began = f"{name}, line {reader.line_num}", reader.line_num + 1
        if missing := [column for column in header if not column.strip()]:
            raise FormatError(f"{name}, line 1: {len(missing)} column(s) have no name. Name them.")
        _check_columns(top, header, columns, (*NEEDED, *(columns or {})))
        for fields in reader:
            where, began = f"{name}, line {began}", reader.line_num + 1
            if not fields:
                continue
            if len(fields) != len(header):
                raise FormatError(
                    f"{where}: has {len(fields)} cells, but the header names {len(header)} columns. Put cells "
                    "with a separator or a line "
                    "break in quotation marks."
                )
            yield where, dict(zip(header, fields, strict=True))
    except csv.Error as problem:
        raise FormatError(
            f"{name}, line {reader.line_num}: {problem}. Put cells with quotation marks or line breaks in "
            "quotation marks, and double those inside."
        ) from None
    finally:
        csv.field_size_limit(limit)


def _json_rows(path: str | Path) -> Iterator[Row]:
    for entry in read_json(path):
        yield entry.place, _object(entry.value, entry.place)


def _json_text_rows(name: str, text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                value = json.loads(line)
            except ValueError as problem:
                raise FormatError(f"{name}, line {number}: is not JSON ({problem}). Write one object a line.") from None
            yield f"{name}, line {number}", _object(value, f"{name}, line {number}")


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FormatError(f"{where}: should be an object {{ … }} with 'text' and 'target'.")
    return value


def _text(path: str | Path) -> str:
    name = display_name(path)
    try:
        with opened(path) as stream:
            return decoded(stream.read(), name)
    except (OSError, *BROKEN) as problem:
        raise FormatError(
            f"{name}: can't be read ({getattr(problem, 'strerror', None) or problem}). Check the name."
        ) from None


def check_named(columns: Mapping[str, str] | None) -> None:
    """Raises FormatError where names for columns of ours are no such names, or give two of ours one column."""
    if unknown := [column for column in columns or {} if column not in COLUMNS and not column.startswith(PROBABILITY)]:
        raise FormatError(
            f"columns: {_quoted(unknown)} is no column of a pair table. There are: {', '.join(COLUMNS)}, "
            f"{PROBABILITY}<label>. Ours stand first, then what the table calls them: text, then 'body'."
        )
    if columns and len(set(columns.values())) < len(columns):
        [(theirs, _)] = Counter(columns.values()).most_common(1)
        ours = [name for name, column in columns.items() if column == theirs]
        raise FormatError(
            f"columns: {_quoted(ours)} can't all be the column '{theirs}'. Name another for each, or leave one out."
        )


def _renaming(cells: Iterable[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Their column -> ours. A column of theirs that has our name and is not meant moves out of the way."""
    meant = {theirs: ours for ours, theirs in columns.items()}
    others = [column for column in cells if column not in meant]
    return {**names_beside(others, columns), **meant}


def _row(pair: Pair) -> dict[str, Any]:
    """The filled columns of a pair, in the order of the table."""
    cells: dict[str, Any] = {
        "id": pair.id,
        "text": pair.text,
        "target": pair.target,
        "label": pair.label,
        "group": pair.group,
        "speaker": pair.speaker,
        "quote": ";".join(f"{start}:{end}" for start, end in pair.quote) or None,
        "mention": f"{pair.mention[0]}:{pair.mention[1]}" if pair.mention else None,
        "corpus": pair.corpus,
        "target_kind": pair.target_kind,
        "aliases": list(pair.aliases) or None,
        "quote_kind": pair.quote_kind,
        "annotator": pair.annotator,
    }
    probabilities = {PROBABILITY + label: value for label, value in (pair.probabilities or {}).items()}
    if clash := sorted({*cells, *probabilities} & set(pair.extra)):
        raise FormatError(
            f"pair '{pair.id}': the extra column {_quoted(clash)} has the name of one of the table's own. Rename it."
        )
    return {**{column: value for column, value in cells.items() if value is not None}, **probabilities, **pair.extra}


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    used = dict.fromkeys(column for row in rows for column in row)
    own = [column for column in COLUMNS if column in used or column in ("id", *NEEDED)]
    probabilities = [column for column in used if column.startswith(PROBABILITY)]
    return list(dict.fromkeys([*own, *probabilities, *used]))


def _delimited(rows: list[dict[str, Any]], delimiter: str, name: str) -> Iterator[bytes]:
    columns = _columns(rows)
    table: list[list[Any]] = [list(columns), *([row.get(column) for column in columns] for row in rows)]
    for number, cells in enumerate(table):
        line = delimiter.join(_cell(value, delimiter) for value in cells) + "\n"
        try:
            yield line.encode("utf-8")
        except UnicodeEncodeError:
            raise FormatError(
                f"{name}, row {number}: holds half of a surrogate pair, which no file can. Repair the text where "
                "it is made."
            ) from None


def _cell(value: Any, delimiter: str) -> str:
    """One cell. Python's csv writer leaves a lone CR without quotation marks, which its reader then refuses."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | tuple) else str(value)
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in (delimiter, '"', "\r", "\n")) else text


def _written_places(value: str) -> tuple[tuple[int, int], ...]:
    starts_and_ends = (place.split(":") for place in value.split(";"))
    return tuple((int(start), int(end)) for start, end in starts_and_ends)


def _is_list_of_places(value: list[Any] | tuple[Any, ...]) -> bool:
    return all(
        isinstance(place, list | tuple) and len(place) == 2 and all(type(one) is int for one in place)
        for place in value
    )


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
