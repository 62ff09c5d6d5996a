"""What a model folder says it was trained on, and when that is not known."""

import json
from pathlib import Path

import pytest

from quotestance.commands.named_material import named_model
from quotestance.models import folders
from quotestance.models.folders import model_folder


@pytest.mark.parametrize(
    ("changes", "before", "known"),
    [
        ({"start": "minilm"}, [], True),
        ({"start": "minilm", "teacher": []}, [], True),
        ({"start": "minilm", "teacher": ["models/large"]}, [], False),
        ({"start": "models/first"}, [], False),
        ({"start": "models/first"}, ["minilm"], True),
        ({"start": "models/second"}, ["models/first", "minilm"], True),
        ({"start": "models/second"}, ["models/first"], False),
        ({"start": "some/encoder"}, [], False),
    ],
)
def test_the_material_of_a_model_is_known_where_that_of_all_it_learned_from_is(
    tmp_path: Path, changes: dict[str, object], before: list[str], known: bool
) -> None:
    shipped = model_folder("stance-small")
    for file in shipped.iterdir():
        if file.name != folders.FINGERPRINT_FILE:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    settings = json.loads((tmp_path / "quotestance.json").read_text(encoding="utf-8"))
    settings["recipe"] |= changes
    settings["ancestors"] = [{"start": start, "materials": [f"before {start}"]} for start in before]
    (tmp_path / "quotestance.json").write_text(json.dumps(settings), encoding="utf-8")
    trained_on = named_model(str(tmp_path)).trained_on
    if known:
        assert trained_on is not None
        assert {"vast/train", *(f"before {start}" for start in before)} <= set(trained_on)
    else:
        assert trained_on is None
