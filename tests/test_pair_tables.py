"""Pair tables: rows of text and target, in and out of four formats and of pandas, with errors by line and column."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotestance.data.errors import FormatError
from quotestance.data.labels import LabelSet
from quotestance.data.material import read_material
from quotestance.data.pair_tables import pairs_from_frame, pairs_from_rows, pairs_to_frame, read_pairs, write_pairs
from quotestance.data.pairs import Pair

TEXT = "«ما مذاره نمی\u200cکنیم»\r\nHe said \"no\", 😀\ttwice; cafe\u0301, 'x'"
FORMATS = ["pairs.csv", "pairs.tsv", "pairs.jsonl", "pairs.parquet", "pairs.csv.gz", "pairs.jsonl.gz", "pairs.csv.zst"]
FULL = Pair(
    id="p1",
    text=TEXT,
    target='talks, or "no" talks',
    label="against",
    group="g",
    speaker="Ann",
    quote=((1, 5), (22, 24)),
    mention=(3, 9),
    corpus="mine",
    target_kind="policy",
    quote_kind="mixed",
    annotator="model:m@1",
    aliases=("dialogue; or none", "[talks]"),
    extra={"note": "a\rb"},
    probabilities={"favor": 0.1, "against": 0.7000000000000001, "neutral": 0.2},
)


def table(path: Path, content: str) -> Path:
    path.write_bytes(content.encode("utf-8"))
    return path


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(FormatError) as refused:
        read_pairs(path, **options)
    return str(refused.value)


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_pair_comes_back_from_every_format_as_it_was(tmp_path: Path, name: str) -> None:
    assert write_pairs([FULL], tmp_path / name) == 1
    assert read_pairs(tmp_path / name) == [FULL]


@pytest.mark.parametrize(
    ("written", "aliases"),
    [
        ("the deal; JCPOA;", ("the deal", "JCPOA")),
        ('"[""the deal"", ""JCPOA""]"', ("the deal", "JCPOA")),
        ("[sic] deal", ("[sic] deal",)),
        ("", ()),
    ],
)
def test_aliases_are_words_between_semicolons_or_a_list(tmp_path: Path, written: str, aliases: tuple[str, ...]) -> None:
    (pair,) = read_pairs(table(tmp_path / "a.csv", f"text,target,aliases\nYes.,nuclear deal,{written}\n"))
    assert pair.aliases == aliases
    assert "column 'aliases': should be words" in refusal(
        table(tmp_path / "b.jsonl", '{"text": "Yes.", "target": "deal", "aliases": 3}\n')
    )


@pytest.mark.parametrize("name", FORMATS)
def test_cells_that_are_empty_in_some_rows_are_none_there(tmp_path: Path, name: str) -> None:
    bare = Pair(id="p2", text="Yes.", target="talks")
    write_pairs([FULL, bare], tmp_path / name)
    back = read_pairs(tmp_path / name)
    assert back[0] == FULL
    assert (back[1].label, back[1].quote, back[1].mention, back[1].probabilities, back[1].speaker) == (
        None,
        (),
        None,
        None,
        None,
    )


def test_a_frame_and_its_pairs_are_the_same() -> None:
    assert pairs_from_frame(pairs_to_frame([FULL])) == [FULL]
    frame = pd.DataFrame(
        {"text": ["a", "b"], "target": ["t", "t"], "label": ["favor", float("nan")], "group": [1, 2], "n": [1, None]}
    )
    first, second = pairs_from_frame(frame)
    assert (first.label, first.group, first.extra) == ("favor", "1", {"n": 1.0})
    assert (second.label, second.group, second.extra, second.id) == (None, "2", {"n": None}, "row-2")


def test_places_and_extra_cells_may_be_lists_in_typed_tables(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["Yes no."], "target": ["t"], "quote": [[[0, 3], [4, 6]]], "tags": [["a", "b"]]})
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    for (pair,) in (pairs_from_frame(frame), read_pairs(tmp_path / "a.parquet"), read_pairs(tmp_path / "a.jsonl")):
        assert (pair.quote, pair.extra) == (((0, 3), (4, 6)), {"tags": ["a", "b"]})


def test_two_columns_of_one_name_are_refused_by_that_name(tmp_path: Path) -> None:
    frame = pd.DataFrame([["We agree.", "the plan", "tax"]], columns=["text", "target", "target"])
    with pytest.raises(FormatError, match="the frame: two columns are called 'target'"):
        pairs_from_frame(frame)
    columns = [pyarrow.array([cell]) for cell in frame.iloc[0]]
    pyarrow.parquet.write_table(pyarrow.table(columns, names=list(frame.columns)), tmp_path / "a.parquet")
    assert "a.parquet: two columns are called 'target'. Give each its own name." in refusal(tmp_path / "a.parquet")


def test_bytes_of_parquet_are_read_as_text(tmp_path: Path) -> None:
    pd.DataFrame({"text": ["Café.".encode()], "target": [b"tea"]}).to_parquet(tmp_path / "a.parquet")
    (pair,) = read_pairs(tmp_path / "a.parquet")
    assert (pair.text, pair.target) == ("Café.", "tea")
    pd.DataFrame({"text": [b"Caf\xe9."], "target": [b"tea"]}).to_parquet(tmp_path / "b.parquet")
    assert "row 1, column 'text': has a byte (0xe9) that is not UTF-8" in refusal(tmp_path / "b.parquet")


def test_a_column_that_was_named_and_is_not_there_is_told_with_the_tables_own(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "\n\nbody,target\nWe agree.,the plan\n")
    assert "line 3: there is no column 'nope'; there are: body, target" in refusal(path, columns={"text": "nope"})


def test_columns_that_meet_when_renamed_are_both_kept(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "id,original_id,url,text,target\n7,8,u,We agree.,the plan\n")
    (pair,) = read_pairs(path, {"id": "url"})
    assert (pair.id, pair.extra) == ("u", {"original_original_id": "7", "original_id": "8"})


def test_cells_of_numpy_are_taken_like_pythons() -> None:
    cells = {
        "id": np.int64(1),
        "text": np.str_("We agree."),
        "target": "tax",
        "label": np.int64(2),
        "quote": np.array([[0, 2]]),
    }
    (pair,) = pairs_from_rows([("row 1", cells)], None, None, "the batch")
    assert (pair.id, pair.text, pair.label, pair.quote) == ("1", "We agree.", "2", ((0, 2),))


def test_no_pairs_still_make_a_table_with_its_columns(tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        write_pairs([], tmp_path / name)
        assert read_pairs(tmp_path / name) == []
    assert (tmp_path / "a.csv").read_text() == "id,text,target\n"


def test_csv_is_what_other_readers_of_csv_understand(tmp_path: Path) -> None:
    write_pairs([FULL], tmp_path / "a.csv")
    assert b"\r\n" in (tmp_path / "a.csv").read_bytes()  # the text's own line end, kept
    with open(tmp_path / "a.csv", encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["text"] == TEXT
    assert row["p_against"] == "0.7000000000000001"
    assert pd.read_csv(tmp_path / "a.csv", keep_default_na=False)["target"][0] == FULL.target


def test_missing_ids_are_row_numbers_and_other_columns_are_kept(tmp_path: Path) -> None:
    pairs = read_pairs(table(tmp_path / "a.csv", "\ufefftext,target,year,p_value\nYes.,tax,2019,0.05\n\nNo.,tax,,\n"))
    assert [(pair.id, pair.extra) for pair in pairs] == [
        ("row-1", {"year": "2019", "p_value": "0.05"}),
        ("row-2", {"year": "", "p_value": ""}),
    ]


def test_columns_of_other_names_are_told_and_none_is_lost(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "post,topic,text\nYes.,tax,old\n")
    (pair,) = read_pairs(path, {"text": "post", "target": "topic"})
    assert (pair.text, pair.target, pair.extra) == ("Yes.", "tax", {"original_text": "old"})
    assert "'stance' is no column of a pair table" in refusal(path, columns={"stance": "topic"})


@pytest.mark.parametrize("written", ["9:11", "“No", "9:10;10:11"])
def test_the_quote_is_a_place_or_words_that_stand_once(tmp_path: Path, written: str) -> None:
    (pair,) = read_pairs(table(tmp_path / "a.tsv", f"text\ttarget\tquote\nHe said “No”.\ttax\t{written}\n"))
    assert pair.quote_text in {"No", "“No", "N … o"}
    assert all("He said “No”."[start:end] in "“No" for start, end in pair.quote)


def test_the_words_of_an_interrupted_quote_are_found_part_by_part(tmp_path: Path) -> None:
    header = "text\ttarget\tquote\n"
    (pair,) = read_pairs(table(tmp_path / "a.tsv", f"{header}“No,” he said. “Not now.”\ttax\tNo, … Not now.\n"))
    assert pair.quote_text == "No, … Not now."
    assert len(pair.quote) == 2
    told = refusal(table(tmp_path / "b.tsv", f"{header}Yes. No. No.\ttax\tYes … No\n"))
    assert "'No' stands more than once in the text" in told


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_named_column_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = pd.DataFrame({"text": ["Yes."], "target": ["tax"], "code": ["favor"]})
    frame.to_csv(path, index=False) if name == "a.csv" else frame.to_parquet(path)
    assert [pair.label for pair in read_pairs(path, {"label": "code"})] == ["favor"]
    assert "no column 'cod'; there are: text, target, code" in refusal(path, columns={"label": "cod"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("favour", "favor"),
        ("Against", "against"),
        (" neutral", "neutral"),
        ("agianst", "against"),
        ("Unclear", "unclear"),
    ],
)
def test_a_label_that_is_nearly_one_of_the_set_is_told_which(tmp_path: Path, written: str, meant: str) -> None:
    told = refusal(table(tmp_path / "a.csv", f"text,target,label\nYes.,tax,{written}\n"))
    assert f"line 2, column 'label': Unknown label '{written}'." in told
    assert f"Did you mean '{meant}'?" in told
    assert "Did you mean" not in refusal(table(tmp_path / "b.csv", "text,target,label\nYes.,tax,pro\n"))


def test_predictions_bring_their_probabilities_and_other_label_sets_are_declared(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "text,target,label,p_pro,p_con\nYes.,tax,pro,0.9,0.1\n")
    assert "Unknown label 'pro'. The codebook has: favor, against, neutral." in refusal(path)
    (pair,) = read_pairs(path, labels=LabelSet(("pro", "con")))
    assert (pair.label, pair.probabilities, pair.extra) == ("pro", {"pro": 0.9, "con": 0.1}, {})
    (pair,) = read_pairs(path, labels=None, probabilities_of=LabelSet(("pro", "con")))
    assert pair.probabilities == {"pro": 0.9, "con": 0.1}


def test_a_column_that_only_begins_like_a_probability_is_a_column_of_ones_own(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "text,target,p_page,p_favor\nYes.,tax,17,0.9\n")
    (pair,) = read_pairs(path, labels=None)
    assert (pair.probabilities, pair.extra) == ({"favor": 0.9}, {"p_page": "17"})
    (pair,) = pairs_from_frame(pd.read_csv(path), labels=None)
    assert pair.extra == {"p_page": 17}


def test_an_id_may_stand_once_for_each_annotator(tmp_path: Path) -> None:
    rows = "id,text,target,label,annotator\na,Yes.,tax,favor,ann\na,Yes.,tax,against,bea\n"
    path = table(tmp_path / "a.csv", rows)
    assert [(pair.id, pair.label) for pair in read_pairs(path)] == [("a", "favor"), ("a", "against")]
    twice = refusal(table(tmp_path / "b.csv", rows + "a,Yes.,tax,neutral,bea\n"))
    assert f"line 4, column 'id': 'a' stands already from bea at {tmp_path / 'b.csv'}, line 3" in twice


def test_material_has_one_pair_an_id_of_several_annotators(tmp_path: Path) -> None:
    rows = [f"{id},Yes.,tax,{label},{who}" for id, label, who in (
        ("a", "favor", "ann"), ("a", "against", "gold"),
        ("b", "favor", "ann"), ("b", "favor", "bea"),
        ("c", "favor", "ann"), ("c", "against", "bea"),
    )]  # fmt: skip
    path = table(tmp_path / "a.csv", "\n".join(["id,text,target,label,annotator", *rows]) + "\n")
    assert {pair.id: pair.label for pair in read_material(path)} == {"a": "against", "b": "favor"}
    assert {pair.id: pair.label for pair in read_material(path, unclear=True)}["c"] == "unclear"


def test_every_problem_of_a_table_is_named_with_line_and_column(tmp_path: Path) -> None:
    message = refusal(
        table(
            tmp_path / "a.csv",
            (
                "id,text,target,label,quote,mention,p_favor,p_against,p_neutral\n"
                'a,"two\nlines",tax,Favor,,,,,\n'
                "a,No no.,tax,,o,,0.5,,\n"
                'b,,"",,,1:9,x,0.5,2\n'
                "c,No no.,tax,,maybe,0:1;1:2,,,\n"
            ),
        )
    )
    name = tmp_path / "a.csv"
    for words in (
        f"{name}, line 2, column 'label': Unknown label 'Favor'",
        f"{name}, line 4, column 'quote': 'o' stands more than once",
        f"{name}, line 4, column 'p_against': is empty, while p_favor is not",
        f"{name}, line 4, column 'id': 'a' stands already at {name}, line 2",
        f"{name}, line 5, column 'text': is empty",
        f"{name}, line 5, column 'target': is empty",
        f"{name}, line 5, column 'mention': the place 1:9",
        f"{name}, line 5, column 'p_favor': should be a number from 0 to 1, but is 'x'",
        "column 'p_neutral': should be a number from 0 to 1, but is '2'",
        f"{name}, line 6, column 'quote': 'maybe' does not stand in the text",
        "line 6, column 'mention': has 2 places",
    ):
        assert words in message, message


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"text,goal\na,b\n", "line 1: there is no column 'target'; there are: text, goal"),
        ("a.csv", b"text;target\na;b\n", "separated by ';'"),
        ("a.csv", b"text,target\na,b,c\n", "line 2: has 3 cells, but the header names 2"),
        ("a.csv", b'text,target\n"a"b,c\n', "line 2"),
        ("a.csv", b'text,target\n"open,c\n', "line 2"),
        ("a.csv", b"text,text,target\na,b,c\n", "the column 'text' stands twice"),
        ("a.csv", b"text,target\n\xe9,b\n", "line 2: byte 1 (0xe9) is not UTF-8"),
        ("a.csv", "text,target\n".encode("utf-16"), "UTF-16"),
        ("a.jsonl", b'{"text": "a", "target": "b"}\n[1]\n', "line 2: should be an object"),
        ("a.jsonl", b'{"text": 5, "target": "b"}\n', "line 1, column 'text': should be text, but is 5"),
        ("a.parquet", b"rubbish", "is not a readable Parquet file"),
        ("a.xlsx", b"PK", "ending '.xlsx' is not one of pair tables"),
    ],
)
def test_what_is_no_pair_table_is_refused_in_plain_words(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert words in refusal(tmp_path / name)


@pytest.mark.parametrize("name", ["none.csv", "none.jsonl", "none.parquet"])
def test_a_table_that_is_not_there_is_a_format_error(tmp_path: Path, name: str) -> None:
    assert "none." in refusal(tmp_path / name)


def test_a_header_with_wrong_columns_is_refused_even_without_rows(tmp_path: Path) -> None:
    assert "there is no column 'target'" in refusal(table(tmp_path / "a.csv", "text,goal\n"))


@pytest.mark.parametrize("content", ["text,target\nYes.,tax\n", '{"text": "Yes.", "target": "tax"}\n'])
def test_standard_input_may_be_csv_or_json_lines(monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    assert read_pairs("-") == [Pair(id="row-1", text="Yes.", target="tax")]


def test_a_cell_of_a_million_characters_is_read_and_the_limit_of_the_csv_module_is_as_before(tmp_path: Path) -> None:
    csv.field_size_limit(131_072)  # what Python begins with
    text = "ب\n" * 500_000
    write_pairs([Pair(id="a", text=text, target="t")], tmp_path / "a.csv")
    assert read_pairs(tmp_path / "a.csv")[0].text == text
    assert csv.field_size_limit() == 131_072


def test_an_extra_column_may_not_have_the_name_of_one_of_the_tables_own(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="extra column 'label'"):
        write_pairs([Pair(id="a", text="t", target="t", extra={"label": "x"})], tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())


cells = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
spoken = cells.filter(str.strip)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(spoken, spoken, st.none() | cells, st.sampled_from(["favor", "neutral", None])), max_size=4
    ),
    name=st.sampled_from(["a.csv", "a.tsv", "a.jsonl"]),
)
def test_any_words_come_back_from_a_text_table_as_they_were(tmp_path: Path, rows: list[Any], name: str) -> None:
    pairs = [
        Pair(id=f"n{number}", text=text, target=target, speaker=speaker, label=label)
        for number, (text, target, speaker, label) in enumerate(rows)
    ]
    write_pairs(pairs, tmp_path / name)
    assert read_pairs(tmp_path / name) == pairs
