"""What the errors of a quote finder are made of: every gold and predicted quote under one heading, with its offsets.

Headings, for contents: `exact`; `too long`, `too short`, `shifted` (a pair with overlap 0.3 or more: the predicted characters hold all
gold ones, only gold ones, or neither); `split` (a gold quote of which two or more predicted ones hold a tenth or more each); `joined`
(a predicted quote that holds half or more of two or more gold ones); `missed`; `spurious`. A quote that is part of a split or joined one is
counted there alone. For pairs: `wrong source`, `no source`, `source where gold has none`, and the same of the cue; `wrong speaker` and
`no speaker` where gold names one and the resolved name is another or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from quotestance.data.records import Article, Quote, Span
from quotestance.evaluate.quote_matching import (
    MATCHED,
    Places,
    agree,
    matched,
    mention_place,
    overlaps,
    shared,
    size,
    with_places,
)
from quotestance.evaluate.speaker_names import name_is_right

COLUMNS = ["article", "error", "kind", "gold_id", "gold", "predicted_id", "predicted"]
ORDER = ["exact", "too long", "too short", "shifted", "split", "joined", "missed", "spurious"]
PIECE, WHOLE = 0.1, 0.5  # least share of a gold quote that makes a piece of it, or a gold quote joined to another

Row = tuple[str, str, str | None, str | None, str, str | None, str]


def quote_errors(gold: Sequence[Article], predicted: Sequence[Article]) -> pd.DataFrame:
    """One row a gold quote, a spurious quote, and a wrong source, cue or speaker: COLUMNS, places as `start-end` with commas between spans.

    Articles are matched by id; one that was not predicted has all its quotes missed.
    """
    found = {article.id: article for article in predicted}
    rows = [row for article in gold for row in _rows(article, found.get(article.id))]
    return pd.DataFrame(rows, columns=COLUMNS)


def error_table(errors: pd.DataFrame) -> pd.DataFrame:
    """How often each heading occurs, by kind of quote: (headings, kinds and 'all')."""
    counts = pd.crosstab(errors.error, errors.kind.fillna("–"))
    counts["all"] = counts.sum(axis=1)
    known = [name for name in ORDER if name in counts.index]
    return counts.loc[known + sorted(set(counts.index) - set(known))]


def _rows(gold: Article, predicted: Article | None) -> Iterator[Row]:
    text = gold.text or ""
    golds = with_places(gold.quotes, text)
    guesses = with_places(predicted.quotes if predicted else (), text)
    pairs = dict(matched(overlaps([p for _, p in golds], [p for _, p in guesses]), MATCHED))
    shares = np.array([[shared(g, p) / size(g) for _, p in guesses] for _, g in golds]).reshape(
        len(golds), len(guesses)
    )
    split = {row for row in range(len(golds)) if (shares[row] >= PIECE).sum() > 1}
    joined = {column for column in range(len(guesses)) if (shares[:, column] >= WHOLE).sum() > 1}
    told: set[int] = set(pairs.values())
    for row, (quote, places) in enumerate(golds):
        column = pairs.get(row)
        pieces = set(np.flatnonzero(shares[row] >= PIECE).tolist())
        if column is not None and guesses[column][1] == places:
            error = "exact"
        elif row in split:
            error = "split"
            told |= pieces
        elif joined & set(np.flatnonzero(shares[row] >= WHOLE).tolist()):
            error = "joined"
            column = column if column is not None else min(joined & pieces)
        else:
            error = "missed" if column is None else _bounds(places, guesses[column][1])
        yield _row(gold.id, error, quote, places, *(guesses[column] if column is not None else (None, ())))
        if row in pairs:
            yield from _mentions(gold.id, quote, guesses[pairs[row]][0], text)
    for column, (quote, places) in enumerate(guesses):
        if column not in told and column not in joined:
            yield (gold.id, "spurious", quote.kind, None, "", quote.id, _said(places))


def _bounds(gold: Places, predicted: Places) -> str:
    both = shared(gold, predicted)
    if both == size(gold):
        return "too long"
    return "too short" if both == size(predicted) else "shifted"


def _mentions(article: str, gold: Quote, predicted: Quote, text: str) -> Iterator[Row]:
    sides: dict[str, tuple[Span | None, Span | None]] = {
        "source": (gold.speaker.mention, predicted.speaker.mention),
        "cue": (gold.cue, predicted.cue),
    }
    for name, (right, said) in sides.items():
        one, other = mention_place(right, text), mention_place(said, text)
        if agree(one, other):
            continue
        error = f"wrong {name}" if one and other else f"no {name}" if one else f"{name} where gold has none"
        yield (article, error, gold.kind, gold.id, _said(one), predicted.id, _said(other))
    known = predicted.speaker.name if predicted.speaker.id else None
    if gold.speaker.id and not name_is_right(gold.speaker.name, known):
        error = "wrong speaker" if known else "no speaker"
        gold_place, place = (_said(mention_place(side.speaker.mention, text)) for side in (gold, predicted))
        yield (article, error, gold.kind, gold.id, gold_place, predicted.id, place)


def _row(article: str, error: str, gold: Quote, places: Places, guess: Quote | None, found: Places) -> Row:
    return (article, error, gold.kind, gold.id, _said(places), guess.id if guess else None, _said(found))


def _said(places: Places) -> str:
    return ",".join(f"{start}-{end}" for start, end in places)
