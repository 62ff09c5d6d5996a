"""A table whose columns have other names is read wherever a table is: no one need rename them."""

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from little_material import WORDS
from little_material import recipe as little_recipe
from quotestance.cli import app
from quotestance.data.errors import FormatError
from quotestance.data.labels import CODEBOOK
from quotestance.data.splits import Split
from quotestance.evaluate import evaluate
from quotestance.training.material import read_training_material
from quotestance.training.recipe import read_recipe

THEIRS = {"id": "nr", "text": "body", "target": "topic", "label": "stance", "group": "article_id"}
NAMED = [part for ours, theirs in THEIRS.items() for part in (f"--{ours}", theirs)]


def odd_table(path: Path, *annotators: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*THEIRS.values(), "annotator"])
        for number, (label, words) in enumerate(list(WORDS.items()) * 10):
            for annotator in annotators or ("",):
                writer.writerow([number, words.format("it"), "it", label, f"a{number // 3}", annotator])
    return path


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_validate_and_split_read_it(tmp_path: Path) -> None:
    odd = odd_table(tmp_path / "odd.csv")
    assert "30 records: nothing wrong" in run("validate", odd, *NAMED)
    refused = CliRunner().invoke(app, ["validate", str(odd)])
    assert refused.exit_code == 1
    assert "there is no column 'text', 'target'" in refused.output
    run("split", odd, *NAMED, "--out", tmp_path / "split.json")
    parts = Split.read(tmp_path / "split.json").parts
    assert sorted(group for part in parts.values() for group in part.groups) == sorted(f"a{n}" for n in range(10))


def test_agree_and_convert_read_it(tmp_path: Path) -> None:
    assert "30" in run("agree", odd_table(tmp_path / "two.csv", "Ann", "Bob"), *NAMED)
    run("convert", odd_table(tmp_path / "odd.csv"), tmp_path / "plain.csv", *NAMED)
    plain = pd.read_csv(tmp_path / "plain.csv")
    assert list(plain["label"]) == list(WORDS) * 10
    assert set(plain["group"]) == {f"a{n}" for n in range(10)}


def test_speakers_under_another_name_are_read_as_if_they_had_ours(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": "We welcome it.", "target": "it", "who": f"Ann {n}", "label": ""} for n in range(3)]
    odd = pd.DataFrame(rows)
    odd.to_csv(tmp_path / "odd.csv", index=False)
    odd.rename(columns={"who": "speaker"}).to_csv(tmp_path / "plain.csv", index=False)
    run("convert", tmp_path / "odd.csv", tmp_path / "converted.csv", "--speaker", "who")
    assert list(pd.read_csv(tmp_path / "converted.csv")["speaker"]) == ["Ann 0", "Ann 1", "Ann 2"]
    for name, more in (("odd", ("--speaker", "who")), ("plain", ()), ("without", ())):
        source = tmp_path / f"{'odd' if name == 'without' else name}.csv"
        run("predict", source, "--model", "stance-small", "--out", tmp_path / f"{name}.out.csv", *more)
    odd_p, plain_p, without = (
        pd.read_csv(tmp_path / f"{name}.out.csv")["p_favor"] for name in ("odd", "plain", "without")
    )
    assert list(odd_p) == list(plain_p)
    assert list(odd_p) != list(without)


def test_a_recipe_reads_it_with_its_split(tmp_path: Path) -> None:
    odd = odd_table(tmp_path / "odd.csv")
    run("split", odd, *NAMED, "--out", tmp_path / "split.json")
    part = f"material = {json.dumps(str(odd))}\nsplit = {json.dumps(str(tmp_path / 'split.json'))}\n"
    columns = "columns = { " + ", ".join(f'{ours} = "{theirs}"' for ours, theirs in THEIRS.items()) + " }\n"
    path = tmp_path / "r.toml"
    path.write_text(f'name = "odd"\n[[train]]\n{part}{columns}[[dev]]\n{part}{columns}', encoding="utf-8")
    [train], [dev] = read_training_material(read_recipe(path), None, CODEBOOK)
    assert {pair.label for pair in train.pairs} == set(WORDS)
    assert not {pair.group for pair in train.pairs} & {pair.group for pair in dev.pairs}
    assert len(train.pairs) > len(dev.pairs) > 0


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"txt": "body"}, r"'txt' is no column of a pair table. There are: id, text, target"),
        ({"body": "text"}, r"'body' is no column .* Ours stand first"),
        ({"text": "boddy"}, r"odd.csv, line 1: there is no column 'boddy', 'target'; there are: nr, body, topic"),
        ({"text": "body", "target": "body"}, r"'text', 'target' can't all be the column 'body'"),
    ],
)
def test_columns_that_can_not_be_meant_are_refused_by_name(tmp_path: Path, columns: dict[str, str], said: str) -> None:
    part = {"material": str(odd_table(tmp_path / "odd.csv")), "columns": columns}
    with pytest.raises(FormatError, match=said):
        read_training_material(little_recipe(tmp_path, train=[part]), None, CODEBOOK)


