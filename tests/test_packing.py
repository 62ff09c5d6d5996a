"""Packed files are read and written like plain ones, and a torn one is told from a whole one."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from quotestance.data.atomic import whole_file
from quotestance.data.json_lines import opened
from quotestance.data.packing import unpacked, without_packing
from quotestance.inference.readers import pair_rows, raw_articles
from quotestance.inference.rejects import Reject

CONTENT = b"".join(b'{"id": "%d", "text": "We agree.", "target": "the plan"}\n' % n for n in range(20_000))


def zstandard_packed(content: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard", reason="needs the extra zst")
    packed: bytes = zstandard.ZstdCompressor().compress(content)
    return packed


@pytest.mark.parametrize(
    ("name", "plain"), [("a.jsonl.gz", "a.jsonl"), ("a.json.ZST", "a.json"), ("b.zst.csv", "b.zst.csv")]
)
def test_a_name_says_what_is_in_a_packed_file(name: str, plain: str) -> None:
    assert without_packing(name) == Path(plain)


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_what_is_written_packed_is_read_back_and_the_same_content_is_the_same_bytes(
    tmp_path: Path, ending: str
) -> None:
    if ending == "zst":
        pytest.importorskip("zstandard", reason="needs the extra zst")
    places = [tmp_path / f"{name}.jsonl.{ending}" for name in "ab"]
    for place in places:
        with whole_file(place) as stream:
            stream.write(CONTENT)
    assert places[0].read_bytes() == places[1].read_bytes()
    assert len(places[0].read_bytes()) < len(CONTENT) / 5
    with opened(places[0]) as stream:
        assert stream.read() == CONTENT
    read = [row for row in pair_rows(places[0]).items() if not isinstance(row, Reject)]
    assert [row.id for row in read] == [str(number) for number in range(20_000)]


def test_several_frames_are_one_file() -> None:
    packed = io.BytesIO(zstandard_packed(b"one\n") + zstandard_packed(b"two\n"))
    with unpacked(io.BufferedReader(packed)) as plain:
        assert list(plain) == [b"one\n", b"two\n"]


@pytest.mark.parametrize("name", ["torn.jsonl.zst", "torn.csv.zst", "torn.txt.zst"])
def test_a_torn_file_ends_in_a_reject(tmp_path: Path, name: str) -> None:
    content = CONTENT if "csv" not in name else b"text\n" + b"We agree.\n" * 20_000
    (tmp_path / name).write_bytes(zstandard_packed(content)[:-7])
    *_, last = raw_articles([tmp_path / name]).items()
    assert isinstance(last, Reject)
    assert "ended before its end" in last.reason


def test_packed_tables_and_texts_of_a_folder_are_read(tmp_path: Path) -> None:
    (tmp_path / "news.csv.zst").write_bytes(zstandard_packed("id,text\na,“Ja.”\n".encode()))
    (tmp_path / "one.txt.zst").write_bytes(zstandard_packed("“No,” she said.".encode()))
    found = {one.id: one.text for one in raw_articles([tmp_path]).items() if not isinstance(one, Reject)}
    assert found == {"a": "“Ja.”", "one": "“No,” she said."}


def test_without_the_library_the_error_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd rubbish")
    code = (
        "import sys; sys.modules['zstandard'] = None\n"
        "from quotestance.data.errors import MissingExtra\n"
        "from quotestance.data.json_lines import opened\n"
        "try:\n  opened(sys.argv[1]).__enter__()\nexcept MissingExtra as problem:\n  print(problem)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.jsonl.zst")], capture_output=True, text=True)
    assert "pip install 'quotestance[zst]'" in done.stdout, done.stderr
