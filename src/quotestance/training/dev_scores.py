"""A stance model on a dev set, as its card says it: macro-F1 with an interval over whole articles, and the recall of each label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.metrics import recall_score

from quotestance.data.pairs import Pair
from quotestance.evaluate.macro_f1 import macro_f1
from quotestance.models.stance import StanceClassifier


def dev_macro_f1(classifier: StanceClassifier, pairs: Sequence[Pair]) -> float:
    """Macro-F1 of a stance model as reports have it: over the labels that occur in gold or among the answers."""
    return macro_f1(*_gold_and_answers(classifier, pairs), labels=classifier.labels.names, rounds=0).value


def dev_scores(classifier: StanceClassifier, pairs: Sequence[Pair]) -> dict[str, Any]:
    """`n` pairs, the `groups` they stand in, `macro_f1`, its 95 % `interval` (None for one group) and `recall` by label that gold has."""
    gold, answers = _gold_and_answers(classifier, pairs)
    groups = [pair.group or pair.id for pair in pairs]
    score = macro_f1(gold, answers, groups, labels=classifier.labels.names)
    labels = [label for label in classifier.labels if label in gold]
    recalls = recall_score(gold, answers, labels=labels, average=None, zero_division=0)
    return {
        "n": score.n,
        "groups": score.groups,
        "macro_f1": round(score.value, 4),
        "interval": [round(edge, 4) for edge in score.interval] if score.interval else None,
        "recall": {label: round(float(value), 4) for label, value in zip(labels, recalls, strict=True)},
    }


def _gold_and_answers(classifier: StanceClassifier, pairs: Sequence[Pair]) -> tuple[list[str], list[str]]:
    gold = [pair.label or "" for pair in pairs]
    return gold, [str(stance.label) for stance in classifier.predict_pairs(pairs)]
