"""A report keeps its promises: keys that stay, intervals, breakdowns, leaks marked, mistakes with their quote, and nothing lost in writing."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest

import quotestance
import quotestance.evaluate as package
from quotestance.data.errors import FormatError
from quotestance.data.pair_tables import pairs_to_frame
from quotestance.data.pairs import Pair
from quotestance.evaluate import evaluate, read_report, score
from quotestance.evaluate.align import EvaluationError
from quotestance.evaluate.leaks import fingerprint
from quotestance.evaluate.report import CONTEXT, MOST_MISTAKES
from quotestance.evaluate.report_schema import PUBLISHED, report_schema, schema_text

ROOT = Path(__file__).parent.parent
LABELS = ("favor", "against", "neutral")
QUOTE = "We will build the tunnel."


def gold(pairs: int = 120, articles: int = 12) -> list[Pair]:
    drawing = np.random.default_rng(5)
    before = "<script>alert(1)</script> | " + "x" * 400
    return [
        Pair(
            id=f"a{at % articles}#q{at}#t",
            text=f"{before}{QUOTE} she said in article {at % articles}.",
            target=("tunnel", "harbour")[at % 2],
            label=LABELS[drawing.integers(3)],
            group=f"a{at % articles}",
            quote=((len(before), len(before) + len(QUOTE)),),
            speaker=("Ana Silva", None)[at % 2],
            target_kind="policy",
            quote_kind="direct",
            corpus="own",
        )
        for at in range(pairs)
    ]


def answers(pairs: list[Pair], share: float = 0.7) -> list[Pair]:
    drawing = np.random.default_rng(6)
    found = []
    for pair in pairs:
        label = pair.label if drawing.random() < share else LABELS[drawing.integers(3)]
        sure = float(drawing.uniform(0.4, 0.9))
        rest = (1 - sure) / 2
        found.append(
            replace(
                pair,
                label=label,
                annotator="model:m@1",
                probabilities={name: sure if name == label else rest for name in LABELS},
            )
        )
    return found


GOLD = gold()
PREDICTED = answers(GOLD)


def test_the_keys_that_others_build_on_are_there_and_hold_the_scores() -> None:
    held = evaluate(GOLD, PREDICTED, rounds=100).to_json()
    scores = score(GOLD, PREDICTED)
    assert held["n"] == 120
    for key in ("accuracy", "macro_f1", "semeval_favg"):
        assert held[key]["value"] == getattr(scores, key)
        assert held[key]["interval"][0] < held[key]["value"] < held[key]["interval"][1]
    for label in LABELS:
        one = held["per_label"][label]
        assert one["n"] == scores[label].n
        for key in ("recall", "one_vs_rest_accuracy", "precision", "f1"):
            assert one[key]["value"] == getattr(scores[label], key)
            assert len(one[key]["interval"]) == 2


@pytest.mark.parametrize(
    "report",
    [
        evaluate(
            GOLD,
            PREDICTED,
            rounds=20,
            training=GOLD[:3],
            learning_curve=pd.DataFrame({"articles": [1, 2], "score": [0.3, 0.4]}),
        ),
        evaluate(GOLD[:1], [GOLD[0].with_label("favor")]),
        evaluate(GOLD, PREDICTED[:50], missing="wrong", rounds=0),
    ],
)
def test_reports_follow_the_schema(report: Any) -> None:
    jsonschema.Draft202012Validator(report_schema()).validate(json.loads(json.dumps(report.to_json(), allow_nan=False)))


def test_the_published_schema_is_the_one_in_the_code() -> None:
    assert (ROOT / PUBLISHED).read_text(encoding="utf-8") == schema_text(), (
        "run: python -m quotestance.evaluate.report_schema"
    )


def test_a_report_without_a_stable_key_does_not_follow_the_schema() -> None:
    held = evaluate(GOLD, PREDICTED, rounds=0).to_json()
    del held["per_label"]["favor"]["recall"]
    with pytest.raises(jsonschema.ValidationError, match="recall"):
        jsonschema.validate(held, report_schema())


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    report = evaluate(GOLD, PREDICTED, rounds=20)
    report.write(tmp_path / "r", page=lambda one: f"<h1>{one.n}</h1>")
    again = read_report(tmp_path / "r")
    assert again.to_json() == json.loads(json.dumps(report.to_json()))
    jsonschema.validate(json.loads((tmp_path / "r" / "report.json").read_text(encoding="utf-8")), report_schema())
    pd.testing.assert_frame_equal(again.per_label, report.per_label)
    assert again.predictions is not None
    assert report.predictions is not None
    assert again.predictions.to_dict("records") == report.predictions.to_dict("records")
    assert (tmp_path / "r" / "report.html").read_text() == "<h1>120</h1>"
    assert read_report(tmp_path / "r" / "report.json").n == 120


def test_what_is_no_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"report.json: can't be read"):
        read_report(tmp_path)
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(FormatError, match="not a report of this version"):
        read_report(tmp_path)


def test_the_same_seed_gives_the_same_report() -> None:
    assert evaluate(GOLD, PREDICTED, rounds=50).to_json() == evaluate(GOLD, PREDICTED, rounds=50).to_json()


def test_one_article_has_no_interval_and_the_report_says_why() -> None:
    rows = [replace(pair, group="a") for pair in GOLD]
    report = evaluate(rows, PREDICTED)
    assert report.to_json()["macro_f1"]["interval"] is None
    assert "one group" in report.to_json()["intervals"]["reason"]
    assert "No intervals: There is one group" in report.to_markdown()


def test_breakdowns_sum_to_the_whole_and_mark_small_cells() -> None:
    report = evaluate(GOLD, PREDICTED, rounds=20)
    for name in report.breakdown_names:
        assert report.breakdown(name)["n"].sum() == 120
    assert {"group", "target", "target_kind", "speaker", "quote_kind", "corpus", "length", "confidence"} == set(
        report.breakdown_names
    )
    by_article = report.breakdown("group")
    assert by_article["small"].all()
    macro = report.to_json()["breakdowns"]["group"]["macro_over_cells"]
    assert macro["macro_f1"] == pytest.approx(by_article["macro_f1"].mean())
    tunnel = [pair for pair in GOLD if pair.target == "tunnel"]
    assert report.breakdown("target").loc["tunnel", "macro_f1"] == score(tunnel, PREDICTED).macro_f1
    assert set(report.breakdown("speaker").index) == {"Ana Silva", "unknown"}
    with pytest.raises(EvaluationError, match="There is: group, target"):
        report.breakdown("weather")


def test_seen_and_unseen_targets_are_told_apart_by_the_training_material() -> None:
    training = [replace(GOLD[0], id="t", group="other", text="Quite another text.", quote=(), target=" TUNNEL")]
    for given in (training, fingerprint(training)):
        by_seen = evaluate(GOLD, PREDICTED, rounds=0, training=given).breakdown("seen")
        assert by_seen["n"].to_dict() == {"seen": 60, "unseen": 60}


def test_leaks_are_marked_on_top_or_refused() -> None:
    report = evaluate(GOLD, PREDICTED, rounds=0, training=[GOLD[0]])
    assert report.leaks is not None
    assert report.leaks["affected_pairs"] > 0
    assert report.to_json()["warnings"][0] == report.leaks["message"]
    assert "> **Warning.**" in report.to_markdown(brief=True)
    with pytest.raises(EvaluationError, match=r"also stand in training.*same group: a0 = a0.*Take them out"):
        evaluate(GOLD[:1], PREDICTED[:1], rounds=0, training=[GOLD[0]], refuse_leaks=True)


def test_mistakes_show_the_quote_in_its_context_and_the_surest_first() -> None:
    report = evaluate(GOLD, PREDICTED, rounds=0)
    mistakes = report.mistakes
    assert (
        len(mistakes) == (np.array([pair.label for pair in GOLD]) != np.array([pair.label for pair in PREDICTED])).sum()
    )
    for row in report.to_json()["mistakes"]:
        ((start, end),) = row["quote"]
        assert row["context"][start:end] == QUOTE
        assert start <= CONTEXT
        assert row["gold"] != row["predicted"]
    assert mistakes["confidence"].is_monotonic_decreasing


def test_more_mistakes_than_are_listed_are_counted() -> None:
    many = gold(2500)
    held = evaluate(many, answers(many, 0.0), rounds=0).to_json()
    assert len(held["mistakes"]) == MOST_MISTAKES < held["mistakes_total"]


def test_text_of_articles_is_text_in_markdown() -> None:
    rows = [replace(pair, target="<script>|`x`") for pair in GOLD]
    text = evaluate(rows, [replace(pair, target="<script>|`x`") for pair in PREDICTED], rounds=0).to_markdown()
    assert "<script" not in text
    assert "&lt;script>\\|\\`x\\`" in text


def test_provenance_says_what_was_measured_and_how() -> None:
    held = evaluate(GOLD, PREDICTED, rounds=20, seed=5, notes=["Labels by a language model."])
    made = held.to_json()["provenance"]
    assert (made["seed"], made["rounds"], made["groups"], made["annotators"]) == (5, 20, 12, ["model:m@1"])
    assert made["gold_digest"] != evaluate(GOLD[:-1], PREDICTED, rounds=0).to_json()["provenance"]["gold_digest"]
    assert "Labels by a language model." in held.to_markdown(brief=True)


def test_without_probabilities_calibration_is_null() -> None:
    held = evaluate(GOLD, [replace(pair, probabilities=None) for pair in PREDICTED], rounds=0).to_json()
    assert held["log_loss"] is None
    assert held["calibration"] is None
    assert held["mistakes"][0]["probabilities"] is None


def test_missing_predictions_counted_as_wrong_have_a_column_of_their_own() -> None:
    report = evaluate(GOLD, PREDICTED[:100], missing="wrong", rounds=0)
    assert report.confusion["unclear"].sum() == 20
    assert "20 gold pairs have no prediction and count as wrong" in report.to_markdown(brief=True)


def test_frames_are_scored_as_the_pairs_that_they_hold() -> None:
    table, answered = pairs_to_frame(GOLD), pairs_to_frame(PREDICTED)
    expected = evaluate(GOLD, PREDICTED, rounds=20, training=GOLD[:3]).to_json()
    assert evaluate(table, answered, rounds=20, training=table[:3]).to_json() == expected
    probabilities = answered.filter(like="p_")
    beside = table.assign(predicted=answered["label"]).join(probabilities)  # as predict_frame answers labelled rows
    report = evaluate(table, beside, rounds=20)
    assert report.to_json()["confusion"] == expected["confusion"]
    assert report.value("log_loss") == expected["log_loss"]["value"]
    assert report.accuracy != 1


def test_rows_of_frames_without_an_id_are_matched_by_their_place() -> None:
    table, answered = (pairs_to_frame(pairs).drop(columns="id") for pairs in (GOLD, PREDICTED))
    expected = evaluate(GOLD, PREDICTED, rounds=0)
    assert evaluate(table, answered, rounds=0).macro_f1 == expected.macro_f1
    with pytest.raises(EvaluationError, match=r"pair row-1: its target is 'tunnel' in gold and 'harbour'"):
        evaluate(table, answered[::-1], rounds=0)


def test_what_is_neither_pairs_nor_a_frame_is_refused_with_the_way_to_read_it() -> None:
    table = pairs_to_frame(GOLD)
    with pytest.raises(EvaluationError, match=r"^gold: should be pairs.*holds 'g'.*read_material"):
        evaluate("gold.csv", PREDICTED)  # type: ignore[arg-type]
    with pytest.raises(EvaluationError, match=r"^the predictions: .*holds \{'id': .*make rows a DataFrame"):
        evaluate(GOLD, table.to_dict("records"))
    with pytest.raises(FormatError, match=r"gold, row 2, column 'label': Unknown label 'con'"):
        evaluate(table.assign(label=["favor", "con"] * 60), PREDICTED)


def test_an_older_answer_among_the_extra_columns_of_pairs_is_not_scored() -> None:
    older = [replace(pair, extra={"predicted": "neutral"}) for pair in PREDICTED]
    assert evaluate(GOLD, older, rounds=0).accuracy == evaluate(GOLD, PREDICTED, rounds=0).accuracy


def test_answers_beside_gold_in_one_table_are_the_models_and_not_those_of_golds_annotator() -> None:
    table = pairs_to_frame([replace(pair, annotator="Ann") for pair in GOLD]).assign(
        predicted=[pair.label for pair in PREDICTED], model="m@1"
    )
    report = evaluate(table, table, rounds=0)
    assert report.title == "m@1 on 120 pairs of 12 groups"
    assert report.accuracy == evaluate(GOLD, PREDICTED, rounds=0).accuracy


def test_the_package_is_the_function_of_its_name_too() -> None:
    assert quotestance.evaluate(GOLD, PREDICTED, rounds=0).n == package(GOLD, PREDICTED, rounds=0).n == 120


@pytest.mark.slow
def test_a_million_pairs_are_evaluated() -> None:
    drawing = np.random.default_rng(8)
    n = 1_000_000
    codes = drawing.integers(3, size=n)
    guesses = np.where(drawing.random(n) < 0.7, codes, drawing.integers(3, size=n))
    rows = [
        Pair(id=str(at), text=QUOTE, target=f"t{at % 3000}", label=LABELS[codes[at]], group=f"a{at // 20}")
        for at in range(n)
    ]
    report = evaluate(rows, [replace(pair, label=LABELS[guesses[at]]) for at, pair in enumerate(rows)])
    held = report.to_json()
    assert held["n"] == n
    assert held["accuracy"]["value"] == pytest.approx(0.8, abs=0.002)
    low, high = held["accuracy"]["interval"]
    assert high - low == pytest.approx(
        2 * 1.96 * (0.8 * 0.2 / n) ** 0.5, rel=0.15
    )  # groups are drawn at random here: as wide as for rows
    assert held["breakdowns"]["group"]["left_off"] == 49_900


def test_the_text_shows_what_abstaining_below_each_p_would_leave() -> None:
    made = evaluate(GOLD, PREDICTED, rounds=10)
    [row] = [row for row in made.to_json()["abstaining"] if row["below"] == 0.6]
    sure = [one for one in PREDICTED if max((one.probabilities or {}).values()) >= 0.6]
    assert 0 < row["n"] == len(sure) < 120
    assert f"| 0.6 | {row['n']} ({row['n'] / 120:.0%}) | {row['accuracy']:.3f} |" in made.to_markdown()
    without = evaluate(GOLD, [replace(one, probabilities=None) for one in PREDICTED], rounds=10)
    assert "--abstain-below" not in without.to_markdown()
