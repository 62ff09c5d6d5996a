"""Names of an encoder's parameters into the layers they belong to: what is frozen, and what learns more slowly."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from quotestance.training.recipe import RecipeError

LAYER = re.compile(r"(?:^|\.)(?:layers?|blocks?|h)\.(\d+)\.")


def freeze(model: Any, layers: int) -> None:
    """Embeddings and the lowest `layers` layers keep their weights. Raises RecipeError where the model has no such layers."""
    if not layers:
        return
    heights = heights_of(name for name, _ in model.named_parameters())
    if max(heights.values()) < layers:
        raise RecipeError(
            f"frozen_layers = {layers}, but {type(model).__name__} has {max(heights.values())} layers that can be told apart."
        )
    for name, parameter in model.named_parameters():
        if name in heights and heights[name] <= layers:
            parameter.requires_grad = False


def slower(names: Iterable[str], decay: float) -> dict[str, float]:
    """The factor of the learning rate by parameter name: `decay` to the power of the layers above it; heads are left out."""
    heights = heights_of(names)
    top = max(heights.values(), default=0)
    return {name: decay ** (top - height) for name, height in heights.items() if height < top}


def heights_of(names: Iterable[str]) -> dict[str, int]:
    """0 for embeddings, 1 for the lowest layer, and so on. What belongs to no layer (a pooler, a head) is left out."""
    heights: dict[str, int] = {}
    for name in names:
        if found := LAYER.search(name):
            heights[name] = int(found.group(1)) + 1
        elif "embedding" in name:
            heights[name] = 0
    return heights
