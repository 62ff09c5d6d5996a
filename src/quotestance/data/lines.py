"""Text into its lines, by every break that an article may come with: the one place that says what a line is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029]")


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Where each line stands, empty ones among them, without the break at its end."""
    start = 0
    for end, following in chain((match.span() for match in BREAK.finditer(text)), [(len(text), len(text))]):
        yield start, end
        start = following
