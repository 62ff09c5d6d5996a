"""The characters that a fragment takes, and the kind of a quote by its marks."""

from __future__ import annotations

from collections.abc import Sequence

from quotestance.data.marks import trimmed
from quotestance.data.records import QuoteKind
from quotestance.models.language.quote_marks import Region
from quotestance.models.learned.quote_pointers import Place

SNAP = 0.8  # a fragment that shares this much with a marked region becomes the region


def snapped(text: str, start: int, end: int, regions: Sequence[Region], *, least: float = SNAP) -> Place:
    """The place without marks at its ends; that of a marked region where the two share `least` of the characters in either."""
    start, end = trimmed(text, start, end)
    for region in regions:
        shared = min(end, region.end) - max(start, region.start)
        either = max(end, region.end) - min(start, region.start)
        if region.closed and shared > 0 and shared >= least * either:
            return trimmed(text, region.start, region.end)
    return start, end


def kind_of(text: str, places: Sequence[Place], regions: Sequence[Region]) -> QuoteKind:
    """Direct where all letters and digits stand in marks, indirect where none does, else mixed."""
    inside = [
        any(region.opened <= at < region.closed_at for region in regions)
        for start, end in places
        for at in range(start, end)
        if text[at].isalnum()
    ]
    if inside and all(inside):
        return "direct"
    return "mixed" if any(inside) else "indirect"
