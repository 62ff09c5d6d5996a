"""Dev material: every part of it keeps its own score, and what also stands in training is counted and said."""

import json
import logging
from pathlib import Path

import pytest

from little_material import recipe as little_recipe
from little_material import table
from quotestance.data.labels import CODEBOOK
from quotestance.data.material import read_material
from quotestance.data.splits import split
from quotestance.training.fit import fit
from quotestance.training.material import read_training_material
from quotestance.training.recipe import Recipe, RecipeError
from quotestance.training.sources import read_sources


def split_of(path: Path, out: Path) -> str:
    return str(split(read_material(path), seed=1).write(out))


def with_dev(folder: Path, *dev: dict[str, object]) -> Recipe:
    return little_recipe(folder, dev=list(dev))


def test_two_parts_of_one_material_each_have_their_score(tmp_path: Path) -> None:
    big = table(tmp_path / "big.jsonl")
    frozen_in = split_of(big, tmp_path / "s.json")
    other = table(tmp_path / "other.jsonl", rows=12)
    parts = [{"material": str(big), "split": frozen_in, "part": part} for part in ("dev", "test")]
    fit(with_dev(tmp_path, *parts, {"material": str(other)}), tmp_path / "m", device="cpu")
    settings = json.loads((tmp_path / "m" / "quotestance.json").read_text(encoding="utf-8"))
    frozen = json.loads(Path(frozen_in).read_text(encoding="utf-8"))["parts"]
    names = [f"{big} (dev)", f"{big} (test)", str(other)]
    assert list(settings["dev"]) == list(settings["epochs"][0]["dev"]) == names
    assert [settings["dev"][name]["n"] for name in names] == [frozen["dev"]["pairs"], frozen["test"]["pairs"], 12]


def test_parts_that_nothing_tells_apart_are_numbered(tmp_path: Path) -> None:
    big = str(table(tmp_path / "big.jsonl"))
    part = {"material": big}
    _, dev = read_training_material(with_dev(tmp_path, part, {**part, "weight": 2}), None, CODEBOOK)
    assert [one.name for one in dev] == [f"{big} 1", f"{big} 2"]


def test_a_part_that_the_split_does_not_have_is_named_with_those_it_has(tmp_path: Path) -> None:
    big = table(tmp_path / "big.jsonl")
    train = [{"material": str(big), "split": split_of(big, tmp_path / "s.json"), "part": "trian"}]
    with pytest.raises(RecipeError, match=r"part = 'trian', but the parts of .*s\.json are .*train"):
        read_training_material(little_recipe(tmp_path, train=train), None, CODEBOOK)


def test_dev_pairs_that_stand_in_training_are_counted_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [
        {"text": "We welcome it.", "target": "it", "label": "favor", "group": "g0"},  # a group of training
        {"text": "We reject and oppose plan 0.", "target": "tea", "label": "against", "group": "new"},  # a text of it
        {"text": "They spoke of tea.", "target": "tea", "label": "neutral", "group": "new"},
        {"text": "They spoke of plans.", "target": "plans", "label": "neutral"},
    ]
    (tmp_path / "dev.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    fit(with_dev(tmp_path, {"material": str(tmp_path / "dev.jsonl")}), tmp_path / "m", device="cpu")
    settings = json.loads((tmp_path / "m" / "quotestance.json").read_text(encoding="utf-8"))
    assert settings["dev_in_training"] == {str(tmp_path / "dev.jsonl"): 2}
    assert "2 of 4 dev pairs stand in training too" in caplog.text


def test_material_that_shares_nothing_is_not_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        held_out = read_sources(little_recipe(tmp_path), None)
    assert [part.in_training for part in held_out.dev] == [0]
    assert "in training" not in caplog.text
