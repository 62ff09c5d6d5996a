"""Quotation marks at the ends of a span, which do not belong to a quote's words."""

from __future__ import annotations

MARKS = "“”„‟«»‹›「」『』《》\"‘’‚'`"


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The place from `start` to `end` without quotation marks and white space at its ends; empty where it holds nothing else."""
    while start < end and (text[start] in MARKS or text[start].isspace()):
        start += 1
    while start < end and (text[end - 1] in MARKS or text[end - 1].isspace()):
        end -= 1
    return start, end
