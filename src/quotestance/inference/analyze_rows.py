"""Articles that are rows in memory, of a data set, a frame or any iterable, into their quotes, speakers and stances."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quotestance.data.errors import FormatError
from quotestance.data.files import article_record
from quotestance.data.questions import Targets, as_targets, asked_about
from quotestance.data.records import Article, Target
from quotestance.inference.long_format import columns_of, stance_rows
from quotestance.inference.raw_articles import article_of_cells
from quotestance.inference.rejects import SeenIds, stands_twice
from quotestance.inference.sources import Source
from quotestance.inference.table_rows import Row, plain
from quotestance.models.pipeline import Analyst

if TYPE_CHECKING:
    import pandas as pd

NOWHERE = Source(Path("rows"), "rows", "row", "", 0, 0)  # rows without an id are called row-1, row-2, …


def analyze_stream(
    rows: Iterable[Mapping[str, Any]],
    analyst: Analyst,
    *,
    targets: Targets = (),
    text: str = "text",
    id: str | None = None,
) -> Iterator[Article]:
    """Rows (columns to cells, as a `datasets.Dataset` gives them) as articles with quotes, speakers and stances, in order.

    `text` and `id` name your columns; others are kept in the article. Targets are those of `Analyst.analyze`; without any,
    quotes and speakers alone are found. A few articles are held at a time; the stream may be endless. Raises FormatError
    when it comes to a row that is no article, such as one without text, and ends there: leave such rows out before.
    """
    asked = as_targets(targets)
    return _analyzed(_articles(rows, asked, text, id), analyst, asked)


def analyze_frame(
    frame: pd.DataFrame,
    analyst: Analyst,
    *,
    targets: Targets = (),
    text: str = "text",
    id: str | None = None,
) -> pd.DataFrame:
    """A frame with an article a row into one with a row a quote and target: the columns of `quotestance analyze --out x.csv`.

    Without targets a row a quote, and no columns of stances. Raises FormatError for a row that is no article, such as one
    without text, before anything is computed; rows count from 1.
    """
    import pandas as pd

    from quotestance.data.frames import rows_of_frame

    asked = as_targets(targets)
    labels = tuple(analyst.stance.labels) if asked and analyst.stance is not None else ()
    rows = (cells for _, cells in rows_of_frame(frame, "the frame"))
    articles = list(_articles(rows, asked, text, id))  # all are checked before hours are spent on the first
    answered = [
        row for article in _analyzed(articles, analyst, asked) for row in stance_rows(article_record(article), labels)
    ]
    return pd.DataFrame(answered, columns=list(columns_of(answered, stances=labels)))


def _analyzed(articles: Iterable[Article], analyst: Analyst, asked: Collection[Target]) -> Iterator[Article]:
    return analyst.analyze_many(articles) if asked else analyst.extract_many(articles)


def _articles(
    rows: Iterable[Mapping[str, Any]], asked: Collection[Target], text: str, id: str | None
) -> Iterator[Article]:
    seen = SeenIds()
    for number, cells in enumerate(rows, 1):
        if not isinstance(cells, Mapping):
            raise FormatError(
                f"row {number} should be columns with their cells, but is {cells!r:.40}. A frame goes to analyze_frame."
            )
        row = Row(number, None, {str(name): plain(value) for name, value in cells.items()})
        try:
            article = asked_about(article_of_cells(row, NOWHERE, text=text, id=id), asked)
        except FormatError as problem:
            raise FormatError(f"row {number}: {problem}") from None
        if not seen.add(article.id):
            raise FormatError(f"row {number}: {stands_twice(article.id)}")
        yield article
