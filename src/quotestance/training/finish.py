"""A trained classifier into its folder: temperature, where it comes from, fingerprint, card. The folder is there whole or not at all."""

from __future__ import annotations

import json
import logging
import math
import shutil
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from quotestance.evaluate.leaks import fingerprint
from quotestance.models.folders import FINGERPRINT_FILE
from quotestance.models.stance import StanceClassifier
from quotestance.training.card import write_card
from quotestance.training.dev_calibration import dev_calibration
from quotestance.training.dev_scores import dev_scores
from quotestance.training.disk import writing
from quotestance.training.origins import ancestors, with_start
from quotestance.training.recipe import Recipe
from quotestance.training.sources import Sources
from quotestance.training.start import encoder_folder
from quotestance.training.trainer import Trainer, weighted_mean
from quotestance.training.whole_model import kept_settings, put_in_place_whole, read_settings, write_settings

log = logging.getLogger(__name__)
FEWEST_FOR_TEMPERATURE = 100  # fitted on a dozen pairs a temperature makes the model absurdly sure


def finish(
    recipe: Recipe, trainer: Trainer, sources: Sources, folder: Path, *, digests: Mapping[str, str], cut: dict[str, int]
) -> None:
    """Temperature found, folder written, read back in half precision and scored on dev once more."""
    classifier, dev = trainer.classifier, sources.dev
    taught = [pair for part in sources.train for pair in part.pairs]
    shared = {part.name: part.in_training for part in dev if part.in_training}
    classifier.model.eval()
    asked = [pair for part in dev for pair in part.pairs]
    logits = classifier.logits(classifier.inputs.encode(asked))
    gold = np.array([classifier.labels.index(pair.label or "") for pair in asked])
    classifier.temperature, found_on = _temperature(recipe, logits, gold)
    provenance = {
        "temperature_from": found_on,
        "recipe": json.loads(recipe.model_dump_json()),
        "digests": dict(digests),
        "seed": recipe.seed,
        "precision": trainer.precision,
        "minutes": round(trainer.progress.seconds / 60, 1),
        "examples_per_second": round(trainer.progress.examples / max(trainer.progress.step_seconds, 1e-9), 1),
        "epochs": trainer.progress.epochs,
        "train_labels": dict(Counter(pair.label for pair in taught)),
        "train_cut": cut,
        **({"dev_in_training": shared} if shared else {}),
        "ancestors": ancestors(recipe),
        "calibration": dev_calibration(logits, gold, classifier.temperature),
        "versions": {"torch": torch.__version__, "quotestance": version("quotestance")},
        "device": str(classifier.device),
        "processes": trainer.processes.world,
    }
    with put_in_place_whole(folder) as made:
        with writing(folder):
            classifier.save_pretrained(made, **provenance)
        saved = StanceClassifier.from_pretrained(made, device=str(classifier.device), precision=trainer.precision)
        settings = read_settings(made)
        settings["dev"] = {part.name: dev_scores(saved, part.pairs) for part in dev}
        scores = {name: score["macro_f1"] for name, score in settings["dev"].items()}
        settings["dev_score"] = round(weighted_mean(scores, dev), 4)
        with writing(folder):
            write_settings(made, settings)
            known = with_start(fingerprint(taught), recipe)
            (made / FINGERPRINT_FILE).write_text(json.dumps(known) + "\n", encoding="utf-8")
            write_card(made)
    log.info("%s: dev macro-F1 %s, temperature %.3f", folder, scores, saved.temperature)


def adopt(folder: Path, out: Path, *, made_from: Recipe, digests: Mapping[str, str], **provenance: Any) -> None:
    """Make the model in `folder` that of `out`, with more provenance; `made_from` is the recipe that chose it, `digests` are of its sources."""
    chosen_by = {"made_from": json.loads(made_from.model_dump_json()), "digests": dict(digests), **provenance}
    with put_in_place_whole(out) as made, writing(out):
        for file in folder.iterdir():
            if file.is_file():
                shutil.copyfile(file, made / file.name)
        write_settings(made, {**read_settings(folder), **chosen_by})
        write_card(made)


def best_temperature(logits: NDArray[np.float64], gold: NDArray[np.int64]) -> float:
    """The temperature with the least log loss (Guo et al., ICML 2017). `logits`: shape (pairs, labels); `gold`: columns, shape (pairs,)."""
    scores, wanted = torch.from_numpy(logits), torch.from_numpy(gold)
    candidates = np.exp(np.linspace(math.log(0.25), math.log(8), 200))
    losses = [float(torch.nn.functional.cross_entropy(scores / t, wanted)) for t in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 4)


def _temperature(recipe: Recipe, logits: NDArray[np.float64], gold: NDArray[np.int64]) -> tuple[float, str]:
    """The temperature, and where it is from: fitted on 'dev'; the 'start' model's where dev is too small for that; else 'none'."""
    if len(gold) >= FEWEST_FOR_TEMPERATURE:
        return best_temperature(logits, gold), "dev"
    start = kept_settings(Path(encoder_folder(recipe.start)))
    if "temperature" in start and set(start.get("labels", ())) == set(recipe.labels):
        return float(start["temperature"]), "start"
    return 1.0, "none"
