"""A bad row is refused with its place and reason, and the rows around it are kept."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from quotestance.data.errors import FormatError
from quotestance.data.records import Article
from quotestance.inference import raw_articles as rows_to_articles
from quotestance.inference import readers, rejects, table_rows
from quotestance.inference.readers import pair_rows, raw_articles, records
from quotestance.inference.rejects import Reject, SeenIds
from quotestance.inference.sources import Sources

GOOD = b'{"text": "Good."}\n'


def of(path: Path, content: bytes, **options: object) -> tuple[int, list[Reject]]:
    path.write_bytes(content)
    found = list(raw_articles([path], **options).items())
    refused = [one for one in found if isinstance(one, Reject)]
    assert all(one.file == str(path) for one in refused)
    return len(found) - len(refused), refused


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"text": "broken\n', "is not JSON"),
        (b'{"text": "  "}\n', "no text"),
        (b'{"words": "x"}\n', "no column 'text'; there are: words"),
        (b'{"text": "\xff"}\n', "not UTF-8"),
        (b'["text"]\n', "should be an object"),
        (b'{"text": 7}\n', "should be text"),
        (
            b'{"format": "quotestance/1", "id": "a", "text": "x", "quotes": [{"id": "q", "spans": [{"start": 0, "end": 1, "text": "y"}]}]}\n',
            "'y'",
        ),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_the_lines_around_it_are_kept(
    tmp_path: Path, bad: bytes, reason: str
) -> None:
    kept, (refused,) = of(tmp_path / "a.jsonl", GOOD + bad + GOOD)
    assert kept == 2
    assert refused.line == 2
    assert reason in refused.reason
    assert str(tmp_path) not in refused.reason


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"only one\n", "has 1 cells"),
        (b"x,\xe9t\xe9\n", "byte (0xe9)"),
        (b'x,"a"b\n', "quotation marks"),
        (b"x,\n", "no text"),
    ],
)
def test_a_bad_row_of_a_table_is_refused_with_its_line(tmp_path: Path, bad: bytes, reason: str) -> None:
    kept, (refused,) = of(tmp_path / "a.csv", b'n,text\n1,"Two\nlines."\n' + bad + b"2,Good.\n")
    assert kept == 2
    assert refused.line == 4
    assert reason in refused.reason


def test_a_text_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_to_articles, "LONGEST_TEXT", 10)
    kept, (refused,) = of(tmp_path / "a.jsonl", GOOD + b'{"text": "More than ten."}\n')
    assert kept == 1
    assert "14 characters" in refused.reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b""),
        ("b.txt", b"\xff\xfea"),
        ("c.txt.gz", b"\x1f\x8bbroken"),
        ("c.csv.zst", b"\x28\xb5\x2f\xfdbroken"),
        ("d.parquet", b"PAR1"),
        ("e.csv", b""),
    ],
)
def test_a_file_that_cannot_be_read_is_one_reject(tmp_path: Path, name: str, content: bytes) -> None:
    kept, (refused,) = of(tmp_path / name, content)
    assert (kept, refused.line) == (0, None)


def test_a_corrupt_page_of_parquet_loses_its_row_group_only(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    frame = pd.DataFrame({"text": [f"Text number {n} of the table." for n in range(30)]})
    frame.to_parquet(
        path, row_group_size=10, compression="none", engine="pyarrow", use_dictionary=False, write_statistics=False
    )
    content = bytearray(path.read_bytes())
    place = content.index(b"Text number 10 ")
    content[place - 20 : place] = b"\xff" * 20
    kept, (refused,) = of(path, bytes(content))
    assert kept == 20
    assert "rows 11 to 20 can't be read" in refused.reason
    assert (refused.row, refused.rows) == (11, 10)
    reading = raw_articles([path])
    list(reading.items())
    assert reading.count == 30


def parquet_of(path: Path, **columns: pa.Array) -> bytes:
    pyarrow.parquet.write_table(pa.table(columns), path)
    return path.read_bytes()


def test_a_cell_of_parquet_that_is_not_utf_8_loses_its_row_only(tmp_path: Path) -> None:
    broken = pa.array([b"One.", b"Tw\xff.", b"Three."]).view(pa.string())
    kept, (refused,) = of(
        tmp_path / "a.parquet", parquet_of(tmp_path / "a.parquet", text=broken, n=pa.array([1, 2, 3]))
    )
    assert (kept, refused.row, refused.rows) == (2, 2, 1)
    assert "column 'text' has a byte (0xff) that is not UTF-8" in refused.reason


def test_bytes_of_parquet_are_text_where_text_is_read_and_a_reject_where_they_are_not_utf_8(tmp_path: Path) -> None:
    columns = {"body": pa.array(["Café.".encode(), b"Caf\xe9.", b"Tea."]), "nr": pa.array([b"a", b"b", b"c"])}
    parquet_of(tmp_path / "a.parquet", **columns, target=pa.array([b"tea"] * 3), image=pa.array([b"\xff"] * 3))
    first, refused, last = raw_articles([tmp_path / "a.parquet"], text="body", id="nr").items()
    assert [(one.id, one.text, one.extra["image"]) for one in (first, last)] == [
        ("a", "Café.", "/w=="),
        ("c", "Tea.", "/w=="),
    ]
    assert (refused.row, "column 'body' has a byte (0xe9)" in refused.reason) == (2, True)
    first, refused, last = pair_rows(Sources([tmp_path / "a.parquet"]), {"text": "body", "id": "nr"}).items()
    assert [(one.id, one.pair.text, one.pair.target) for one in (first, last)] == [
        ("a", "Café.", "tea"),
        ("c", "Tea.", "tea"),
    ]
    assert (refused.row, "column 'body' has a byte (0xe9)" in refused.reason) == (2, True)


def test_two_columns_of_one_name_refuse_a_parquet_file_by_that_name(tmp_path: Path) -> None:
    table = pa.table([pa.array(["One."]), pa.array(["Two."])], names=["text", "text"])
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    kept, (refused,) = of(tmp_path / "a.parquet", (tmp_path / "a.parquet").read_bytes())
    assert kept == 0
    assert "two columns are called 'text'. Give each its own name." in refused.reason


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    kept, (refused,) = of(tmp_path / "a.jsonl", b'{"id": "x", "text": "One."}\n{"id": "x", "text": "Two."}\n')
    assert kept == 1
    assert "'x' stands already" in refused.reason


def test_a_row_of_a_pair_table_without_a_target_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,target\nWe agree.,the plan\nWe agree.,\n", encoding="utf-8")
    good, refused = pair_rows(Sources([tmp_path / "a.csv"])).items()
    assert good.id == "row-1"
    assert isinstance(refused, Reject)
    assert refused.line == 3
    assert "column 'target': is empty" in refused.reason


def test_the_commonest_reasons_are_counted_without_what_differs_from_row_to_row() -> None:
    twice = [Reject("a", 1, rejects.stands_twice(f"it's {n}"), rows=2) for n in range(3)]
    labels = [Reject("a", 1, f"article {id}: its labels are pro, con", id=id) for id in ("x", "a-b.")]
    column = [Reject("a", 1, "there is no column 'text'; there are: words.")] * 4
    odd = [Reject("a", 1, f"row {n} should be an object {{ … }}, but is {[f'{n}' * 99]!r:.40}.") for n in range(3)]
    refused = [one.record() for one in (*odd, *labels, *column, *twice)]
    assert rejects.commonest_reasons(refused, most=9) == (
        ("the id … stands already at an earlier row. Give each its own.", 6),
        ("there is no column 'text'; there are: words.", 4),  # nothing differs, so nothing is left out
        ("row … should be an object { … }, but is …", 3),
        ("article …: its labels are pro, con", 2),
    )
    assert len(rejects.commonest_reasons(refused)) == 3


def test_more_kinds_of_reasons_than_are_held_count_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejects, "MOST_KINDS", 2)
    refused = [Reject("a", 1, reason).record() for reason in ("one", "two", "three", "four", "one", "five")]
    assert rejects.commonest_reasons(refused) == (("other reasons", 3), ("one", 2), ("two", 1))


def test_seen_ids_tell_new_from_old_through_their_growth() -> None:
    seen = SeenIds()
    names = [f"article-{n}" for n in range(3 * rejects._FIRST_PLACES)]
    assert all(seen.add(name) for name in names)
    assert not any(seen.add(name) for name in names)


def test_a_reject_is_a_line_of_json(tmp_path: Path) -> None:
    _, (refused,) = of(tmp_path / "a.txt", b" ")
    assert json.loads(json.dumps(refused.record())) == {
        "file": str(tmp_path / "a.txt"),
        "line": None,
        "row": None,
        "id": "a",
        "reason": "there is no text in it.",
        "rows": 1,
    }


@pytest.mark.parametrize("ending", ["parquet", "json", "jsonl", "csv"])
def test_a_reject_tells_row_and_id_also_where_there_are_no_lines(tmp_path: Path, ending: str) -> None:
    rows = [{"id": "a", "text": "One."}, {"id": "b", "text": " "}, {"id": "a", "text": "Two."}]
    path, frame = tmp_path / f"a.{ending}", pd.DataFrame(rows)
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=ending == "jsonl")
    _, (empty, twice) = of(path, path.read_bytes())
    assert [(one.row, one.id) for one in (empty, twice)] == [(2, "b"), (3, "a")]
    lines = {"parquet": (None, None), "json": (None, None), "jsonl": (2, 3), "csv": (3, 4)}[ending]
    assert (empty.line, twice.line) == lines
    assert twice.place.endswith(", row 3" if lines[0] is None else f", line {lines[1]}")


def test_a_header_that_is_not_utf_8_refuses_its_table_by_name(tmp_path: Path) -> None:
    kept, (refused,) = of(tmp_path / "a.csv", b"text,caf\xe9\nOne.,x\nTwo.,y\n")
    assert (kept, refused.line) == (0, 1)
    assert "column 2 has a byte (0xe9)" in refused.reason


def test_an_open_quotation_mark_tells_which_lines_it_took_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b"x,Good.\n" * 20
    kept, (refused,) = of(tmp_path / "a.csv", b'n,text\n1,"open\n' + rows)
    assert (kept, refused.line) == (0, 2)
    assert "everything to the end of the file, 21 lines, and the rows in them are lost" in refused.reason
    monkeypatch.setattr(table_rows, "LONGEST_CELL", 64)
    kept, (refused,) = of(tmp_path / "b.csv", b'n,text\n1,"open\n' + rows)
    assert "everything to line 10, 9 lines" in refused.reason
    assert kept == 12


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_line_that_is_too_long_is_refused_without_being_held_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(table_rows, "LONGEST_LINE", 1 << 20)
    monkeypatch.setattr(table_rows, "LONGEST_CELL", 1 << 20)
    long, path = 100_000_000, tmp_path / f"a.{ending}"
    head, start, end = (GOOD, b'{"text": "', b'"}\n') if ending == "jsonl" else (b"text\nGood.\n", b"", b"\n")
    with open(path, "wb") as stream:
        stream.write(head + start)
        stream.writelines([b"x" * 1_000_000] * (long // 1_000_000))
        stream.write(end + head.splitlines(keepends=True)[-1])
    tracemalloc.start()
    found = list(raw_articles([path]).items())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    first, refused, last = found
    assert first.text == last.text == "Good."
    assert refused.line == (2 if ending == "jsonl" else 3)
    assert "longer than" in refused.reason
    assert peak < long / 5


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.json", "a.txt.gz"])
def test_a_file_that_is_too_large_for_one_article_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for module in (table_rows, readers):
        monkeypatch.setattr(module, "LONGEST_LINE", 1 << 20)
    content = b'{"text": "' + b"x" * (1 << 20) + b'"}'
    kept, (refused,) = of(tmp_path / name, gzip.compress(content) if name.endswith("gz") else content)
    assert kept == 0
    assert "than 1 MiB" in refused.reason


def test_records_and_pairs_that_are_too_long_are_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_to_articles, "LONGEST_TEXT", 10)
    record = {"format": "quotestance/1", "id": "a", "text": "More than ten."}
    _, (refused,) = of(tmp_path / "a.jsonl", json.dumps(record).encode())
    assert "14 characters" in refused.reason
    (refused,) = records(Sources([tmp_path / "a.jsonl"])).items()
    assert isinstance(refused, Reject)
    (tmp_path / "a.csv").write_text("text,target\nMore than ten.,the plan\n", encoding="utf-8")
    (refused,) = pair_rows(Sources([tmp_path / "a.csv"])).items()
    assert isinstance(refused, Reject)
    assert "14 characters" in refused.reason


def test_a_stance_toward_a_target_that_the_record_does_not_have_is_refused(tmp_path: Path) -> None:
    quote = {"id": "q", "spans": [{"start": 0, "end": 1, "text": "x"}], "stances": [{"target": "none", "label": None}]}
    record = {"format": "quotestance/1", "id": "a", "text": "x", "targets": [], "quotes": [quote]}
    _, (refused,) = of(tmp_path / "a.jsonl", json.dumps(record).encode())
    assert "'none'" in refused.reason


def test_what_a_library_raises_on_one_odd_page_refuses_this_page_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(content: bytes, *, id: str) -> Article:
        if id == "b":
            raise RecursionError("maximum recursion depth exceeded")
        return Article(id=id, text="Text.")

    monkeypatch.setattr(readers, "page_article", odd)
    for name in ("a.html", "b.html", "c.html"):
        (tmp_path / name).write_text("<html>", encoding="utf-8")
    first, refused, last = raw_articles([tmp_path]).items()
    assert (first.id, last.id) == ("a", "c")
    assert "RecursionError: maximum recursion depth" in refused.reason


def test_rejects_without_a_good_row_between_them_are_not_piled_up(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"broken\n" * 1000)
    source = next(iter(Sources([tmp_path / "a.jsonl"])))
    next(table_rows.read_rows(source))
    reading = raw_articles([tmp_path / "a.jsonl"])
    next(reading.items())
    assert reading.count == 1


def test_a_surrogate_in_a_text_is_refused() -> None:
    with pytest.raises(FormatError, match=r"half of a surrogate pair \(U\+D83D\)"):
        rows_to_articles.article_of_text("a\ud83d", id="a")


@pytest.mark.parametrize("ending", ["jsonl.gz", "csv.gz"])
def test_packed_data_that_breaks_off_says_that_the_rest_is_lost(tmp_path: Path, ending: str) -> None:
    line = GOOD if "jsonl" in ending else b"Good.\n"
    content = (b"" if "jsonl" in ending else b"text\n") + line * 200_000
    packed = gzip.compress(content, 0)[:-500_000]
    path = tmp_path / f"a.{ending}"
    path.write_bytes(packed)
    *good, refused = raw_articles([path]).items()
    assert len(good) > 1000
    assert isinstance(refused, Reject)
    assert "The rest of the file is lost" in refused.reason


def test_a_table_with_another_separator_is_told_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Nr;Volltext\n1;Sie sagte ja.\n2;Er sagte nein.\n", encoding="utf-8")
    (refused,) = raw_articles([path], text="Volltext", id="Nr").items()
    assert isinstance(refused, Reject)
    assert refused.reason.startswith("the columns are separated by ';', not by ','. Save it as .csv with commas")
