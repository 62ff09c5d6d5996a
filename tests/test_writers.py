"""Records become one file by its ending, typed and in the long format where it is a table."""

import gzip
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet
import pytest

from quotestance.data.errors import FormatError
from quotestance.data.files import article_record, read_articles
from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Speaker, Stance, Target
from quotestance.inference.long_format import stance_rows
from quotestance.inference.readers import pair_rows
from quotestance.inference.sources import Sources
from quotestance.inference.writers import (
    ARTICLE_ENDINGS,
    PAIR_ENDINGS,
    check_ending,
    write_article_records,
    write_pair_records,
)

TEXT = 'He said: "We agree, \r\n, \u06cc\u200c and will sign." Nobody else spoke. Rain fell, they said.'
SHARES = {"favor": 0.7, "against": 0.2, "neutral": 0.1}


def records(**extra: Any) -> list[dict[str, Any]]:
    first, second = TEXT.index("We agree"), TEXT.index("and will")
    article = Article(
        id="a",
        text=TEXT,
        url="https://x.org/a",
        targets=(Target(id="t", name="the plan"), Target(id="u", name="the law")),
        speakers=(Speaker(id="s", name="Ann Lee"),),
        quotes=(
            Quote(
                id="q1",
                kind="direct",
                spans=(Span.of(TEXT, first, first + 8), Span.of(TEXT, second, second + 13)),
                speaker=QuoteSpeaker(id="s", mention=Span.of(TEXT, 0, 2)),
                cue=Span.of(TEXT, 3, 7),
                stances=(
                    Stance(target="t", label="favor", annotator="model:m@1", probabilities=SHARES),
                    Stance(target="u", label="unclear", annotator="model:m@1", probabilities=SHARES),
                ),
            ),
            Quote(id="q2", kind="indirect", spans=(Span.of(TEXT, TEXT.index("Rain"), TEXT.index(", they")),)),
        ),
        **extra,
    )
    return [article_record(article), article_record(Article(id="b", text="Nothing is said."))]


def test_json_lines_are_read_back_as_the_same_articles(tmp_path: Path) -> None:
    write_article_records(records(mine={"a": [1]}), tmp_path / "out.jsonl")
    assert [article_record(one) for one in read_articles(tmp_path / "out.jsonl")] == records(mine={"a": [1]})


@pytest.mark.parametrize("ending", ["parquet", "csv", "tsv"])
def test_a_table_has_one_row_a_quote_and_target(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    write_article_records(records(outlet="The, Times", year=2019), path, labels=list(SHARES))
    table = pd.read_parquet(path) if ending == "parquet" else pd.read_csv(path, sep="," if ending == "csv" else "\t")
    assert list(table.columns) == [
        *("article_id", "quote_id", "quote", "kind", "start", "end", "speaker_id", "speaker", "mention", "cue"),
        *("target_id", "target", "label", "p_favor", "p_against", "p_neutral", "model", "url", "outlet", "year"),
    ]
    assert list(zip(table["quote_id"], table["target_id"].fillna(""), table["label"].fillna(""), strict=True)) == [
        ("q1", "t", "favor"),
        ("q1", "u", "unclear"),
        ("q2", "", ""),
    ]
    row = table.iloc[0]
    assert row["quote"] == "We agree … and will sign"[: len(row["quote"])]
    assert (row["speaker"], row["mention"], row["cue"], row["target"]) == ("Ann Lee", "He", "said", "the plan")
    assert TEXT[row["start"] : row["end"]].startswith("We agree, \r\n")
    assert (row["p_favor"], row["model"], row["outlet"], row["year"]) == (0.7, "m@1", "The, Times", 2019)


def test_parquet_keeps_types_and_two_writes_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "n": 3, "share": 1, "ok": True, "mixed": 1, "list": [1], "none": None},
        {"id": "2", "share": 0.5, "mixed": "x"},
    ]
    for name in ("a.parquet", "b.parquet"):
        write_pair_records(rows, tmp_path / name)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    types = pd.read_parquet(tmp_path / "a.parquet", dtype_backend="pyarrow").dtypes.astype(str).to_dict()
    kinds = {
        "id": "string",
        "n": "int64",
        "share": "double",
        "ok": "bool",
        "mixed": "string",
        "list": "string",
        "none": "string",
    }
    assert types == {name: f"{kind}[pyarrow]" for name, kind in kinds.items()}


