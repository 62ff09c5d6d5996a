"""Rows that can't be used, each with its place and the reason; the run goes on without them."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from textwrap import shorten
from typing import Any

from quotestance.data.errors import FormatError, QuotestanceError

LONGEST_TEXT = 1_000_000  # characters: a long book. More is a file that was taken for an article
LONGEST_LINE = 1 << 26  # bytes, of a line of JSON or of a file with one value or article: the most that is held at once
NO_FILE = "is a pipe, socket or device, and no regular file. Write what comes out of it to a file."
MOST_KINDS = 1000  # of reasons that are counted each by itself
OTHER_REASONS = "other reasons"
_TOLD = 300  # characters of a reason that tell its kind
_VARIES = re.compile(
    r"""(?<=\bbut is ).+|(?<!\w)(['"]).*?\1(?!\w)|\d+(?:[.,]\d+)*"""
)  # values, what is quoted, numbers
_FIRST_PLACES = 1 << 12  # of SeenIds; doubled when half of them are taken


@dataclass(frozen=True)
class Reject:
    """A row or file that could not be used: where it stands, and why.

    `line` and `row` count from 1 in the file; both None: the whole file. `rows` is how many rows are lost, where that is known.
    """

    file: str
    line: int | None
    reason: str
    row: int | None = None
    id: str | None = None
    rows: int = 1

    @classmethod
    def of(
        cls,
        problem: QuotestanceError,
        file: str,
        line: int | None = None,
        row: int | None = None,
        id: str | None = None,
    ) -> Reject:
        """A reader's error as a reject. The place that its message begins with becomes `file` and `line`."""
        message = str(problem)
        place = re.match(rf"{re.escape(file)}(?:, line (\d+))?(?:: |, )", message)
        if place is None:
            return cls(file, line, message, row, id)
        return cls(file, int(place[1]) if place[1] else line, message[place.end() :], row, id)

    @property
    def place(self) -> str:
        if self.line is not None:
            return f"{self.file}, line {self.line}"
        return self.file if self.row is None else f"{self.file}, row {self.row}"

    def record(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "row": self.row,
            "id": self.id,
            "reason": self.reason,
            "rows": self.rows,
        }

    def error(self) -> FormatError:
        """The same as an error, for runs that stop at the first."""
        return FormatError(f"{self.place}: {self.reason}")


def rows_of(item: Any) -> int:
    """How many rows of the input an item or a reject stands for."""
    return item.rows if isinstance(item, Reject) else 1


def commonest_reasons(refused: Iterable[Mapping[str, Any]], most: int = 3) -> tuple[tuple[str, int], ...]:
    """The commonest reasons in records of rejects, and how many rows each cost; most rows first, then by their place.

    Reasons that differ only in what they quote, in numbers or in the article's id are one, with … in place of these. At
    most MOST_KINDS are held; what comes after them counts as 'other reasons'.
    """
    rows, told = Counter[str](), dict[str, str]()
    for one in refused:
        reason = shorten(one["reason"], _TOLD, placeholder=" …")
        kind = _VARIES.sub("…", re.sub(rf"\barticle {re.escape(str(one['id']))}(?!\w)", "article …", reason))
        if kind not in rows and len(rows) >= MOST_KINDS:
            kind = reason = OTHER_REASONS
        rows[kind] += one["rows"]
        told[kind] = reason if told.get(kind, reason) == reason else kind
    return tuple((told[kind], number) for kind, number in rows.most_common(most))


def stands_twice(id: str) -> str:
    """What is said of an id that was met before."""
    return f"the id '{id}' stands already at an earlier row. Give each its own."


class SeenIds:
    """Which ids were met before, in at most 32 bytes an id however long the ids are.

    A hash table of 64-bit digests: of a million ids, two different ones are taken for the same with a probability
    below 1 in 30 million.
    """

    def __init__(self) -> None:
        self._places = array("Q", bytes(8 * _FIRST_PLACES))
        self._count = 0

    def add(self, name: str) -> bool:
        """Note an id; whether it is new."""
        digest = int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()) or 1
        if not self._put(self._places, digest):
            return False
        self._count += 1
        if 2 * self._count > len(self._places):
            larger = array("Q", bytes(16 * len(self._places)))
            for one in self._places:
                if one:
                    self._put(larger, one)
            self._places = larger
        return True

    @staticmethod
    def _put(places: array[int], digest: int) -> bool:
        place = digest % len(places)
        while places[place]:
            if places[place] == digest:
                return False
            place = (place + 1) % len(places)
        places[place] = digest
        return True
