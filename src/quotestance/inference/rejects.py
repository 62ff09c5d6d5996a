"""Rows that can't be used, each with its place and the reason; the run goes on without them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from quotestance.data.errors import FormatError, QuotestanceError

T = TypeVar("T")
LONGEST_TEXT = 1_000_000  # characters: a long book. More is a file that was taken for an article
_FIRST_PLACES = 1 << 12  # of SeenIds; doubled when half of them are taken


@dataclass(frozen=True)
class Reject:
    """A row or file that could not be used: where it stands (`line` None: the whole file) and why."""

    file: str
    line: int | None
    reason: str

    @classmethod
    def of(cls, problem: QuotestanceError, path: str | Path, name: str, line: int | None = None) -> Reject:
        """A reader's error as a reject. The place that its message begins with becomes `file` (`name`) and `line`."""
        message = str(problem)
        place = re.match(rf"{re.escape(str(path))}(?:, line (\d+))?(?:: |, )", message)
        if place is None:
            return cls(name, line, message)
        return cls(name, int(place[1]) if place[1] else line, message[place.end() :])

    @property
    def place(self) -> str:
        return self.file if self.line is None else f"{self.file}, line {self.line}"

    def record(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "reason": self.reason}

    def error(self) -> FormatError:
        """The same as an error, for runs that stop at the first."""
        return FormatError(f"{self.place}: {self.reason}")


def in_order(
    read: Callable[[Callable[[FormatError], None]], Iterator[T]], path: str | Path, name: str
) -> Iterator[T | Reject]:
    """What `read(refuse)` yields, with what it refuses on the way as rejects at their place in the order."""
    refused: list[Reject] = []
    for value in read(lambda problem: refused.append(Reject.of(problem, path, name))):
        yield from refused
        refused.clear()
        yield value
    yield from refused


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
