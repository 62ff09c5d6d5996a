"""A trained classifier into its folder: temperature, where it comes from, fingerprint, card."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import shutil
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from quotestance.data.pairs import Pair
from quotestance.evaluate.leaks import fingerprint
from quotestance.models.folders import FINGERPRINT_FILE, SETTINGS_FILE
from quotestance.models.stance import StanceClassifier
from quotestance.training.card import write_card
from quotestance.training.dev_calibration import dev_calibration
from quotestance.training.disk import writing
from quotestance.training.material import DevSet, Material
from quotestance.training.origins import ancestors, with_start
from quotestance.training.recipe import Recipe
from quotestance.training.trainer import Trainer, macro_f1, weighted_mean

log = logging.getLogger(__name__)


def finish(
    recipe: Recipe,
    trainer: Trainer,
    train: Sequence[Material],
    dev: Sequence[DevSet],
    folder: Path,
    *,
    cut: dict[str, int],
) -> None:
    """Temperature fitted on dev, folder written, read back in half precision and scored on dev once more."""
    classifier = trainer.classifier
    classifier.model.eval()
    classifier.temperature = fitted_temperature(classifier, [pair for part in dev for pair in part.pairs])
    provenance = {
        "recipe": json.loads(recipe.model_dump_json()),
        "seed": recipe.seed,
        "minutes": round(trainer.progress.seconds / 60, 1),
        "examples_per_second": round(trainer.progress.examples / max(trainer.progress.step_seconds, 1e-9), 1),
        "epochs": trainer.progress.epochs,
        "train_digest": _digest([pair for part in train for pair in part.pairs]),
        "train_labels": dict(Counter(pair.label for part in train for pair in part.pairs)),
        "train_cut": cut,
        "ancestors": ancestors(recipe),
        "calibration": dev_calibration(classifier, [pair for part in dev for pair in part.pairs]),
        "versions": {"torch": torch.__version__, "quotestance": version("quotestance")},
        "device": str(classifier.device),
        "processes": trainer.processes.world,
    }
    with writing(folder):
        classifier.save_pretrained(folder, **provenance)
    trainer.checkpoint.unlink(missing_ok=True)  # a folder with a pickle in it is not loaded
    saved = StanceClassifier.from_pretrained(folder, device=str(classifier.device), precision=recipe.precision)
    scores = {part.name: round(macro_f1(saved, part.pairs), 4) for part in dev}
    settings = read_settings(folder)
    settings["dev"] = {part.name: {"n": len(part.pairs), "macro_f1": scores[part.name]} for part in dev}
    settings["dev_score"] = round(weighted_mean(scores, dev), 4)
    taught = with_start(fingerprint([pair for part in train for pair in part.pairs]), recipe)
    with writing(folder):
        write_settings(folder, settings)
        (folder / FINGERPRINT_FILE).write_text(json.dumps(taught) + "\n", encoding="utf-8")
        write_card(folder)
    log.info("%s: dev macro-F1 %s, temperature %.3f", folder, settings["dev"], saved.temperature)


def adopt(folder: Path, out: Path, *, made_from: Recipe, **provenance: Any) -> None:
    """Make the model in `folder` that of `out`, with more provenance; `made_from` is the recipe that chose it."""
    chosen_by = {"made_from": json.loads(made_from.model_dump_json()), **provenance}
    with writing(out):
        for file in folder.iterdir():
            if file.is_file() and file.name != SETTINGS_FILE:
                shutil.copyfile(file, out / file.name)
        write_settings(out, {**read_settings(folder), **chosen_by})
        write_card(out)


def read_settings(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
    return settings


def write_settings(folder: Path, settings: dict[str, Any]) -> None:
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def is_finished(folder: Path, recipe: Recipe) -> bool:
    """Whether the folder holds a model that this very recipe made."""
    settings = read_settings(folder) if (folder / SETTINGS_FILE).exists() else {}
    try:
        return "dev" in settings and Recipe.model_validate(settings.get("made_from", settings.get("recipe"))) == recipe
    except ValueError:  # another task's, or a later version's
        return False


FEWEST_FOR_TEMPERATURE = 100  # fitted on a dozen pairs a temperature makes the model absurdly sure


def fitted_temperature(classifier: StanceClassifier, pairs: Sequence[Pair]) -> float:
    """The temperature with the least log loss on `pairs` (Guo et al., ICML 2017); 1 where they are too few."""
    if len(pairs) < FEWEST_FOR_TEMPERATURE:
        return 1.0
    logits = torch.from_numpy(classifier.logits(classifier.inputs.encode(pairs)))
    gold = torch.tensor([classifier.labels.index(pair.label or "") for pair in pairs])
    candidates = np.exp(np.linspace(math.log(0.25), math.log(8), 200))
    losses = [float(torch.nn.functional.cross_entropy(logits / t, gold)) for t in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 4)


def _digest(pairs: Sequence[Pair]) -> str:
    digest = hashlib.sha256()
    for pair in pairs:
        digest.update("\0".join([pair.id, pair.quote_text, pair.target, pair.label or ""]).encode())
    return digest.hexdigest()
