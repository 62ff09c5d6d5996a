"""Scores are what their docstrings say, by hand and against scikit-learn."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from quotestance.data.errors import LabelError
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.pairs import Pair
from quotestance.evaluate import score, scores

LABELS = list(CODEBOOK)
codes = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=60)


def pairs(labels: list[str]) -> list[Pair]:
    return [
        Pair(id=str(number), text="The plan is good.", target="plan", label=label)
        for number, label in enumerate(labels)
    ]


def one(found: np.ndarray) -> float:
    return float(found)


@settings(max_examples=150, deadline=None)
@given(codes)
def test_every_score_is_equal_to_that_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    names = [*LABELS, "unclear"]
    gold, predicted = [names[g] for g, _ in rows], [names[p] for _, p in rows]
    counts = scores.confusion(np.array([g for g, _ in rows]), np.array([p for _, p in rows]), 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"labels": LABELS, "average": None, "zero_division": np.nan}
        np.testing.assert_allclose(scores.recall(counts), metrics.recall_score(gold, predicted, **options))
        np.testing.assert_allclose(scores.precision(counts), metrics.precision_score(gold, predicted, **options))
        np.testing.assert_allclose(scores.f1(counts), metrics.f1_score(gold, predicted, **options))
        present = [label for label in LABELS if label in gold or label in predicted]
        assert one(scores.macro_f1(counts)) == pytest.approx(
            metrics.f1_score(gold, predicted, labels=present, average="macro", zero_division=0)
        )
        assert one(scores.micro_f1(counts)) == pytest.approx(
            metrics.f1_score(gold, predicted, labels=LABELS, average="micro")
        )
        assert one(scores.accuracy(counts)) == pytest.approx(metrics.accuracy_score(gold, predicted))
        assert one(scores.balanced_accuracy(counts)) == pytest.approx(metrics.balanced_accuracy_score(gold, predicted))
        assert one(scores.matthews(counts)) == pytest.approx(metrics.matthews_corrcoef(gold, predicted), abs=1e-9)
        favg = metrics.f1_score(gold, predicted, labels=["favor", "against"], average="macro", zero_division=np.nan)
    if {"favor", "against"} <= set(gold) | set(predicted):
        assert one(scores.semeval_favg(counts, CODEBOOK)) == pytest.approx(favg)
    for at, label in enumerate(LABELS):
        rest = metrics.accuracy_score([g == label for g in gold], [p == label for p in predicted])
        assert scores.one_vs_rest_accuracy(counts)[at] == pytest.approx(rest)


def test_a_case_worked_by_hand() -> None:
    gold = pairs(["favor", "favor", "favor", "against", "against", "neutral"])
    predicted = pairs(["favor", "favor", "against", "against", "neutral", "favor"])
    found = score(gold, predicted)
    assert found.n == 6
    assert found.accuracy == pytest.approx(3 / 6)
    favor = found["favor"]
    assert (favor.n, favor.predicted) == (3, 3)
    assert favor.recall == pytest.approx(2 / 3)
    assert favor.precision == pytest.approx(2 / 3)
    assert favor.f1 == pytest.approx(2 / 3)
    assert favor.one_vs_rest_accuracy == pytest.approx(4 / 6)  # the missed one and the false one are wrong
    assert found["against"].f1 == pytest.approx(1 / 2)
    assert found["neutral"].f1 == 0
    assert found.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert found.semeval_favg == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert found.balanced_accuracy == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert found.majority.label == "favor"
    assert found.majority.accuracy == pytest.approx(1 / 2)
    assert found.majority.macro_f1 == pytest.approx((2 * 3 / (6 + 3)) / 3)
    assert found.per_label.loc["against", "recall"] == pytest.approx(1 / 2)


def test_one_vs_rest_accuracy_flatters_a_rare_label_that_is_never_found() -> None:
    gold = pairs(["favor"] * 50 + ["neutral"])
    found = score(gold, pairs(["favor"] * 51))["neutral"]
    assert found.recall == 0
    assert found.one_vs_rest_accuracy == pytest.approx(50 / 51)


def test_a_label_that_neither_side_has_is_undefined_and_does_not_pull_the_mean() -> None:
    found = score(pairs(["favor", "against"]), pairs(["favor", "against"]))
    assert found["neutral"].f1 is None
    assert found["neutral"].recall is None
    assert found.macro_f1 == 1


def test_favg_is_undefined_without_its_two_labels() -> None:
    labels = LabelSet(("yes", "no"))
    assert score(pairs(["yes", "no"]), pairs(["yes", "yes"]), labels=labels).semeval_favg is None
    assert score(pairs(["neutral"]), pairs(["neutral"])).semeval_favg is None


def test_abstaining_costs_recall_and_no_precision() -> None:
    found = score(pairs(["favor", "favor", "against"]), pairs(["favor", "unclear", "against"]))
    assert found["favor"].recall == pytest.approx(1 / 2)
    assert found["favor"].precision == 1
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.micro_f1 == pytest.approx(2 * 2 / (3 + 2))


def test_scores_of_groups_are_those_of_each_group() -> None:
    drawn = np.random.default_rng(4).integers(0, 9, size=(7, 3, 4))
    for function in (scores.macro_f1, scores.accuracy, scores.matthews, scores.micro_f1, scores.balanced_accuracy):
        np.testing.assert_allclose(function(drawn), [function(counts) for counts in drawn])


def test_asking_for_a_label_that_the_set_lacks_lists_the_set() -> None:
    with pytest.raises(LabelError, match="favor, against, neutral"):
        score(pairs(["favor"]), pairs(["favor"]))["pro"]
