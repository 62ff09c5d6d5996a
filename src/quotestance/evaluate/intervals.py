"""Confusion counts of groups into bootstrap samples and 95 % intervals.

Whole groups (articles; topics, for pairs) are drawn with replacement, as many as there are (Efron 1979; of clusters: Field &
Welsh 2007): quotes of one article resemble each other, and an interval over rows would be too narrow.
The expected calibration error is not bootstrapped: resampling adds noise to every bin, so its bootstrap lies above its value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
FEW_GROUPS = 10  # below, percentile intervals are known to be too narrow: said in the report
MOST_BLOCKS = 5_000  # groups that means are resampled over one by one
DRAWN_AT_ONCE = 4_000_000  # numbers held in memory while drawing (32 MB)

Values = NDArray[np.float64]
Interval = tuple[float, float]


def group_counts(gold: NDArray[Any], predicted: NDArray[Any], groups: NDArray[Any], labels: int) -> NDArray[np.int32]:
    """(groups, labels, labels + 1) confusion counts from codes; `groups` (n,) are any whole numbers from 0.

    Groups without a row are left out.
    """
    _, codes = np.unique(groups, return_inverse=True)
    size = labels * (labels + 1)
    cells = codes * size + np.asarray(gold, dtype=np.int64) * (labels + 1) + predicted
    many = int(codes.max()) + 1 if len(codes) else 0
    return np.bincount(cells, minlength=many * size).reshape(many, labels, labels + 1).astype(np.int32)


def resampled(by_group: NDArray[Any], *, seed: int, rounds: int) -> Values:
    """(rounds, ...) sums over `rounds` samples of whole groups, from (groups, ...) counts, or sums that need not be whole.

    Groups with equal counts are drawn together, by a multinomial over the different ones: the same distribution, and a
    million pairs take seconds.
    """
    many = len(by_group)
    kinds, times = distinct_rows(by_group.reshape(many, -1))
    drawing = np.random.default_rng(seed)
    kinds = kinds.astype(float)
    sums = np.empty((rounds, kinds.shape[1]))
    step = max(1, DRAWN_AT_ONCE // len(kinds))
    for start in range(0, rounds, step):
        drawn = drawing.multinomial(many, times / many, size=min(step, rounds - start))
        sums[start : start + step] = drawn @ kinds
    return sums.reshape(rounds, *by_group.shape[1:])


def resampled_means(values: Values, groups: NDArray[Any], *, seed: int, rounds: int) -> Values:
    """(rounds, k) means of (n, k) row values over samples of whole groups; rows with NaN must be left out before.

    More than `MOST_BLOCKS` groups are first put together at random into that many blocks, and blocks are drawn: the same spread.
    """
    _, codes = np.unique(groups, return_inverse=True)
    drawing = np.random.default_rng(seed)
    many = int(codes.max()) + 1
    if many > MOST_BLOCKS:
        codes = (drawing.permutation(many) % MOST_BLOCKS)[codes]
    sizes = np.bincount(codes).astype(float)
    sums = np.stack([np.bincount(codes, weights=column) for column in values.T], axis=1)
    means = np.empty((rounds, values.shape[1]))
    for number in range(rounds):
        drawn = np.bincount(drawing.integers(len(sizes), size=len(sizes)), minlength=len(sizes)).astype(float)
        means[number] = drawn @ sums / (drawn @ sizes)
    return means


def distinct_rows(rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The different rows of a table, and how often each stands in it.

    Whole numbers are compared by 64-bit hashes, which is 20 times faster; fractions as they are.
    """
    if not np.issubdtype(rows.dtype, np.integer):
        kinds, often = np.unique(rows, axis=0, return_counts=True)
        return kinds, often
    weights = np.random.default_rng(0).integers(2**63, size=rows.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(
        1
    )
    hashes = (rows.astype(np.int64).view(np.uint64) * weights).sum(1, dtype=np.uint64)
    _, first, times = np.unique(hashes, return_index=True, return_counts=True)
    return rows[first], times


def interval(samples: Values) -> Interval | None:
    """The 2.5th to 97.5th percentile of the samples in which the score is defined; None where it never is."""
    defined = samples[~np.isnan(samples)]
    if not len(defined):
        return None
    low, high = np.percentile(defined, [50 * (1 - LEVEL), 100 - 50 * (1 - LEVEL)])
    return float(low), float(high)


def bootstrap(
    by_group: NDArray[Any], functions: dict[str, Callable[[NDArray[Any]], Values]], *, seed: int, rounds: int
) -> dict[str, Interval | None]:
    """The interval of each function of confusion counts; None for all where there are fewer than two groups or rounds."""
    if no_interval(len(by_group), rounds):
        return dict.fromkeys(functions)
    samples = resampled(by_group, seed=seed, rounds=rounds)
    return {name: interval(function(samples)) for name, function in functions.items()}


def no_interval(groups: int, rounds: int) -> str | None:
    """Why there is no interval, or None where there is one."""
    if groups < 2:
        return "There is one group (article or topic) only: nothing says how much scores vary between groups."
    if rounds < 2:
        return "No bootstrap rounds were asked for."
    return None
