"""How far probabilities can be trusted, by hand and against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from quotestance.evaluate.calibration import (
    ABSTAIN_BELOW,
    abstaining,
    brier_scores,
    coverage_accuracy,
    expected_calibration_error,
    log_losses,
    reliability,
)

DRAWING = np.random.default_rng(3)
PROBABILITIES = DRAWING.dirichlet([1, 1, 1], size=300)
GOLD = DRAWING.integers(3, size=300)


def test_log_loss_and_brier_score_are_those_of_scikit_learn() -> None:
    assert log_losses(PROBABILITIES, GOLD).mean() == pytest.approx(
        metrics.log_loss(GOLD, PROBABILITIES, labels=[0, 1, 2])
    )
    assert brier_scores(PROBABILITIES, GOLD).mean() == pytest.approx(
        np.mean(((PROBABILITIES - np.eye(3)[GOLD]) ** 2).sum(1))
    )


def test_brier_score_of_two_labels_is_twice_scikit_learns() -> None:
    two = np.array([[0.8, 0.2], [0.4, 0.6]])
    assert brier_scores(two, np.array([0, 0])).mean() == pytest.approx(
        2 * metrics.brier_score_loss([0, 0], two[:, 1], pos_label=1, labels=[0, 1])
    )


def test_a_probability_of_nought_for_the_right_label_costs_much_but_not_infinity() -> None:
    assert 30 < log_losses(np.array([[1.0, 0.0]]), np.array([1])).mean() < 40


def test_calibration_error_worked_by_hand() -> None:
    # four of confidence 0.95, of which two are right; four of 0.65, all right: (4 × 0.45 + 4 × 0.35) / 8
    probabilities = np.array([[0.95, 0.05]] * 4 + [[0.65, 0.35]] * 4)
    gold = np.array([0, 0, 1, 1, 0, 0, 0, 0])
    assert expected_calibration_error(probabilities, gold) == pytest.approx((4 * 0.45 + 4 * 0.35) / 8)
    bands = reliability(probabilities, gold)
    assert [band["n"] for band in bands] == [0, 0, 0, 0, 0, 0, 4, 0, 0, 4]
    assert bands[9]["accuracy"] == 0.5
    assert bands[0]["accuracy"] is None


def test_a_confidence_on_the_edge_of_a_band_belongs_to_the_lower_one() -> None:
    bands = reliability(np.array([[0.7, 0.3], [1.0, 0.0]]), np.array([0, 0]))
    assert (bands[6]["n"], bands[7]["n"], bands[9]["n"]) == (1, 0, 1)


def test_accuracy_by_coverage_keeps_the_surest_first_and_ends_in_the_accuracy_of_all() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    curve = coverage_accuracy(np.stack([confidence, 1 - confidence], axis=1), np.array([0, 0, 1, 0]), steps=4)
    assert [point["n"] for point in curve] == [1, 2, 3, 4]
    assert [point["accuracy"] for point in curve] == pytest.approx([1, 1, 2 / 3, 3 / 4])
    assert curve[1]["threshold"] == 0.8


def test_equal_confidences_are_kept_together() -> None:
    curve = coverage_accuracy(np.array([[0.6, 0.4]] * 5), np.array([0, 0, 0, 1, 1]))
    assert len(curve) == 1
    assert curve[0]["accuracy"] == pytest.approx(3 / 5)


def test_abstaining_answers_what_is_as_sure_as_p_and_says_how_much_of_it_is_right() -> None:
    confidence = np.array([0.85, 0.7, 0.7, 0.55])
    rows = abstaining(np.stack([confidence, 1 - confidence], axis=1), np.array([0, 0, 1, 1]))
    assert [row["below"] for row in rows] == list(ABSTAIN_BELOW)
    found = {row["below"]: (row["n"], row["answered"], row["accuracy"]) for row in rows}
    assert found[0.0] == (4, 1.0, 0.5)
    assert found[0.7] == (3, 0.75, pytest.approx(2 / 3))
    assert found[0.8] == (1, 0.25, 1.0)
    assert found[0.9] == (0, 0.0, None)
