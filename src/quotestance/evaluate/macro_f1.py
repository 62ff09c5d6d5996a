"""Gold and predicted labels into macro-F1 with an interval over groups, for benchmarks and learning curves.

Full reports, with many more scores, are `quotestance.evaluate.evaluate`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SMALLEST_NUMBER_OF_GROUPS = 5  # below, no interval is given

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """A score on `n` pairs in `groups` groups, with the 95 % interval of a bootstrap over the groups."""

    value: float
    n: int
    groups: int
    interval: tuple[float, float] | None = None

    def __str__(self) -> str:
        interval = f" [{self.interval[0]:.3f}, {self.interval[1]:.3f}]" if self.interval else ""
        return f"{self.value:.3f}{interval}"


def macro_f1(
    gold: Sequence[str],
    predicted: Sequence[str],
    groups: Sequence[str] | None = None,
    *,
    labels: Sequence[str],
    seed: int = 13,
    rounds: int = 1000,
) -> Score:
    """The mean over `labels` of F1 = 2 hits / (times in gold + times predicted); 0 for a label that is in neither.

    A prediction outside `labels` (a neutral where gold has only two sides) misses the gold label and is a false alarm
    for no label of the mean. Equal to scikit-learn's `f1_score(labels=labels, average="macro", zero_division=0)`. The
    interval is the 2.5th to 97.5th percentile over `rounds` samples of whole groups, drawn with replacement (Efron
    1979; by groups: Field & Welsh 2007). Raises ValueError where gold has another label, or the lengths differ.
    """
    if not len(gold) == len(predicted) == (len(gold) if groups is None else len(groups)):
        raise ValueError(f"{len(gold)} gold labels, {len(predicted)} predictions and their groups must be as many.")
    if unknown := sorted(set(gold) - set(labels)):
        raise ValueError(f"Gold has {', '.join(unknown)}, which is not among the labels: {', '.join(labels)}.")
    if not gold:
        raise ValueError("There is no pair to score.")
    codes, names = pd.factorize(np.asarray(groups if groups is not None else range(len(gold)), dtype=object))
    by_group = _counts(np.asarray(gold), np.asarray(predicted), codes, len(names), labels)
    value = float(_macro_f1(by_group.sum(0)))
    if len(names) < SMALLEST_NUMBER_OF_GROUPS:
        return Score(value, len(gold), len(names))
    draw = np.random.default_rng(seed)
    sampled = np.empty(rounds)
    for number in range(rounds):
        times = np.bincount(draw.integers(len(names), size=len(names)), minlength=len(names))
        sampled[number] = _macro_f1(np.tensordot(times.astype(float), by_group, axes=1))
    low, high = np.percentile(sampled, [2.5, 97.5])
    return Score(value, len(gold), len(names), (float(low), float(high)))


def _counts(
    gold: NDArray[np.str_], predicted: NDArray[np.str_], codes: NDArray[np.int64], groups: int, labels: Sequence[str]
) -> Counts:
    """Hits, times in gold and times predicted of each label in each group: (groups, 3, labels)."""
    counts = np.zeros((groups, 3, len(labels)))
    for column, label in enumerate(labels):
        is_gold, is_predicted = gold == label, predicted == label
        for row, weights in enumerate((is_gold & is_predicted, is_gold, is_predicted)):
            counts[:, row, column] = np.bincount(codes, weights=weights, minlength=groups)
    return counts


def _macro_f1(counts: Counts) -> np.floating:
    hits, in_gold, predicted = counts
    both = in_gold + predicted
    return np.mean(np.where(both > 0, 2 * hits / np.maximum(both, 1), 0.0))
