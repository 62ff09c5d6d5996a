"""A recipe's labels and those of its material: mapped by name, refused by name, and made where pairs are added."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from little_material import recipe as little_recipe
from little_material import table
from quotestance.data.errors import FormatError
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.training.examples import epoch_pairs
from quotestance.training.fit import fit
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


def test_a_label_that_the_recipe_lacks_is_refused_with_the_map_as_remedy(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"line 1.*Unknown label 'pro'[\s\S]*label_map = \{ con = 'favor' \}"):
        read_training_material(recipe(train=[{"material": theirs(tmp_path / "t.jsonl")}]), None, CODEBOOK)
    (tmp_path / "other.jsonl").write_text('{"text": "We.", "target": "a", "label": "pro", "mention": "no"}\n')
    with pytest.raises(FormatError, match="does not stand in the text") as refusal:
        read_training_material(recipe(train=[{"material": str(tmp_path / "other.jsonl")}]), None, CODEBOOK)
    assert "label_map" not in str(refusal.value)


def ungrouped(path: Path) -> str:
    table(path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("".join(json.dumps({**row, "group": None}) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("key", ["swapped_neutrals", "joined"])
def test_rows_without_a_group_stand_each_for_itself_where_pairs_are_made(tmp_path: Path, key: str) -> None:
    part: dict[str, Any] = {"material": ungrouped(tmp_path / "t.jsonl"), key: 0.5}
    parts, _ = read_training_material(recipe(train=[part], dev=[{"material": part["material"]}]), None, CODEBOOK)
    made = epoch_pairs(parts, seed=1, epoch=0)[48:]
    assert len(made) == 24
    own = {(pair.text, pair.target) for pair in parts[0].pairs}
    assert not own & {(pair.text, pair.target) for pair in made}


def test_a_label_that_no_pair_could_be_made_for_is_refused(tmp_path: Path) -> None:
    """All is one group, so that no target of another can be asked about."""
    table(tmp_path / "t.jsonl", labels=("favor", "against"))
    name = str(tmp_path / "t.jsonl")
    one_group = Path(name).read_text(encoding="utf-8").replace('"group": "', '"group": "one", "was": "')
    Path(name).write_text(one_group, encoding="utf-8")
    part = {"material": name, "swapped_neutrals": 0.2}
    with pytest.raises(RecipeError, match="No example labelled neutral in 1 epoch"):
        fit(little_recipe(tmp_path, train=[part], dev=[{"material": name}]), tmp_path / "m", device="cpu")
