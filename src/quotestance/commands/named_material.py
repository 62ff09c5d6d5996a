"""What the commands are given by name: material (a corpus split, a file or a folder) and models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quotestance.data.material import read_named
from quotestance.data.pairs import Pair

if TYPE_CHECKING:
    from quotestance.models.protocol import StanceModel

SETTINGS_FILE = "quotestance.json"


@dataclass(frozen=True)
class NamedModel:
    """A model under the name it was asked for. `trained_on`: its training material by name, None if unknown."""

    name: str
    model: StanceModel
    trained_on: tuple[str, ...] | None

    def labels_of(self, pairs: Sequence[Pair]) -> list[str | None]:
        """One label a pair, in order."""
        return [stance.label for stance in self.model.predict_pairs(pairs)]


def named_model(name: str, train: Sequence[str] = (), corpora: str | Path | None = None) -> NamedModel:
    """A shipped model, a model folder, or a baseline (tfidf, majority) that learns from the material `train` first."""
    from quotestance.models import BASELINES, load_stance_model
    from quotestance.models.folders import model_folder

    if name in BASELINES:
        pairs = [pair for one in train for pair in read_named(one, corpora)]
        return NamedModel(name, load_stance_model(name, training=pairs), tuple(train))
    return NamedModel(Path(name).name, load_stance_model(name), _trained_on(model_folder(name)))


def _trained_on(folder: Path) -> tuple[str, ...] | None:
    """The training material that a model folder names; None where it names none, or began from another model."""
    try:
        recipe = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))["recipe"]
        return (
            tuple(part["material"] for part in recipe["train"]) if recipe.get("start", "minilm") == "minilm" else None
        )
    except (OSError, KeyError, TypeError, json.JSONDecodeError):
        return None
