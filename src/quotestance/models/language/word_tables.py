"""A table of words as it is read by people, lines of words, into a set."""

from __future__ import annotations


def word_set(table: str) -> frozenset[str]:
    """The words of `table`, separated by white space."""
    return frozenset(table.split())
