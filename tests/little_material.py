"""A pair table of little sentences and a recipe for it: what tests of training train on."""

from __future__ import annotations

import json
from pathlib import Path

from quotestance.training.recipe import Recipe
from tiny_encoders import tiny_encoder

WORDS = {
    "favor": "We welcome and support {}.",
    "against": "We reject and oppose {}.",
    "neutral": "They spoke about {} on Monday.",
}


def table(path: Path, rows: int = 48, labels: tuple[str, ...] = tuple(WORDS)) -> Path:
    """A pair table of little sentences, four to a group."""
    lines = []
    for number in range(rows):
        label, target = labels[number % len(labels)], f"plan {number // 4}"
        lines.append(
            {
                "id": str(number),
                "text": WORDS[label].format(target),
                "target": target,
                "label": label,
                "group": f"g{number // 4}",
            }
        )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def recipe(folder: Path, **changes: object) -> Recipe:
    """A recipe for `folder/train.jsonl`, which is written: one epoch of some ten steps of a tiny encoder."""
    material, encoder = table(folder / "train.jsonl"), folder / "encoder of recipe"
    values = {
        "name": "little",
        "start": str(encoder) if encoder.exists() else tiny_encoder("bert", encoder),
        "train": [{"material": str(material), "swapped_neutrals": 0.1}],
        "epochs": 1,
        "batch_tokens": 64,
        "checkpoint_steps": 2,
        "precision": "fp32",
        **changes,
    }
    return Recipe.model_validate(values)


def recipe_file(path: Path, recipe: Recipe) -> Path:
    """The recipe as a TOML file: of the keys that it sets."""
    values = recipe.model_dump(mode="json", exclude_unset=True)
    path.write_text("".join(f"{key} = {_toml(value)}\n" for key, value in values.items()), encoding="utf-8")
    return path


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)
