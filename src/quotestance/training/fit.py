"""Recipe in, model folder out: fine-tune an encoder on quotes and targets, on CPU or GPU, seeded and resumable."""

from __future__ import annotations

import logging
from pathlib import Path

from quotestance.models.stance import StanceClassifier
from quotestance.training.one_run import fit_once
from quotestance.training.processes import joined
from quotestance.training.recipe import Recipe
from quotestance.training.search import fit_search
from quotestance.training.seeds import fit_seeds
from quotestance.training.sources import read_sources, refuse_to_write_over, starts_of
from quotestance.training.start import inherited
from quotestance.training.whole_model import is_finished

log = logging.getLogger(__name__)


def fit(
    recipe: Recipe,
    out: str | Path,
    *,
    corpora: str | Path | None = None,
    resume: bool = True,
    device: str | None = None,
) -> StanceClassifier:
    """Train as the recipe says and write the model folder `out`; returns the model.

    `out/run/` holds the log and a checkpoint; a run that was stopped goes on from it (`resume`), and a model that was made by this
    recipe of the same material, start and teachers is left as it is. The weights kept are the moving average at the epoch with
    the best dev score, of the best seed where the recipe has several, and of the best trial where it has a `[search]`.
    Raises RecipeError for material without labels, a label missing from training, a start that is not whole or lies in `out`, or a gradient that is not a number, and
    CheckpointError for a stopped run of another recipe or of other material.
    """
    recipe, folder = recipe if recipe.search else inherited(recipe), Path(out)  # a trial may have another start
    refuse_to_write_over(folder, [*starts_of(recipe), *recipe.teacher])
    with joined(device) as processes:
        sources = read_sources(recipe, corpora)
        several = bool(recipe.search or recipe.seeds)  # one run looks itself whether it is finished
        looks = processes.leads and several and resume
        if processes.told(looks and is_finished(folder, recipe, sources.digests(recipe))):
            log.info("%s is finished; --restart trains it anew", folder)
        elif recipe.search:
            fit_search(recipe, folder, processes, sources, resume=resume, device=device)
        elif recipe.seeds:
            fit_seeds(recipe, folder, processes, sources, made_from=recipe, resume=resume, device=device)
        else:
            fit_once(recipe, folder, processes, sources, resume=resume, device=device)
    return StanceClassifier.from_pretrained(folder, device=device, precision=recipe.precision)
