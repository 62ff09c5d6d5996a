"""Material into the steps of every epoch, each label in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from quotestance.data.labels import LabelSet
from quotestance.data.pairs import Pair
from quotestance.models.inputs import PairInputs
from quotestance.training.examples import Example, epoch_batches
from quotestance.training.material import Material
from quotestance.training.recipe import Recipe, RecipeError

Plan = list[list[list[list[Example]]]]  # epochs, their steps, their batches, their examples


def planned(
    recipe: Recipe,
    parts: Sequence[Material],
    inputs: PairInputs,
    labels: LabelSet,
    teachers: Callable[[Sequence[Pair]], NDArray[np.float32]] | None = None,
) -> Plan:
    """Every epoch's steps. Raises RecipeError for an epoch without a pair, or a label that no example has."""
    plan: Plan = []
    for epoch in range(recipe.epochs):
        batches = epoch_batches(
            parts,
            inputs,
            labels,
            budget=recipe.batch_tokens,
            least=recipe.least_steps * recipe.accumulate,
            seed=recipe.seed,
            epoch=epoch,
            teachers=teachers,
        )
        if not batches:
            raise RecipeError(no_pairs(parts))
        plan.append([batches[at : at + recipe.accumulate] for at in range(0, len(batches), recipe.accumulate)])
    seen = {example.label for epoch in plan for step in epoch for batch in step for example in batch}
    if absent := [label for label in labels if labels.index(label) not in seen]:
        raise RecipeError(
            f"No example labelled {' or '.join(absent)} in {recipe.epochs} epoch(s): no pair that was drawn has that label, and none could "
            "be made (a swapped target must stand in another group, and not in the text). Add examples, raise `share`, or leave the label "
            "out of `labels`."
        )
    return plan


def no_pairs(parts: Sequence[Material]) -> str:
    """What to do where an epoch has nothing to teach."""
    shares = ", ".join(f"{part.share:g} of {len(part.pairs)}" for part in parts)
    return f"An epoch has no pair to train on: the shares are {shares} pairs. Raise `share`."
