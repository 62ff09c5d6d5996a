"""The baselines behind the same protocol: the majority label, and TF-IDF with logistic regression."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from quotestance.data.errors import QuotestanceError
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.pairs import Pair
from quotestance.data.records import Stance
from quotestance.models.protocol import signature, stance_of


class MajorityClassifier:
    """Always the commonest label of its training pairs, with their shares as probabilities."""

    name = "majority"

    def __init__(self, shares: Sequence[float], labels: LabelSet, revision: str) -> None:
        self.shares, self.labels, self.revision = list(shares), labels, revision

    @classmethod
    def fit(cls, pairs: Sequence[Pair], labels: LabelSet = CODEBOOK) -> MajorityClassifier:
        """Learn the label shares. Raises QuotestanceError where no pair has a label of the set."""
        known = _labelled(pairs, labels)
        counts = Counter(pair.label for pair in known)
        return cls([counts[label] / len(known) for label in labels], labels, _digest(known))

    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
        return [stance_of(pair.target, self.shares, self.labels, signature(self)) for pair in pairs]


class TfidfClassifier:
    """Word and word-pair TF-IDF of quote, speaker and target into multinomial logistic regression (C chosen on dev)."""

    name = "tfidf"

    def __init__(self, pipeline: Any, labels: LabelSet, revision: str) -> None:
        self.pipeline, self.labels, self.revision = pipeline, labels, revision

    @classmethod
    def fit(cls, pairs: Sequence[Pair], labels: LabelSet = CODEBOOK) -> TfidfClassifier:
        """Fit on labelled pairs. Raises QuotestanceError where fewer than two labels occur."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        known = _labelled(pairs, labels)
        if len({pair.label for pair in known}) < 2:
            raise QuotestanceError(
                f"TF-IDF + logistic regression needs pairs of at least two labels; all {len(known)} have '{known[0].label}'. "
                "Give more training material."
            )
        words = TfidfVectorizer(
            ngram_range=(1, 2), min_df=2 if len(known) > 200 else 1, sublinear_tf=True, token_pattern=r"\b\w+\b"
        )
        pipeline = make_pipeline(words, LogisticRegression(max_iter=1000, C=3.0))
        pipeline.fit([_words(pair) for pair in known], [pair.label for pair in known])
        return cls(pipeline, labels, _digest(known))

    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
        if not pairs:
            return []
        known = list(self.pipeline.classes_)
        probabilities = np.zeros((len(pairs), len(self.labels)))
        probabilities[:, [self.labels.index(label) for label in known]] = self.pipeline.predict_proba(
            [_words(pair) for pair in pairs]
        )
        return [
            stance_of(pair.target, row, self.labels, signature(self))
            for pair, row in zip(pairs, probabilities.tolist(), strict=True)
        ]


def _words(pair: Pair) -> str:
    return f"{pair.quote_text} {pair.speaker or ''} {pair.target}"


def _labelled(pairs: Sequence[Pair], labels: LabelSet) -> list[Pair]:
    known = [pair for pair in pairs if pair.label in labels]
    if not known:
        raise QuotestanceError(
            f"None of the {len(pairs)} training pairs has a label of: {', '.join(labels)}. Rename the labels, or name other "
            "training material."
        )
    return known


def _digest(pairs: Sequence[Pair]) -> str:
    digest = hashlib.sha256()
    for pair in pairs:
        digest.update(f"{pair.id}\0{pair.target}\0{pair.label}\n".encode())
    return digest.hexdigest()[:12]
