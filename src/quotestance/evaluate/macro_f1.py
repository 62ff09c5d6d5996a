"""Gold and predicted labels into macro-F1 with an interval over groups, for benchmarks and learning curves.

Full reports, with many more scores, are `quotestance.evaluate.evaluate`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from quotestance.evaluate import scores
from quotestance.evaluate.intervals import bootstrap, group_counts


@dataclass(frozen=True)
class Score:
    """A score on `n` pairs in `groups` groups, with the 95 % interval of a bootstrap over the groups."""

    value: float
    n: int
    groups: int
    interval: tuple[float, float] | None = None


def macro_f1(
    gold: Sequence[str],
    predicted: Sequence[str],
    groups: Sequence[str] | None = None,
    *,
    labels: Sequence[str],
    seed: int = 13,
    rounds: int = 1000,
) -> Score:
    """The mean of the F1 of those `labels` that occur (`scores.macro_f1`), and its interval over whole groups.

    A prediction outside `labels` (a neutral where gold has only two sides) misses the gold label and is a false alarm
    for no label of the mean. Equal to scikit-learn's `f1_score(labels=labels, average="macro")` where all labels occur.
    Raises ValueError where gold has another label, nothing is given, or the lengths differ.
    """
    if not len(gold) == len(predicted) == (len(gold) if groups is None else len(groups)):
        raise ValueError(f"{len(gold)} gold labels, {len(predicted)} predictions and their groups must be as many.")
    if unknown := sorted(set(gold) - set(labels)):
        raise ValueError(f"Gold has {', '.join(unknown)}, which is not among the labels: {', '.join(labels)}.")
    if not gold:
        raise ValueError("There is no pair to score.")
    codes, names = pd.factorize(np.asarray(groups if groups is not None else range(len(gold)), dtype=object))
    by_group = group_counts(_columns(gold, labels), _columns(predicted, labels), codes, len(labels))
    intervals = bootstrap(by_group, {"macro_f1": scores.macro_f1}, seed=seed, rounds=rounds)
    return Score(float(scores.macro_f1(by_group.sum(0))), len(gold), len(names), intervals["macro_f1"])


def _columns(given: Sequence[str], labels: Sequence[str]) -> NDArray[np.int64]:
    """The number of each label; one more than the last where it is none of them."""
    column = {label: number for number, label in enumerate(labels)}
    return np.array([column.get(label, len(labels)) for label in given], dtype=np.int64)
