"""Plain text or the cells of a row into an article, with nothing of it lost."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import ValidationError

from quotestance.data.columns import names_beside
from quotestance.data.errors import FormatError
from quotestance.data.files import to_article
from quotestance.data.json_lines import Entry
from quotestance.data.records import Article
from quotestance.inference.rejects import LONGEST_TEXT
from quotestance.inference.sources import Source
from quotestance.inference.table_rows import Row

WORDS = ("title", "source", "url", "published", "language")  # columns that the format knows
STRUCTURE = frozenset(Article.model_fields) - {*WORDS, "id", "text"}  # names that must not be taken by a column
HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def article_of_text(text: str, *, id: str, **known: Any) -> Article:
    """An article without anything found yet. Raises FormatError where there is no text, too much, or half a character."""
    if not text.strip():
        raise FormatError("there is no text in it.")
    check_length(text)
    for words in (text, *(value for value in known.values() if isinstance(value, str))):
        if (half := HALF_A_CHARACTER.search(words)) is not None:
            raise FormatError(
                f"holds half of a surrogate pair (U+{ord(half[0]):04X}). Repair the text where it is made."
            )
    return Article(id=id, text=text, **known)


def check_length(text: str) -> None:
    """Raises FormatError for a text that is longer than any article."""
    if len(text) > LONGEST_TEXT:
        raise FormatError(
            f"the text has {len(text):,} characters; an article has at most {LONGEST_TEXT:,}. Split it into articles."
        )


def article_of_cells(
    row: Row, source: Source, *, text: str = "text", id: str | None = None, only_records: bool = False
) -> Article:
    """The article of a row of a table or JSON file: a record of the format as it is, else made from its columns.

    The column `text` becomes the text and `id` (by default 'id' where there is one) also the id. Other columns are
    kept; one whose name the format uses for something else is kept as `original_<name>`. Raises FormatError.
    """
    if only_records or str(row.cells.get("format", "")).startswith("quotestance/"):
        article = to_article(Entry(source.name, row.line, row.cells, b""))
        check_length(article.text or "")
        return article
    cells = dict(row.cells)
    for column in [text] if id is None else [text, id]:
        if column not in cells:
            raise FormatError(
                f"there is no column '{column}'; there are: {', '.join(cells)}. Say which is which: --text COLUMN, --id COLUMN "
                "(in Python text=…, id=…)."
            )
    words = cells.pop(text)
    if words is not None and not isinstance(words, str):
        raise FormatError(f"column '{text}' should be text, but is {words!r:.60}.")
    named = row.cells[id] if id is not None else cells.get("id")
    if id in (None, "id"):
        cells.pop("id", None)
    known = {name: _in_words(cells.pop(name)) for name in WORDS if cells.get(name) not in (None, "")}
    kept = {name: value for name, value in cells.items() if name not in WORDS}
    names = names_beside(kept, {*STRUCTURE, "id", "text"})
    renamed = {names[name]: one for name, one in kept.items()}
    try:
        return article_of_text(words or "", id=_id(named, row, source), **known, **renamed)
    except ValidationError as problem:
        raise FormatError(f"can't be made an article: {problem.errors()[0]['msg']}.") from None


def _id(value: Any, row: Row, source: Source) -> str:
    if value is None or value == "":
        return f"{source.id}-{row.number}" if row.number else source.id
    return _in_words(value)


def _in_words(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a column of whole numbers with a gap is read as fractions
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
