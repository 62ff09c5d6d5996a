"""Recipes are checked, training is seeded and resumable, and what it writes is a plain model folder."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from little_material import recipe, table
from quotestance.data.pair_tables import read_pairs
from quotestance.evaluate.scores import score
from quotestance.models.stance import StanceClassifier, weights_revision
from quotestance.training.examples import epoch_batches
from quotestance.training.fit import fit
from quotestance.training.loop import CheckpointError
from quotestance.training.material import Material
from quotestance.training.recipe import Recipe, RecipeError, read_recipe
from quotestance.training.trainer import dev_macro_f1
from stance_by_words import StanceByWords


def test_unknown_keys_of_a_recipe_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('name = "x"\nlearning_rat = 1\n[[train]]\nmaterial = "a.csv"\nweight = 2\n', encoding="utf-8")
    with pytest.raises(RecipeError) as refusal:
        read_recipe(path)
    assert "unknown key 'learning_rat'" in str(refusal.value)
    assert (
        "weight'. Known keys: material, columns, label_map, split, part, share, swapped_neutrals, unasked_neutrals, mirrored, joined"
        in str(refusal.value)
    )


def test_a_wrong_value_of_a_recipe_names_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('name = "x"\nepochs = 0\n[[train]]\nmaterial = "a.csv"\n', encoding="utf-8")
    with pytest.raises(RecipeError, match=r"r\.toml: epochs: .*greater than or equal to 1"):
        read_recipe(path)


def test_every_shipped_recipe_can_be_read() -> None:
    recipes = sorted((Path(__file__).parent.parent / "training" / "recipes").glob("stance-*.toml"))
    assert recipes
    for path in recipes:
        assert read_recipe(path).name == path.stem


def test_a_label_missing_from_training_is_refused(tmp_path: Path) -> None:
    material = table(tmp_path / "t.jsonl", labels=("favor", "against"))
    with pytest.raises(RecipeError, match="No training pair is labelled neutral"):
        fit(Recipe(name="x", train=({"material": str(material)},)), tmp_path / "m")


def test_material_without_labels_is_refused(tmp_path: Path) -> None:
    material = tmp_path / "t.csv"
    material.write_text("text,target\nWe will.,talks\n", encoding="utf-8")
    with pytest.raises(RecipeError, match="none of its 1 pairs has a label"):
        fit(Recipe(name="x", train=({"material": str(material)},)), tmp_path / "m")


def test_too_few_groups_to_hold_some_out_is_refused(tmp_path: Path) -> None:
    material = table(tmp_path / "t.jsonl", rows=8)
    with pytest.raises(RecipeError, match="too few to hold some out"):
        fit(Recipe(name="x", train=({"material": str(material)},)), tmp_path / "m")


def test_a_loss_that_is_not_a_number_stops_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="Lower learning_rate"):
        fit(recipe(tmp_path, learning_rate=1e30, clip=1e30, warmup=0.0, epochs=3), tmp_path / "m")


def test_dev_is_scored_as_a_report_scores_the_same_answers(tmp_path: Path) -> None:
    """Gold has two sides; the answers have neutrals too, which no gold pair is."""
    model: Any = StanceByWords()
    pairs = read_pairs(table(tmp_path / "t.jsonl", labels=("favor", "against")))
    answers = [replace(pair, label=said.label) for pair, said in zip(pairs, model.predict_pairs(pairs), strict=True)]
    assert {pair.label for pair in answers} == {"favor", "against", "neutral"}
    assert dev_macro_f1(model, pairs) == score(pairs, answers).macro_f1


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    fit(recipe(folder, epochs=2, dropout=0.1), folder / "model")
    return folder


def test_the_folder_keeps_recipe_seed_scores_and_labels_and_loads_with_plain_transformers(trained: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    settings = json.loads((trained / "model" / "quotestance.json").read_text(encoding="utf-8"))
    assert settings["recipe"]["name"] == "little"
    assert (settings["seed"], settings["labels"]) == (13, ["favor", "against", "neutral"])
    assert all(0 <= score["macro_f1"] <= 1 and score["n"] > 0 for score in settings["dev"].values())
    plain = AutoModelForSequenceClassification.from_pretrained(trained / "model")
    assert plain.config.id2label == {0: "favor", 1: "against", 2: "neutral"}
    assert not list((trained / "model").rglob("*.pt"))
    assert "labels" in (trained / "model" / "README.md").read_text(encoding="utf-8").casefold()


def test_same_recipe_and_seed_give_the_same_weights(trained: Path, tmp_path: Path) -> None:
    settings = json.loads((trained / "model" / "quotestance.json").read_text(encoding="utf-8"))
    fit(Recipe.model_validate(settings["recipe"]), tmp_path / "again")
    assert weights_revision(tmp_path / "again") == weights_revision(trained / "model")


KILLED_AFTER_A_CHECKPOINT = """
import json, os, signal, sys
from quotestance.training import run
from quotestance.training.fit import fit
from quotestance.training.recipe import Recipe

