"""A stretch of text and the marks on it into HTML: marks may nest, overlap and stand apart; every character is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from quotestance.view.page import escaped


@dataclass(frozen=True)
class Mark:
    """Characters `start`..`end` (half-open) shown with the class `css`. `key` joins the parts of one quote.

    `lead` is trusted HTML that stands just before the mark's first character.
    """

    start: int
    end: int
    css: str
    key: str | None = None
    lead: str = ""


def marked(text: str, marks: Iterable[Mark], start: int = 0, end: int | None = None) -> str:
    """`text[start:end]`, escaped, each character inside a span per mark that covers it, the longer mark outside."""
    end = len(text) if end is None else end
    here = sorted(
        (mark for mark in marks if mark.start < end and mark.end > start), key=lambda mark: (mark.start, -mark.end)
    )
    cuts = sorted({start, end, *(edge for mark in here for edge in (mark.start, mark.end) if start < edge < end)})
    return "".join(_piece(text, low, high, here) for low, high in pairwise(cuts))


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where the paragraphs stand: between blank lines; a text without blank lines goes line by line. None is blank."""
    each_line = "\n\n" not in text.replace("\r", "")
    start, end = None, 0
    for low, high in _lines(text):
        blank = not text[low:high].strip()
        if start is not None and (blank or each_line):
            yield start, end
            start = None
        if start is None and not blank:
            start = low
        end = high
    if start is not None:
        yield start, end


def _lines(text: str) -> Iterator[tuple[int, int]]:
    low = 0
    while low <= len(text):
        high = text.find("\n", low)
        high = len(text) if high < 0 else high
        yield low, high
        low = high + 1


def _piece(text: str, low: int, high: int, marks: Sequence[Mark]) -> str:
    """The characters between two neighbouring cuts: the same marks cover all of them."""
    html = escaped(text[low:high])
    over = [mark for mark in marks if mark.start <= low and mark.end >= high]
    for mark in reversed(over):
        key = f' data-q="{escaped(mark.key)}"' if mark.key else ""
        html = f'<span class="{mark.css}"{key}>{html}</span>'
    return "".join(mark.lead for mark in over if mark.start == low) + html
