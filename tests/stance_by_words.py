"""A stance model for tests: deterministic, without weights."""

import hashlib
import time
from collections.abc import Sequence

from quotestance.data.labels import CODEBOOK
from quotestance.data.pairs import Pair
from quotestance.data.records import Stance
from quotestance.models.protocol import signature, stance_of


class StanceByWords:
    """Probabilities made from the words of quote and target; `pause` seconds a call."""

    name, labels = "by-words", CODEBOOK

    def __init__(self, revision: str = "1", pause: float = 0.0) -> None:
        self.revision, self.pause = revision, pause

    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
        time.sleep(self.pause)
        return [stance_of(pair.target, _shares(pair), self.labels, signature(self)) for pair in pairs]


def _shares(pair: Pair) -> list[float]:
    digest = hashlib.sha256(f"{pair.quote_text}|{pair.target}|{pair.speaker}".encode()).digest()
    return [one / sum(digest[:3]) for one in digest[:3]]
