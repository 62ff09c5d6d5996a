"""What a run wrote into a sheet to label by hand, and the model's answers to the same questions beside it.

A question is a quote and a target. Each has the same chance to be drawn, so that scores on the sheet are estimates for the
whole run. The run is read once, an article or row at a time; only what is drawn is held.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice, takewhile, zip_longest
from pathlib import Path
from typing import Any

from quotestance.data.atomic import whole_file
from quotestance.data.errors import FormatError
from quotestance.data.pair_tables import DELIMITERS, PROBABILITY
from quotestance.data.pairs import MODEL, Pair, article_pairs, pair_id
from quotestance.data.records import BETWEEN_PARTS, Article
from quotestance.inference.readers import QUESTIONS, Item, PairRow, Reading, hold_pairs, pair_rows, records
from quotestance.inference.rejects import Reject
from quotestance.inference.sources import Source, Sources
from quotestance.inference.table_rows import Row, read_rows

LONG = frozenset({"article_id", "quote_id", "target_id", "quote"})  # columns that tell the long table of analyze
QUESTION = ("id", "group", "text", "quote", "speaker", "target")  # columns of the sheet, before `label`
CONTEXTS = (600, 150, 0)  # characters shown on each side of a quote: the most in which its words stand once

Cells = dict[str, Any]  # column -> cell, of one question and its answer


@dataclass(frozen=True)
class Sheet:
    """A sheet that was written, and the model's answers beside it: `rows` of the `of` questions that the run answered.

    `labels` are those of the model; empty where it gave no probabilities.
    """

    path: Path
    answers: Path
    rows: int
    of: int
    labels: tuple[str, ...]


def write_sheet(
    run: str | Path,
    out: str | Path,
    *,
    rows: int = 100,
    seed: int = 13,
    by_label: bool = False,
    columns: Mapping[str, str] | None = None,
    corpora: str | Path | None = None,
) -> Sheet:
    """Draw `rows` questions that a model answered, and write them in random order to `out` (.csv, .tsv) without the answers.

    Its column `label` is empty. The answers go under the same ids to a file beside it: `sheet.answers.csv` for `sheet.csv`.
    `run` is what analyze or predict wrote: records, the long table, or a pair table, with `columns` as in `read_pairs`.
    `by_label` draws evenly from the model's labels. The same seed draws the same. Records without text get it from
    `corpora`. Raises FormatError, also where one of the files is there already.
    """
    sheet = Path(out)
    delimiter = DELIMITERS.get(sheet.suffix.lower())
    if delimiter is None:
        raise FormatError(f"{sheet}: a sheet is a table for a spreadsheet. Give it a name that ends in .csv or .tsv.")
    answers = sheet.with_suffix(f".answers{sheet.suffix}")
    if there := next((path for path in (sheet, answers) if path.exists()), None):
        raise FormatError(
            f"{there}: is there already, and labels made by hand are never written over. Name another file with --out, "
            "or move this one away."
        )
    if rows < 1:
        raise FormatError(f"{rows} rows can't be drawn. Say one or more.")
    drawn, of = _draw(_answered(run, columns, corpora), rows, random.Random(seed), by_label)
    if not drawn:
        raise FormatError(
            f"{run}: holds no answer of a model. Name what 'quotestance analyze' or 'quotestance predict' wrote."
        )
    chances = dict.fromkeys(name for cells in drawn for name in cells if name.startswith(PROBABILITY))
    _write(answers, [*QUESTION, "label", *chances, "annotator"], drawn, delimiter)
    _write(sheet, [*QUESTION, "label"], ({**cells, "label": None} for cells in drawn), delimiter)
    return Sheet(sheet, answers, len(drawn), of, tuple(name.removeprefix(PROBABILITY) for name in chances))


def _draw(pairs: Iterable[Pair], most: int, chance: random.Random, by_label: bool) -> tuple[list[Cells], int]:
    """`most` of the pairs in random order, and how many there are. Each has the same chance (algorithm R, Vitter 1985).

    With `by_label` that holds within a label, and labels take turns.
    """
    drawn: dict[str | None, list[Cells]] = {}
    seen = Counter[str | None]()
    for pair in pairs:
        label = pair.label if by_label else None
        kept = drawn.setdefault(label, [])
        place = chance.randrange(seen[label] + 1) if seen[label] >= most else seen[label]
        seen[label] += 1
        if place < most:
            kept[place : place + 1] = [_cells(pair)]
    for kept in drawn.values():
        chance.shuffle(kept)
    in_turns = (cells for cells in chain.from_iterable(zip_longest(*drawn.values())) if cells is not None)
    chosen = list(islice(in_turns, most))
    chance.shuffle(chosen)
    return chosen, seen.total()


def _answered(run: str | Path, columns: Mapping[str, str] | None, corpora: str | Path | None) -> Iterator[Pair]:
    """The pairs of a run that a model answered, with its label, probabilities and signature."""
    columns = {"text": "text", "target": "target"} | dict(columns or {})
    sources = Sources([run], endings=QUESTIONS, column=columns["text"])
    if not hold_pairs(sources, target=columns["target"]):
        for article in _good(records(sources, corpora=corpora)):
            yield from article_pairs([_answers_alone(article)], unclear=True)
        return
    first = next((row for source in sources for row in read_rows(source) if isinstance(row, Row)), None)
    is_long = first is not None and first.cells.keys() >= LONG
    missing = [name for name in columns.values() if first is not None and not is_long and name not in first.cells]
    if first is not None and missing:
        raise FormatError(
            f"{run}: there is no column '{missing[0]}'; there are: {', '.join(first.cells)}. Say which is which: --text, "
            "--target and --group COLUMN."
        )
    rows = Reading(sources, _long_row) if is_long else pair_rows(sources, columns)
    for row in _good(rows):
        answer = _answer(row.cells)
        if answer["label"] and "@" in (answer["annotator"] or ""):  # people sign without a revision
            yield replace(row.pair, **answer)


def _good(reading: Reading[Item]) -> Iterator[Item]:
    """What is read. Raises FormatError at the first row that can't be."""
    for item in reading.items():
        if isinstance(item, Reject):
            raise item.error()
        yield item


