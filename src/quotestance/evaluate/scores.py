"""Gold and predicted labels into scores, by way of one confusion matrix.

`Counts` have the shape (..., labels, labels + 1): rows are gold labels, columns predicted ones, and the last column counts
predictions without a label of the set (abstained, or missing and counted as wrong). Every function takes any number of
leading axes (groups, bootstrap rounds) and returns one score for each. What is undefined (0 / 0) is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.evaluate.align import Aligned, Material, Missing, align

Counts = NDArray[Any]
Values = NDArray[np.float64]

SEMEVAL_LABELS = ("favor", "against")


def score(
    gold: Material,
    predicted: Material,
    *,
    labels: LabelSet = CODEBOOK,
    missing: Missing = "error",
) -> Scores:
    """The scores of predictions, matched with gold by id. See `align` for what is refused and what is left out.

    A prediction is correct where its label is the gold label; everything else is wrong, abstaining ('unclear') too.
    Raises LabelError and EvaluationError.
    """
    return scores_of(align(gold, predicted, labels=labels, missing=missing))


def scores_of(aligned: Aligned) -> Scores:
    return Scores(aligned.labels, confusion(aligned.gold_codes, aligned.predicted_codes, len(aligned.labels)))


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of one set of predictions. A score that is undefined (no such label) is None.

    `counts[i, j]`: how often gold label i was predicted as j; the last column is 'no label of the set'.
    """

    labels: LabelSet
    counts: NDArray[np.int64]

    @property
    def n(self) -> int:
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float | None:
        return number(accuracy(self.counts))

    @property
    def macro_f1(self) -> float | None:
        return number(macro_f1(self.counts))

    @property
    def micro_f1(self) -> float | None:
        return number(micro_f1(self.counts))

    @property
    def semeval_favg(self) -> float | None:
        return number(semeval_favg(self.counts, self.labels))

    @property
    def balanced_accuracy(self) -> float | None:
        return number(balanced_accuracy(self.counts))

    @property
    def matthews(self) -> float | None:
        return number(matthews(self.counts))

    @property
    def majority(self) -> Majority:
        return majority(self.counts, self.labels)

    def __getitem__(self, label: str) -> LabelScores:
        """The scores of one label. Raises LabelError where the set does not have it."""
        at = self.labels.index(label)
        values = {name: number(function(self.counts)[at]) for name, function in PER_LABEL.items()}
        return LabelScores(int(self.counts[at].sum()), int(self.counts[:, at].sum()), **values)

    @property
    def per_label(self) -> pd.DataFrame:
        """One row a label: n, predicted, recall, one_vs_rest_accuracy, precision, f1."""
        return pd.DataFrame(
            [self[label].__dict__ for label in self.labels], index=pd.Index(self.labels.names, name="label")
        )


@dataclass(frozen=True)
class LabelScores:
    """How one label fares: `n` times in gold, `predicted` times predicted, and its four scores (None: undefined)."""

    n: int
    predicted: int
    recall: float | None
    one_vs_rest_accuracy: float | None
    precision: float | None
    f1: float | None


@dataclass(frozen=True)
class Majority:
    """What always answering with gold's most frequent label would score: the floor under every model."""

    label: str
    accuracy: float
    macro_f1: float


def confusion(gold: NDArray[Any], predicted: NDArray[Any], labels: int) -> NDArray[np.int64]:
    """(labels, labels + 1) counts of codes: gold 0..labels-1, predicted 0..labels, where `labels` means 'none of them'."""
    cells = np.asarray(gold, dtype=np.int64) * (labels + 1) + predicted
    return np.bincount(cells, minlength=labels * (labels + 1)).reshape(labels, labels + 1)


def recall(counts: Counts) -> Values:
    """Of the pairs that gold gives the label, the share that the model gives it too. (One sense of 'accuracy per label'.)

    Undefined where gold never has the label. scikit-learn: `recall_score`. Shape (..., labels).
    """
    return _ratio(_hits(counts), counts.sum(-1))


def precision(counts: Counts) -> Values:
    """Of the pairs that the model gives the label, the share where gold has it. Undefined where the model never does.

    scikit-learn: `precision_score`. Shape (..., labels).
    """
    return _ratio(_hits(counts), _predicted(counts))


def f1(counts: Counts) -> Values:
    """2 × hits / (times in gold + times predicted): the harmonic mean of precision and recall (van Rijsbergen 1979).

    0 where the label is in gold or predicted and never both; undefined where it is in neither. scikit-learn: `f1_score` with
    `zero_division=nan`. Shape (..., labels).
    """
    return _ratio(2 * _hits(counts), counts.sum(-1) + _predicted(counts))