@pytest.mark.parametrize("name", ["a.parquet", "folder"])
def test_a_large_whole_number_beside_a_fraction_is_not_rounded(tmp_path: Path, name: str) -> None:
    large = 2**53 + 1
    rows = [{"id": "1", "mixed": large, "small": 2**53, "whole": large}, {"id": "2", "mixed": 0.5, "small": 0.5}]
    write_pair_records(rows, tmp_path / name)
    table = pyarrow.parquet.read_table(tmp_path / name)
    assert table["mixed"].to_pylist() == [str(large), "0.5"]
    assert table["small"].to_pylist() == [2.0**53, 0.5]
    assert table["whole"].to_pylist() == [large, None]


def test_dates_decimals_bytes_and_lists_of_an_input_come_out_as_the_text_that_the_documentation_names(
    tmp_path: Path,
) -> None:
    cells = {
        "moment": datetime(2020, 1, 2, 3, 4, 5),
        "day": date(2020, 1, 2),
        "decimal": Decimal("1.10"),
        "bytes": b"ab",
        "list": [1, 2],
        "object": {"a": 1},
    }
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pyarrow.parquet.write_table(
        pyarrow.table({"text": ["We agree."], "target": ["it"], **{name: [cell] for name, cell in cells.items()}}),
        source,
    )
    write_pair_records([row.cells for row in pair_rows(Sources([source])).items()], out)  # type: ignore[union-attr]
    (row,) = pyarrow.parquet.read_table(out).to_pylist()
    assert row == {
        "id": "row-1",
        "text": "We agree.",
        "target": "it",
        "moment": "2020-01-02T03:04:05",
        "day": "2020-01-02",
        "decimal": "1.10",
        "bytes": "YWI=",
        "object": '{"a": 1}',
        "list": "[1, 2]",
    }


def test_a_key_of_an_article_that_a_column_has_is_kept_under_another_name(tmp_path: Path) -> None:
    write_article_records(records(label="front page"), tmp_path / "out.csv")
    assert set(pd.read_csv(tmp_path / "out.csv")["original_label"]) == {"front page"}


def test_gz_is_packed_and_the_same_every_time(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_pair_records([{"id": "1", "text": "é"}], tmp_path / name)
    assert json.loads(gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes())) == {"id": "1", "text": "é"}
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_html_is_what_the_page_function_makes_of_the_articles(tmp_path: Path) -> None:
    write_article_records(records(), tmp_path / "out.html", page=lambda articles: "|".join(one.id for one in articles))
    assert (tmp_path / "out.html").read_text(encoding="utf-8") == "a|b"


def test_an_unknown_ending_is_refused_with_those_there_are() -> None:
    with pytest.raises(FormatError, match=r"'\.xlsx'.*\.parquet"):
        check_ending("out.xlsx", ARTICLE_ENDINGS)


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    class Broken:
        def __iter__(self) -> Any:
            yield {"id": "1"}
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_pair_records(Broken(), tmp_path / "out.jsonl")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x.parquet.gz", "x.gz", "x.zst"])
def test_packed_parquet_is_refused(name: str) -> None:
    with pytest.raises(FormatError, match="Parquet is packed already"):
        check_ending(name, ARTICLE_ENDINGS)


def test_a_file_in_the_place_of_a_folder_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "stances").write_text("mine", encoding="utf-8")
    with pytest.raises(FormatError, match="there is a file of this name"):
        check_ending(tmp_path / "stances", PAIR_ENDINGS)


@pytest.mark.parametrize("labelled", [True, False])
def test_gold_and_answer_never_share_a_column(tmp_path: Path, labelled: bool) -> None:
    rows = [{"id": "1", "predicted": "favor"}, {"id": "2", "predicted": "against"}]
    if labelled:
        rows[1] = {"id": "2", "label": "neutral", "predicted": "against"}
    for name in ("out.jsonl", "out.csv"):
        write_pair_records(rows, tmp_path / name)
    answer = "predicted" if labelled else "label"
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [row[answer] for row in written] == ["favor", "against"]
    assert (tmp_path / "out.csv").read_text("utf-8").startswith(f"id,{answer}")


def test_columns_of_ones_own_that_meet_when_renamed_are_both_kept() -> None:
    record = {"id": "a", "label": "front page", "original_label": "old", "quotes": [{"id": "q"}]}
    (row,) = stance_rows(record, ["favor"])
    assert (row["original_original_label"], row["original_label"], row["label"]) == ("front page", "old", None)
