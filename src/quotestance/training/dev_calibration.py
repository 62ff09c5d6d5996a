"""Logits on dev into how far confidence lies from accuracy, before the temperature and with it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance.evaluate.calibration import expected_calibration_error
from quotestance.models.stance import softmax


def dev_calibration(logits: NDArray[np.float64], gold: NDArray[np.int64], temperature: float) -> dict[str, Any]:
    """n pairs, and the expected calibration error of the network's own probabilities (`before`) and the tempered ones (`after`).

    `logits`: shape (pairs, labels); `gold`: columns, shape (pairs,).
    """
    before, after = (
        round(expected_calibration_error(softmax(logits / divisor), gold), 4) for divisor in (1.0, temperature)
    )
    return {"n": len(gold), "before": before, "after": after}
