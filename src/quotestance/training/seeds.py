"""One recipe with several seeds: how much of a score is luck, and the best of them on dev."""

from __future__ import annotations

import json
import logging
import statistics
from pathlib import Path
from typing import Any

from quotestance.training.finish import adopt
from quotestance.training.one_run import fit_once
from quotestance.training.processes import Processes
from quotestance.training.recipe import Recipe
from quotestance.training.sources import Sources
from quotestance.training.whole_model import read_settings

log = logging.getLogger(__name__)


def fit_seeds(
    recipe: Recipe,
    out: Path,
    processes: Processes,
    sources: Sources,
    *,
    made_from: Recipe,
    resume: bool = True,
    device: str | None = None,
    **provenance: Any,
) -> None:
    """Train each of `recipe.seeds` into `out/run/seed-N`; the best on dev becomes `out`, with mean and sd of all.

    Seeds that are finished are not trained again. `made_from` is the recipe as it was given.
    """
    folders = {seed: out / "run" / f"seed-{seed}" for seed in recipe.seeds}
    for seed in recipe.seeds:
        log.info("seed %d", seed)
        one = recipe.model_copy(update={"seed": seed, "seeds": ()})
        fit_once(one, folders[seed], processes, sources, kin=folders.values(), resume=resume, device=device)
    settings = {seed: read_settings(folder) for seed, folder in folders.items()}
    scores = {seed: float(one["dev_score"]) for seed, one in settings.items()}
    kept = max(scores, key=lambda seed: scores[seed])
    names = settings[kept]["dev"]
    seeds = {
        "scores": {str(seed): score for seed, score in scores.items()},
        "kept": kept,
        **_mean_and_sd(list(scores.values())),
        "dev": {name: _mean_and_sd([one["dev"][name]["macro_f1"] for one in settings.values()]) for name in names},
    }
    log.info("seeds: %s", json.dumps(seeds))
    if processes.leads:
        digests = sources.digests(made_from)
        adopt(folders[kept], out, made_from=made_from, digests=digests, seeds=seeds, **provenance)
    processes.told(None)  # the others wait until the folder is written


def _mean_and_sd(scores: list[float]) -> dict[str, float]:
    """Mean and sample standard deviation (n - 1)."""
    spread = statistics.stdev(scores) if len(scores) > 1 else 0.0
    return {"mean": round(statistics.mean(scores), 4), "sd": round(spread, 4)}