save = run.save_checkpoint

def save_and_die(*args, **kwargs):
    save(*args, **kwargs)
    if kwargs["step"] >= 6:
        os.kill(os.getpid(), signal.SIGKILL)

run.save_checkpoint = save_and_die
fit(Recipe.model_validate(json.loads(sys.argv[1])), sys.argv[2])
"""


def test_a_killed_run_goes_on_to_the_same_weights(trained: Path, tmp_path: Path) -> None:
    recipe_of_it = json.loads((trained / "model" / "quotestance.json").read_text(encoding="utf-8"))["recipe"]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER_A_CHECKPOINT, json.dumps(recipe_of_it), str(tmp_path / "model")],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "model" / "run" / "checkpoint.pt").exists()
    fit(Recipe.model_validate(recipe_of_it), tmp_path / "model")
    assert weights_revision(tmp_path / "model") == weights_revision(trained / "model")


def test_a_finished_model_is_not_trained_again_unless_told(trained: Path) -> None:
    settings = json.loads((trained / "model" / "quotestance.json").read_text(encoding="utf-8"))
    before = (trained / "model" / "model.safetensors").stat().st_mtime_ns
    fit(Recipe.model_validate(settings["recipe"]), trained / "model")
    assert (trained / "model" / "model.safetensors").stat().st_mtime_ns == before


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="not a number"):
        fit(recipe(tmp_path, learning_rate=1e30, clip=1e30, warmup=0.9, epochs=3, checkpoint_steps=1), tmp_path / "m")
    with pytest.raises(CheckpointError, match=r"belongs to a run of another recipe\. Give another --out, or --restart"):
        fit(recipe(tmp_path), tmp_path / "m")


def test_swapped_neutrals_ask_about_a_target_the_text_does_not_name(trained: Path) -> None:
    classifier = StanceClassifier.from_pretrained(trained / "model")
    pairs = read_pairs(table(trained / "more.jsonl"))
    plain = epoch_batches([Material(pairs, 1.0, 0.0)], classifier.inputs, classifier.labels, budget=64, seed=1, epoch=0)
    swapped = epoch_batches(
        [Material(pairs, 1.0, 0.5)], classifier.inputs, classifier.labels, budget=64, seed=1, epoch=0
    )
    neutral = classifier.labels.index("neutral")
    count = [sum(example.label == neutral for batch in batches for example in batch) for batches in (plain, swapped)]
    assert count[1] - count[0] == 24
    assert all(sum(len(e.row) for e in batch) <= 64 or len(batch) == 1 for batch in swapped)


def test_shares_draw_that_part_of_the_pairs(trained: Path) -> None:
    classifier = StanceClassifier.from_pretrained(trained / "model")
    pairs = read_pairs(table(trained / "more.jsonl"))
    for share, expected in ((0.5, 24), (1.0, 48), (2.25, 108)):
        batches = epoch_batches(
            [Material(pairs, share, 0.0)], classifier.inputs, classifier.labels, budget=500, seed=1, epoch=0
        )
        assert sum(len(batch) for batch in batches) == expected


def test_an_encoder_that_is_nowhere_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(RecipeError, match=r"start = 'stance-smal': neither 'minilm', a shipped model"):
        fit(recipe(tmp_path, start="stance-smal"), tmp_path / "m")


def test_even_a_run_of_one_step_changes_the_weights(trained: Path, tmp_path: Path) -> None:
    start = str(trained / "model")
    fit(recipe(tmp_path, start=start, batch_tokens=100_000, least_steps=0), tmp_path / "m")
    assert weights_revision(tmp_path / "m") != weights_revision(trained / "model")
