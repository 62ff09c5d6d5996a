"""A text's paragraphs by number, so that what is near does not hang on how lines end."""

from __future__ import annotations

from bisect import bisect_right

from quotestance.models.language.quote_marks import paragraphs


class Paragraphs:
    """The lines of a text that hold something, whatever ends them and however many blank ones stand between."""

    def __init__(self, text: str) -> None:
        self.places = paragraphs(text)
        self.starts = [start for start, _ in self.places] or [0]

    def number(self, at: int) -> int:
        """The number of the paragraph in which `at` stands, or behind which."""
        return max(0, bisect_right(self.starts, at) - 1)

    def start(self, at: int) -> int:
        """Where the paragraph of `at` begins."""
        return self.starts[self.number(at)]

    def apart(self, left: int, right: int) -> int:
        """Paragraphs from the one of `left` to the one of `right`."""
        return self.number(right) - self.number(left)
