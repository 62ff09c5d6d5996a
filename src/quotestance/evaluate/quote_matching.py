"""Gold and predicted quotes of one article into pairs that belong together, by the characters they share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from quotestance.data.marks import MARKS, trimmed
from quotestance.data.records import Quote, Span

MATCHED = 0.3  # least overlap of two contents that are compared further, and of two mentions that agree

Places = tuple[tuple[int, int], ...]


def content_places(quote: Quote, text: str) -> Places:
    """Where a quote's words stand: its spans in order, without marks and white space at their ends.

    Spans with nothing but marks and white space between them are one.
    """
    places: list[tuple[int, int]] = []
    for start, end in sorted((span.start, span.end) for span in quote.spans):
        start, end = trimmed(text, start, end)
        if start >= end:
            continue
        if places and not text[places[-1][1] : start].strip(MARKS + " \t\r\n\u00a0"):
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((start, end))
    return tuple(places)


def with_places(quotes: Iterable[Quote], text: str) -> list[tuple[Quote, Places]]:
    """The quotes that have words, each with where they stand."""
    return [(quote, places) for quote in quotes if (places := content_places(quote, text))]


def mention_place(span: Span | None, text: str) -> Places:
    """Where a speaker or cue stands, without commas and colons at its end, too; empty for none. A colon alone is a cue."""
    if span is None:
        return ()
    start, end = trimmed(text, span.start, span.end)
    while end > start + 1 and text[end - 1] in ",;:":
        end -= 1
    return ((start, end),) if start < end else ()


def size(places: Places) -> int:
    """Characters in the places."""
    return sum(end - start for start, end in places)


def shared(one: Places, other: Places) -> int:
    """Characters in both; the places of each must be in order and apart, as `content_places` gives them."""
    return sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in one for b in other)


def overlap(one: Places, other: Places) -> float:
    """Characters in both over characters in either: 1 where the two are equal, 0 where they share nothing."""
    both = shared(one, other)
    either = size(one) + size(other) - both
    return both / either if either else 0.0


def agree(one: Places, other: Places) -> bool:
    """Whether two mentions are the same: none on both sides, or an overlap of MATCHED or more."""
    return one == other or overlap(one, other) >= MATCHED


def overlaps(gold: Sequence[Places], predicted: Sequence[Places]) -> NDArray[np.float64]:
    """(gold, predicted) overlaps."""
    return np.array([[overlap(g, p) for p in predicted] for g in gold]).reshape(len(gold), len(predicted))


def covered(gold: Sequence[Places], predicted: Sequence[Places]) -> NDArray[np.float64]:
    """(gold, predicted) shares of the gold characters that the predicted quote holds too."""
    rows = [[shared(g, p) / size(g) if g else 0.0 for p in predicted] for g in gold]
    return np.array(rows).reshape(len(gold), len(predicted))


def matched(closeness: NDArray[np.float64], least: float, *, many: bool = True) -> list[tuple[int, int]]:
    """Pairs (gold row, predicted column), one to one, each at least `least` close: as many as can be, and of these the closest.

    Without `many`, the closest in sum, however few. The assignment with the highest sum of 1 + closeness, or of closeness,
    over its pairs (Kuhn 1955); pairs below `least` are never made.
    """
    if not closeness.size:
        return []
    worth = np.where(closeness >= least, many + closeness, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if worth[row, column] > 0]
