"""The shipped stance model and the baselines behind one protocol: in order, calibrated, signed, and safe to load."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import quotestance as qs
from quotestance.data.errors import FormatError, QuotestanceError
from quotestance.data.pairs import Pair
from quotestance.models import load_quote_finder, load_stance_model
from quotestance.models.folders import ModelError, model_folder
from quotestance.models.inputs import END_MENTION, MENTION
from quotestance.models.precision import autocast, chosen
from quotestance.models.protocol import StanceModel, predicted_pairs
from quotestance.models.stance import StanceClassifier

PAIRS = [
    Pair(id="1", text="We firmly support the new climate law.", target="climate law", label="favor", group="a"),
    Pair(
        id="2",
        text="This ban is a disgrace and must be repealed.",
        target="ban on protests",
        label="against",
        group="b",
    ),
    Pair(
        id="3",
        text="The committee meets on Tuesday to discuss the budget.",
        target="budget",
        label="neutral",
        group="c",
    ),
]


@pytest.fixture(scope="module")
def shipped() -> StanceClassifier:
    return StanceClassifier.from_pretrained("stance-small")


@pytest.fixture(params=["stance-small", "tfidf", "majority"])
def model(request: pytest.FixtureRequest) -> StanceModel:
    return load_stance_model(request.param, training=PAIRS)


def test_every_model_answers_in_order_with_probabilities_and_signs(model: StanceModel) -> None:
    stances = model.predict_pairs(PAIRS)
    assert len(stances) == len(PAIRS)
    for stance, pair in zip(stances, PAIRS, strict=True):
        assert stance.target == pair.target
        assert stance.label == max(stance.probabilities, key=stance.probabilities.get)
        assert list(stance.probabilities) == list(model.labels)
        assert sum(stance.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert stance.annotator == f"model:{model.name}@{model.revision}"
    assert model.predict_pairs([]) == []


def test_plain_cases_are_read_rightly(shipped: StanceClassifier) -> None:
    assert [stance.label for stance in shipped.predict_pairs(PAIRS)] == ["favor", "against", "neutral"]


def test_the_model_does_not_see_the_labels(shipped: StanceClassifier) -> None:
    turned = [pair.with_label("against") for pair in PAIRS]
    assert [p.label for p in predicted_pairs(turned, shipped)] == [p.label for p in predicted_pairs(PAIRS, shipped)]


@pytest.mark.parametrize(("precision", "near"), [("fp32", 1e-4), ("bf16", 1e-2)])
def test_answers_do_not_depend_on_what_stands_beside(precision: str, near: float) -> None:
    """But for rounding: padding changes the order of sums, and bf16 keeps two to three digits."""
    shipped = StanceClassifier.from_pretrained("stance-small", precision=precision)
    alone = [shipped.predict_pairs([pair])[0].probabilities for pair in PAIRS]
    long = Pair(id="x", text="word " * 300, target="anything")
    together = [stance.probabilities for stance in shipped.predict_pairs([*PAIRS, long, *PAIRS])]
    for number, probabilities in enumerate(alone):
        for label, value in probabilities.items():
            assert together[number][label] == pytest.approx(value, abs=near)
            assert together[number + 4][label] == together[number][label]


def test_predict_takes_lists_of_one_length(shipped: StanceClassifier) -> None:
    with pytest.raises(ValueError, match="2 texts and 1 targets"):
        shipped.predict(["a", "b"], ["t"])
    with pytest.raises(ValueError, match="takes lists"):
        shipped.predict("a", "t")


def test_predict_frame_keeps_rows_index_and_columns(shipped: StanceClassifier) -> None:
    frame = pd.DataFrame(
        {"text": [pair.text for pair in PAIRS], "target": [pair.target for pair in PAIRS], "outlet": list("xyz")},
        index=[7, 3, 5],
    )
    answered = shipped.predict_frame(frame)
    assert answered.index.tolist() == [7, 3, 5]
    assert answered["outlet"].tolist() == list("xyz")
    assert answered["label"].tolist() == ["favor", "against", "neutral"]
    assert answered[["p_favor", "p_against", "p_neutral"]].sum(axis=1).tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    assert "label" not in frame


def test_predict_frame_keeps_a_column_that_is_called_like_one_of_ours(shipped: StanceClassifier) -> None:
    frame = pd.DataFrame({"text": ["We agree."], "target": ["the plan"], "model": ["iPhone"], "p_favor": ["page 7"]})
    answered = shipped.predict_frame(frame)
    assert answered.loc[0, ["original_model", "original_p_favor"]].tolist() == ["iPhone", "page 7"]
    assert answered.loc[0, "model"] == f"{shipped.name}@{shipped.revision}"


def test_the_answers_of_a_frame_are_scored_against_it(shipped: StanceClassifier) -> None:
    labels = ["favor", "against", "favor"]
    gold = pd.DataFrame({"text": [p.text for p in PAIRS], "target": [p.target for p in PAIRS], "label": labels})
    for asked in (gold, gold.drop(columns="label")):
        report = qs.evaluate(gold, shipped.predict_frame(asked), rounds=0)
        assert report.accuracy == pytest.approx(2 / 3)
        assert report.value("log_loss") is not None


def test_predict_frame_reads_columns_by_the_names_that_the_frame_has_for_them(shipped: StanceClassifier) -> None:
    named = {"text": "post", "target": "topic"}
    frame = pd.DataFrame(
        {"n": 1, "topic": [p.target for p in PAIRS], "post": [p.text for p in PAIRS], "text": "unread"}
    )
    with pytest.raises(FormatError, match=r"no column 'target'; there are: n, topic, post, text\..*columns="):
        shipped.predict_frame(frame)
    answered = shipped.predict_frame(frame, columns=named)
    assert list(answered.columns) == [
        "n",
        "topic",
        "post",
        "text",
        "label",
        "p_favor",
        "p_against",
        "p_neutral",
        "model",
    ]
    assert answered[list(frame.columns)].equals(frame)
    assert answered["label"].tolist() == ["favor", "against", "neutral"]
    with pytest.raises(FormatError, match="'topics' is no column"):
        shipped.predict_frame(frame, columns={"topics": "topic"})


def test_predict_frame_answers_whatever_is_in_columns_that_it_need_not_read(shipped: StanceClassifier) -> None:
    odd = {"id": True, "label": True, "group": pd.Timestamp("2020-01-01"), "annotator": [[1]], "corpus": 7.5}
    frame = pd.DataFrame({"text": ["We firmly support the new law."], "target": ["the new law"], **odd})
    answered = shipped.predict_frame(frame)
    assert answered["predicted"].tolist() == ["favor"]
    assert answered[list(frame.columns)].equals(frame)


def test_predict_frame_never_overwrites_gold(shipped: StanceClassifier) -> None:
    frame = pd.DataFrame({"text": ["We support it."], "target": ["it"], "label": ["against"]})
    answered = shipped.predict_frame(frame)
    assert answered["label"].tolist() == ["against"]
    assert "predicted" in answered


def test_predict_frame_abstains_below_a_probability_and_keeps_the_probabilities(shipped: StanceClassifier) -> None:
    frame = pd.DataFrame({"text": [pair.text for pair in PAIRS], "target": [pair.target for pair in PAIRS]})
    plain = shipped.predict_frame(frame)
    least, *_, most = sorted(plain.filter(like="p_").max(axis=1))
    careful = shipped.predict_frame(frame, abstain_below=(least + most) / 2)
    surest = plain.filter(like="p_").max(axis=1) >= (least + most) / 2
    assert careful["label"].tolist() == plain["label"].where(surest, "unclear").tolist()
    assert set(careful["label"]) > {"unclear"}
    assert careful.filter(like="p_").equals(plain.filter(like="p_"))
    with pytest.raises(ValueError, match="not 60"):
        shipped.predict_frame(frame, abstain_below=60)


def test_plain_transformers_load_the_shipped_folder() -> None:
    from transformers import AutoModelForSequenceClassification

    plain = AutoModelForSequenceClassification.from_pretrained(model_folder("stance-small"))
    assert [plain.config.id2label[number] for number in range(3)] == ["favor", "against", "neutral"]


def test_shipped_weights_are_half_precision_safetensors_of_at_most_50_mb() -> None:
    from safetensors import safe_open

    path = model_folder("stance-small") / "model.safetensors"
    assert path.stat().st_size <= 50_000_000
    with safe_open(path, "pt") as weights:
        assert {str(weights.get_tensor(name).dtype) for name in weights.keys()} == {"torch.float16"}  # noqa: SIM118


def test_a_plain_pipeline_reads_the_shipped_folder_as_we_do_but_for_temperature_and_marks(
    shipped: StanceClassifier,
) -> None:
    from transformers import pipeline

    plain = pipeline("text-classification", model=str(model_folder("stance-small")), top_k=None)
    for pair, ours in zip(PAIRS, shipped.predict_pairs(PAIRS), strict=True):
        marked = pair.text.replace(
            pair.target, f"{MENTION} {pair.target} {END_MENTION}"
        )  # what we do where it is named
        said = {one["label"]: one["score"] for one in plain({"text": pair.target, "text_pair": marked})}
        tempered = {label: score ** (1 / shipped.temperature) for label, score in said.items()}
        for label, probability in (ours.probabilities or {}).items():
            assert tempered[label] / sum(tempered.values()) == pytest.approx(
                probability, abs=0.02
            )  # bf16 where it is faster


@pytest.mark.parametrize("name", ["weights.bin", "WEIGHTS.PT", "code.py", "deep/pickled.pkl"])
def test_a_folder_with_pickles_or_code_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder("stance-small"), folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    with pytest.raises(ModelError, match="could run code"):
        StanceClassifier.from_pretrained(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_a_folder_that_names_code_to_run_is_refused_without_a_question(tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(model_folder("stance-small"), tmp_path / "m")
    known = json.loads((folder / name).read_text(encoding="utf-8"))
    (folder / name).write_text(json.dumps({**known, "auto_map": {"AutoModel": "far--away.Model"}}), encoding="utf-8")
    with pytest.raises(ModelError, match="auto_map"):
        StanceClassifier.from_pretrained(folder)


def test_a_folder_that_points_outside_itself_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder("stance-small"), folder)
    (tmp_path / "secret.txt").write_text("x", encoding="utf-8")
    (folder / "vocab.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(ModelError, match="points outside"):
        StanceClassifier.from_pretrained(folder)


def test_unknown_models_and_baselines_without_training_say_what_to_do() -> None:
    with pytest.raises(ModelError, match=r"no model 'stance-huge'.*stance-small"):
        qs.load_stance_model("stance-huge")
    with pytest.raises(ModelError, match="--training"):
        qs.load_stance_model("tfidf")


def test_baselines_that_have_nothing_to_learn_from_say_what_to_do() -> None:
    one_label = [qs.Pair(id=str(n), text=f"Yes {n}.", target="tax", label="favor") for n in range(3)]
    with pytest.raises(QuotestanceError, match=r"all 3 have 'favor'.*more training material"):
        qs.load_stance_model("tfidf", training=one_label)
    with pytest.raises(QuotestanceError, match=r"None of the 3 .*favor, against, neutral.*other training material"):
        qs.load_stance_model("majority", training=[pair.with_label("pro") for pair in one_label])


@pytest.mark.parametrize(
    ("load", "wrong", "said"),
    [
        (
            load_stance_model,
            "quotes-small",
            "a quote finder; what is needed here is a stance model, such as stance-small",
        ),
        (
            load_quote_finder,
            "stance-small",
            "a stance model; what is needed here is a quote finder, such as quotes-small",
        ),
    ],
)
def test_a_model_for_another_task_is_refused_with_what_it_is(
    load: Callable[..., object], wrong: str, said: str
) -> None:
    with pytest.raises(ModelError, match=f"{wrong} is {said}"):
        load(model_folder(wrong))


def test_precision_is_one_of_three_words() -> None:
    import torch

    cpu = torch.device("cpu")
    assert chosen("fp32", cpu) == "fp32"
    assert chosen("auto", cpu) in {"fp32", "bf16"}
    with pytest.raises(ValueError, match="auto, fp32, bf16"):
        autocast("fp16", cpu)


def test_bf16_gives_nearly_the_same_probabilities(shipped: StanceClassifier) -> None:
    half = StanceClassifier.from_pretrained("stance-small", precision="bf16")
    for full_row, half_row in zip(shipped.predict_pairs(PAIRS), half.predict_pairs(PAIRS), strict=True):
        assert half_row.label == full_row.label
        for label in shipped.labels:
            assert half_row.probabilities[label] == pytest.approx(full_row.probabilities[label], abs=0.03)


def test_the_device_that_is_asked_for_is_the_one_that_computes() -> None:
    """'meta' is torch's device without memory: nobody but who obeys ends up there."""
    for load in (load_stance_model, load_quote_finder):
        name = {load_stance_model: "stance-small", load_quote_finder: "quotes-small"}[load]
        loaded = load(name, device="meta")
        network = getattr(loaded, "model", None) or loaded.network  # type: ignore[attr-defined]
        assert {weight.device.type for weight in network.parameters()} == {"meta"}
        assert loaded.device.type == "meta"  # type: ignore[union-attr]
