"""Columns of a user's own beside ours: none is lost because it has the name of one of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

RENAMED = "original_"


def named_twice(columns: Iterable[str]) -> str | None:
    """What is wrong where two columns have one name; None where none do."""
    twice = next((name for name, times in Counter(columns).items() if times > 1), None)
    return None if twice is None else f"two columns are called '{twice}'. Give each its own name."


def names_beside(own: Iterable[str], ours: Collection[str]) -> dict[str, str]:
    """Own name -> the name it is kept under: its own, or `original_<name>` where ours is called so."""
    taken = list(own)
    kept = {}
    for name in taken:
        free = name
        while free in ours or (free != name and free in taken):
            free = RENAMED + free
        kept[name] = free
    return kept
