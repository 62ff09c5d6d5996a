"""Raw articles of every kind are read as a stream, with their ids, order and extra columns kept."""

import datetime
import gzip
import io
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quotestance.data.errors import FormatError
from quotestance.data.records import Article, Target
from quotestance.inference.readers import raw_articles
from quotestance.inference.rejects import Reject
from quotestance.inference.table_rows import plain

PAGE = """<!doctype html><html><head><title>Port will not be sold</title></head><body><nav>Home</nav><article>
<h1>Port will not be sold</h1>
<p>The mayor said on Monday that the city would keep its port. "We will not sell it," she told the council, which had met all day.</p>
<p>Unions welcomed the decision and promised to work with the city on the repair of the two old piers in the north.</p>
</article></body></html>"""


def read(*paths: Path | str, **options: object) -> list[Article]:
    found = list(raw_articles(paths, **options).items())
    assert not [one for one in found if isinstance(one, Reject)], found
    return [one for one in found if isinstance(one, Article)]


def test_a_folder_is_read_in_the_order_of_names_with_its_subfolders_in_the_ids(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "2020/a.txt", ".hidden.txt", "notes.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(f"Text of {name}\r\n".encode())
    found = read(tmp_path)
    assert [(one.id, one.text) for one in found] == [
        ("a", "Text of a.txt\r\n"),
        ("b", "Text of b.txt\r\n"),
        ("2020/a", "Text of 2020/a.txt\r\n"),
    ]


def test_a_glob_means_the_files_it_matches_and_one_without_a_match_is_refused(tmp_path: Path) -> None:
    for name in ("a1.txt", "a2.txt", "b.txt"):
        (tmp_path / name).write_text("Text.", encoding="utf-8")
    assert [one.id for one in read(tmp_path / "a*.txt")] == ["a1", "a2"]
    with pytest.raises(FormatError, match="no file matches"):
        raw_articles([tmp_path / "c*.txt"])


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "jsonl", "jsonl.gz", "csv.gz"])
def test_columns_are_mapped_and_the_others_kept(tmp_path: Path, ending: str) -> None:
    rows = [
        {
            "url": f"https://x.org/{n}",
            "body": f'Line one,\n"said" {n}',
            "outlet": "The \u06cc\u200c Times",
            "text": "teaser",
            "labels": "x",
        }
        for n in (2, 1)
    ]
    path = tmp_path / f"articles.{ending}"
    frame = pd.DataFrame(rows)
    if "parquet" in ending:
        frame.to_parquet(path)
    elif "jsonl" in ending:
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
    else:
        frame.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    found = read(path, text="body", id="url")
    assert [one.id for one in found] == ["https://x.org/2", "https://x.org/1"]
    assert found[0].url == "https://x.org/2"
    assert found[0].text == 'Line one,\n"said" 2'
    assert found[0].extra == {"outlet": "The \u06cc\u200c Times", "original_text": "teaser", "original_labels": "x"}


def test_rows_without_an_id_are_called_by_file_and_number(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text("text\nOne.\nTwo.\n", encoding="utf-8")
    assert [one.id for one in read(path)] == ["news-1", "news-2"]
    (tmp_path / "one.json").write_text('{"text": "One.", "n": 1}', encoding="utf-8")
    (tmp_path / "many.json").write_text('[{"text": "One."}, {"text": "Two."}]', encoding="utf-8")
    assert [one.id for one in read(tmp_path / "one.json", tmp_path / "many.json")] == ["one", "many-1", "many-2"]


def test_typed_cells_of_parquet_are_kept_as_json_holds_them(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"id": [7], "text": ["Text."], "day": [datetime.date(2019, 9, 24)], "share": [float("nan")], "n": [3]}
    )
    frame.to_parquet(tmp_path / "a.parquet")
    (found,) = read(tmp_path / "a.parquet")
    assert found.id == "7"
    assert found.extra == {"day": "2019-09-24", "share": None, "n": 3}


