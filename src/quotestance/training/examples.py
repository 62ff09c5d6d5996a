"""A recipe's material into the encoded, shuffled batches of every epoch: the same for the same recipe and seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from quotestance.data.labels import LabelSet
from quotestance.data.pairs import Pair
from quotestance.models.inputs import Encoded, PairInputs
from quotestance.training.loop import token_budget_batches
from quotestance.training.material import Material

TRIES = 50  # draws for a swapped pair: where every text names every target, or all is one group, there is none


@dataclass(frozen=True)
class Example:
    """An input and the column of its label."""

    row: Encoded
    label: int


def epoch_batches(
    parts: Sequence[Material], inputs: PairInputs, labels: LabelSet, *, budget: int, seed: int, epoch: int
) -> list[list[Example]]:
    """The batches of one epoch, in the order of training."""
    draw = random.Random(f"{seed}/{epoch}")
    pairs = [pair for part in parts for pair in drawn(part, draw)]
    pairs.sort(key=lambda pair: pair.text)  # pairs of one text together: its tokens are made once
    rows = inputs.encode(pairs)
    examples = [Example(row, labels.index(pair.label or "")) for row, pair in zip(rows, pairs, strict=True)]
    batches = token_budget_batches([len(example.row) for example in examples], budget, seed, epoch)
    return [[examples[number] for number in batch] for batch in batches]


def drawn(part: Material, draw: random.Random) -> list[Pair]:
    """The pairs of one epoch of a part: its own as often as its share says, then the added neutrals."""
    whole, rest = divmod(part.share, 1)
    pairs = list(part.pairs) * int(whole) + draw.sample(list(part.pairs), round(rest * len(part.pairs)))
    swapped = _swapped(part, draw, number=round(part.swapped_neutrals * len(pairs)))
    unasked = draw.sample(part.unasked, min(round(part.unasked_neutrals * len(pairs)), len(part.unasked)))
    return pairs + swapped + unasked


def _swapped(part: Material, draw: random.Random, *, number: int) -> list[Pair]:
    """Quotes asked about a target of another group that their text does not name: neutral."""
    swapped: list[Pair] = []
    for _ in range(TRIES * number):
        if len(swapped) == number:
            break
        pair, other = draw.choice(part.pairs), draw.choice(part.pairs)
        if pair.group != other.group and other.target.casefold() not in pair.text.casefold():
            swapped.append(replace(pair, target=other.target, label="neutral", mention=None))
    return swapped
