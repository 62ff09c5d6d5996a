"""A stretch of text and the marks on it into HTML: marks may nest, overlap and stand apart; every character is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from quotestance.data.lines import lines
from quotestance.view.page import escaped

SHOWN_AS_SPACE = re.compile("[\u2028\u2029]")  # line breaks that browsers do not break lines at


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
    blocks: list[list[tuple[int, int]]] = [[]]
    for low, high in lines(text):
        if text[low:high].strip():
            blocks[-1].append((low, high))
        elif blocks[-1]:
            blocks.append([])
    filled = [block for block in blocks if block]
    if len(filled) == 1:
        yield from filled[0]
    else:
        yield from ((block[0][0], block[-1][1]) for block in filled)


def _piece(text: str, low: int, high: int, marks: Sequence[Mark]) -> str:
    """The characters between two neighbouring cuts: the same marks cover all of them."""
    html = SHOWN_AS_SPACE.sub(r"\g<0><br>", escaped(text[low:high]))
    over = [mark for mark in marks if mark.start <= low and mark.end >= high]
    for mark in reversed(over):
        key = f' data-q="{escaped(mark.key)}"' if mark.key else ""
        html = f'<span class="{mark.css}"{key}>{html}</span>'
    return "".join(mark.lead for mark in over if mark.start == low) + html
