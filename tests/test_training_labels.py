"""A recipe's labels and those of its material: mapped by name, refused by name, and made where pairs are added."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from little_material import table
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.training.material import read_training_material
from quotestance.training.recipe import Recipe, RecipeError

MAP = {"pro": "favor", "con": "against", "none": "neutral"}


def theirs(path: Path, **more: str) -> str:
    """A table of 48 pairs with labels of their own."""
    table(path)
    own = {ours: name for name, ours in MAP.items()}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        row["label"] = own[row["label"]]
    rows[0] |= more
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def recipe(**values: Any) -> Recipe:
    return Recipe.model_validate({"name": "x", **values})


def test_labels_of_the_material_become_those_of_the_recipe(tmp_path: Path) -> None:
    part = {"material": theirs(tmp_path / "t.jsonl"), "label_map": MAP}
    parts, dev = read_training_material(recipe(train=[part], dev=[part]), None, CODEBOOK)
    assert len(parts[0].pairs) == 48
    assert {pair.label for pair in parts[0].pairs} == {pair.label for pair in dev[0].pairs} == set(CODEBOOK)
    (first, *_) = parts[0].pairs
    assert (first.text, first.label) == ("We welcome and support plan 0.", "favor")


def test_what_is_mapped_to_nothing_or_unclear_is_left_out(tmp_path: Path) -> None:
    name = theirs(tmp_path / "t.jsonl", label="unclear")
    part = {"material": name, "label_map": {"pro": "favor", "con": "against", "none": ""}}
    two = LabelSet(("favor", "against"))
    parts, _ = read_training_material(recipe(train=[part], dev=[part], labels=list(two)), None, two)
    assert len(parts[0].pairs) == 48 - 16 - 1


def test_a_label_that_nobody_knows_is_named(tmp_path: Path) -> None:
    part = {"material": theirs(tmp_path / "t.jsonl", label="pr0"), "label_map": MAP}
    with pytest.raises(RecipeError, match=r"labels that label_map does not name: pr0\. Map each to one of: favor"):
        read_training_material(recipe(train=[part]), None, CODEBOOK)


def test_a_map_to_a_label_that_the_recipe_does_not_have_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"label_map of a\.csv maps to support; the recipe's labels are favor, against"
    ):
        recipe(train=[{"material": "a.csv", "label_map": {"pro": "support"}}])


def test_a_label_that_only_added_pairs_have_is_enough(tmp_path: Path) -> None:
    name = str(table(tmp_path / "t.jsonl", labels=("favor", "against")))
    part = {"material": name, "swapped_neutrals": 0.2}
    read_training_material(recipe(train=[part], dev=[{"material": name}]), None, CODEBOOK)
    with pytest.raises(RecipeError, match="No training pair is labelled neutral"):
        read_training_material(recipe(train=[{"material": name}], dev=[{"material": name}]), None, CODEBOOK)


def test_rows_without_a_group_are_told_when_some_are_held_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = table(tmp_path / "t.jsonl")
    with caplog.at_level(logging.WARNING):
        read_training_material(recipe(train=[{"material": str(path)}]), None, CODEBOOK)
        assert "no group" not in caplog.text
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        path.write_text("".join(json.dumps({**row, "group": None}) + "\n" for row in rows), encoding="utf-8")
        read_training_material(recipe(train=[{"material": str(path)}]), None, CODEBOOK)
    assert "48 of 48 training pairs have no group" in caplog.text
