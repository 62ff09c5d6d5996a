"""Spans that have moved back onto their words: by exact text, and of several places the nearest.

A text that got or lost characters shifts all spans behind them by as much. Spans whose words stand once in the text
tell that shift, and the others are looked for where it puts them. What is absent, or equally near twice, is left as
it is.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from quotestance.data.problems import Path, is_offset, place_in, raw_spans, shown


@dataclass(frozen=True)
class Repair:
    """One span that was moved: 'quote q3, cue: 'warned' moved from 864..870 to 866..872 (its only place)'."""

    place: str
    quote: str | None
    text: str
    before: tuple[Any, Any]
    after: tuple[int, int]
    choices: int

    def __str__(self) -> str:
        how = "its only place" if self.choices == 1 else f"the nearest of {self.choices} places"
        before, after = (f"{start}..{end}" for start, end in (self.before, self.after))
        return f"{self.place}: {shown(self.text)} moved from {before} to {after} ({how})."


@dataclass(frozen=True)
class Unrepaired:
    """One span that could not be moved, and why."""

    path: Path
    reason: str


def repair_spans(value: dict[str, Any]) -> tuple[dict[str, Any], list[Repair], list[Unrepaired]]:
    """A copy of a JSON record with its moved spans re-anchored, what was done, and what could not be.

    Spans that hold their words are never touched; nothing but `start` and `end` is changed.
    """
    text = value.get("text")
    made = copy.deepcopy(value)
    repairs: list[Repair] = []
    left: list[Unrepaired] = []
    if not isinstance(text, str):
        return made, repairs, left
    shifts = _known_shifts(text, value)
    for path, quote, span in raw_spans(made):
        start, end, words = span.get("start"), span.get("end"), span.get("text")
        if not isinstance(words, str) or not words or not is_offset(start):
            continue
        if is_offset(end) and end <= len(text) and text[start:end] == words:
            continue
        places = _places(text, words)
        if not places:
            left.append(
                Unrepaired(
                    path, f"{shown(words)} does not stand in the text. Correct the span's text, or mark the quote anew."
                )
            )
            continue
        nearest = _nearest(places, start + _shift_at(start, shifts))
        if len(nearest) > 1:
            left.append(
                Unrepaired(
                    path,
                    f"{shown(words)} stands equally near at {nearest[0]} and at {nearest[1]}. Set 'start' and "
                    "'end' by hand.",
                )
            )
            continue
        span["start"], span["end"] = nearest[0], nearest[0] + len(words)
        repairs.append(
            Repair(
                place_in(value, path), quote, words, (start, end), (nearest[0], nearest[0] + len(words)), len(places)
            )
        )
    return made, repairs, left


def _known_shifts(text: str, value: dict[str, Any]) -> list[tuple[int, int]]:
    """Where spans stood, and by how much they moved, for those whose words stand only once."""
    known = []
    for _, _, span in raw_spans(value):
        start, words = span.get("start"), span.get("text")
        if is_offset(start) and isinstance(words, str) and words:
            place = text.find(words)
            if place >= 0 and text.find(words, place + 1) < 0:
                known.append((start, place - start))
    return known


def _shift_at(start: int, shifts: list[tuple[int, int]]) -> int:
    return min(shifts, key=lambda known: abs(known[0] - start))[1] if shifts else 0


def _places(text: str, words: str) -> list[int]:
    found, place = [], text.find(words)
    while place >= 0:
        found.append(place)
        place = text.find(words, place + 1)
    return found


def _nearest(places: list[int], expected: int) -> list[int]:
    distance = min(abs(place - expected) for place in places)
    return [place for place in places if abs(place - expected) == distance]
