"""Tags of words into the places of each role, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quotestance.models.learned.quote_network import BEGIN, END, INSIDE, OUTSIDE, ROLES, SINGLE
from quotestance.models.learned.quote_pointers import Place


def spans_of_tags(tags: Sequence[int]) -> dict[str, list[Place]]:
    """The places of each role in a sequence of tags, half-open; a span that is never ended ends where another begins."""
    spans: dict[str, list[Place]] = {role: [] for role in ROLES}
    open_role, begin = None, 0
    for place, number in enumerate([*tags, OUTSIDE]):
        role = None if number == OUTSIDE else ROLES[(number - 1) // 4]
        part = (number - 1) % 4
        if open_role is not None and (role != open_role or part in (BEGIN, SINGLE)):
            spans[open_role].append((begin, place))
            open_role = None
        if role is not None and open_role is None:
            open_role, begin = role, place
        if role is not None and part in (END, SINGLE):
            spans[role].append((begin, place + 1))
            open_role = None
    return spans


def tags_of_spans(many: int, spans: dict[str, list[Place]]) -> NDArray[np.int64]:
    """Tags of `many` words; where two spans meet on a word, the earlier role of ROLES, then the earlier span keeps it."""
    tags = np.full(many, OUTSIDE, np.int64)
    for number, role in enumerate(ROLES):
        base = 1 + 4 * number
        for start, end in sorted(spans.get(role, [])):
            free = tags[start:end] == OUTSIDE
            if start >= end or not free.all():
                continue
            tags[start:end] = base + INSIDE
            tags[start], tags[end - 1] = base + BEGIN, base + END
            if end - start == 1:
                tags[start] = base + SINGLE
    return tags
