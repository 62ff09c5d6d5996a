"""One run with one seed: epochs planned, trained, written."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from quotestance.data.labels import LabelSet
from quotestance.training.disk import writing
from quotestance.training.examples import cut_counts
from quotestance.training.finish import finish
from quotestance.training.lora import merged
from quotestance.training.loss import Loss, label_weights
from quotestance.training.plan import planned
from quotestance.training.processes import Processes
from quotestance.training.recipe import HIGHEST_SEED, Recipe, RecipeError
from quotestance.training.sources import Sources
from quotestance.training.start import untrained
from quotestance.training.teachers import Teachers
from quotestance.training.trainer import Trainer
from quotestance.training.whole_model import CHECKPOINT, is_finished, kept_settings

log = logging.getLogger(__name__)
FEW_STEPS = 20


def fit_once(
    recipe: Recipe,
    folder: Path,
    processes: Processes,
    sources: Sources,
    *,
    kin: Iterable[Path] = (),
    resume: bool = True,
    device: str | None = None,
) -> None:
    """Train with the recipe's one seed and write the model folder.

    `folder/run/` holds a checkpoint meanwhile; a run that was stopped goes on from it, and a finished one is left as it is (`resume`).
    `kin` are the folders of the other seeds or trials: all are computed in one precision.
    """
    labels, digests = LabelSet(recipe.labels), sources.digests(recipe)
    if resume and processes.told(processes.leads and is_finished(folder, recipe, digests)):
        log.info("%s is finished; --restart trains it anew", folder)
        return
    run = folder / "run"
    with writing(folder):
        run.mkdir(parents=True, exist_ok=True)
    if not resume and processes.leads:
        (run / CHECKPOINT).unlink(missing_ok=True)
    _seed(recipe.seed)
    classifier = untrained(recipe, labels, device)
    teachers = (
        Teachers(
            recipe.teacher,
            labels,
            temperature=recipe.teacher_temperature,
            cache=run / "teachers.npz",
            device=device,
            processes=processes,
        )
        if recipe.teacher
        else None
    )
    plan = planned(recipe, sources.train, classifier.inputs, labels, teachers)
    examples = [example for epoch in plan for step in epoch for batch in step for example in batch]
    steps = sum(len(epoch) for epoch in plan)
    if steps < FEW_STEPS:
        log.warning(
            "%d steps are few to learn from: give more examples or epochs, or smaller steps (batch_tokens, now %d)",
            steps,
            recipe.batch_tokens,
        )
    cut = cut_counts(examples, classifier.inputs)
    if cut:
        said = ", ".join(f"the {piece} of {count}" for piece, count in cut.items() if piece != "inputs")
        log.warning("%d training inputs are too long for the encoder and are cut: %s", cut["inputs"], said)
    trainer = Trainer(
        recipe,
        classifier,
        Loss(recipe, label_weights(recipe, examples)),
        steps=steps,
        checkpoint=run / CHECKPOINT,
        processes=processes,
        digests=digests,
        precision=_precision(recipe, [folder, *kin], str(classifier.device)),
    )
    if resume:
        trainer.load()
    log.info(
        "%s: %d pairs, %d steps in %d epochs, %s on %s%s",
        recipe.name,
        len(examples),
        steps,
        recipe.epochs,
        trainer.precision,
        classifier.device,
        f" in {processes.world} processes" if processes.world > 1 else "",
    )
    trainer.run_all(plan, sources.dev)
    trainer.average.put(trainer.best)
    if recipe.lora:
        classifier.model = merged(classifier.model)
    if processes.leads:
        finish(recipe, trainer, sources, folder, digests=digests, cut=cut)
    processes.told(None)  # the others wait until the folder is written


def _precision(recipe: Recipe, folders: Iterable[Path], device: str) -> str:
    """The recipe's; where that is 'auto', what was measured for a model in `folders`, since it may be measured otherwise today."""
    for made in map(kept_settings, folders) if recipe.precision == "auto" else ():
        if made.get("device") == device and made["recipe"].get("precision") == "auto" and "precision" in made:
            return str(made["precision"])
    return recipe.precision


def _seed(seed: int) -> None:
    if not 0 <= seed <= HIGHEST_SEED:  # of --seed: the recipe's are checked when it is read
        raise RecipeError(f"seed = {seed}: a seed is a whole number from 0 to {HIGHEST_SEED}.")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
