"""Every kind of encoder can be trained, with its dropout set, and its folder is plain."""

from pathlib import Path

import pytest
import torch

from little_material import recipe
from quotestance.data.labels import CODEBOOK
from quotestance.models.learned.quote_tagger import FinderOptions, LearnedQuoteFinder
from quotestance.training.fit import fit
from quotestance.training.layers import heights_of
from quotestance.training.loop import set_rate
from quotestance.training.recipe import RecipeError
from quotestance.training.start import untrained
from tiny_encoders import KINDS, tiny_encoder


@pytest.mark.parametrize("kind", KINDS)
def test_an_encoder_of_this_kind_is_trained_and_loads_with_plain_transformers(kind: str, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification, pipeline

    start = tiny_encoder(kind, tmp_path / "encoder")
    trained = fit(
        recipe(tmp_path, start=start, dropout=0.1, rdrop=1.0, layer_decay=0.9, frozen_layers=1), tmp_path / "m"
    )
    plain = AutoModelForSequenceClassification.from_pretrained(tmp_path / "m").eval()
    long = "We welcome and support plan one. " * 40
    said = pipeline("text-classification", model=str(tmp_path / "m"), truncation=True)(["We reject plan two.", long])
    assert {answer["label"] for answer in said} <= set(CODEBOOK)
    assert plain.config.id2label == dict(enumerate(CODEBOOK))
    ours = trained.predict([long], ["plan one"])
    assert ours[0].label in CODEBOOK
    assert trained.inputs.options.limit == 64


@pytest.mark.parametrize("kind", KINDS)
def test_a_quote_finder_of_this_kind_reads_the_same_when_it_is_loaded_again(kind: str, tmp_path: Path) -> None:
    start = tiny_encoder(kind, tmp_path / "encoder")
    finder = LearnedQuoteFinder.untrained(start, options=FinderOptions(size=48, context=8), device="cpu")
    finder.save_pretrained(tmp_path / "finder")
    again = LearnedQuoteFinder.from_pretrained(tmp_path / "finder", device="cpu")
    ((_, before),) = finder.read(["They spoke about plan one. " * 30])
    ((words, after),) = again.read(["They spoke about plan one. " * 30])
    assert before.shape == (len(words), 16)
    assert torch.allclose(before, after, atol=0.02)  # it is kept in half precision
    assert after.std(0).max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_is_what_the_recipe_says_in_every_layer(kind: str, tmp_path: Path) -> None:
    start = tiny_encoder(kind, tmp_path / "encoder")
    ids = torch.arange(5, 17)[None]
    for rate in (0.0, 0.25):
        model = untrained(recipe(tmp_path, start=start, dropout=rate), CODEBOOK, "cpu").model.train()
        rates = {module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)}
        assert rates <= {rate}
        one, other = model(input_ids=ids).logits, model(input_ids=ids).logits
        assert torch.equal(one, other) == (rate == 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_layers_are_told_apart(kind: str, tmp_path: Path) -> None:
    start = tiny_encoder(kind, tmp_path / "encoder")
    model = untrained(recipe(tmp_path, start=start, frozen_layers=1), CODEBOOK, "cpu").model
    heights = heights_of(name for name, _ in model.named_parameters())
    assert set(heights.values()) == {0, 1, 2}
    for name, parameter in model.named_parameters():
        assert parameter.requires_grad == (heights.get(name, 9) > 1), name
    with pytest.raises(RecipeError, match=r"frozen_layers = 3, but .* has 2 layers"):
        untrained(recipe(tmp_path, start=start, frozen_layers=3), CODEBOOK, "cpu")


def test_lower_layers_learn_more_slowly(tmp_path: Path) -> None:
    from quotestance.training.layers import slower
    from quotestance.training.loop import fused_adamw

    start = tiny_encoder("bert", tmp_path / "encoder")
    named = dict(untrained(recipe(tmp_path, start=start), CODEBOOK, "cpu").model.named_parameters())
    optimizer = fused_adamw(named, learning_rate=1.0, weight_decay=0.0, faster=slower(named, 0.5))
    set_rate(optimizer, 0.1)
    rate = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    found = {name: rate[id(parameter)] for name, parameter in named.items()}
    assert found["bert.embeddings.word_embeddings.weight"] == pytest.approx(0.025)
    assert found["bert.encoder.layer.0.output.dense.weight"] == pytest.approx(0.05)
    assert found["bert.encoder.layer.1.output.dense.weight"] == pytest.approx(0.1)
    assert found["classifier.weight"] == pytest.approx(0.1)
