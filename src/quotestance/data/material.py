"""Whatever a path holds, articles or a pair table, as pairs: told apart by its ending and its first record."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import cast

from quotestance.data.atomic import STANDARD_STREAM
from quotestance.data.errors import FormatError
from quotestance.data.files import ONE_ARTICLE, article_files, ending_of, read_articles
from quotestance.data.json_lines import read_json
from quotestance.data.labels import CODEBOOK, UNCLEAR, LabelSet
from quotestance.data.packing import without_packing
from quotestance.data.pair_tables import DELIMITERS, PARQUET, as_predicted, read_pairs
from quotestance.data.pairs import Pair, article_pairs, settled
from quotestance.data.records import Article

ONLY_ARTICLES_HAVE = ("format", "quotes", "text_ref")


def read_material(
    path: str | Path,
    corpora: str | Path | None = None,
    *,
    labels: LabelSet | None = CODEBOOK,
    unclear: bool = False,
    columns: Mapping[str, str] | None = None,
) -> list[Pair]:
    """The pairs of gold or predicted articles (a file or a folder), or of a pair table.

    Records without text get it from `corpora`, the folder with your copies of the corpora (else QUOTESTANCE_CORPORA).
    Of several annotators of a pair the one called 'gold' counts, else their common label, else it is 'unclear'.
    Pairs labelled 'unclear' are left out unless asked for; rows of a table that have no label are kept as questions.
    `labels` is the label set of a pair table, `columns` its names for our columns (`read_pairs`); articles declare
    their own. Raises FormatError and CorpusError.
    """
    if not isinstance(path, str | os.PathLike):
        raise FormatError(
            f"read_material reads a file or a folder by its name, not a {type(path).__name__}. A DataFrame needs no reading: "
            "evaluate(frame, model.predict_frame(frame))."
        )
    if not holds_articles(path):
        return [pair for pair in settled(read_pairs(path, columns, labels=labels)) if unclear or pair.label != UNCLEAR]
    refuse_columns(str(path), columns)
    return list(article_pairs(with_text(read_articles(path), corpora), unclear=unclear))


def read_named(
    name: str,
    corpora: str | Path | None = None,
    *,
    labels: LabelSet | None = CODEBOOK,
    columns: Mapping[str, str] | None = None,
) -> list[Pair]:
    """The pairs of a corpus split ('vast/test') or of a file or folder (`read_material`): what commands and recipes call material."""
    from quotestance.data.corpora import CORPORA, load_pairs

    if name.partition("/")[0] in CORPORA and not Path(name).exists():
        refuse_columns(name, columns)
        return load_pairs(name, corpora)
    return read_material(name, corpora, labels=labels, columns=columns)


def read_named_articles(name: str, corpora: str | Path | None = None) -> list[Article]:
    """The articles, with their text, of a corpus split ('polnear/test') or of a file or folder."""
    from quotestance.data.corpora import CORPORA, load_articles

    if name.partition("/")[0] in CORPORA and not Path(name).exists():
        return load_articles(name, corpora)
    return list(with_text(read_articles(name), corpora))


def read_predictions(
    path: str | Path,
    corpora: str | Path | None = None,
    *,
    labels: LabelSet = CODEBOOK,
    columns: Mapping[str, str] | None = None,
) -> list[Pair]:
    """What a model answered: predicted articles, or a pair table, whose column `predicted` counts where it also carries gold's `label`.

    Any label is read, 'unclear' too: whether it belongs is for the evaluation to say. `labels` are those whose
    probabilities are read, `columns` a table's names for our columns. Rows of several models are all kept: the
    evaluation refuses them.
    """
    if holds_articles(path):
        return list(article_pairs(with_text(read_articles(path), corpora), unclear=True))
    return as_predicted(read_pairs(path, columns, labels=None, probabilities_of=labels))


def refuse_columns(name: str, columns: Mapping[str, str] | None) -> None:
    """Raises FormatError where columns are named for material that is no pair table."""
    if columns:
        named = ", ".join(f"{ours} '{theirs}'" for ours, theirs in columns.items())
        raise FormatError(f"{name} is no pair table, so it has no columns to name ({named}). Leave them out.")


def with_text(articles: Iterable[Article], corpora: str | Path | None = None) -> Iterator[Article]:
    """The articles, those without text joined to it. Raises CorpusError where the copy is missing or another."""
    for article in articles:
        if article.text is None:
            from quotestance.data.corpora import join_text

            article = join_text(article, Path(corpora) if corpora is not None else None)
        yield article


def holds_articles(path: str | Path) -> bool:
    """Whether a path holds articles rather than a pair table. Raises FormatError for a file of neither kind.

    Standard input (`-`) holds articles where it begins with JSON that names its format or its quotes early on; what is
    looked at stays to be read.
    """
    if str(path) == STANDARD_STREAM:
        return _stream_holds_articles()
    place = Path(path)
    if place.is_dir():
        return bool(article_files(path))
    if without_packing(place).suffix.lower() in (*DELIMITERS, PARQUET):
        return False
    if not place.exists():
        raise FormatError(f"{path}: there is no such file or folder. Check the name.")
    if ending_of(path) in ONE_ARTICLE:
        return True
    first = next(read_json(path, refuse=lambda problem: None), None)  # what can't be read is told by whoever reads it
    return (
        first is None
        or not isinstance(first.value, dict)
        or any(key in first.value for key in ONLY_ARTICLES_HAVE)
        or "target" not in first.value
    )


def _stream_holds_articles() -> bool:
    beginning = cast(BufferedReader, sys.stdin.buffer).peek().lstrip(b"\xef\xbb\xbf \t\r\n")
    return beginning.startswith(b"{") and any(f'"{key}"'.encode() in beginning for key in ONLY_ARTICLES_HAVE)
