"""A recipe's corpora and files into training pairs and dev sets, the labels checked."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from quotestance.data.errors import FormatError, LabelError
from quotestance.data.label_map import mapped
from quotestance.data.labels import UNCLEAR, LabelSet
from quotestance.data.material import read_named
from quotestance.data.pairs import Pair
from quotestance.data.splits import Split
from quotestance.training.recipe import ADDS_LABELS, DevPart, Part, Recipe, RecipeError
from quotestance.training.unasked import questions_of, unasked_pairs

log = logging.getLogger(__name__)
FEW_EXAMPLES = 10  # of a label: hardly anything can be learned from fewer


@dataclass(frozen=True)
class Material:
    """Pairs of one part of a recipe, how often they are taken an epoch, and what is added to them as shares of their number.

    `unasked`: the pairs of which `unasked_neutrals` are drawn.
    """

    pairs: Sequence[Pair]
    share: float = 1.0
    swapped_neutrals: float = 0.0
    unasked_neutrals: float = 0.0
    unasked: Sequence[Pair] = ()
    mirrored: float = 0.0
    joined: float = 0.0


@dataclass(frozen=True)
class DevSet:
    """Held-out pairs under the name of their material, with their weight in the choice of the epoch.

    `in_training`: how many of them stand in training too, by their group or text.
    """

    name: str
    pairs: Sequence[Pair]
    weight: float
    in_training: int = 0


def read_training_material(
    recipe: Recipe, corpora: str | Path | None, labels: LabelSet
) -> tuple[list[Material], list[DevSet]]:
    """What is trained on and what chooses the epoch. Without dev material, groups are held out.

    Raises RecipeError for material without labels, a label that no training pair has, or too few groups.
    """
    parts = [(part, _labelled(part, corpora, labels)) for part in recipe.train]
    if recipe.dev:
        dev = [
            DevSet(name, _labelled(part, corpora, labels), part.weight)
            for name, part in zip(_dev_names(recipe.dev), recipe.dev, strict=True)
        ]
    else:
        held_out = _held_out_groups([pair for _, pairs in parts for pair in pairs], recipe)
        dev = [DevSet("held out", [pair for _, pairs in parts for pair in pairs if group_of(pair) in held_out], 1.0)]
        parts = [(part, [pair for pair in pairs if group_of(pair) not in held_out]) for part, pairs in parts]
    made = {label for part, _ in parts for key, names in ADDS_LABELS.items() if getattr(part, key) for label in names}
    _check_labels(Counter(pair.label for _, pairs in parts for pair in pairs), labels, made)
    everything = [pair for _, pairs in parts for pair in pairs]
    return [
        Material(
            pairs,
            part.share,
            part.swapped_neutrals,
            part.unasked_neutrals,
            _unasked(part, pairs, everything, corpora, labels) if part.unasked_neutrals else (),
            part.mirrored,
            part.joined,
        )
        for part, pairs in parts
    ], dev


def _dev_names(parts: Sequence[DevPart]) -> list[str]:
    """The name of each material; where several parts have the same, with the part of its split, and numbers where that is not enough."""
    materials = [part.material for part in parts]
    names = [
        f"{part.material} ({part.part})" if part.split and materials.count(part.material) > 1 else part.material
        for part in parts
    ]
    return [
        f"{name} {names[: place + 1].count(name)}" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]


def _labelled(part: Part | DevPart, corpora: str | Path | None, labels: LabelSet) -> list[Pair]:
    """The pairs of a corpus split or file, or of the part of a frozen split, whose label is in the set."""
    pairs = _read(part, corpora, labels)
    if part.split:
        dealt = Split.read(part.split).apply(pairs)
        if part.part not in dealt:
            raise RecipeError(
                f"{part.material}: part = '{part.part}', but the parts of {part.split} are {', '.join(dealt)}."
            )
        pairs = dealt[part.part]
    if part.label_map:
        try:
            pairs = mapped(pairs, part.label_map, labels, part.material)
        except LabelError as problem:
            raise RecipeError(str(problem)) from None
    known = [pair for pair in pairs if pair.label in labels]
    if not known:
        raise RecipeError(f"{part.material}: none of its {len(pairs)} pairs has a label of: {', '.join(labels)}.")
    return known


def _read(part: Part | DevPart, corpora: str | Path | None, labels: LabelSet) -> list[Pair]:
    """All pairs of a material. Raises FormatError, with `label_map` as a remedy where nothing but its labels is wrong."""
    if part.label_map:
        return read_named(part.material, corpora, labels=None, columns=part.columns)
    try:
        return read_named(part.material, corpora, labels=labels, columns=part.columns)
    except FormatError as problem:
        with suppress(FormatError):
            of_any = {
                pair.label
                for pair in read_named(part.material, corpora, labels=None, columns=part.columns)
                if pair.label
            }
            if unknown := sorted(of_any - {UNCLEAR, *labels}):
                raise RecipeError(
                    f"{problem}\nSay in the recipe what they are there: label_map = {{ {unknown[0]} = '{labels.names[0]}' }}, "
                    "'' to leave pairs out; or name all of them in `labels`."
                ) from None
        raise


def _unasked(
    part: Part, pairs: list[Pair], everything: list[Pair], corpora: str | Path | None, labels: LabelSet
) -> list[Pair]:
    asked = questions_of(part.material, corpora, None if part.label_map else labels, part.columns)
    groups = {pair.group for pair in pairs}
    found = unasked_pairs(pairs, everything + [pair for pair in asked if pair.group in groups])
    if not found:
        raise RecipeError(
            f"{part.material}: unasked_neutrals = {part.unasked_neutrals:g}, but no group has a target that one of its quotes "
            "carries no label for. Leave the key out."
        )
    return found


def _held_out_groups(pairs: Sequence[Pair], recipe: Recipe) -> set[str]:
    """The groups to hold out, the same for every seed, so that their scores can be compared. A group that has a label's only pairs is left to training."""
    groups = sorted({group_of(pair) for pair in pairs})
    if alone := sum(not pair.group for pair in pairs):
        log.warning(
            "%d of %d training pairs have no group: each stands for itself, so texts of one article may be trained on and held out. "
            "Give a `group` column with the article, or name `dev` material.",
            alone,
            len(pairs),
        )
    if len(groups) < 3:
        raise RecipeError(
            f"The training material has {len(groups)} article(s) or groups: too few to hold some out. Name `dev` material, or add a `group` column."
        )
    random.Random("held out").shuffle(groups)
    counts: dict[str, Counter[str | None]] = {}
    for pair in pairs:
        counts.setdefault(group_of(pair), Counter())[pair.label] += 1
    left = Counter(pair.label for pair in pairs)
    held_out: set[str] = set()
    for group in groups:
        if len(held_out) == max(1, round(recipe.dev_share * len(groups))):
            break
        if all(left[label] > number for label, number in counts[group].items()):
            left -= counts[group]
            held_out.add(group)
    if not held_out:
        raise RecipeError(
            "Every article or group has a label's only pairs, so that none can be held out. Name `dev` material, or add examples."
        )
    return held_out


def _check_labels(seen: Counter[str | None], labels: LabelSet, made: set[str]) -> None:
    """`made`: labels of pairs that are added."""
    if absent := [label for label in labels if not seen[label] and label not in made]:
        raise RecipeError(
            f"No training pair is labelled {' or '.join(absent)}; the recipe's labels are {', '.join(labels)}. "
            "Add examples or leave the label out of `labels`."
        )
    for label in labels:
        if seen[label] < FEW_EXAMPLES and label not in made:
            log.warning(
                "only %d training pair(s) labelled %s: hardly anything can be learned from that, and its score will be luck",
                seen[label],
                label,
            )


def group_of(pair: Pair) -> str:
    """Its group; a pair without one stands for itself."""
    return pair.group or pair.id
