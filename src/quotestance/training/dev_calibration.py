"""A classifier and dev pairs into how far its confidence lies from its accuracy, before its temperature and with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from quotestance.data.pairs import Pair
from quotestance.evaluate.calibration import expected_calibration_error
from quotestance.models.stance import StanceClassifier


def dev_calibration(classifier: StanceClassifier, pairs: Sequence[Pair]) -> dict[str, Any]:
    """n pairs, and the expected calibration error of the network's own probabilities (`before`) and the tempered ones (`after`)."""
    logits = classifier.logits(classifier.inputs.encode(pairs))
    gold = np.array([classifier.labels.index(pair.label or "") for pair in pairs])
    before, after = (
        round(expected_calibration_error(_probabilities(logits / temperature), gold), 4)
        for temperature in (1.0, classifier.temperature)
    )
    return {"n": len(pairs), "before": before, "after": after}


def _probabilities(logits: np.ndarray) -> np.ndarray:
    exponent = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(exponent / exponent.sum(1, keepdims=True))
