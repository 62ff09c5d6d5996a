"""Probabilities and gold into how far they can be trusted: log loss, Brier score, calibration error, reliability, coverage.

All functions take `probabilities` (n, labels), rows that sum to 1, and `gold` (n,), the column of the right label. What is judged
are the probabilities: the most probable label is taken, whatever label a prediction was given.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10
STEPS = 20  # points of the coverage-accuracy curve
ABSTAIN_BELOW = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # the first answers everything
LEAST = np.finfo(np.float64).eps  # a probability of 0 counts as this much, as in scikit-learn

Values = NDArray[np.float64]


def log_losses(probabilities: Values, gold: NDArray[Any]) -> Values:
    """(n,) minus the natural logarithm of the probability given to the right label. Its mean is scikit-learn's `log_loss`.

    0 is certain and right; a guess over three labels has ln 3 = 1.10.
    """
    given = np.take_along_axis(probabilities, np.asarray(gold)[:, None], 1)[:, 0]
    return -np.log(np.clip(given, LEAST, 1))


def brier_scores(probabilities: Values, gold: NDArray[Any]) -> Values:
    """(n,) squared distances of the probabilities from 1 for the right label and 0 for the others: from 0 to 2 (Brier 1950).

    The mean is scikit-learn's `brier_score_loss` for more than two labels; for two it is twice that of scikit-learn's default.
    """
    right = np.zeros_like(probabilities)
    right[np.arange(len(gold)), gold] = 1
    squared: Values = ((probabilities - right) ** 2).sum(1)
    return squared


def reliability(probabilities: Values, gold: NDArray[Any], *, bins: int = BINS) -> list[dict[str, Any]]:
    """For each of `bins` equal bands of confidence (the highest probability): n, mean confidence, and the share that is right.

    A band is (low, high]; the first includes 0. Empty bands have None.
    """
    confidence, right = _confidence(probabilities, gold)
    place = np.clip(np.ceil(confidence * bins - 1e-12).astype(int) - 1, 0, bins - 1)
    n = np.bincount(place, minlength=bins)
    summed = np.bincount(place, weights=confidence, minlength=bins)
    hits = np.bincount(place, weights=right, minlength=bins)
    return [
        {
            "low": at / bins,
            "high": (at + 1) / bins,
            "n": int(n[at]),
            "confidence": float(summed[at] / n[at]) if n[at] else None,
            "accuracy": float(hits[at] / n[at]) if n[at] else None,
        }
        for at in range(bins)
    ]


def expected_calibration_error(probabilities: Values, gold: NDArray[Any], *, bins: int = BINS) -> float:
    """How far confidence and accuracy lie apart: |confidence - accuracy| of each band, weighted by its n (Naeini et al. 2015).

    It depends on the bands and on n (noise makes it larger), so compare it at equal n only. No interval: see `intervals`.
    """
    bands = [band for band in reliability(probabilities, gold, bins=bins) if band["n"]]
    return float(sum(band["n"] * abs(band["confidence"] - band["accuracy"]) for band in bands) / len(gold))


def coverage_accuracy(probabilities: Values, gold: NDArray[Any], *, steps: int = STEPS) -> list[dict[str, Any]]:
    """Accuracy if only the most confident predictions are kept, in `steps` steps up to all of them (El-Yaniv & Wiener 2010).

    Each point: n kept, coverage = n / all, threshold (keep what is at least as confident), accuracy. Equal confidences are kept
    together, so steps may coincide; each point is given once.
    """
    confidence, right = _confidence(probabilities, gold)
    order = np.argsort(-confidence, kind="stable")
    confidence, hits = confidence[order], np.cumsum(right[order])
    wanted = np.ceil(np.arange(1, steps + 1) / steps * len(gold)).astype(int)
    thresholds = confidence[np.maximum(wanted, 1) - 1]
    kept = np.unique(np.searchsorted(-confidence, -thresholds, side="right"))
    return [
        {
            "coverage": float(n / len(gold)),
            "n": int(n),
            "threshold": float(confidence[n - 1]),
            "accuracy": float(hits[n - 1] / n),
        }
        for n in kept
    ]


def abstaining(probabilities: Values, gold: NDArray[Any]) -> list[dict[str, Any]]:
    """What `--abstain-below P` would give: for each P of `ABSTAIN_BELOW`, n answered, their share, and how many of them are right.

    Answered is what is at least as confident as P. Accuracy is None where nothing is.
    """
    confidence, right = _confidence(probabilities, gold)
    answered = [confidence >= below for below in ABSTAIN_BELOW]
    return [
        {
            "below": below,
            "n": int(kept.sum()),
            "answered": float(kept.mean()),
            "accuracy": float(right[kept].mean()) if kept.any() else None,
        }
        for below, kept in zip(ABSTAIN_BELOW, answered, strict=True)
    ]


def _confidence(probabilities: Values, gold: NDArray[Any]) -> tuple[Values, NDArray[np.bool_]]:
    return probabilities.max(1), probabilities.argmax(1) == np.asarray(gold)
