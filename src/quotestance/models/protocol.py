"""What every stance model can do, learned or not: the protocol behind which they are exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from quotestance.data.labels import LabelSet
from quotestance.data.pairs import MODEL, Pair
from quotestance.data.records import Stance


class StanceModel(Protocol):
    """Pairs in, stances out, in order. `name@revision` signs every prediction."""

    @property
    def name(self) -> str: ...

    @property
    def revision(self) -> str: ...

    @property
    def labels(self) -> LabelSet: ...

    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]: ...


def stance_of(target: str, probabilities: Sequence[float], labels: LabelSet, annotator: str) -> Stance:
    """A prediction: the likeliest label, with a probability for each, rounded to six places."""
    by_label = {label: round(float(p), 6) for label, p in zip(labels, probabilities, strict=True)}
    return Stance(
        target=target,
        label=max(by_label, key=lambda label: by_label[label]),
        annotator=annotator,
        probabilities=by_label,
    )


def signature(model: StanceModel) -> str:
    """The annotator name of a model's predictions."""
    return f"{MODEL}{model.name}@{model.revision}"


def predicted_pairs(pairs: Sequence[Pair], model: StanceModel) -> list[Pair]:
    """The pairs with a model's answers in place of their labels, in order. The model does not see the labels."""
    stances = model.predict_pairs([pair.with_label(None) for pair in pairs])
    return [
        replace(pair, label=stance.label, probabilities=stance.probabilities, annotator=stance.annotator)
        for pair, stance in zip(pairs, stances, strict=True)
    ]
