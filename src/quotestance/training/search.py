"""Hyper-parameters found on dev: trials of a recipe's `[search]`, the best of which becomes the model."""

from __future__ import annotations

import csv
import io
import logging
import math
from pathlib import Path
from typing import Any

from quotestance.data.atomic import whole_file
from quotestance.training.disk import writing
from quotestance.training.finish import adopt
from quotestance.training.one_run import fit_once
from quotestance.training.processes import Processes
from quotestance.training.recipe import Range, Recipe, RecipeError, Search
from quotestance.training.run import DivergedError
from quotestance.training.seeds import fit_seeds
from quotestance.training.sources import Sources
from quotestance.training.start import inherited
from quotestance.training.whole_model import read_settings

log = logging.getLogger(__name__)
TABLE = "search.csv"


def fit_search(
    recipe: Recipe,
    out: Path,
    processes: Processes,
    sources: Sources,
    *,
    resume: bool = True,
    device: str | None = None,
) -> None:
    """Try `search.trials` settings, each into `out/run/trial-N`; the best on dev becomes `out`, or is trained with `seeds` into it.

    The sampler (TPE, by the recipe's seed) proposes the same again after a stop, and finished trials are not trained again.
    `out/run/search.csv` has a row for each trial; one that could not be trained has the score nan and the reason, and is not kept.
    Raises RecipeError where optuna is not installed, or no trial could be trained.
    """
    try:
        import optuna
    except ImportError:
        raise RecipeError("`[search]` needs optuna: pip install 'quotestance[search]'") from None
    search = recipe.search
    if search is None:
        raise RecipeError("The recipe has no [search] table that says which keys to try.")
    rows: list[dict[str, Any]] = []
    failed: list[RecipeError] = []
    trials = [out / "run" / f"trial-{number:03d}" for number in range(search.trials)]

    def tried(trial: Any) -> float:
        chosen = {key: _suggested(trial, key, search) for key in search.spaces}
        folder = trials[trial.number]
        try:
            one = _with(recipe, {**chosen, "seeds": ()})
        except ValueError as problem:
            log.warning("trial %d: %s can't be together: %s", trial.number, chosen, problem)
            raise optuna.TrialPruned from None
        log.info("trial %d of %d: %s", trial.number + 1, search.trials, chosen)
        try:
            fit_once(inherited(one), folder, processes, sources, kin=trials, resume=resume, device=device)
            settings = read_settings(folder)
        except RecipeError as problem:
            if processes.world > 1 and not isinstance(problem, DivergedError):
                raise  # the others may not have met it, and wait for what this one no longer says
            log.warning("trial %d: %s", trial.number, problem)
            failed.append(problem)
            settings = {"dev_score": math.nan, "minutes": math.nan, "problem": str(problem)}
        score = float(settings["dev_score"])
        rows.append({"trial": trial.number, **chosen, "dev_score": score, "minutes": settings["minutes"]})
        rows[-1]["problem"] = settings.get("problem", "")
        if processes.leads:
            _write(rows, out / "run" / TABLE)
        if math.isnan(score):
            raise optuna.TrialPruned
        return score

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=recipe.seed))
    study.optimize(tried, n_trials=search.trials)
    scored = [row for row in rows if not math.isnan(row["dev_score"])]
    if not scored:
        first = f" The first: {failed[0]}" if failed else ""
        raise RecipeError(f"None of the trials was possible: the log says why.{first}")
    best = max(scored, key=lambda row: row["dev_score"])
    found: dict[str, Any] = {"trials": len(rows), "best": {key: best[key] for key in search.spaces}}
    log.info("best of %d trials: %s, dev %.4f", len(rows), found["best"], best["dev_score"])
    if recipe.seeds:
        chosen = inherited(_with(recipe, found["best"]))
        fit_seeds(chosen, out, processes, sources, made_from=recipe, resume=resume, device=device, search_result=found)
        return
    if processes.leads:
        adopt(trials[best["trial"]], out, made_from=recipe, digests=sources.digests(recipe), search_result=found)
    processes.told(None)  # the others wait until the folder is written


def _with(recipe: Recipe, chosen: dict[str, Any]) -> Recipe:
    """The recipe with these keys and without its search; what it leaves unset stays unset. Raises ValueError for what can't be together."""
    return Recipe.model_validate({**recipe.model_dump(exclude_unset=True), **chosen, "search": None})


def _suggested(trial: Any, key: str, search: Search) -> Any:
    space = search.spaces[key]
    if not isinstance(space, Range):
        return trial.suggest_categorical(key, list(space))
    if Recipe.model_fields[key].annotation is int:
        return trial.suggest_int(key, int(space.low), int(space.high), log=space.log)
    return trial.suggest_float(key, space.low, space.high, log=space.log)


def _write(rows: list[dict[str, Any]], path: Path) -> None:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    with writing(path), whole_file(path) as stream:
        stream.write(text.getvalue().encode())
