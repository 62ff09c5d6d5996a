"""A bad row is refused with its place and reason, and the rows around it are kept."""

import json
from pathlib import Path

import pandas as pd
import pytest

from quotestance.inference import raw_articles as rows_to_articles
from quotestance.inference import rejects
from quotestance.inference.readers import pair_rows, raw_articles
from quotestance.inference.rejects import Reject, SeenIds

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


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    kept, (refused,) = of(tmp_path / "a.jsonl", b'{"id": "x", "text": "One."}\n{"id": "x", "text": "Two."}\n')
    assert kept == 1
    assert "'x' stands already" in refused.reason


def test_a_row_of_a_pair_table_without_a_target_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,target\nWe agree.,the plan\nWe agree.,\n", encoding="utf-8")
    good, refused = pair_rows(tmp_path / "a.csv").items()
    assert good.id == "row-1"
    assert isinstance(refused, Reject)
    assert refused.line == 3
    assert "column 'target': is empty" in refused.reason


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
        "reason": "there is no text in it.",
    }
