"""`quotestance evaluate` and `split` score what was predicted, on the part that was held out, under the labels that were declared."""

import csv
import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from quotestance.cli import app
from quotestance.commands.evaluate import evaluate
from quotestance.commands.split import split
from quotestance.data.errors import QuotestanceError
from quotestance.data.labels import CODEBOOK
from quotestance.data.pairs import Pair
from quotestance.evaluate.leaks import fingerprint
from quotestance.models.baselines import MajorityClassifier

LABELS = ("favor", "against", "neutral")


def call(command, *arguments: object) -> str:
    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def table(path: Path, labels=LABELS, *, rows: int = 30, **columns: list[str]) -> Path:
    """A pair table of `rows` rows, three to a group, with more columns as given."""
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "text", "target", "label", "group", *columns])
        for number in range(rows):
            more = [values[number] for values in columns.values()]
            label = labels[number % len(labels)]
            writer.writerow([number, f"Sentence {number} about it.", "it", label, f"g{number // 3}", *more])
    return path


def scores(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def test_the_column_predicted_is_scored_and_not_gold_beside_it(tmp_path: Path) -> None:
    gold = table(tmp_path / "gold.csv")
    answers = ["favor"] * 30
    predicted = table(tmp_path / "predicted.csv", predicted=answers)
    call(evaluate, gold, predicted, "--out", tmp_path / "report", "--rounds", 10)
    assert scores(tmp_path / "report")["accuracy"]["value"] == pytest.approx(1 / 3)


def test_an_abstention_is_counted_as_wrong(tmp_path: Path) -> None:
    gold = table(tmp_path / "gold.csv")
    answers = [LABELS[number % 3] if number >= 6 else "unclear" for number in range(30)]
    predicted = table(tmp_path / "predicted.csv", predicted=answers)
    call(evaluate, gold, predicted, "--out", tmp_path / "report", "--rounds", 10)
    assert scores(tmp_path / "report")["n"] == 30
    assert scores(tmp_path / "report")["accuracy"]["value"] == pytest.approx(24 / 30)


def test_only_the_held_out_part_is_scored(tmp_path: Path) -> None:
    gold = table(tmp_path / "gold.csv")
    call(split, gold, "--out", tmp_path / "split.json")
    call(
        evaluate,
        gold,
        table(tmp_path / "p.csv"),
        "--split",
        tmp_path / "split.json",
        "--out",
        tmp_path / "report",
        "--rounds",
        10,
    )
    assert 0 < scores(tmp_path / "report")["n"] < 30


def test_an_unknown_part_names_those_there_are(tmp_path: Path) -> None:
    gold = table(tmp_path / "gold.csv")
    call(split, gold, "--out", tmp_path / "split.json")
    with pytest.raises(QuotestanceError, match=r"no part 'tset'.*train, dev, test"):
        call(evaluate, gold, gold, "--split", tmp_path / "split.json", "--part", "tset")


def test_a_frozen_split_is_not_overwritten_by_another(tmp_path: Path) -> None:
    gold = table(tmp_path / "gold.csv")
    call(split, gold, "--out", tmp_path / "split.json")
    before = (tmp_path / "split.json").read_bytes()
    call(split, gold, "--out", tmp_path / "split.json")
    with pytest.raises(QuotestanceError, match="holds another split"):
        call(split, gold, "--out", tmp_path / "split.json", "--seed", 14)
    assert (tmp_path / "split.json").read_bytes() == before


def test_labels_of_ones_own_can_be_split_and_scored_when_declared(tmp_path: Path) -> None:
    gold = table(tmp_path / "gold.csv", ("pro", "con", "none"))
    call(split, gold, "--out", tmp_path / "split.json")
    call(evaluate, gold, gold, "--labels", "pro, con, none", "--out", tmp_path / "report", "--rounds", 10)
    assert scores(tmp_path / "report")["per_label"]["con"]["recall"]["value"] == 1
    with pytest.raises(QuotestanceError, match=r"pro.*favor, against, neutral"):
        call(evaluate, gold, gold)


def test_probabilities_of_labels_of_ones_own_are_scored_and_other_columns_that_begin_so_are_let_be(
    tmp_path: Path,
) -> None:
    gold = table(tmp_path / "gold.csv", ("pro", "con"), p_page=["17"] * 30)
    answered = table(tmp_path / "p.csv", ("pro", "con"), p_pro=["0.75"] * 30, p_con=["0.25"] * 30, p_page=["17"] * 30)
    call(evaluate, gold, answered, "--labels", "pro,con", "--out", tmp_path / "report", "--rounds", 10)
    assert scores(tmp_path / "report")["brier"]["value"] == pytest.approx((0.125 + 1.125) / 2)


def test_what_a_missing_prediction_means_is_said_on_the_command_line(tmp_path: Path) -> None:
    gold, few = table(tmp_path / "gold.csv"), table(tmp_path / "few.csv", rows=15)
    asked = (evaluate, gold, few, "--out", tmp_path / "report", "--rounds", 10)
    with pytest.raises(QuotestanceError, match=r"15 of 30 gold pairs have no prediction.*--missing wrong"):
        call(*asked)
    for missing, n, accuracy in (("wrong", 30, 0.5), ("skip", 15, 1)):
        call(*asked, "--missing", missing)
        assert scores(tmp_path / "report")["n"] == n
        assert scores(tmp_path / "report")["accuracy"]["value"] == accuracy
    with pytest.raises(QuotestanceError, match="It may be: error, wrong, skip"):
        call(*asked, "--missing", "never")


def test_predictions_of_two_models_in_one_table_are_refused(tmp_path: Path) -> None:
    gold = table(tmp_path / "gold.csv", rows=2)
    rows = [f"{n},Sentence {n} about it.,it,favor,{model}" for n in range(2) for model in ("model:a@1", "model:b@1")]
    (tmp_path / "p.csv").write_text("\n".join(["id,text,target,label,annotator", *rows]) + "\n")
    with pytest.raises(QuotestanceError, match="predictions of two models belong into two files"):
        call(evaluate, gold, tmp_path / "p.csv")


@pytest.fixture
def model_of_its_own_material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the fingerprint of the first row of `table`, and a model in it that always answers favor."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    learned = fingerprint([Pair(id="0", text="Sentence 0 about it.", target="it", group="own", label="favor")])
    (folder / "training_fingerprint.json").write_text(json.dumps(learned))
    model = MajorityClassifier([1.0, 0.0, 0.0], CODEBOOK, "1")
    monkeypatch.setattr("quotestance.models.load_stance_model", lambda name, **options: model)
    return folder


def affected(folder: Path) -> list[str]:
    return scores(folder)["leaks"]["affected"]


def test_leaks_from_a_models_own_material_are_told_beside_those_from_what_is_named(
    tmp_path: Path, model_of_its_own_material: Path
) -> None:
    gold = table(tmp_path / "gold.csv")
    (tmp_path / "more.csv").write_text("text,target,label\nSentence 29 about it.,it,favor\n")
    asked = (evaluate, gold, "--model", model_of_its_own_material, "--rounds", 10, "--out", tmp_path / "r")
    call(*asked)
    assert affected(tmp_path / "r") == ["0"]
    call(*asked, "--training", tmp_path / "more.csv")
    assert affected(tmp_path / "r") == ["0", "29"]


def test_predictions_are_checked_against_the_material_of_a_model(
    tmp_path: Path, model_of_its_own_material: Path
) -> None:
    gold = table(tmp_path / "gold.csv")
    call(evaluate, gold, gold, "--training", model_of_its_own_material, "--rounds", 10, "--out", tmp_path / "r")
    assert affected(tmp_path / "r") == ["0"]
    (model_of_its_own_material / "training_fingerprint.json").unlink()
    with pytest.raises(QuotestanceError, match="nobody knows what it learned from"):
        call(evaluate, gold, gold, "--training", model_of_its_own_material)


def test_predictions_and_a_model_together_are_refused(tmp_path: Path) -> None:
    gold = table(tmp_path / "gold.csv")
    with pytest.raises(QuotestanceError, match="either a file of predictions or --model"):
        call(evaluate, gold, gold, "--model", "stance-small")


def test_columns_of_other_names_are_scored_as_predict_reads_them(tmp_path: Path) -> None:
    plain = table(tmp_path / "gold.csv")
    header = {"id": "tweet", "text": "Tweet Text", "target": "Issue", "label": "Code", "group": "user"}
    rows = list(csv.DictReader(plain.open(encoding="utf-8")))
    odd, answers = tmp_path / "odd.csv", tmp_path / "answers.csv"
    with odd.open("w", newline="") as gold, answers.open("w", newline="") as answered:
        writers = csv.writer(gold), csv.writer(answered)
        writers[0].writerow(header.values())
        writers[1].writerow([*header.values(), "label"])  # as predict adds it
        for row in rows:
            writers[0].writerow([row[name] for name in header])
            writers[1].writerow([*(row[name] for name in header), "favor"])
    named = [part for ours, theirs in header.items() for part in (f"--{ours}", theirs)]
    call(evaluate, odd, answers, *named, "--out", tmp_path / "report", "--rounds", 10)
    found = scores(tmp_path / "report")
    assert (found["n"], found["groups"]) == (30, 10)
    assert found["accuracy"]["value"] == pytest.approx(1 / 3)
    with pytest.raises(QuotestanceError, match=r"--text COLUMN --target COLUMN .*of the commands"):
        call(evaluate, odd, answers)


def test_every_label_of_gold_that_is_none_is_told_with_its_line_and_what_was_meant(tmp_path: Path) -> None:
    gold = table(tmp_path / "gold.csv", ("favour", "Against", "pro"), rows=3)
    with pytest.raises(QuotestanceError) as told:
        call(evaluate, gold, gold)
    for line, words in enumerate(("'favour'.*mean 'favor'", "'Against'.*mean 'against'", "'pro'"), 2):
        assert re.search(f"gold.csv, line {line}, column 'label': Unknown label {words}", str(told.value))


def test_gold_by_another_model_is_warned_of_at_the_head_of_the_report(tmp_path: Path) -> None:
    gold, answers = (table(tmp_path / f"{one}.csv", annotator=[f"model:{one}@1"] * 30) for one in "ab")
    shown = call(evaluate, gold, answers, "--out", tmp_path / "report", "--rounds", 10)
    assert "**Warning.** 30 of 30 gold labels were written by a model (a@1), not by people" in shown
    assert "written by a model (a@1)" in scores(tmp_path / "report")["warnings"][0]
    with pytest.raises(QuotestanceError, match=r"30 of 30 gold labels.*written by a@1, the model that is scored"):
        call(evaluate, gold, gold)


def test_gold_under_labels_of_its_own_is_scored_by_a_map(tmp_path: Path) -> None:
    """What a recipe with `label_map` was trained on can be scored under the same map."""
    (tmp_path / "gold.csv").write_text(
        "id,text,target,label\n1,We welcome it.,it,pro\n2,We reject it.,it,con\n3,Perhaps.,it,none\n", encoding="utf-8"
    )
    (tmp_path / "answers.csv").write_text(
        "id,text,target,label\n1,We welcome it.,it,favor\n2,We reject it.,it,favor\n", encoding="utf-8"
    )
    files = [str(tmp_path / "gold.csv"), str(tmp_path / "answers.csv")]
    told = CliRunner().invoke(app, ["evaluate", *files, "--label-map", "pro=favor, con=against, none="])
    assert told.exit_code == 0, told.output
    assert "| accuracy | 0.500" in told.output
    unnamed = CliRunner().invoke(app, ["evaluate", *files, "--label-map", "pro=favor,con=against"])
    assert "has labels that label_map does not name: none" in str(unnamed.exception)
    wrong = CliRunner().invoke(app, ["evaluate", *files, "--label-map", "pro:favor"])
    assert "written pro=favor,con=against" in str(wrong.exception)
    plain = CliRunner().invoke(app, ["evaluate", *files])
    assert "--label-map" in str(plain.exception)
