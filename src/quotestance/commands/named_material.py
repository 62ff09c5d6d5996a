"""What the commands are given by name: material (a corpus split, a file or a folder) and models."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quotestance.data.material import read_named
from quotestance.data.pairs import Pair
from quotestance.data.records import Stance
from quotestance.models.folders import FINGERPRINT_FILE, SETTINGS_FILE, SHIPPED, ModelError, model_folder

if TYPE_CHECKING:
    from quotestance.models.protocol import StanceModel


@dataclass(frozen=True)
class NamedModel:
    """A model under the name it was asked for. `trained_on`: its training material by name, None if unknown.

    `fingerprint`: digests of that material (`evaluate.leaks`), for finding what gold shares with it; None if unknown.
    """

    name: str
    model: StanceModel
    trained_on: tuple[str, ...] | None
    fingerprint: dict[str, Any] | None = None

    def labels_of(self, pairs: Sequence[Pair]) -> list[str | None]:
        """One label a pair, in order."""
        return [stance.label for stance in self.model.predict_pairs(pairs)]

    def ways(self, labels: Sequence[str]) -> dict[str, Callable[[Sequence[Pair]], list[str | None]]]:
        """How the model can be asked for `labels`, by name: '' is its own answer. Where it knows more labels than these, also for
        the likeliest of them, however likely another is. For the same pairs it is asked once, whatever the way.
        """
        if not set(self.model.labels) > set(labels):
            return {"": self.labels_of}
        answered: dict[tuple[str, ...], list[Stance]] = {}

        def answers(pairs: Sequence[Pair]) -> list[Stance]:
            ids = tuple(pair.id for pair in pairs)
            if ids not in answered:
                answered[ids] = self.model.predict_pairs(pairs)
            return answered[ids]

        def likeliest(stance: Stance) -> str:
            shares = stance.probabilities or {}
            return max(labels, key=lambda label: shares.get(label, 0.0))

        return {
            "": lambda pairs: [stance.label for stance in answers(pairs)],
            f"{' or '.join(labels)} only": lambda pairs: [likeliest(stance) for stance in answers(pairs)],
        }


def named_model(name: str, train: Sequence[str] = (), corpora: str | Path | None = None) -> NamedModel:
    """A shipped model, a model folder, or a baseline (tfidf, majority) that learns from the material `train` first."""
    from quotestance.models import BASELINES, load_stance_model

    if name in BASELINES:
        pairs = [pair for one in train for pair in read_named(one, corpora)]
        return NamedModel(name, load_stance_model(name, training=pairs), tuple(train))
    return NamedModel(
        Path(name).name, load_stance_model(name), _trained_on(model_folder(name)), _fingerprint(model_folder(name))
    )


def training_of(name: str, corpora: str | Path | None = None) -> Sequence[Pair | Mapping[str, Any]]:
    """What gold is checked against: the pairs of material, or the fingerprint of what a model (shipped, or a folder) learned from."""
    folder = model_folder(name) if name in SHIPPED and not Path(name).exists() else Path(name)
    if not (folder / "config.json").is_file():
        return read_named(name, corpora, labels=None)
    if (known := _fingerprint(folder)) is None:
        raise ModelError(
            f"{folder} has no {FINGERPRINT_FILE}, so nobody knows what it learned from. Name the material."
        )
    return [known]


def _trained_on(folder: Path) -> tuple[str, ...] | None:
    """The training material that a model folder names, with that of the models it learned from; None where any of it is not known."""
    try:
        settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
        recipe, before = settings["recipe"], settings.get("ancestors", [])
        starts = [recipe.get("start", "minilm"), *(one["start"] for one in before)]
        learned_from = [start for start in starts if start != "minilm"] + list(recipe.get("teacher") or ())
        if len(learned_from) != len(before):  # an encoder or a model whose own material is not told
            return None
        own = [part["material"] for part in recipe["train"]]
        return tuple(dict.fromkeys([*own, *(material for one in before for material in one["materials"])]))
    except (OSError, KeyError, TypeError, json.JSONDecodeError):
        return None


def _fingerprint(folder: Path) -> dict[str, Any] | None:
    path = folder / FINGERPRINT_FILE
    if not path.exists():
        return None
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held
