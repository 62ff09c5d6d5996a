"""Resolved speakers against gold ones: whether a name is right, and whether the same quotes are given to one speaker."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence

TITLES = """
    mr mrs ms miss sir dr prof professor president vice senator sen rep representative gov governor secretary mayor judge justice
    general gen colonel col captain capt minister prime chairman chairwoman chancellor ambassador former the ayatollah hojatoleslam
    speaker leader congressman congresswoman attorney lord lady king queen prince princess pope cardinal bishop rev reverend
"""
HONORIFICS = frozenset(TITLES.split())
WORD = re.compile(r"[^\W_]+(?:[.\-'’][^\W_]+)*")


def name_is_right(gold: str | None, predicted: str | None) -> bool:
    """Whether two speaker names say the same: equal words, letter case, punctuation, titles before them and middle initials aside.

    Two unknown speakers are the same; an unknown and a named one are not. "Clinton" is not "Hillary Clinton".
    """
    if gold is None or predicted is None:
        return gold is predicted
    return _words(gold) == _words(predicted)


def _words(name: str) -> tuple[str, ...]:
    words = [re.sub(r"['’]s$", "", word).replace(".", "").casefold() for word in WORD.findall(name)]
    first = next((place for place, word in enumerate(words) if word not in HONORIFICS), None)
    said = words[first:] if first is not None else [word for word in words if word != "the"]
    return tuple(word for i, word in enumerate(said) if len(word) > 1 or i in (0, len(said) - 1) or word.isdigit())


def b_cubed(gold: Sequence[Hashable], predicted: Sequence[Hashable]) -> list[tuple[float, float]]:
    """Precision and recall of each quote's speaker cluster (B³, Bagga & Baldwin 1998), in order.

    Precision: of the quotes given to the same speaker as this one, the share that gold gives to its speaker too.
    Recall: of the quotes that gold gives to its speaker, the share given to the same speaker as this one.
    Raises ValueError where the two differ in length.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"b_cubed needs one predicted speaker a gold one, but got {len(gold)} and {len(predicted)}.")
    golds, predictions = Counter(gold), Counter(predicted)
    both = Counter(zip(gold, predicted, strict=True))
    return [(both[g, p] / predictions[p], both[g, p] / golds[g]) for g, p in zip(gold, predicted, strict=True)]
