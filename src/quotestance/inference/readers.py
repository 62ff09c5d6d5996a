"""Raw articles, records and pair tables into streams of rows to work on, with the bad ones as rejects at their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from quotestance.data.errors import FormatError, QuotestanceError
from quotestance.data.json_lines import decoded, opened
from quotestance.data.labels import LabelSet
from quotestance.data.material import holds_articles, with_text
from quotestance.data.packing import BROKEN
from quotestance.data.pair_tables import pairs_from_rows
from quotestance.data.pairs import Pair
from quotestance.data.records import Article, Target
from quotestance.inference.page_text import page_article
from quotestance.inference.raw_articles import article_of_cells, article_of_text
from quotestance.inference.rejects import Reject, SeenIds
from quotestance.inference.sources import ONE_ARTICLE_EACH, PAGES, RECORDS, TABLES, Source, Sources
from quotestance.inference.table_rows import Row, read_rows


class Named(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=Named)


@dataclass(frozen=True)
class PairRow:
    """A row of a pair table as it stands, and the pair that it asks about."""

    cells: dict[str, Any]
    pair: Pair

    @property
    def id(self) -> str:
        return self.pair.id


class Reading(Generic[Item]):
    """A stream of items from files. One item is held at a time; an id that stands twice is a reject.

    `count` is the number of items and rejects so far, `share` how much of the bytes is behind (once `sources.digests`
    was read).
    """

    def __init__(self, sources: Sources, read: Callable[[Source], Iterator[Item | Reject]]) -> None:
        self.sources, self._read = sources, read
        self.count, self._behind = 0, 0
        self._now: Source | None = None

    def items(self, skip: int = 0) -> Iterator[Item | Reject]:
        """The items and rejects in order, without the first `skip`. Skipped files of one article are not opened."""
        self.count, self._behind, seen = 0, 0, SeenIds()
        for source in self.sources:
            self._now = source
            if source.ending in ONE_ARTICLE_EACH:
                self.count += 1
                new = seen.add(source.id)
                if self.count > skip:
                    yield next(self._read(source)) if new else _twice(source.name, None, source.id)
            else:
                for item in self._read(source):
                    self.count += 1
                    if not isinstance(item, Reject) and not seen.add(item.id):
                        item = _twice(source.name, None, item.id)
                    if self.count > skip:
                        yield item
            self._behind, self._now = self._behind + source.size, None

    @property
    def share(self) -> float:
        now = self._now.read if self._now else 0
        return min(1.0, (self._behind + now) / self.sources.size) if self.sources.size else 0.0


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

    def read(source: Source) -> Iterator[Article | Reject]:
        if source.ending in ONE_ARTICLE_EACH:
            yield _asked(_one_article(source), targets)
            return
        for row in read_rows(source):
            if isinstance(row, Reject):
                yield row
                continue
            try:
                yield _asked(article_of_cells(row, source, text=text, id=id), targets)
            except QuotestanceError as problem:
                yield Reject.of(problem, source.path, source.name, row.line)

    return Reading(Sources(paths, out=out), read)


def records(path: str | Path, *, corpora: str | Path | None = None, out: str | Path | None = None) -> Reading[Article]:
    """Articles of the annotation format with what is asked of them; text-free ones are joined to `corpora`."""

    def read(source: Source) -> Iterator[Article | Reject]:
        for row in read_rows(source):
            if isinstance(row, Reject):
                yield row
                continue
            try:
                yield next(with_text([article_of_cells(row, source, only_records=True)], corpora))
            except QuotestanceError as problem:
                yield Reject.of(problem, source.path, source.name, row.line)

    return Reading(Sources([path], endings=RECORDS, out=out), read)


def pair_rows(
    path: str | Path,
    columns: Mapping[str, str] | None = None,
    *,
    labels: LabelSet | None = None,
    out: str | Path | None = None,
) -> Reading[PairRow]:
    """The rows of a pair table with the pairs they ask about. `columns` is that of `data.pair_tables.read_pairs`."""

    def read(source: Source) -> Iterator[PairRow | Reject]:
        for row in read_rows(source):
            yield row if isinstance(row, Reject) else _pair_row(row, source, columns, labels)

    return Reading(Sources([path], endings=(*TABLES, ".jsonl", ".ndjson"), out=out), read)


def is_pair_table(path: str | Path) -> bool:
    """Whether a path holds a pair table rather than records. Raises FormatError for a file of neither kind."""
    return not holds_articles(path)


def _one_article(source: Source) -> Article | Reject:
    try:
        with opened(source.path) as stream:
            content = stream.read()
        if source.ending in PAGES:
            return page_article(content, id=source.id)
        return article_of_text(decoded(content, source.name), id=source.id)
    except (FormatError, OSError, *BROKEN) as problem:
        return Reject.of(QuotestanceError(problem), source.name, source.name)


def _asked(article: Article | Reject, targets: Sequence[Target]) -> Article | Reject:
    if isinstance(article, Reject) or not targets:
        return article
    own = {target.id for target in article.targets}
    return article.replace(targets=(*article.targets, *(target for target in targets if target.id not in own)))


def _pair_row(row: Row, source: Source, columns: Mapping[str, str] | None, labels: LabelSet | None) -> PairRow | Reject:
    place = source.name if row.line is None else f"{source.name}, line {row.line}"
    id_column = (columns or {}).get("id", "id")
    named: dict[str, Any] = (
        row.cells if row.cells.get(id_column) not in (None, "") else {**row.cells, id_column: f"row-{row.number}"}
    )
    try:
        pair = pairs_from_rows([(place, named)], columns, labels, place)[0]
    except QuotestanceError as problem:
        return Reject.of(problem, source.name, source.name, row.line)
    kept = {"original_id" if name == "id" != id_column else name: cell for name, cell in named.items()}
    return PairRow({"id": pair.id, **kept, "id": pair.id}, pair)  # noqa: F601 - first in the row, and always text


def _twice(file: str, line: int | None, id: str) -> Reject:
    return Reject(file, line, f"the id '{id}' stands already at an earlier row. Give each its own.")
