"""`read_material`: articles or a pair table, whichever a path holds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pandas as pd
import pytest

from quotestance.data.errors import CorpusError, FormatError
from quotestance.data.files import write_articles
from quotestance.data.material import read_material
from quotestance.data.pair_tables import write_pairs
from quotestance.data.pairs import Pair
from quotestance.data.records import Article, Quote, Span, Stance, Target

TEXT = "Ann said yes."
ARTICLE = Article(
    id="a",
    text=TEXT,
    targets=(Target(id="t", name="tax"), Target(id="u", name="law")),
    quotes=(
        Quote(
            id="q",
            spans=(Span.of(TEXT, 9, 12),),
            stances=(Stance(target="t", label="favor"), Stance(target="u", label="unclear")),
        ),
    ),
)
PAIR = Pair(id="1", text="No.", target="tax", label="against")
ROOT = Path(__file__).parents[1]


def test_a_frame_is_told_that_it_needs_no_reading() -> None:
    with pytest.raises(FormatError, match=r"not a DataFrame.*evaluate\(frame, model\.predict_frame\(frame\)\)"):
        read_material(pd.DataFrame({"text": ["No."], "target": ["tax"]}))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.jsonl.gz", "folder/a.jsonl"])
def test_articles_give_their_labelled_pairs(tmp_path: Path, name: str) -> None:
    write_articles([ARTICLE], tmp_path / name)
    path = tmp_path / "folder" if "folder" in name else tmp_path / name
    assert [(pair.quote_text, pair.target, pair.label) for pair in read_material(path)] == [("yes", "tax", "favor")]
    assert [pair.label for pair in read_material(path, unclear=True)] == ["favor", "unclear"]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.parquet", "a.jsonl", "a.csv.gz", "a.jsonl.gz", "a.jsonl.zst"])
def test_a_pair_table_gives_its_rows_and_unclear_ones_when_asked(tmp_path: Path, name: str) -> None:
    doubtful, asked = Pair(id="2", text="Well.", target="tax", label="unclear"), Pair(id="3", text="Oh.", target="tax")
    write_pairs([PAIR, doubtful, asked], tmp_path / name)
    assert read_material(tmp_path / name) == [PAIR, asked]
    assert read_material(tmp_path / name, unclear=True) == [PAIR, doubtful, asked]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "pairs.jsonl", "pairs.csv"])
def test_standard_input_may_hold_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if name.startswith("pairs"):
        write_pairs([PAIR], tmp_path / name)
    else:
        write_articles([ARTICLE], tmp_path / name)
    with open(tmp_path / name, encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        found = read_material("-")
    assert found == read_material(tmp_path / name)
    assert [pair.target for pair in found] == ["tax"]


@pytest.mark.parametrize("name", ["none.csv", "none.jsonl", "none", "a.docx"])
def test_what_is_neither_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK")
    with pytest.raises(FormatError, match=r"no such file|can't be read|ending '.docx'"):
        read_material(tmp_path / name)


def test_records_without_text_need_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUOTESTANCE_CORPORA", raising=False)
    write_articles(
        [Article(id="p", text=None, text_ref={"corpus": "polnear", "split": "test", "article": "x"})],
        tmp_path / "a.jsonl",
    )
    with pytest.raises(CorpusError, match="--corpora DIR"):
        read_material(tmp_path / "a.jsonl")
    with pytest.raises(CorpusError, match="is missing"):
        read_material(tmp_path / "a.jsonl", tmp_path)


@pytest.mark.corpus
@pytest.mark.skipif(
    "QUOTESTANCE_CORPORA" not in os.environ,
    reason="needs PolNeAR: set QUOTESTANCE_CORPORA to the folder that holds polnear/",
)
def test_the_shipped_labels_join_to_the_corpus() -> None:
    pairs = read_material(ROOT / "data" / "annotated" / "polnear" / "test.jsonl")
    assert len(pairs) == 727  # 759 pairs, of which 32 are unclear
    assert all(pair.quote and pair.text for pair in pairs)