def one_vs_rest_accuracy(counts: Counts) -> Values:
    """The share of all pairs where model and gold agree on whether it is this label or any other.

    The other sense of 'accuracy per label'. It is high for a rare label even when the label is never found: read it beside
    recall. scikit-learn: `accuracy_score(gold == label, predicted == label)`. Shape (..., labels).
    """
    total = counts.sum((-2, -1))[..., None]
    wrong = counts.sum(-1) + _predicted(counts) - 2 * _hits(counts)
    return _ratio(total - wrong, total)


def accuracy(counts: Counts) -> Values:
    """The share of pairs whose predicted label is the gold label. scikit-learn: `accuracy_score`."""
    return _ratio(_hits(counts).sum(-1), counts.sum((-2, -1)))


def macro_f1(counts: Counts) -> Values:
    """The mean of the labels' F1, every label counting the same, over the labels that occur in gold or predictions.

    (Opitz & Burst 2019 call it the averaged F1.) scikit-learn: `f1_score(average="macro")`.
    """
    return _mean(f1(counts))


def micro_f1(counts: Counts) -> Values:
    """F1 over all decisions at once: 2 × correct / (pairs + pairs answered). Equal to accuracy unless the model abstains.

    scikit-learn: `f1_score(labels=labels, average="micro")`.
    """
    answered = counts[..., :-1].sum((-2, -1))
    return _ratio(2 * _hits(counts).sum(-1), counts.sum((-2, -1)) + answered)


def semeval_favg(counts: Counts, labels: LabelSet) -> Values:
    """The mean of the F1 of `favor` and of `against`: F_avg of SemEval-2016 task 6 (Mohammad et al. 2016).

    Neutral counts only through the mistakes made on it. Undefined where the label set lacks either, or neither gold nor
    model ever has it. scikit-learn: `f1_score(labels=["favor", "against"], average="macro")`.
    """
    if any(label not in labels for label in SEMEVAL_LABELS):
        return np.full(counts.shape[:-2], np.nan)
    mean: Values = f1(counts)[..., [labels.index(label) for label in SEMEVAL_LABELS]].mean(-1)
    return mean


def balanced_accuracy(counts: Counts) -> Values:
    """The mean recall of the labels that occur in gold. scikit-learn: `balanced_accuracy_score` (Brodersen et al. 2010)."""
    return _mean(recall(counts))


def matthews(counts: Counts) -> Values:
    """The correlation of gold and predicted labels: 1 perfect, 0 no better than chance (Gorodkin 2004, R_K).

    0 where gold or predictions are all of one label, as in scikit-learn's `matthews_corrcoef`. Abstaining counts as a label
    of its own.
    """
    total = counts.sum((-2, -1)).astype(float)
    in_gold = counts.sum(-1).astype(float)
    predicted = counts.sum(-2).astype(float)
    covariance = _hits(counts).sum(-1) * total - (in_gold * predicted[..., :-1]).sum(-1)
    spread = (total**2 - (predicted**2).sum(-1)) * (total**2 - (in_gold**2).sum(-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Values = np.where(spread > 0, covariance / np.sqrt(np.maximum(spread, 1e-300)), 0.0)
    return np.where(total > 0, found, np.nan)


def majority(counts: Counts, labels: LabelSet) -> Majority:
    """The baseline that always gives gold's most frequent label (of equals, the first of the set)."""
    in_gold = counts.sum(-1)
    at = int(in_gold.argmax())
    share = float(in_gold[at] / in_gold.sum())
    return Majority(labels.names[at], share, 2 * share / (1 + share) / int((in_gold > 0).sum()))


def number(value: Any) -> float | None:
    """A score as a plain number, None where it is undefined."""
    return None if np.isnan(value) else float(value)


PER_LABEL = {"recall": recall, "one_vs_rest_accuracy": one_vs_rest_accuracy, "precision": precision, "f1": f1}


def _hits(counts: Counts) -> Counts:
    return np.diagonal(counts[..., :-1], axis1=-2, axis2=-1)


def _predicted(counts: Counts) -> Counts:
    found: Counts = counts[..., :-1].sum(-2)
    return found


def _ratio(above: Counts, below: Counts) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / np.maximum(below, 1), np.nan)


def _mean(values: Values) -> Values:
    """The mean along the last axis of what is defined."""
    defined = ~np.isnan(values)
    return _ratio(np.where(defined, values, 0.0).sum(-1), defined.sum(-1))
