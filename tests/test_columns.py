"""A table whose columns have other names is read wherever a table is: no one need rename them."""

import csv
import json
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