def test_records_of_the_format_stay_as_they_are_and_targets_are_added(tmp_path: Path) -> None:
    record = {
        "format": "quotestance/1",
        "id": "r",
        "text": "Text.",
        "targets": [{"id": "a", "name": "plan A"}],
        "mine": 1,
    }
    (tmp_path / "r.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (found,) = read(tmp_path / "r.jsonl", targets=[Target(id="x", name="plan A"), Target(id="b", name="plan B")])
    assert [(one.id, one.name) for one in found.targets] == [("a", "plan A"), ("b", "plan B")]
    assert found.extra == {"mine": 1}


def test_a_page_gives_its_article_and_records_what_extracted_it(tmp_path: Path) -> None:
    trafilatura = pytest.importorskip("trafilatura", reason="the extra [html] is not installed")
    (tmp_path / "port.html").write_text(PAGE, encoding="utf-8")
    (found,) = read(tmp_path / "port.html")
    assert found.id == "port"
    assert "We will not sell it" in (found.text or "")
    assert "Home" not in (found.text or "")
    assert found.title == "Port will not be sold"
    assert found.extra["extraction"] == {"extractor": "trafilatura", "version": trafilatura.__version__}


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (b'{"text": "One."}\n{"text": "Two."}\n', ["stdin-1", "stdin-2"]),
        (b'{\n"text":\n"One."}', ["stdin"]),
        (b"Plain.", ["stdin"]),
    ],
)
def test_standard_input_is_told_by_how_it_begins(
    monkeypatch: pytest.MonkeyPatch, content: bytes, ids: list[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert [one.id for one in read("-")] == ids


def test_skipping_gives_the_rest_of_the_same_stream(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "c.csv").write_text("text\nOne.\n\nTwo.\nThree.\n", encoding="utf-8")
    whole = list(raw_articles([tmp_path]).items())
    assert len(whole) == 5
    for skip in range(7):
        reading = raw_articles([tmp_path])
        assert list(reading.items(skip)) == whole[skip:]
        assert reading.count == 5


def test_the_output_and_its_parts_are_not_read_back(tmp_path: Path) -> None:
    parts = ("out.jsonl.parts/00000000.jsonl", "out.jsonl.parts/run.json")
    for name in ("a.jsonl", "out.jsonl", "out.jsonl.rejects.jsonl", *parts):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"text": "One."}\n', encoding="utf-8")
    assert [one.id for one in read(tmp_path, out=tmp_path / "out.jsonl")] == ["a-1"]
    with pytest.raises(FormatError, match="both input and output"):
        raw_articles([tmp_path / "a.jsonl"], out=tmp_path / "a.jsonl")


def test_cells_that_meet_when_renamed_are_both_kept_and_objects_become_json(tmp_path: Path) -> None:
    row = {"text": "One.", "targets": "x", "original_targets": "y", "title": {"x": 1}}
    (tmp_path / "a.json").write_text(json.dumps(row), encoding="utf-8")
    (found,) = read(tmp_path / "a.json")
    assert found.extra == {"original_original_targets": "x", "original_targets": "y"}
    assert found.title == '{"x": 1}'


def test_the_text_may_be_the_id(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nOne.\n", encoding="utf-8")
    assert [one.id for one in read(tmp_path / "a.csv", id="text")] == ["One."]


def test_blank_lines_above_the_header_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n  \nn,text\n1,One.\n", encoding="utf-8")
    assert [one.text for one in read(tmp_path / "a.csv")] == ["One."]


def test_cells_of_numpy_and_pandas_are_numbers_or_missing() -> None:
    values = [np.int64(3), np.float64(0.5), np.bool_(True), pd.NA, pd.NaT, np.float64("nan"), np.array([1, 2])]
    assert [plain(value) for value in values] == [3, 0.5, True, None, None, None, [1, 2]]