def _answers_alone(article: Article) -> Article:
    """The article without the stances that people gave."""
    return article.replace(
        quotes=tuple(
            quote.replace(stances=tuple(one for one in quote.stances if (one.annotator or "").startswith(MODEL)))
            for quote in article.quotes
        )
    )


def _long_row(row: Row, source: Source) -> PairRow:
    cells = row.cells
    name = pair_id(str(cells["article_id"]), str(cells["quote_id"]), str(cells["target_id"]))
    words, group = str(cells["quote"] or ""), str(cells["article_id"])
    return PairRow(
        cells, Pair(name, words, str(cells.get("target") or ""), group=group, speaker=cells.get("speaker") or None)
    )


def _answer(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in a row: its probabilities stand right before the column `model`, as analyze and predict write them."""
    before = list(cells)[: list(cells).index("model")] if "model" in cells else []
    chances = [*takewhile(lambda name: name.startswith(PROBABILITY), reversed(before))][::-1]
    given = {name.removeprefix(PROBABILITY): cells[name] for name in chances if cells[name] not in (None, "")}
    return {
        "label": cells.get("predicted" if "predicted" in cells else "label") or None,
        "probabilities": given or None,
        "annotator": f"{MODEL}{cells['model']}" if cells.get("model") else None,
    }


def _cells(pair: Pair) -> Cells:
    text, quote = _shown(pair)
    return {
        "id": pair.id,
        "group": pair.group,
        "text": text,
        "quote": quote,
        "speaker": pair.speaker and _evened(pair.speaker),
        "target": _evened(pair.target),
        "label": pair.label,
        "annotator": pair.annotator,
        **{PROBABILITY + label: value for label, value in (pair.probabilities or {}).items()},
    }


def _shown(pair: Pair) -> tuple[str, str | None]:
    """The text to be read, and the words in it that are the quote; None where that is all of it.

    White space is evened out, since spreadsheets change line ends. An interrupted quote whose parts stand twice in any context is shown alone.
    """
    parts = [_evened(pair.text[start:end]) for start, end in pair.quote]
    for around in CONTEXTS if parts else ():
        text = _excerpt(pair, around)
        if all(text.find(part) == text.rfind(part) >= 0 for part in parts):
            return text, BETWEEN_PARTS.join(parts)
    return _evened(pair.quote_text), None


def _excerpt(pair: Pair, around: int) -> str:
    """The quote with at most that many characters on each side, cut between words."""
    start, end = min(start for start, _ in pair.quote), max(end for _, end in pair.quote)
    left, right = max(0, start - around), min(len(pair.text), end + around)
    before, after = pair.text[left:start], pair.text[end:right]
    if left:
        before = re.sub(r"^\S*\s", "… ", before)
    if right < len(pair.text):
        after = re.sub(r"\s\S*$", " …", after)
    return _evened(before + pair.text[start:end] + after)


def _evened(text: str) -> str:
    return " ".join(text.split())


def _write(path: Path, columns: list[str], rows: Iterable[Cells], delimiter: str) -> None:
    """A table with a byte order mark, by which spreadsheets know UTF-8."""
    held = io.StringIO()
    writer = csv.DictWriter(held, columns, extrasaction="ignore", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with whole_file(path) as stream:
        stream.write(held.getvalue().encode("utf-8-sig", "replace"))
