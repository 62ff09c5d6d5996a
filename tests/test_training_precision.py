"""A run has one precision: measured once where the recipe says 'auto', kept with its checkpoint and its model, on CPU and GPU."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from little_material import recipe as little_recipe
from little_material import table
from quotestance.data.pair_tables import read_pairs
from quotestance.models import precision
from quotestance.models.stance import StanceClassifier, weights_revision
from quotestance.training import trainer
from quotestance.training.fit import fit
from quotestance.training.recipe import Recipe

DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")),
]


def kept(folder: Path) -> str:
    return str(json.loads((folder / "quotestance.json").read_text(encoding="utf-8"))["precision"])


def measured_as(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "fastest", lambda device, training=False: answer)


def stopped(recipe: Recipe, out: Path, monkeypatch: pytest.MonkeyPatch, *, device: str = "cpu", after: int = 7) -> None:
    """A run that is interrupted before a step."""
    step = trainer.Trainer.step

    def stopping(self: trainer.Trainer, batches: Any, number: int) -> dict[str, float]:
        if number > after:
            raise KeyboardInterrupt
        return step(self, batches, number)

    with monkeypatch.context() as patch:
        patch.setattr(trainer.Trainer, "step", stopping)
        with pytest.raises(KeyboardInterrupt):
            fit(recipe, out, device=device)


def test_what_was_measured_holds_for_a_run_that_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = little_recipe(tmp_path, precision="auto", epochs=2)
    measured_as("bf16", monkeypatch)
    fit(recipe, tmp_path / "whole", device="cpu")
    stopped(recipe, tmp_path / "m", monkeypatch)
    measured_as("fp32", monkeypatch)
    fit(recipe, tmp_path / "m", device="cpu")
    assert kept(tmp_path / "m") == kept(tmp_path / "whole") == "bf16"
    assert weights_revision(tmp_path / "m") == weights_revision(tmp_path / "whole")


def test_what_was_measured_holds_for_a_model_that_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = little_recipe(tmp_path, precision="auto")
    measured_as("bf16", monkeypatch)
    fit(recipe, tmp_path / "m", device="cpu")
    before = weights_revision(tmp_path / "m")
    measured_as("fp32", monkeypatch)
    fit(recipe, tmp_path / "m", device="cpu", resume=False)
    assert (kept(tmp_path / "m"), weights_revision(tmp_path / "m")) == ("bf16", before)
    fit(little_recipe(tmp_path, precision="fp32"), tmp_path / "m", device="cpu")
    assert kept(tmp_path / "m") == "fp32"


def test_what_was_measured_holds_for_all_seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured_as("bf16", monkeypatch)
    fit(little_recipe(tmp_path, precision="auto", seeds=[1]), tmp_path / "m", device="cpu")
    measured_as("fp32", monkeypatch)
    fit(little_recipe(tmp_path, precision="auto", seeds=[1, 2]), tmp_path / "m", device="cpu")
    assert kept(tmp_path / "m" / "run" / "seed-2") == "bf16"
    fit(little_recipe(tmp_path, precision="fp32"), tmp_path / "other", device="cpu")
    measured_as("bf16", monkeypatch)
    fit(little_recipe(tmp_path, precision="auto"), tmp_path / "other", device="cpu")
    assert kept(tmp_path / "other") == "bf16"  # the earlier one was told, not measured


def test_dev_is_scored_in_the_precision_of_the_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(precision, "fastest", lambda device, training=False: "bf16" if training else "fp32")
    score = trainer.dev_macro_f1
    monkeypatch.setattr(
        trainer, "dev_macro_f1", lambda model, pairs: (asked.append(model.precision), score(model, pairs))[1]
    )
    fit(little_recipe(tmp_path, precision="auto", epochs=2), tmp_path / "m", device="cpu")
    assert asked == ["bf16", "bf16"]


@pytest.mark.parametrize("device", DEVICES)
def test_bf16_learns_as_fp32_does_and_is_seeded_and_resumable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    """The weights are kept and averaged in fp32: rounding is that of the products alone."""
    learns = {"epochs": 6, "learning_rate": 5e-3, "averaging": 0.5, "dropout": 0.1}
    plain = fit(little_recipe(tmp_path, **learns, precision="fp32"), tmp_path / "fp32", device=device)
    recipe = little_recipe(tmp_path, **learns, precision="bf16")
    fit(recipe, tmp_path / "bf16", device=device)
    assert kept(tmp_path / "bf16") == "bf16"
    assert weights_revision(tmp_path / "bf16") != weights_revision(tmp_path / "fp32")
    assert all(torch.isfinite(weights).all() for weights in load_file(tmp_path / "bf16" / "model.safetensors").values())
    pairs = read_pairs(table(tmp_path / "t.jsonl"))
    rounded = StanceClassifier.from_pretrained(tmp_path / "bf16", device=device, precision="fp32")
    assert np.abs(plain.probabilities(pairs) - rounded.probabilities(pairs)).mean() < 0.1
    right = [stance.label == pair.label for stance, pair in zip(rounded.predict_pairs(pairs), pairs, strict=True)]
    assert np.mean(right) > 0.6  # a guess has a third
    stopped(recipe, tmp_path / "stopped", monkeypatch, device=device)
    fit(recipe, tmp_path / "stopped", device=device)
    assert weights_revision(tmp_path / "stopped") == weights_revision(tmp_path / "bf16")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_a_gpu_is_used_unless_told_otherwise_in_bf16_where_it_has_it(tmp_path: Path) -> None:
    model = fit(little_recipe(tmp_path, precision="auto"), tmp_path / "m")
    assert model.device.type == "cuda"
    assert kept(tmp_path / "m") == ("bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32")
