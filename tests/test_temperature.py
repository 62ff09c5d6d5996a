"""The temperature of a trained model: fitted on dev, taken over from the model it began with, or said to be none."""

import json
from pathlib import Path

import numpy as np
import pytest

from little_material import recipe as little_recipe
from little_material import table
from quotestance.evaluate.calibration import expected_calibration_error
from quotestance.training.finish import FEWEST_FOR_TEMPERATURE, best_temperature
from quotestance.training.fit import fit


def test_logits_that_are_too_sure_get_a_temperature_above_one_and_are_better_calibrated_with_it() -> None:
    draw = np.random.default_rng(1)
    honest = draw.normal(0, 1.5, (3000, 3))
    chances = softmax(honest)
    gold = (chances.cumsum(1) > draw.random((3000, 1))).argmax(1)
    boastful = 3 * honest
    temperature = best_temperature(boastful[:1500], gold[:1500])
    assert temperature == pytest.approx(3, abs=0.3)
    before, after = (expected_calibration_error(softmax(boastful[1500:] / t), gold[1500:]) for t in (1.0, temperature))
    assert after < before / 3


def test_a_temperature_is_fitted_where_dev_is_large_enough(tmp_path: Path) -> None:
    assert temperature_of(tmp_path, dev_rows=FEWEST_FOR_TEMPERATURE)[1] == "dev"


def test_where_dev_is_too_small_there_is_none_and_it_is_said(tmp_path: Path) -> None:
    assert temperature_of(tmp_path, dev_rows=FEWEST_FOR_TEMPERATURE - 1) == (1.0, "none")


def test_where_dev_is_too_small_that_of_the_model_it_began_with_is_taken_over(tmp_path: Path) -> None:
    start = trained(tmp_path / "start", temperature=1.7)
    assert temperature_of(tmp_path, dev_rows=12, start=start) == (1.7, "start")


def test_a_model_of_other_labels_has_no_temperature_to_take_over(tmp_path: Path) -> None:
    start = trained(tmp_path / "start", temperature=1.7)
    two = {"train": [{"material": str(table(tmp_path / "two.jsonl", labels=("favor", "against")))}]}
    assert temperature_of(tmp_path, dev_rows=2, start=start, labels=["favor", "against"], **two) == (1.0, "none")


def softmax(logits: np.ndarray) -> np.ndarray:
    exponent = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(exponent / exponent.sum(1, keepdims=True))


def trained(folder: Path, *, temperature: float) -> str:
    """A model folder with that temperature."""
    folder.mkdir()
    fit(little_recipe(folder), folder / "m", device="cpu")
    settings = folder / "m" / "quotestance.json"
    said = json.loads(settings.read_text(encoding="utf-8"))
    settings.write_text(json.dumps({**said, "temperature": temperature}), encoding="utf-8")
    return str(folder / "m")


def temperature_of(folder: Path, *, dev_rows: int, **changes: object) -> tuple[float, str]:
    """What a run with so many dev pairs ends with: the temperature, and where it says that it is from."""
    dev = table(folder / "dev.jsonl", rows=dev_rows)
    fit(little_recipe(folder, dev=[{"material": str(dev)}], **changes), folder / "out", device="cpu")
    said = json.loads((folder / "out" / "quotestance.json").read_text(encoding="utf-8"))
    return said["temperature"], said["temperature_from"]
