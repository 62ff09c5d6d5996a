"""Aligned rows into scores by article, target, speaker and whatever else is known of a pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from quotestance.data.pairs import Pair
from quotestance.evaluate.align import Aligned
from quotestance.evaluate.intervals import Interval, bootstrap, group_counts
from quotestance.evaluate.scores import accuracy, macro_f1, number

SMALL = 20  # a cell with fewer pairs is marked: its score says little
MOST_CELLS = 100  # of one breakdown in a report, the largest
UNKNOWN = "unknown"
LENGTHS = ((10, "1–9"), (25, "10–24"), (50, "25–49"), (100, "50–99"))
CONFIDENCES = ((0.5, "below 0.5"), (0.7, "0.5–0.7"), (0.9, "0.7–0.9"))
SCORES = {"accuracy": accuracy, "macro_f1": macro_f1}


@dataclass(frozen=True)
class Cell:
    """The pairs that share one value: how many, in how many groups, and their scores with intervals. `small`: n < 20."""

    cell: str
    n: int
    groups: int
    small: bool
    accuracy: float | None
    macro_f1: float | None
    intervals: dict[str, Interval | None]
    gold: dict[str, int]


@dataclass(frozen=True)
class Breakdown:
    """Scores by one property. `macro_over_cells`: the mean over all cells, each counting the same; `micro_over_rows`: over pairs.

    `cells` holds the largest `MOST_CELLS`, `left_off` says how many more there are.
    """

    title: str
    cells: tuple[Cell, ...]
    left_off: int
    macro_over_cells: dict[str, float | None]
    micro_over_rows: dict[str, float | None]


def breakdowns(
    aligned: Aligned, *, seen_targets: Set[str] | None = None, seed: int = 13, rounds: int = 1000
) -> dict[str, Breakdown]:
    """Every breakdown of which the pairs know something, by name; see `PROPERTIES`.

    `seen_targets` are the targets of training, as `folded` gives them; without them, a pair's own `extra["seen"]` counts.
    """
    found = {
        name: breakdown(aligned, title, values, seed=seed, rounds=rounds)
        for name, (title, values) in _properties(aligned, seen_targets).items()
        if any(value is not None for value in values)
    }
    return found


def breakdown(
    aligned: Aligned, title: str, values: Sequence[str | None], *, seed: int = 13, rounds: int = 1000
) -> Breakdown:
    """Scores by any property: one value a row, None where it is not known."""
    codes, names = pd.factorize(np.array([UNKNOWN if value is None else value for value in values], dtype=object))
    size = len(aligned.labels)
    counts = group_counts(aligned.gold_codes, aligned.predicted_codes, codes, size)
    largest = np.argsort(-counts.sum((1, 2)), kind="stable")[:MOST_CELLS]
    rows = _rows_of(codes, len(names))
    cells = tuple(_cell(aligned, str(names[at]), rows[at], counts[at], seed=seed, rounds=rounds) for at in largest)
    whole = counts.sum(0)
    return Breakdown(
        title=title,
        cells=cells,
        left_off=len(names) - len(cells),
        macro_over_cells={name: number(np.nanmean(function(counts))) for name, function in SCORES.items()},
        micro_over_rows={name: number(function(whole)) for name, function in SCORES.items()},
    )


def folded(target: str) -> str:
    """A target without regard to case and white space."""
    return " ".join(target.casefold().split())


def _cell(
    aligned: Aligned, name: str, rows: NDArray[np.int64], counts: NDArray[Any], *, seed: int, rounds: int
) -> Cell:
    groups = aligned.groups[rows]
    small = len(rows) < SMALL
    by_group = group_counts(aligned.gold_codes[rows], aligned.predicted_codes[rows], groups, len(aligned.labels))
    found: dict[str, Interval | None] = (
        dict.fromkeys(SCORES) if small else bootstrap(by_group, dict(SCORES), seed=seed, rounds=rounds)
    )
    return Cell(
        cell=name,
        n=len(rows),
        groups=len(by_group),
        small=small,
        accuracy=number(accuracy(counts)),
        macro_f1=number(macro_f1(counts)),
        intervals=found,
        gold={label: int(n) for label, n in zip(aligned.labels, counts.sum(1), strict=True)},
    )


def _rows_of(codes: NDArray[Any], many: int) -> list[NDArray[np.int64]]:
    """For each code, the rows that have it."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes, minlength=many))[:-1])


PROPERTIES: dict[str, tuple[str, Callable[[Pair], str | None]]] = {
    "group": ("article or topic", lambda pair: pair.group),
    "target": ("target", lambda pair: pair.target),
    "target_kind": ("kind of target", lambda pair: pair.target_kind),
    "speaker": ("speaker", lambda pair: pair.speaker),
    "quote_kind": ("kind of quote", lambda pair: pair.quote_kind),
    "corpus": ("corpus", lambda pair: pair.corpus),
    "length": ("words in the quote", lambda pair: _band(len(pair.quote_text.split()), LENGTHS, "100 or more")),
}


def _properties(aligned: Aligned, seen_targets: Set[str] | None) -> dict[str, tuple[str, list[str | None]]]:
    found = {name: (title, [read(pair) for pair in aligned.gold]) for name, (title, read) in PROPERTIES.items()}
    found["seen"] = ("target seen in training", [_seen(pair, seen_targets) for pair in aligned.gold])
    if aligned.probabilities is not None:
        confidence = aligned.probabilities.max(1)
        found["confidence"] = (
            "confidence of the prediction",
            [None if np.isnan(one) else _band(one, CONFIDENCES, "0.9 or more") for one in confidence],
        )
    return found


def _seen(pair: Pair, seen_targets: Set[str] | None) -> str | None:
    seen = pair.extra.get("seen") if seen_targets is None else folded(pair.target) in seen_targets
    return None if seen is None else "seen" if seen else "unseen"


def _band(value: float, bands: Sequence[tuple[float, str]], above: str) -> str:
    return next((name for limit, name in bands if value < limit), above)