def test_a_misspelled_column_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Text,targets\nWe welcome it.,it\n", encoding="utf-8")
    refused = CliRunner().invoke(app, ["validate", str(tmp_path / "t.csv")])
    assert refused.exit_code == 1
    assert "Did you mean 'Text', 'targets'?" in refused.output


def test_validate_tells_that_no_row_has_a_label_or_a_group(tmp_path: Path) -> None:
    odd = odd_table(tmp_path / "odd.csv")
    half = [part for ours in ("id", "text", "target") for part in (f"--{ours}", THEIRS[ours])]
    told = run("validate", odd, *half)
    assert "nothing wrong" in told
    assert "no row has a label" in told
    assert "no row has a group" in told
    assert "note:" not in run("validate", odd, *NAMED)


def test_columns_of_what_is_no_table_are_refused(tmp_path: Path) -> None:
    article = "data/annotated/khamenei-rules-out-talks.json"
    for command in (
        ["split", article, "--out", tmp_path / "s.json"],
        ["agree", article],
        ["convert", article, tmp_path / "c.csv"],
        ["evaluate", article, article],
        ["predict", article, "--out", tmp_path / "p.jsonl"],
    ):
        refused = CliRunner().invoke(app, [*map(str, command), "--text", "body"])
        assert refused.exit_code != 0, command
        assert "no columns to name (text 'body')" in str(refused.exception)
    assert not list(tmp_path.iterdir())


def test_two_of_ours_on_one_column_are_refused_before_anything_is_predicted(tmp_path: Path) -> None:
    odd = odd_table(tmp_path / "odd.csv")
    asked = ["predict", str(odd), "--text", "body", "--target", "body", "--out", str(tmp_path / "p.csv")]
    refused = CliRunner().invoke(app, asked)
    assert refused.exit_code != 0
    assert "'text', 'target' can't all be the column 'body'" in str(refused.exception)
    assert not (tmp_path / "p.csv").exists()


def test_agree_reads_who_labelled_from_a_column_of_another_name(tmp_path: Path) -> None:
    two = odd_table(tmp_path / "two.csv", "Ann", "Bob")
    two.write_text(two.read_text(encoding="utf-8").replace("annotator", "coder", 1), encoding="utf-8")
    found = run("agree", two, *NAMED, "--annotator-column", "coder")
    assert "Ann" in found
    assert "Bob" in found


def test_split_refuses_labels_that_are_not_declared(tmp_path: Path) -> None:
    odd = odd_table(tmp_path / "odd.csv")
    refused = CliRunner().invoke(
        app, ["split", str(odd), *NAMED, "--labels", "pro,con", "--out", str(tmp_path / "split.json")]
    )
    assert "Unknown label 'favor'. The declared label set has: pro, con." in str(refused.exception)
    assert not (tmp_path / "split.json").exists()


def test_frames_are_scored_by_their_own_columns() -> None:
    ours = pd.DataFrame({"id": ["1", "2"], "text": ["a", "b"], "target": ["t", "t"], "label": ["favor", "against"]})
    gold = ours.rename(columns={"text": "body", "target": "topic", "label": "stance"})
    answers = gold.assign(label=["favor", "favor"])
    columns = {"text": "body", "target": "topic", "label": "stance"}
    report = evaluate(gold, answers, columns=columns)
    assert report.content == evaluate(ours, ours.assign(label=["favor", "favor"])).content


def test_a_learning_curve_is_drawn_from_it(tmp_path: Path) -> None:
    odd, other = odd_table(tmp_path / "odd.csv"), odd_table(tmp_path / "other.csv")
    other.write_text(re.sub(r",a(\d)", r",b\1", other.read_text(encoding="utf-8")), encoding="utf-8")  # other articles
    assert "tfidf, macro-F1" in run("learning-curve", odd, other, *NAMED, "--sizes", "4,8", "--seeds", "1")


def test_a_split_by_what_no_row_has_says_how_to_name_the_column(tmp_path: Path) -> None:
    odd = odd_table(tmp_path / "odd.csv")
    refused = CliRunner().invoke(
        app, ["split", str(odd), *NAMED, "--by", "speaker", "--out", str(tmp_path / "split.json")]
    )
    assert "has no 'speaker'. Fill that column (--speaker COLUMN where it has another name)" in str(refused.exception)
