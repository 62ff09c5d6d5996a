"""A run that goes on from a trained model reads as that did, and its labels keep what was learned under their names."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from little_material import recipe, table
from quotestance.data.labels import LabelSet
from quotestance.data.pairs import Pair
from quotestance.models.stance import StanceClassifier
from quotestance.training.fit import fit
from quotestance.training.recipe import Recipe
from quotestance.training.start import inherited, untrained
from tiny_encoders import tiny_encoder

PAIRS = [Pair(id="1", text="We welcome and support plan 1.", target="plan 1")]
CODEBOOK = ("favor", "against", "neutral")


@pytest.fixture(scope="module", params=["bert", "xlm-roberta"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    start = tiny_encoder(request.param, folder / "encoder")
    fit(recipe(folder, start=start, context=7, max_length=48, speaker=False, mark_target=True), folder / "m")
    return folder / "m"


def begun(folder: Path, start: Path | str, labels: tuple[str, ...], **changes: object) -> StanceClassifier:
    return untrained(inherited(recipe(folder, start=str(start), labels=labels, **changes)), LabelSet(labels), "cpu")


def scores(classifier: StanceClassifier) -> dict[str, float]:
    row = classifier.logits(classifier.inputs.encode(PAIRS))[0]
    return dict(zip(classifier.labels, row.tolist(), strict=True))


@pytest.mark.parametrize("labels", [CODEBOOK, ("neutral", "favor", "against"), ("neutral", "favor")])
def test_labels_keep_what_was_learned_under_their_names(trained: Path, tmp_path: Path, labels: tuple[str, ...]) -> None:
    before = scores(StanceClassifier.from_pretrained(trained, device="cpu", precision="fp32"))
    after = scores(begun(tmp_path, trained, labels, train=[{"material": "x"}]))
    assert after == {label: pytest.approx(before[label], abs=1e-6) for label in labels}


def test_labels_that_the_start_did_not_know_begin_anew_and_leave_the_others(trained: Path, tmp_path: Path) -> None:
    before = scores(StanceClassifier.from_pretrained(trained, device="cpu", precision="fp32"))
    values = list(before.values())
    for labels in (("favor", "against", "neutral", "mixed"), ("pro", "con", "none"), ("pro", "con")):
        after = scores(begun(tmp_path, trained, labels, train=[{"material": "x"}]))
        for place, label in enumerate(labels):
            if label in before:
                assert after[label] == pytest.approx(before[label], abs=1e-6)
            else:
                assert after[label] not in [pytest.approx(value, abs=1e-6) for value in values], place


def test_a_run_with_more_labels_than_its_start_is_saved_and_read_again(trained: Path, tmp_path: Path) -> None:
    labels = (*CODEBOOK, "mixed")
    material = [{"material": str(table(tmp_path / "four.jsonl", labels=CODEBOOK))}]
    with open(tmp_path / "four.jsonl", "a", encoding="utf-8") as file:
        file.writelines(
            json.dumps({"text": "We may support it.", "target": "it", "label": "mixed", "group": f"m{n}"}) + "\n"
            for n in range(8)
        )
    fit(recipe(tmp_path, start=str(trained), labels=labels, train=material), tmp_path / "m")
    again = StanceClassifier.from_pretrained(tmp_path / "m")
    assert list(scores(again)) == list(labels)
    assert again.model.config.id2label == dict(enumerate(labels))
    assert again.inputs.options.context == 7  # of its start, as the recipe does not say


def test_a_new_head_is_drawn_as_before_for_an_encoder_without_one(tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    little = recipe(tmp_path)
    torch.manual_seed(5)
    plain = AutoModelForSequenceClassification.from_pretrained(little.start, num_labels=3)
    torch.manual_seed(5)
    ours = untrained(little, LabelSet(CODEBOOK), "cpu")
    assert torch.equal(ours.model.classifier.weight, plain.classifier.weight)


def test_what_a_recipe_leaves_unset_is_read_as_the_start_reads(trained: Path, tmp_path: Path) -> None:
    options = begun(tmp_path, trained, CODEBOOK).inputs.options
    assert (options.context, options.max_length, options.speaker, options.mark_target) == (7, 48, False, True)
    options = begun(tmp_path, trained, CODEBOOK, context=40, speaker=True).inputs.options
    assert (options.context, options.max_length, options.speaker, options.mark_target) == (40, 48, True, True)


def test_a_recipe_with_a_search_inherits_in_every_trial(trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    search = {"trials": 1, "learning_rate": [1e-3]}
    fit(recipe(tmp_path, start=str(trained), search=search), tmp_path / "m")
    settings = json.loads((tmp_path / "m" / "quotestance.json").read_text(encoding="utf-8"))
    assert settings["inputs"]["context"] == settings["recipe"]["context"] == 7


def test_every_trial_reads_as_the_start_that_it_tries(trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    other = fit(recipe(tmp_path, context=11), tmp_path / "other")
    starts = {str(trained): 7, str(tmp_path / "other"): 11}
    assert other.inputs.options.context == 11
    fit(recipe(tmp_path, start=str(trained), search={"trials": 6, "start": list(starts)}), tmp_path / "m")
    tried = [
        json.loads((folder / "quotestance.json").read_text(encoding="utf-8"))
        for folder in sorted((tmp_path / "m" / "run").glob("trial-*"))
    ]
    assert {one["recipe"]["start"] for one in tried} == set(starts)
    assert all(one["inputs"]["context"] == starts[one["recipe"]["start"]] for one in tried)


def test_the_shipped_model_is_gone_on_from(tmp_path: Path) -> None:
    shipped = StanceClassifier.from_pretrained("stance-small", device="cpu", precision="fp32")
    ours = begun(tmp_path, "stance-small", ("against", "neutral", "favor"))
    assert scores(ours) == {label: pytest.approx(score, abs=1e-5) for label, score in scores(shipped).items()}
    assert ours.inputs.options.context == shipped.inputs.options.context


def test_an_encoder_of_another_package_has_nothing_to_give(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "plain")
    (tmp_path / "plain" / "quotestance.json").unlink()
    values = {"name": "x", "train": [{"material": "x"}], "start": str(tmp_path / "plain")}
    assert inherited(Recipe.model_validate(values)).context == Recipe.model_fields["context"].default
