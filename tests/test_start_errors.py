"""A start that lacks a part is refused before training: no weights and no words are made up in its place."""

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from little_material import recipe as little_recipe
from quotestance.data.labels import LabelSet
from quotestance.models.folders import ModelError, model_folder, read_folder
from quotestance.models.learned.quote_tagger import LearnedQuoteFinder
from quotestance.models.stance import StanceClassifier
from quotestance.training.quote_recipe import QuoteRecipe
from quotestance.training.recipe import RecipeError
from quotestance.training.start import inherited, untrained
from tiny_encoders import KINDS, tiny_encoder


def begin(start: Path | str, folder: Path) -> None:
    recipe = little_recipe(folder, start=str(start))
    untrained(inherited(recipe), LabelSet(recipe.labels), "cpu")


def change_weights(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def change_config(folder: Path, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, **values}), encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_an_encoder_of_any_kind_without_a_layers_weights_is_refused(tmp_path: Path, kind: str) -> None:
    start = Path(tiny_encoder(kind, tmp_path / kind))
    begin(start, tmp_path)
    lost = next(name for name in load_file(start / "model.safetensors") if ".1." in name)
    change_weights(start, lambda weights: weights.pop(lost))
    with pytest.raises(RecipeError, match=r"has weights missing.*Get the model again"):
        begin(start, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_an_encoder_of_any_kind_without_a_layers_weights_is_no_start_of_a_quote_finder(
    tmp_path: Path, kind: str
) -> None:
    start = Path(tiny_encoder(kind, tmp_path / kind))
    LearnedQuoteFinder.untrained(start)
    lost = next(name for name in load_file(start / "model.safetensors") if ".1." in name)
    change_weights(start, lambda weights: weights.pop(lost))
    with pytest.raises(ModelError, match=r"has weights missing.*Get the model again"):
        LearnedQuoteFinder.untrained(start)


@pytest.mark.parametrize("lost", ["classifier.bias", "bert.encoder.layer.2.output.dense.weight"])
def test_a_model_that_lacks_a_weight_is_not_asked(tmp_path: Path, lost: str) -> None:
    ours = shutil.copytree(model_folder("stance-small"), tmp_path / "ours")
    change_weights(ours, lambda weights: weights.pop(lost))
    with pytest.raises(ModelError, match=rf"ours has weights missing.*: {lost}\. .*Get the model again"):
        StanceClassifier.from_pretrained(ours)


def test_weights_of_another_size_than_the_encoders_are_refused(tmp_path: Path) -> None:
    start = Path(tiny_encoder("bert", tmp_path / "bert"))
    change_config(start, intermediate_size=64)
    with pytest.raises(RecipeError, match=r"another size than config.json says: bert.encoder.layer.0"):
        begin(start, tmp_path)


def test_a_quote_finder_is_no_start_of_a_stance_model(tmp_path: Path) -> None:
    recipe = little_recipe(tmp_path, start="quotes-small")
    for deed in (inherited, lambda one: untrained(one, LabelSet(recipe.labels), "cpu")):
        with pytest.raises(RecipeError, match=r"'quotes-small' is a quote finder.*such as stance-small"):
            deed(recipe)


@pytest.mark.parametrize("left", [(), ("tokenizer_config.json",)])
def test_a_start_without_tokenizer_files_is_refused(tmp_path: Path, left: tuple[str, ...]) -> None:
    start = Path(tiny_encoder("bert", tmp_path / "bert"))
    for name in {"tokenizer.json", "tokenizer_config.json"} - set(left):
        (start / name).unlink()
    with pytest.raises(RecipeError, match=r"tokenizer\.json"):
        begin(start, tmp_path)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


BROKEN: dict[str, Callable[[Path], object]] = {
    "weights that end too early": lambda folder: cut(folder / "model.safetensors"),
    "settings that end too early": lambda folder: cut(folder / "quotestance.json"),
    "a configuration without a kind": lambda folder: (folder / "config.json").write_text("{}"),
    "a configuration that is no JSON": lambda folder: (folder / "config.json").write_text("{"),
    "nothing": lambda folder: [file.unlink() for file in folder.iterdir()],
}


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    shutil.copytree(model_folder("stance-small"), tmp_path / "ours")
    return tmp_path / "ours"


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_start_is_named_with_its_remedy(ours: Path, tmp_path: Path, what: str) -> None:
    BROKEN[what](ours)
    with pytest.raises(RecipeError, match=r"ours.*(get them|Get the model) again"):
        begin(ours, tmp_path)


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_model_folder_is_refused_before_it_is_loaded(ours: Path, what: str) -> None:
    assert read_folder(ours, task="stance")[0] == ours
    BROKEN[what](ours)
    with pytest.raises(ModelError, match=r"ours.*(Get the model again|is what 'quotestance train' writes)"):
        read_folder(ours, task="stance")


def test_a_model_folder_without_a_tokenizer_is_refused(ours: Path) -> None:
    (ours / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"has no tokenizer\.json"):
        read_folder(ours, task="stance")


def test_settings_that_lack_a_key_are_refused_by_its_name(ours: Path) -> None:
    settings = json.loads((ours / "quotestance.json").read_text(encoding="utf-8"))
    (ours / "quotestance.json").write_text(json.dumps({**settings, "task": "stance", "temperature": 1}))
    read_folder(ours, task="stance")
    del settings["temperature"]
    (ours / "quotestance.json").write_text(json.dumps(settings))
    with pytest.raises(ModelError, match="does not say temperature"):
        read_folder(ours, task="stance")


@pytest.mark.skipif(find_spec("sentencepiece") is not None, reason="sentencepiece is here and reads the file")
def test_a_tokenizer_that_needs_sentencepiece_says_what_to_install(tmp_path: Path) -> None:
    start = Path(tiny_encoder("deberta-v2", tmp_path / "deberta"))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (start / name).unlink()
    (start / "spm.model").write_bytes(b"pieces")
    with pytest.raises(RecipeError, match="pip install sentencepiece protobuf"):
        begin(start, tmp_path)


@pytest.mark.parametrize("what", ["quotes-small", "no tokenizer", "nothing"])
def test_a_quote_finders_start_is_looked_at_too(tmp_path: Path, what: str) -> None:
    from quotestance.training.fit_quotes import _untrained

    start = Path(tiny_encoder("bert", tmp_path / "bert"))
    if what != "quotes-small":
        for name in ("tokenizer.json", "tokenizer_config.json", *(["config.json"] if what == "nothing" else [])):
            (start / name).unlink()
    values = {"name": "x", "task": "quotes", "train": ["a"], "dev": ["b"]}
    with pytest.raises(RecipeError, match="start = "):
        _untrained(
            QuoteRecipe.model_validate({**values, "start": what if what == "quotes-small" else str(start)}), "cpu"
        )


def test_a_model_that_another_recipe_makes_first_is_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecipeError, match=r"no such folder yet\. .*train training/recipes/base\.toml --out runs/base"):
        inherited(little_recipe(tmp_path, start="runs/base"))
