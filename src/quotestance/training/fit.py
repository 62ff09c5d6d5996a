"""Recipe in, model folder out: fine-tune an encoder on quotes and targets, on CPU or GPU, seeded and resumable."""

from __future__ import annotations

import logging
import random
from pathlib import Path

import numpy as np
import torch

from quotestance.data.labels import LabelSet
from quotestance.models.precision import chosen
from quotestance.models.stance import StanceClassifier
from quotestance.training.examples import epoch_batches
from quotestance.training.finish import finish, is_finished
from quotestance.training.loss import Loss, label_weights
from quotestance.training.material import read_training_material
from quotestance.training.recipe import Recipe
from quotestance.training.start import untrained
from quotestance.training.trainer import CHECKPOINT, Trainer

log = logging.getLogger(__name__)
FEW_STEPS = 20


def fit(
    recipe: Recipe,
    out: str | Path,
    *,
    corpora: str | Path | None = None,
    resume: bool = True,
    device: str | None = None,
) -> StanceClassifier:
    """Train as the recipe says and write the model folder `out`; returns the model.

    `out/run/` holds the log and a checkpoint; a run that was stopped goes on from it (`resume`).
    The weights kept are the moving average at the epoch with the best dev score.
    Raises RecipeError for material without labels, a label missing from training, or a loss that is not a number.
    """
    folder, labels = Path(out), LabelSet(recipe.labels)
    if resume and is_finished(folder, recipe):
        log.info("%s is finished; --restart trains it anew", folder)
        return StanceClassifier.from_pretrained(folder, device=device)
    run = folder / "run"
    run.mkdir(parents=True, exist_ok=True)
    train, dev = read_training_material(recipe, corpora, labels)
    _seed(recipe.seed)
    classifier = untrained(recipe, labels, device)
    plan = []
    for epoch in range(recipe.epochs):
        batches = epoch_batches(
            train, classifier.inputs, labels, budget=recipe.batch_tokens, seed=recipe.seed, epoch=epoch
        )
        plan.append([batches[at : at + recipe.accumulate] for at in range(0, len(batches), recipe.accumulate)])
    examples = [example for epoch in plan for step in epoch for batch in step for example in batch]
    steps = sum(len(epoch) for epoch in plan)
    log.info(
        "%s: %d pairs, %d steps in %d epochs, %s on %s",
        recipe.name,
        len(examples),
        steps,
        recipe.epochs,
        chosen(recipe.precision, classifier.device, training=True),
        classifier.device,
    )
    if steps < FEW_STEPS:
        log.warning(
            "%d steps are few to learn from: lower batch_tokens (now %d) or give more epochs",
            steps,
            recipe.batch_tokens,
        )
    trainer = Trainer(
        recipe,
        classifier,
        Loss(recipe, label_weights(recipe, examples)),
        steps=steps,
        checkpoint=run / CHECKPOINT,
    )
    if resume:
        trainer.load()
    trainer.run_all(plan, dev)
    finish(recipe, trainer, train, dev, folder)
    return StanceClassifier.from_pretrained(folder, device=device, precision=recipe.precision)


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
