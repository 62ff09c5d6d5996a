"""A recipe's material into the encoded, shuffled batches of every epoch: the same for the same recipe and seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quotestance.data.labels import LabelSet
from quotestance.data.pairs import Pair
from quotestance.models.inputs import Encoded, PairInputs
from quotestance.training.loop import fitting_budget, token_budget_batches
from quotestance.training.material import Material, group_of

TRIES = 50  # draws for a swapped pair: where every text names every target, or all is one group, there is none

OPPOSITE = {"favor": "against", "against": "favor"}
MIRROR = "opposition to {}"
LONGEST_JOINED = 400  # characters of each of two texts that are joined


@dataclass(frozen=True)
class Example:
    """A pair, its input, the column of its label and, where there are teachers, their probabilities."""

    pair: Pair
    row: Encoded
    label: int
    taught: tuple[float, ...] = ()


def epoch_batches(
    parts: Sequence[Material],
    inputs: PairInputs,
    labels: LabelSet,
    *,
    budget: int,
    seed: int,
    epoch: int,
    least: int = 0,
    teachers: Callable[[Sequence[Pair]], NDArray[np.float32]] | None = None,
) -> list[list[Example]]:
    """The batches of one epoch, in the order of training: of at most `budget` tokens, and `least` of them where it can be.

    `teachers` gives probabilities, shape (pairs, labels).
    """
    pairs = epoch_pairs(parts, seed=seed, epoch=epoch)
    pairs.sort(key=lambda pair: pair.text)  # pairs of one text together: its tokens are made once
    rows = inputs.encode(pairs)
    taught = [tuple(row) for row in teachers(pairs).tolist()] if teachers else [()] * len(pairs)
    examples = [
        Example(pair, row, labels.index(pair.label or ""), thought)
        for row, pair, thought in zip(rows, pairs, taught, strict=True)
    ]
    lengths = [len(example.row) for example in examples]
    batches = token_budget_batches(lengths, fitting_budget(lengths, budget, least), seed, epoch)
    return [[examples[number] for number in batch] for batch in batches]


def epoch_pairs(parts: Sequence[Material], *, seed: int, epoch: int) -> list[Pair]:
    """The pairs of one epoch: each part's share, and those added to it."""
    draw = random.Random(f"{seed}/{epoch}")
    return [pair for part in parts for pair in drawn(part, draw)]


def cut_counts(examples: Iterable[Example], inputs: PairInputs) -> dict[str, int]:
    """How many inputs were cut ('inputs'), and how often each piece of them: 'target', 'speaker' or 'quote'. Empty where none was.

    A pair counts once, however often it is taken.
    """
    cut = {
        (one.pair.text, one.pair.quote, one.pair.target, one.pair.speaker): one.pair for one in examples if one.row.cut
    }
    counts = Counter(_cut_piece(pair, inputs) for pair in cut.values())
    return {"inputs": counts.total(), **counts} if counts else {}


def _cut_piece(pair: Pair, inputs: PairInputs) -> str:
    """The piece of a cut input that was too long."""
    for piece, words in (("target", pair.target), ("speaker", pair.speaker or "")):
        if len(inputs.tokenizer(words, add_special_tokens=False)["input_ids"]) > inputs.name_tokens:
            return piece
    return "quote"


def drawn(part: Material, draw: random.Random) -> list[Pair]:
    """The pairs of one epoch of a part: its own as often as its share says, then the added ones."""
    whole, rest = divmod(part.share, 1)
    pairs = list(part.pairs) * int(whole) + draw.sample(list(part.pairs), round(rest * len(part.pairs)))
    swapped = _swapped(part, draw, number=round(part.swapped_neutrals * len(pairs)))
    unasked = draw.sample(part.unasked, min(round(part.unasked_neutrals * len(pairs)), len(part.unasked)))
    mirrored = _mirrored(part, draw, number=round(part.mirrored * len(pairs)))
    return pairs + swapped + unasked + mirrored + _joined(part, draw, number=round(part.joined * len(pairs)))


def _mirrored(part: Material, draw: random.Random, *, number: int) -> list[Pair]:
    """Pairs asked about the opposition to their target, with the opposite label."""
    sided = [pair for pair in part.pairs if pair.label in OPPOSITE and not pair.mention]
    return [
        replace(pair, target=MIRROR.format(pair.target), aliases=(), label=OPPOSITE[pair.label or ""])
        for pair in draw.sample(sided, min(number, len(sided)))
    ]


def _swapped(part: Material, draw: random.Random, *, number: int) -> list[Pair]:
    """Quotes asked about a target of another group that their text does not name: neutral."""
    swapped: list[Pair] = []
    for _ in range(TRIES * number):
        if len(swapped) == number:
            break
        pair, other = draw.choice(part.pairs), draw.choice(part.pairs)
        if group_of(pair) != group_of(other) and other.target.casefold() not in pair.text.casefold():
            swapped.append(replace(pair, target=other.target, aliases=other.aliases, label="neutral", mention=None))
    return swapped


def _joined(part: Material, draw: random.Random, *, number: int) -> list[Pair]:
    """Quotes read in one breath with one of another group that does not name their target: what it says of its own is none of theirs."""
    short = [pair for pair in part.pairs if len(pair.quote_text) <= LONGEST_JOINED and not pair.mention]
    joined: list[Pair] = []
    for _ in range(TRIES * number if short else 0):
        if len(joined) == number:
            break
        pair, other = draw.choice(short), draw.choice(short)
        said = other.quote_text.casefold()
        if group_of(pair) != group_of(other) and not any(
            name.casefold() in said for name in (pair.target, *pair.aliases)
        ):
            text = " ".join(draw.sample([pair.quote_text, other.quote_text], 2))
            joined.append(replace(pair, id=f"{pair.id}#joined#{other.id}", text=text, quote=((0, len(text)),)))
    return joined
