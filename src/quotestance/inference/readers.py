"""Raw articles, records and pair tables into streams of rows to work on, with the bad ones as rejects at their place."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from quotestance.data.columns import names_beside
from quotestance.data.digests import is_no_file
from quotestance.data.errors import FormatError, MissingExtra, QuotestanceError
from quotestance.data.json_lines import decoded, opened
from quotestance.data.labels import LabelSet
from quotestance.data.material import ONLY_ARTICLES_HAVE, with_text
from quotestance.data.pair_tables import COLUMNS, PROBABILITY, pairs_from_rows
from quotestance.data.pairs import Pair
from quotestance.data.questions import asked_about
from quotestance.data.records import Article, Target
from quotestance.inference.page_text import page_article
from quotestance.inference.raw_articles import WORDS, article_of_cells, article_of_text, check_length
from quotestance.inference.rejects import LONGEST_LINE, NO_FILE, Reject, SeenIds, rows_of, stands_twice
from quotestance.inference.sources import ONE_ARTICLE_EACH, PAGES, RECORDS, TABLES, Source, Sources
from quotestance.inference.table_rows import Row, read_rows

QUESTIONS = (*RECORDS, *TABLES)

log = logging.getLogger(__name__)


class Named(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=Named)
Cell = TypeVar("Cell")


@dataclass(frozen=True)
class PairRow:
    """A row of a pair table as it stands, and the pair that it asks about."""

    cells: dict[str, Any]
    pair: Pair

    @property
    def id(self) -> str:
        return self.pair.id


@dataclass(frozen=True)
class Placed(Generic[Item]):
    """An item and where it was read: its file, the line (None in Parquet and in files of one article) and the row, if it has one."""

    item: Item
    file: str
    line: int | None = None
    row: int | None = None

    @property
    def id(self) -> str:
        return self.item.id


class Reading(Generic[Item]):
    """A stream of items from files. One item is held at a time; what can't be read, and an id that stands twice, is a reject.

    `of_row` makes an item of a row, `of_file` one of a file that is an article; `id` is the column by which rejects are
    called, `words` are those of text. `count` is the number of rows so far, refused ones among them, `share` how much of the bytes is behind (once
    `sources.digests` was read).
    """

    def __init__(
        self,
        sources: Sources,
        of_row: Callable[[Row, Source], Item],
        of_file: Callable[[Source], Item] | None = None,
        *,
        id: str = "id",
        words: Collection[str] = (),
    ) -> None:
        self.sources, self._of_row, self._of_file, self._id, self._words = sources, of_row, of_file, id, words
        self.count, self._behind = 0, 0
        self._now: Source | None = None

    def items(self, skip: int = 0) -> Iterator[Item | Reject]:
        """The items and rejects in order, without the first `skip`."""
        for one in self.placed(skip):
            yield one if isinstance(one, Reject) else one.item

    def placed(self, skip: int = 0) -> Iterator[Placed[Item] | Reject]:
        """The same with the place of each item. Skipped files of one article are not opened."""
        self.count, self._behind, seen, number = 0, 0, SeenIds(), 0
        for source in self.sources:
            self._now = source
            if self._of_file is not None and source.ending in ONE_ARTICLE_EACH:
                self.count, number = self.count + 1, number + 1
                new = seen.add(source.id)
                if number > skip:
                    yield self._article(source, self._of_file) if new else _twice(source.id, source.name)
            else:
                for item in self._items_of(source, seen):
                    self.count, number = self.count + rows_of(item), number + 1
                    if number > skip:
                        yield item
            self._behind, self._now = self._behind + source.size, None

    def more_than(self, most: int) -> bool:
        """Whether more than `most` items can be read. They are read for that, but not worked on."""
        if (
            next(self.items(skip=most), None) is None
        ):  # so many rows there are not, and files of one article stay closed
            return False
        read = (one for one in self.items() if not isinstance(one, Reject))
        return next(islice(read, most, None), None) is not None

    @property
    def share(self) -> float:
        now = self._now.read if self._now else 0
        return min(1.0, (self._behind + now) / self.sources.size) if self.sources.size else 0.0

    def _article(self, source: Source, of_file: Callable[[Source], Item]) -> Placed[Item] | Reject:
        try:
            return Placed(of_file(source), source.name)
        except Exception as problem:
            return Reject.of(_declared(problem), source.name, id=source.id)

    def _items_of(self, source: Source, seen: SeenIds) -> Iterator[Placed[Item] | Reject]:
        for row in read_rows(source, self._words):
            if isinstance(row, Reject):
                yield row
                continue
            item: Placed[Item] | Reject
            try:
                item = Placed(self._of_row(row, source), source.name, row.line, row.number or None)
                if not seen.add(item.id):
                    item = _twice(item.id, source.name, row)
            except Exception as problem:
                named = row.cells.get(self._id)
                called = str(named) if named not in (None, "") else None
                item = Reject.of(_declared(problem), source.name, row.line, row.number or None, called)
            yield item


def raw_articles(
    paths: Sequence[str | Path],
    *,
    text: str = "text",
    id: str | None = None,
    targets: Sequence[Target] = (),
    out: str | Path | None = None,
) -> Reading[Article]:
    """Articles from .txt, .html, .json, .jsonl, .csv, .tsv and .parquet files, folders, globs and standard input (`-`).

    `text` and `id` name the columns of tables and JSON. An id that is not given is the file's name without its ending,
    with the row's number in files of several rows. Other columns are kept in the record. Records of the annotation
    format stay as they are. `targets` are asked of every article, beside its own.
    """

    def of_row(row: Row, source: Source) -> Article:
        return asked_about(article_of_cells(row, source, text=text, id=id), targets)

    def of_file(source: Source) -> Article:
        return asked_about(_one_article(source), targets)

    words = (text, id or "id", *WORDS)
    return Reading(Sources(paths, out=out, column=text), of_row, of_file, id=id or "id", words=words)


def records(sources: Sources, *, corpora: str | Path | None = None) -> Reading[Article]:
    """Articles of the annotation format with what is asked of them; text-free ones are joined to `corpora`."""

    def of_row(row: Row, source: Source) -> Article:
        article = next(with_text([article_of_cells(row, source, only_records=True)], corpora))
        check_length(article.text or "")
        return article

    why = "records are read, as in the first file, and tables hold none. Answer them in a run of their own."
    return Reading(sources.narrowed(RECORDS, why=why), of_row)


def pair_rows(
    sources: Sources, columns: Mapping[str, str] | None = None, *, labels: LabelSet | None = None
) -> Reading[PairRow]:
    """The rows of pair tables, and objects of JSON files, with the pairs they ask about. `columns` is that of `data.pair_tables.read_pairs`.

    A row without an id is called `row-1`, `row-2`, …; where a folder or glob is read, by its file and number.
    """
    id = (columns or {}).get("id")

    def of_row(row: Row, source: Source) -> PairRow:
        if id is not None and id not in row.cells:
            raise FormatError(
                f"there is no column '{id}'; there are: {', '.join(row.cells)}. Say which it is: --id COLUMN."
            )
        number = row.number or 1  # 0: the one object of a JSON file
        name = f"row-{number}" if sources.is_one_file else f"{source.id}-{number}"
        return _pair_row(row, source, {**(columns or {}), "id": id or "id"}, labels, name)

    words = (*COLUMNS, *(columns or {}).values())
    return Reading(sources.narrowed(QUESTIONS), of_row, id=id or "id", words=words)


def hold_pairs(sources: Sources, *, target: str = "target") -> bool:
    """Whether the first file with a row holds pairs rather than records. `target` is the column that rows of pairs have."""
    for source in sources:
        if source.ending not in RECORDS:
            return source.ending in TABLES
        first = next((row for row in read_rows(source) if isinstance(row, Row)), None)
        if first is not None:
            return target in first.cells and not any(key in first.cells for key in ONLY_ARTICLES_HAVE)
    return False


def _one_article(source: Source) -> Article:
    if is_no_file(source.path):
        raise FormatError(NO_FILE)
    with opened(source.path) as stream:
        content = stream.read(LONGEST_LINE + 1)
    if len(content) > LONGEST_LINE:
        raise FormatError(f"is larger than {LONGEST_LINE >> 20} MiB, which no article is. Split it.")
    if source.ending in PAGES:
        return page_article(content, id=source.id)
    return article_of_text(decoded(content, source.name), id=source.id)


def _pair_row(row: Row, source: Source, columns: Mapping[str, str], labels: LabelSet | None, name: str) -> PairRow:
    place = source.name if row.line is None else f"{source.name}, line {row.line}"
    cells = row.cells
    pair = pairs_from_rows([(place, without_answers(cells, columns))], columns, labels, place)[0]
    if cells.get(columns["id"]) in (None, ""):
        pair, cells = replace(pair, id=name), {**cells, columns["id"]: name}
    check_length(pair.text)
    names = names_beside(cells, () if columns["id"] == "id" else ("id",))
    kept = {names[name]: cell for name, cell in cells.items()}
    return PairRow({"id": pair.id, **kept, "id": pair.id}, pair)  # noqa: F601 - first in the row, and always text


def without_answers(cells: Mapping[str, Cell], columns: Mapping[str, str]) -> dict[str, Cell]:
    """The cells, or columns, without probabilities that a model gave before; one that `columns` names is none, whatever it is called."""
    named = set(columns.values())
    return {name: cell for name, cell in cells.items() if name in named or not name.startswith(PROBABILITY)}


def _declared(problem: Exception) -> QuotestanceError:
    """What reading one row raised, as an error that refuses this row alone: one odd page must not end a run of millions."""
    if isinstance(problem, MissingExtra):
        raise problem
    if isinstance(problem, QuotestanceError):
        return problem
    if isinstance(problem, OSError | EOFError | zlib.error):
        return FormatError(f"can't be read ({getattr(problem, 'strerror', None) or problem}).")
    log.debug("a row was refused", exc_info=problem)
    return FormatError(f"can't be read ({type(problem).__name__}: {str(problem)[:200]}).")


def _twice(id: str, file: str, row: Row | None = None) -> Reject:
    return Reject(file, row.line if row else None, stands_twice(id), row.number or None if row else None, id)
