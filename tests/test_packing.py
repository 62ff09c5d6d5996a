"""Compressed files are read and written like others: told by their content, packed to the same bytes, refused when broken."""

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pytest

from quotestance.data.atomic import whole_file
from quotestance.data.errors import FormatError
from quotestance.data.json_lines import opened, read_json
from quotestance.data.packing import BROKEN, without_packing
from quotestance.inference.readers import raw_articles
from quotestance.inference.rejects import Reject

LINES = b"".join(b'{"id": "%d", "text": "Words of line %d."}\n' % (n, n) for n in range(20_000))


def packed_zst(content: bytes) -> bytes:
    packed: bytes = pyarrow.compress(content, codec="zstd", asbytes=True)
    return packed


PACK: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": packed_zst}


@pytest.mark.parametrize("ending", PACK)
def test_what_is_packed_is_unpacked_to_the_same_bytes_and_packed_again_to_the_same_file(
    tmp_path: Path, ending: str
) -> None:
    for name in ("a", "b"):
        with whole_file(tmp_path / f"{name}.jsonl{ending}") as stream:
            stream.writelines(LINES.splitlines(keepends=True))
    one, other = ((tmp_path / f"{name}.jsonl{ending}").read_bytes() for name in ("a", "b"))
    assert one == other
    assert len(one) < len(LINES) / 4
    with opened(tmp_path / f"a.jsonl{ending}") as stream:
        assert stream.read() == LINES


@pytest.mark.parametrize("ending", PACK)
def test_files_that_were_joined_are_read_to_their_end(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"two.jsonl{ending}"
    path.write_bytes(PACK[ending](LINES) + PACK[ending](b'{"id": "last"}\n'))
    assert [entry.value["id"] for entry in read_json(path)][-2:] == ["19999", "last"]


@pytest.mark.parametrize("ending", PACK)
def test_the_content_tells_how_it_is_packed_whatever_the_name_says(tmp_path: Path, ending: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(PACK[ending](LINES))
    assert sum(1 for _ in read_json(tmp_path / "a.jsonl")) == 20_000


@pytest.mark.parametrize("ending", PACK)
def test_a_file_that_breaks_off_says_so(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(PACK[ending](LINES)[:-20])
    refused: list[FormatError] = []
    assert sum(1 for _ in read_json(path, refuse=refused.append)) < 20_000
    assert "compressed data is broken or ends too early" in str(refused[-1])
    *_, last = raw_articles([path]).items()
    assert isinstance(last, Reject)
    with opened(path) as stream, pytest.raises(BROKEN):
        stream.read()


@pytest.mark.parametrize("ending", PACK)
def test_standard_input_may_be_packed(ending: str) -> None:
    code = "from quotestance.inference.readers import raw_articles; print(sum(1 for _ in raw_articles(['-']).items()))"
    done = subprocess.run([sys.executable, "-c", code], input=PACK[ending](LINES), capture_output=True, check=True)
    assert done.stdout.split() == [b"20000"]


@pytest.mark.parametrize(
    ("name", "without"),
    [("a.jsonl.gz", "a.jsonl"), ("b.v2.csv.ZST", "b.v2.csv"), ("c.zst.txt", "c.zst.txt"), ("d", "d")],
)
def test_the_ending_below_the_packing_says_what_a_file_holds(name: str, without: str) -> None:
    assert without_packing(name) == Path(without)
