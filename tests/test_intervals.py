"""Intervals are drawn over whole groups, and say nothing where they can say nothing."""

import numpy as np
import pytest

from quotestance.evaluate.intervals import (
    bootstrap,
    distinct_rows,
    group_counts,
    interval,
    no_interval,
    resampled,
    resampled_means,
)
from quotestance.evaluate.scores import accuracy, confusion, macro_f1

DRAWING = np.random.default_rng(7)
GOLD, PREDICTED, GROUPS = DRAWING.integers(3, size=600), DRAWING.integers(4, size=600), DRAWING.integers(40, size=600)


def test_counts_of_groups_are_the_confusion_of_each() -> None:
    counts = group_counts(GOLD, PREDICTED, GROUPS, 3)
    assert counts.shape == (40, 3, 4)
    np.testing.assert_array_equal(counts[5], confusion(GOLD[GROUPS == 5], PREDICTED[GROUPS == 5], 3))


def test_the_multinomial_draw_has_the_spread_of_drawing_groups_one_by_one() -> None:
    counts = group_counts(GOLD, PREDICTED, GROUPS, 3)
    drawing = np.random.default_rng(1)
    plain = np.array([accuracy(counts[drawing.integers(40, size=40)].sum(0)) for _ in range(4000)])
    ours = accuracy(resampled(counts, seed=2, rounds=4000))
    assert ours.mean() == pytest.approx(plain.mean(), abs=0.002)
    assert ours.std() == pytest.approx(plain.std(), rel=0.06)


def test_groups_that_are_alike_inside_make_intervals_wider_than_rows_would() -> None:
    gold = np.zeros(400, dtype=int)
    predicted = np.repeat(np.arange(20) % 2, 20)  # an article is wholly right or wholly wrong
    by_article = bootstrap(
        group_counts(gold, predicted, np.repeat(np.arange(20), 20), 2), {"a": accuracy}, seed=1, rounds=500
    )["a"]
    by_row = bootstrap(group_counts(gold, predicted, np.arange(400), 2), {"a": accuracy}, seed=1, rounds=500)["a"]
    assert by_article is not None
    assert by_row is not None
    assert by_article[1] - by_article[0] > 3 * (by_row[1] - by_row[0])


def test_the_same_seed_gives_the_same_interval_and_another_one_another() -> None:
    counts = group_counts(GOLD, PREDICTED, GROUPS, 3)
    first, again, other = (bootstrap(counts, {"f": macro_f1}, seed=seed, rounds=200)["f"] for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_one_group_has_no_interval_and_the_reason_is_given() -> None:
    assert bootstrap(
        group_counts(GOLD, PREDICTED, np.zeros(600, dtype=int), 3), {"f": macro_f1}, seed=1, rounds=100
    ) == {"f": None}
    assert "one group" in (no_interval(1, 1000) or "")
    assert no_interval(2, 1000) is None


def test_samples_in_which_a_score_is_undefined_are_passed_over() -> None:
    assert interval(np.array([np.nan, 0.5, 0.5])) == (0.5, 0.5)
    assert interval(np.array([np.nan, np.nan])) is None


@pytest.mark.parametrize("groups", [500, 30_000])
def test_means_are_resampled_with_the_standard_error_of_the_mean(groups: int) -> None:
    values = np.random.default_rng(5).normal(2, 1, size=(groups, 1))
    found = resampled_means(values, np.arange(groups), seed=1, rounds=400)
    assert found.mean() == pytest.approx(values.mean(), abs=0.3 / groups**0.5)
    assert found.std() == pytest.approx(1 / groups**0.5, rel=0.15)


def test_rows_that_differ_by_a_fraction_are_different_rows() -> None:
    kinds, times = distinct_rows(np.array([[0.7, 1.0], [0.4, 1.0], [0.7, 1.0]]))
    assert kinds.tolist() == [[0.4, 1.0], [0.7, 1.0]]
    assert times.tolist() == [1, 2]


def test_different_rows_are_counted() -> None:
    rows = np.array([[1, 0], [0, -1], [1, 0], [1, 1]])
    kinds, times = distinct_rows(rows)
    assert {tuple(kind): n for kind, n in zip(kinds.tolist(), times.tolist(), strict=True)} == {
        (1, 0): 2,
        (0, -1): 1,
        (1, 1): 1,
    }
