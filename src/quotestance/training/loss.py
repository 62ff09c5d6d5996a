"""Logits and gold labels into the loss: cross-entropy with label weights, what teachers think, and the agreement of two passes.

Everything is a sum over examples divided by a total that is given from outside, so that a batch that comes in portions, or is shared
between processes, has the gradient of the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from quotestance.training.examples import Example
from quotestance.training.recipe import Recipe


class Loss:
    """The loss of a recipe. `weights`: one a label, shape (labels,), or None."""

    def __init__(self, recipe: Recipe, weights: Tensor | None) -> None:
        self.recipe, self.weights = recipe, weights
        self.passes = 2 if recipe.rdrop else 1  # how often each example must be computed, one pass after the other

    def total(self, examples: Sequence[Example]) -> tuple[float, int]:
        """What the sums are divided by: the labels' weight and the number of examples of the whole batch."""
        if self.weights is None:
            return float(len(examples)), len(examples)
        return float(self.weights[[example.label for example in examples]].sum()), len(examples)

    def __call__(self, logits: Tensor, examples: Sequence[Example], total: tuple[float, int]) -> Tensor:
        """The share of these examples in the loss of a batch with that `total`; logits of shape (passes × examples, labels)."""
        weight, number = total
        gold = torch.tensor([example.label for example in examples], device=logits.device)
        wrong = functional.cross_entropy(
            logits,
            gold.repeat(self.passes),
            weight=None if self.weights is None else self.weights.to(logits.device),
            label_smoothing=self.recipe.label_smoothing,
            reduction="sum",
        )
        loss = wrong / (weight * self.passes)
        if self.recipe.teacher:
            share, temperature = self.recipe.teacher_weight, self.recipe.teacher_temperature
            taught = torch.tensor([example.taught for example in examples] * self.passes, device=logits.device)
            far = distance(logits, taught, temperature) / (number * self.passes)
            loss = (1 - share) * loss + share * far
        if self.recipe.rdrop:
            loss = loss + self.recipe.rdrop / 2 * disagreement(logits) / number
        return loss


def distance(logits: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """The Kullback-Leibler divergence from the teachers' probabilities at `temperature`, summed over rows, times its square.

    The square keeps the gradients of the order of those of the labels (Hinton et al. 2015).
    """
    answers = (logits / temperature).log_softmax(-1)
    return functional.kl_div(answers, taught, reduction="sum") * temperature**2


def disagreement(logits: Tensor) -> Tensor:
    """½ (KL(p‖q) + KL(q‖p)), summed over examples, of two passes that stand one after the other (Liang et al., R-Drop, NeurIPS 2021)."""
    one, other = logits.log_softmax(-1).chunk(2)
    return ((one.exp() - other.exp()) * (one - other)).sum() / 2


def label_weights(recipe: Recipe, examples: Iterable[Example]) -> Tensor | None:
    """The inverse of each label's frequency where `class_weights` asks for it: 1 for labels that are equally frequent."""
    if not recipe.class_weights:
        return None
    counts = Counter(example.label for example in examples)
    mean = sum(counts.values()) / len(recipe.labels)
    return torch.tensor([mean / max(1, counts[number]) for number in range(len(recipe.labels))])
