"""Where a model comes from: the models that its run went on from or learned from, and what those were taught in turn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quotestance.evaluate.leaks import joined
from quotestance.models.folders import FINGERPRINT_FILE, SETTINGS_FILE, read_object
from quotestance.models.stance import weights_revision
from quotestance.training.recipe import Recipe, RecipeError
from quotestance.training.start import encoder_folder


def ancestors(recipe: Recipe) -> list[dict[str, Any]]:
    """The start and the teachers of a run that are models of ours, nearest first, each followed by its own ancestors.

    Each has its name, revision, what it was (`role`: start or teacher), its own `start`, and its training `materials`. An
    encoder that nobody taught stances is none.
    """
    named = [("start", recipe.start), *(("teacher", teacher) for teacher in recipe.teacher)]
    found = [one for role, name in named for one in _line(role, Path(encoder_folder(name)))]
    return list({(one["role"], one["revision"]): one for one in found}.values())


def with_start(taught: dict[str, Any], recipe: Recipe) -> dict[str, Any]:
    """The fingerprint of a run's material, joined with that of the model it went on from: its weights have seen both."""
    file = Path(encoder_folder(recipe.start)) / FINGERPRINT_FILE
    return joined(taught, read_object(file, error=RecipeError)) if file.is_file() else taught


def _line(role: str, folder: Path) -> list[dict[str, Any]]:
    if not (folder / SETTINGS_FILE).is_file():
        return []
    settings: Mapping[str, Any] = read_object(folder / SETTINGS_FILE, error=RecipeError)
    recipe = settings.get("recipe", {})
    own = {
        "name": settings["name"],
        "revision": weights_revision(folder),
        "role": role,
        "start": recipe.get("start"),
        "materials": [part["material"] for part in recipe.get("train", [])],
    }
    return [own, *settings.get("ancestors", [])]
