"""Cards are made from the settings: all that the run says is in them, and nothing that it does not say."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from little_material import recipe, table
from quotestance.data.pair_tables import read_pairs
from quotestance.evaluate.leaks import find_leaks
from quotestance.models.folders import FINGERPRINT_FILE, SETTINGS_FILE, SHIPPED, model_folder
from quotestance.training.card import card_of
from quotestance.training.card_metadata import corpus_of, hub_name
from quotestance.training.fit import fit
from quotestance.training.quote_card import quote_card_of


@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_of_a_shipped_model_is_what_its_settings_make(name: str) -> None:
    """Where it is not: write_card or write_quote_card writes it anew, and leaves the weights alone."""
    folder = model_folder(name)
    made = card_of(folder) if name.startswith("stance") else quote_card_of(folder)
    assert (folder / "README.md").read_text(encoding="utf-8") == made


@pytest.mark.parametrize("name", SHIPPED)
def test_the_hub_reads_base_model_data_sets_and_dev_scores_of_a_card(name: str) -> None:
    data = ModelCard((model_folder(name) / "README.md").read_text(encoding="utf-8")).data
    assert data.base_model == "sentence-transformers/all-MiniLM-L6-v2"
    assert "polnear" in data.datasets
    assert data.metrics == ["f1"]
    settings = json.loads((model_folder(name) / SETTINGS_FILE).read_text(encoding="utf-8"))
    scores = [one.metric_value for one in data.eval_results]
    if name == "stance-small":
        assert scores == [score["macro_f1"] for score in settings["dev"].values()]
    else:
        assert scores[0] == settings["dev"]["contents"]["exact"]["all"]["f1"]["value"]


def test_the_card_of_the_shipped_stance_model_tells_who_made_the_labels() -> None:
    card = (model_folder("stance-small") / "README.md").read_text(encoding="utf-8")
    assert "**labels made by a large language model**" in card
    assert "after epoch 1, which has the best dev score, 0.25 of the way back" in card
    assert "`label_smoothing = 0.05`" in card


@pytest.mark.parametrize(
    ("material", "corpus"),
    [
        ("iam/train", "iam"),
        ("newsmtsc/dev_rw", "newsmtsc"),
        ("data/annotated/polnear/train.jsonl", "polnear"),
        ("/home/me/quotestance/data/annotated/polnear/train.jsonl", "polnear"),
        ("miami.csv", None),
        ("diamond/train.csv", None),
        ("vast-landscapes.csv", None),
        ("iam/mine.csv", None),
        ("my_polnear.jsonl", None),
    ],
)
def test_a_file_of_ones_own_is_of_no_corpus_whatever_it_is_called(material: str, corpus: str | None) -> None:
    assert corpus_of(material) == corpus


def test_a_base_model_is_named_only_where_the_hub_has_it(tmp_path: Path) -> None:
    assert hub_name("answerdotai/ModernBERT-base") == "answerdotai/ModernBERT-base"
    assert hub_name(str(tmp_path)) is None
    assert hub_name("/nowhere/m") is None


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    dev = table(folder / "dev.jsonl", rows=120)
    changes = {"label_smoothing": 0.1, "context": 12, "dev": [{"material": str(dev)}], "epochs": 2}
    part = {"material": str(table(folder / "train.jsonl")), "mirrored": 0.25}
    fit(recipe(folder, train=[part], **changes), folder / "m")
    return folder / "m"


def test_a_card_says_what_was_set_what_was_cut_and_how_well_it_is_calibrated(trained: Path) -> None:
    card = (trained / "README.md").read_text(encoding="utf-8")
    settings = json.loads((trained / SETTINGS_FILE).read_text(encoding="utf-8"))
    assert "`label_smoothing = 0.1`" in card
    assert "`context = 12`" in card
    assert "`weight_decay" not in card
    assert "| `mirrored = 0.25` |" in card
    assert "the target as 'opposition to …'" in card
    assert "None of them was cut." in card
    [score] = settings["dev"].values()
    low, high = score["interval"]
    assert low < score["macro_f1"] < high
    recalls = " | ".join(f"{score['recall'][label]:.3f}" for label in ("favor", "against", "neutral"))
    assert f"| 120 | {score['groups']} | {score['macro_f1']:.3f} [{low:.3f}, {high:.3f}] | {recalls} |" in card
    calibration = settings["calibration"]
    assert calibration["n"] == 120
    assert f"on dev: {calibration['before']:.3f} before it, {calibration['after']:.3f} with it." in card
    best = max(settings["epochs"], key=lambda epoch: epoch["score"])["epoch"]
    assert f"after epoch {best}," in card
    assert f"a temperature of {settings['temperature']}, fitted on dev" in card
    assert "languages other than those of its encoder and of the labels above" in card
    assert ModelCard(card).data.language is None


def test_a_card_leaves_out_what_older_settings_do_not_say(trained: Path, tmp_path: Path) -> None:
    settings = json.loads((trained / SETTINGS_FILE).read_text(encoding="utf-8"))
    for key in ("train_cut", "calibration", "ancestors"):
        del settings[key]
    for key in ("label_smoothing", "lora", "teacher"):
        del settings["recipe"][key]
    (tmp_path / SETTINGS_FILE).write_text(json.dumps(settings), encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"")
    card = card_of(tmp_path)
    assert "label_smoothing" not in card
    assert "cut" not in card
    assert "calibration" not in card


def test_what_was_cut_is_counted_in_the_card(trained: Path, tmp_path: Path) -> None:
    settings = json.loads((trained / SETTINGS_FILE).read_text(encoding="utf-8"))
    settings["train_cut"] = {"inputs": 1200, "quote": 3, "target": 1197, "speaker": 0}
    (tmp_path / SETTINGS_FILE).write_text(json.dumps(settings), encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert "Too long and cut: 1,200 inputs (quote 3, target 1,197, speaker 0)." in card_of(tmp_path)


def test_a_model_carries_what_its_start_was_taught(trained: Path, tmp_path: Path) -> None:
    """The start's licences and language-model labels, those of the start's start, and the texts that all of them have seen."""
    settings = json.loads((trained / SETTINGS_FILE).read_text(encoding="utf-8"))
    elder = {"name": "elder", "revision": "e1", "role": "start", "start": "minilm", "materials": ["newsmtsc/train"]}
    own = settings["recipe"]["train"][0]["material"]
    settings["ancestors"] = [elder]
    settings["recipe"]["train"] = [{"material": "data/annotated/polnear/train.jsonl"}]
    start = tmp_path / "start"
    start.mkdir()
    for file in trained.iterdir():
        if file.is_file():
            (start / file.name).write_bytes(file.read_bytes())
    (start / SETTINGS_FILE).write_text(json.dumps(settings), encoding="utf-8")

    fit(
        recipe(tmp_path, start=str(start), train=[{"material": str(_other_table(tmp_path / "own.jsonl"))}]),
        tmp_path / "m",
    )
    said = json.loads((tmp_path / "m" / SETTINGS_FILE).read_text(encoding="utf-8"))["ancestors"]
    assert [(one["name"], one["role"]) for one in said] == [("little", "start"), ("elder", "start")]
    card = (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    assert "`data/annotated/polnear/train.jsonl` | stances of quoted speakers" in card
    assert "`newsmtsc/train` | sentences of US news with sentiment toward a person mentioned | MIT |" in card
    assert "By way of little it also learned from labels that a language model made." in card
    assert ModelCard(card).data.base_model == "sentence-transformers/all-MiniLM-L6-v2"
    assert ModelCard(card).data.datasets == ["newsmtsc", "polnear"]

    seen = json.loads((tmp_path / "m" / FINGERPRINT_FILE).read_text(encoding="utf-8"))
    for material in (own, str(tmp_path / "own.jsonl")):
        assert find_leaks(read_pairs(material), seen)


def test_the_card_of_a_shipped_model_lists_the_commands_of_the_models_before_it(trained: Path, tmp_path: Path) -> None:
    settings = json.loads((trained / SETTINGS_FILE).read_text(encoding="utf-8"))
    settings["name"] = "stance-small"
    settings["recipe"]["start"] = "runs/elder"
    settings["ancestors"] = [
        {"name": "elder", "revision": "e1", "role": "start", "start": "runs/eldest", "materials": ["newsmtsc/train"]},
        {"name": "eldest", "revision": "e0", "role": "start", "start": "minilm", "materials": ["vast/train"]},
        {"name": "guide", "revision": "g1", "role": "teacher", "start": "minilm", "materials": ["dse/train"]},
    ]
    settings["epochs"][-1] |= {
        "score": 1.0,
        "start_share": 0.25,
        "tried": {"0 of the start": 0.9, "0.25 of the start": 1.0},
    }
    (tmp_path / SETTINGS_FILE).write_text(json.dumps(settings), encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"")
    card = card_of(tmp_path)
    names = ("eldest", "elder", "stance-small")
    commands = [f"    quotestance train training/recipes/{name}.toml --out runs/{name} --corpora DIR" for name in names]
    assert "The commands, with your copies of the corpora:\n\n" + "\n".join(commands) + "\n\n" in card
    assert "encoder (minilm)" in card
    assert "0.25 of the way back to the weights it began with, the best on dev of 2 such shares." in card


def test_a_teachers_material_is_carried_too_and_too_few_dev_pairs_for_a_temperature_are_said(
    trained: Path, tmp_path: Path
) -> None:
    fit(recipe(tmp_path, teacher=str(trained)), tmp_path / "m")
    [teacher] = json.loads((tmp_path / "m" / SETTINGS_FILE).read_text(encoding="utf-8"))["ancestors"]
    assert teacher["role"] == "teacher"
    card = (tmp_path / "m" / "README.md").read_text(encoding="utf-8")
    assert f"| little (`{teacher['revision']}`), teacher | `{teacher['materials'][0]}` |" in card
    assert "No temperature was fitted: dev has too few pairs for that." in card


def _other_table(path: Path) -> Path:
    lines = [
        {
            "text": f"{start} the harbour bridge number {number} at once.",
            "target": f"bridge {number}",
            "label": label,
            "group": f"h{number}",
        }
        for number in range(12)
        for start, label in (("We want", "favor"), ("We do not want", "against"), ("They saw", "neutral"))
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path
