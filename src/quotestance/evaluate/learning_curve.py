"""Score against the number of training articles: would more of them help?

Whole articles are drawn, never rows. The larger draws of a seed contain the smaller ones, so that a curve shows what is
added by more articles and not what is changed by other ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from quotestance.data.errors import QuotestanceError
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.pairs import Pair
from quotestance.evaluate.macro_f1 import macro_f1

COLUMNS = ["articles", "pairs", "seed", "macro_f1", "low", "high", "n"]

FitPredict = Callable[[Sequence[Pair], Sequence[Pair], int], Sequence[str | None]]


class LearningCurveError(QuotestanceError):
    """A learning curve that cannot be drawn from the material."""


def learning_curve(
    train: Sequence[Pair],
    heldout: Sequence[Pair],
    fit_predict: FitPredict,
    *,
    sizes: Sequence[int] | None = None,
    seeds: Sequence[int] = (13, 14, 15),
    labels: LabelSet = CODEBOOK,
    rounds: int = 1000,
) -> pd.DataFrame:
    """One row a size and seed: macro-F1 on the held-out pairs with its interval over their groups.

    `fit_predict(drawn, heldout, seed)` learns from the drawn pairs and gives one label a held-out pair, whose labels it
    does not see. `sizes` are numbers of training articles (groups), by default doubled from 8 up to all. A draw in
    which fewer than two labels occur has no score (NaN): nothing can be learned from it. Raises LearningCurveError
    where a size is not between 1 and the number of articles, a pair has no group, or an article stands in both parts.
    """
    known = [pair for pair in train if pair.label in labels]
    gold = [pair for pair in heldout if pair.label in labels]
    groups = _checked_groups(known, gold)
    chosen = _sizes(len(groups)) if sizes is None else sorted(set(sizes))
    if not chosen or chosen[0] < 1 or chosen[-1] > len(groups):
        raise LearningCurveError(
            f"Sizes {', '.join(map(str, chosen)) or '(none)'}: there are {len(groups)} training articles. "
            f"Choose sizes from 1 to {len(groups)}."
        )
    questions = [pair.with_label(None) for pair in gold]
    rows = []
    for seed in seeds:
        order = np.random.default_rng(seed).permutation(len(groups))
        for size in chosen:
            drawn_groups = {groups[number] for number in order[:size]}
            drawn = [pair for pair in known if pair.group in drawn_groups]
            row: dict[str, float | int | None] = {"articles": size, "pairs": len(drawn), "seed": seed, "n": len(gold)}
            if len({pair.label for pair in drawn}) >= 2:
                row |= _score(gold, list(fit_predict(drawn, questions, seed)), labels, rounds)
            rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def curve_summary(curve: pd.DataFrame) -> pd.DataFrame:
    """One row a size: mean and sd over seeds, the mean interval over held-out articles, and how many seeds scored."""
    grouped = curve.groupby("articles")
    return pd.DataFrame(
        {
            "pairs": grouped["pairs"].mean().round().astype(int),
            "mean": grouped["macro_f1"].mean(),
            "sd": grouped["macro_f1"].std(),
            "low": grouped["low"].mean(),
            "high": grouped["high"].mean(),
            "seeds": grouped["macro_f1"].count(),
        }
    )


def _checked_groups(train: Sequence[Pair], heldout: Sequence[Pair]) -> list[str]:
    """The training groups in alphabetical order."""
    if not train or not heldout:
        raise LearningCurveError(
            f"{len(train)} labelled pairs to learn from and {len(heldout)} to score on: both are needed."
        )
    for pair in train:
        if pair.group is None:
            raise LearningCurveError(f"pair {pair.id} has no group; articles are drawn whole. Fill the column 'group'.")
    groups = sorted({pair.group for pair in train if pair.group is not None})
    shared = sorted(set(groups) & {pair.group for pair in heldout if pair.group is not None})
    if shared:
        raise LearningCurveError(
            f"{len(shared)} articles stand in training and in the held-out part, e.g. {shared[0]}. "
            "Split by article first: quotestance split."
        )
    return groups


def _sizes(articles: int) -> list[int]:
    doubled = [8 * 2**step for step in range(32) if 8 * 2**step < articles]
    return [*doubled, articles]


def _score(
    gold: Sequence[Pair], predicted: Sequence[str | None], labels: LabelSet, rounds: int
) -> dict[str, float | int | None]:
    if len(predicted) != len(gold):
        raise LearningCurveError(f"fit_predict gave {len(predicted)} labels for {len(gold)} held-out pairs.")
    score = macro_f1(
        [pair.label or "" for pair in gold],
        [label or "" for label in predicted],
        [pair.group or pair.id for pair in gold],
        labels=labels.names,
        rounds=rounds,
    )
    low, high = score.interval or (None, None)
    return {"macro_f1": score.value, "low": low, "high": high}
