"""What a model folder says it was trained on, and when that is not known."""

import json
from pathlib import Path

import pytest

from quotestance.commands.named_material import named_model
from quotestance.models import folders
from quotestance.models.folders import model_folder


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, True),
        ({"teacher": ["models/large"]}, False),
        ({"teacher": []}, True),
        ({"start": "stance-small"}, False),
    ],
)
def test_a_model_that_learned_from_another_is_not_said_to_know_its_material_alone(
    tmp_path: Path, changes: dict[str, object], known: bool
) -> None:
    shipped = model_folder("stance-small")
    for file in shipped.iterdir():
        if file.name != folders.FINGERPRINT_FILE:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    settings = json.loads((tmp_path / "quotestance.json").read_text(encoding="utf-8"))
    settings["recipe"] |= changes
    (tmp_path / "quotestance.json").write_text(json.dumps(settings), encoding="utf-8")
    trained_on = named_model(str(tmp_path)).trained_on
    assert (trained_on is not None and "vast/train" in trained_on) == known
