"""The training of a stance classifier: the gradients of a step, shared by processes, and macro-F1 on every dev set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from quotestance.models.batching import padded
from quotestance.models.precision import autocast
from quotestance.models.stance import StanceClassifier
from quotestance.training.dev_scores import dev_macro_f1
from quotestance.training.examples import Example
from quotestance.training.layers import slower
from quotestance.training.loop import mask_tokens
from quotestance.training.loss import Loss
from quotestance.training.material import DevSet
from quotestance.training.processes import Processes
from quotestance.training.recipe import Recipe
from quotestance.training.run import Run


class Trainer(Run):
    """Trains `classifier` in place, as `Run` says. `precision` is the recipe's unless told."""

    recipe: Recipe

    def __init__(
        self,
        recipe: Recipe,
        classifier: StanceClassifier,
        loss: Loss,
        *,
        steps: int,
        checkpoint: Path,
        processes: Processes,
        digests: Mapping[str, str] | None = None,
        precision: str | None = None,
    ) -> None:
        self.recipe, self.classifier, self.loss = recipe, classifier, loss
        self.schedule, self.patience, self.start_shares = recipe.schedule, recipe.patience, recipe.start_share
        super().__init__(
            classifier,
            classifier.model,
            faster=slower([name for name, _ in classifier.model.named_parameters()], recipe.layer_decay),
            steps=steps,
            checkpoint=checkpoint,
            processes=processes,
            digests=digests or {},
            precision=precision or recipe.precision,
        )

    def gradients(self, batches: Sequence[Sequence[Example]], number: int) -> dict[str, float]:
        """The gradients of this process's share of the batches."""
        # dropout and masks are drawn by step, not by what came before: a run that goes on draws the same
        torch.manual_seed((self.recipe.seed * 1_000_003 + number) * 64 + self.processes.rank)
        total = self.loss.total([example for batch in batches for example in batch])
        shown = 0.0
        for batch in batches:
            if mine := self.processes.share(batch):
                loss = self.loss(self._logits(mine), mine, total)
                loss.backward()  # type: ignore[no-untyped-call]
                shown += float(loss.detach())
        return {"loss": self.processes.summed(shown, self.classifier.device)}

    def _logits(self, examples: Sequence[Example]) -> torch.Tensor:
        inputs, device = self.classifier.inputs, self.classifier.device
        rows = [example.row for example in examples] * self.loss.passes
        tensors = padded(rows, pad_id=inputs.tokenizer.pad_token_id, segments=inputs.has_segments)
        mask_tokens(tensors["input_ids"], inputs.tokenizer, self.recipe.token_dropout)
        with autocast(self.precision, device, training=True):
            logits = self.module(**{name: tensor.to(device) for name, tensor in tensors.items()}).logits
        return logits.float()  # type: ignore[no-any-return]

    def scores(self, dev: Sequence[DevSet]) -> dict[str, Any]:
        """Macro-F1 of each dev set, and their mean by weight."""
        scores = {part.name: dev_macro_f1(self.classifier, part.pairs) for part in dev}
        return {"dev": scores, "score": weighted_mean(scores, dev)}


def weighted_mean(scores: dict[str, float], dev: Sequence[DevSet]) -> float:
    """The mean of the dev sets' scores by their weights: what chooses the epoch, the seed and the trial."""
    return float(np.average([scores[part.name] for part in dev], weights=[part.weight for part in dev]))
