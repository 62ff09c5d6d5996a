"""Which files an input means: all of them, once, by names that tell them apart, and never what the run itself writes."""

import gzip
import io
import json
import os
import sys
from pathlib import Path

import pandas as pd
import pytest

from quotestance.data.errors import FormatError
from quotestance.inference.readers import QUESTIONS, hold_pairs, pair_rows, raw_articles, records
from quotestance.inference.rejects import Reject
from quotestance.inference.sources import Sources

ROW = b'{"text": "One."}\n'
OF_THE_OUTPUT = ("x.parquet", "x.parquet.parts/00000000.jsonl", "x.parquet.rejects.jsonl", "x.parquet.run.json")


def put(folder: Path, *names: str, content: bytes = ROW) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def names(sources: Sources, folder: Path) -> list[str]:
    return [source.path.relative_to(folder).as_posix() for source in sources]


@pytest.mark.parametrize("pattern", ["**/*.jsonl", "**/*.json*", "*"])
def test_a_glob_passes_over_what_the_run_writes(tmp_path: Path, pattern: str) -> None:
    put(tmp_path, "a.jsonl", *OF_THE_OUTPUT)
    sources = Sources([tmp_path / pattern], out=tmp_path / "x.parquet")
    assert names(sources, tmp_path) == ["a.jsonl"]


def test_a_folder_passes_over_what_the_run_writes_and_nothing_that_is_only_called_alike(tmp_path: Path) -> None:
    put(tmp_path, "2020-01.txt", "2020.txt", "2020/part-00000.parquet", "2020.parts/0.jsonl", "2020.run.json")
    put(tmp_path, "2020.parts.jsonl", "2020.run.json.txt", "below/2020/a.txt")
    kept = ["2020-01.txt", "2020.parts.jsonl", "2020.run.json.txt", "2020.txt", "below/2020/a.txt"]
    assert names(Sources([tmp_path], out=tmp_path / "2020"), tmp_path) == kept


@pytest.mark.parametrize("name", OF_THE_OUTPUT)
def test_a_part_of_the_output_is_no_input(tmp_path: Path, name: str) -> None:
    put(tmp_path, *OF_THE_OUTPUT)
    with pytest.raises(FormatError, match="both input and output"):
        Sources([tmp_path / name], out=tmp_path / "x.parquet")


def test_a_link_to_the_output_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "out/x.jsonl", "out/x.jsonl.run.json", "in/a.jsonl")
    (tmp_path / "in" / "b.jsonl").symlink_to(tmp_path / "out" / "x.jsonl")
    assert names(Sources([tmp_path / "in"], out=tmp_path / "out" / "x.jsonl"), tmp_path) == ["in/a.jsonl"]


@pytest.mark.parametrize("given", ["in", "in/*", "in/**/*.jsonl"])
@pytest.mark.parametrize("own", ["x.jsonl", "x.jsonl.rejects.jsonl"])
def test_a_file_of_a_folder_or_glob_that_no_run_wrote_is_not_overwritten(tmp_path: Path, given: str, own: str) -> None:
    put(tmp_path, "in/a.jsonl", f"in/{own}")
    with pytest.raises(FormatError, match=f"{own}: is both input and output. Name another file with --out"):
        list(Sources([tmp_path / given], out=tmp_path / "in" / "x.jsonl"))


def test_an_empty_folder_may_be_the_output_below_the_input(tmp_path: Path) -> None:
    put(tmp_path, "in/a.jsonl")
    (tmp_path / "in" / "out").mkdir()
    for given in (tmp_path / "in", tmp_path / "in" / "*.jsonl"):
        assert names(Sources([given], out=tmp_path / "in" / "out"), tmp_path) == ["in/a.jsonl"]


def test_linked_folders_are_followed_once_and_never_in_a_loop(tmp_path: Path) -> None:
    put(tmp_path, "in/real/a.txt", "other/b.txt", "in/.store/c.txt")
    links = {
        "link": "../other",
        "twice": "../other",
        "same": "real",
        "store": ".store",
        "real/loop": "..",
        "up": "../..",
    }
    for name, to in links.items():
        (tmp_path / "in" / name).symlink_to(to)
    assert names(Sources([tmp_path / "in"]), tmp_path) == ["in/link/b.txt", "in/real/a.txt", "in/store/c.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_a_pipe_is_a_reject_and_is_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    put(tmp_path, "b.txt", content=b"Text.")
    reading = raw_articles([tmp_path])
    assert len(list(reading.sources.digests())) == 2
    refused, kept = reading.items()
    assert isinstance(refused, Reject)
    assert "no regular file" in refused.reason
    assert kept.id == "b"


def test_a_file_that_cannot_be_opened_is_a_reject_among_the_others(tmp_path: Path) -> None:
    put(tmp_path, "b.txt", content=b"Text.")
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
    for given in (tmp_path, tmp_path / "*.txt"):
        reading = raw_articles([given])
        assert len(list(reading.sources.digests())) == 2
        refused, kept = reading.items()
        assert isinstance(refused, Reject)
        assert "can't be read (No such file" in refused.reason
        assert kept.id == "b"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that this user may not read")
def test_a_folder_that_cannot_be_read_is_told_and_not_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "closed/b.txt")
    (tmp_path / "closed").chmod(0)
    try:
        with pytest.raises(FormatError, match=r"closed: this folder can't be read"):
            list(Sources([tmp_path]))
    finally:
        (tmp_path / "closed").chmod(0o755)


def test_a_folder_that_vanishes_is_told_and_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.txt", "closed/b.txt")
    scandir = os.scandir

    def closed(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(FormatError, match=r"closed: this folder can't be read \(Permission denied\)"):
        list(Sources([tmp_path]))


@pytest.mark.parametrize("change", ["appended", "added before", "added at the end", "removed"])
def test_an_input_that_changes_after_its_digest_was_taken_stops_the_run(tmp_path: Path, change: str) -> None:
    put(tmp_path, "b.txt", "c.txt", content=b"Text.")
    sources = Sources([tmp_path])
    list(sources.digests())
    assert len(list(sources)) == 2
    if change == "appended":
        put(tmp_path, "c.txt", content=b"Text. More.")
    elif change == "removed":
        (tmp_path / "c.txt").unlink()
    else:
        put(tmp_path, "a.txt" if "before" in change else "d.txt")
    with pytest.raises(FormatError, match="since the run began"):
        list(sources)


def test_a_file_that_changes_while_it_is_read_stops_the_run(tmp_path: Path) -> None:
    put(tmp_path, "a.jsonl")
    reading = raw_articles([tmp_path])
    list(reading.sources.digests())
    items = reading.items()
    next(items)
    put(tmp_path, "a.jsonl", content=2 * ROW)
    with pytest.raises(FormatError, match=r"a\.jsonl: this file was changed"):
        list(items)


def ids(*given: Path) -> list[str]:
    found = list(raw_articles(given).items())
    assert not any(isinstance(one, Reject) for one in found), found
    return [one.id for one in found]


def test_files_of_one_name_are_told_apart_by_their_folders_below_the_one_they_share(tmp_path: Path) -> None:
    put(tmp_path, "news/2020/a.txt", "news/2021/a.txt", content=b"Text.")
    news = tmp_path / "news"
    assert ids(news) == ids(news / "**" / "*.txt") == ids(news / "2020", news / "2021") == ["2020/a", "2021/a"]
    assert ids(news / "2020" / "a.txt", news / "2021" / "a.txt") == ids(news / "*" / "a.txt") == ["2020/a", "2021/a"]
    assert ids(news / "2020" / "a.txt") == ids(news / "2020") == ids(news / "2020" / "*.txt") == ["a"]
    assert ids(news / "**") == ["2020/a", "2021/a"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_utf_8_is_written_with_the_byte(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("Text.", encoding="utf-8")
    sources = Sources([tmp_path])
    assert [line.rpartition("/")[2] for line in sources.digests()] == [r"caf\xe9.txt"]
    assert ids(tmp_path) == [r"caf\xe9"]


PAIRS = b"text,target\nWe agree.,the plan\nWe refuse.,the plan\n"


def test_files_of_one_name_keep_the_ending_that_tells_them_apart(tmp_path: Path) -> None:
    for name in ("port.txt", "port.html", "harbour.txt", "harbour.json", "b/port.txt", "b/port.txt.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Words.", encoding="utf-8")

    def told(*given: Path) -> list[str]:
        return sorted(one.id for one in Sources(given, endings=(".txt", ".html")))

    assert told(tmp_path) == ["b/port.txt", "b/port.txt.gz", "harbour", "port.html", "port.txt"]
    assert told(tmp_path / "*.txt", tmp_path / "*.html") == ["harbour", "port.html", "port.txt"]
    assert told(tmp_path / "*.txt") == ["harbour", "port"]
    assert told(tmp_path / "port.txt", tmp_path / "port.txt") == ["port", "port"]  # one file twice is no other file


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_pair_tables_in_folders_and_globs_are_read_with_the_file_in_the_ids(tmp_path: Path, ending: str) -> None:
    frame = pd.read_csv(io.BytesIO(PAIRS))
    for name in ("a", "b"):
        path = tmp_path / f"{name}.{ending}"
        if ending == "parquet":
            frame.to_parquet(path)
        else:
            path.write_bytes(PAIRS if ending == "csv" else frame.to_json(orient="records", lines=True).encode())
    for given in (tmp_path, tmp_path / f"*.{ending}"):
        sources = Sources([given], endings=QUESTIONS)
        assert hold_pairs(sources)
        assert [row.id for row in pair_rows(sources).items()] == ["a-1", "a-2", "b-1", "b-2"]
    one = Sources([tmp_path / f"a.{ending}"], endings=QUESTIONS)
    assert [row.id for row in pair_rows(one).items()] == ["row-1", "row-2"]


def test_an_id_column_that_is_not_there_is_refused_and_not_made_up(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", content=PAIRS)
    first, _ = pair_rows(Sources([tmp_path / "a.csv"]), {"id": "nummer"}).items()
    assert isinstance(first, Reject)
    assert "no column 'nummer'; there are: text, target" in first.reason


def test_an_id_of_another_column_leaves_every_cell(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", content=b"id,original_id,url,text,target\n7,8,u,We agree.,the plan\n")
    (row,) = pair_rows(Sources([tmp_path / "a.csv"]), {"id": "url"}).items()
    assert {key: row.cells[key] for key in ("id", "original_original_id", "original_id", "url")} == {
        "id": "u", "original_original_id": "7", "original_id": "8", "url": "u",
    }  # fmt: skip


def test_rows_are_pairs_by_the_column_that_is_named_for_the_target(tmp_path: Path) -> None:
    put(tmp_path, "a.jsonl", content=b'{"text": "We agree.", "topic": "the plan"}\n')
    assert hold_pairs(Sources([tmp_path / "a.jsonl"]), target="topic")
    put(tmp_path, "b.jsonl", content=json.dumps({"format": "quotestance/1", "id": "a", "text": "x"}).encode())
    assert not hold_pairs(Sources([tmp_path / "b.jsonl"]))


def test_a_json_file_may_hold_pairs(tmp_path: Path) -> None:
    pair = {"text": "We agree.", "target": "the plan"}
    put(tmp_path, "many.json", content=json.dumps([pair, pair]).encode())
    put(tmp_path, "one.json", content=json.dumps(pair).encode())
    for name, expected in [("many.json", ["row-1", "row-2"]), ("one.json", ["row-1"])]:
        sources = Sources([tmp_path / name], endings=QUESTIONS)
        assert hold_pairs(sources)
        assert [row.id for row in pair_rows(sources).items()] == expected


def test_tables_below_a_folder_of_records_are_passed_over_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record = json.dumps({"format": "quotestance/1", "id": "a", "text": "x"}).encode()
    put(tmp_path, "a.jsonl", "b.json", content=record)
    put(tmp_path, "c.csv", "d.csv", content=PAIRS)
    sources = Sources([tmp_path], endings=QUESTIONS)
    assert not hold_pairs(sources)
    assert len(list(records(sources).sources)) == 2
    (told,) = caplog.messages
    assert "2 file(s) passed over, the first" in told
    assert "c.csv: records are read, as in the first file" in told


def test_records_below_a_folder_of_pairs_are_rejects(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", content=PAIRS)
    put(tmp_path, "b.json", content=json.dumps({"format": "quotestance/1", "id": "a", "text": "x"}).encode())
    *_, refused = pair_rows(Sources([tmp_path], endings=QUESTIONS)).items()
    assert isinstance(refused, Reject)
    assert refused.file.endswith("b.json")


def piped(monkeypatch: pytest.MonkeyPatch, content: bytes, **options: object) -> Sources:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    return Sources(["-"], **options)  # type: ignore[arg-type]


def test_tables_on_standard_input_are_known_by_the_column_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"nr": [1], "body": ["One."]})
    packed = io.BytesIO()
    frame.to_parquet(packed)
    for content, ending in [
        (b"nr,body\n1,One.\n", ".csv"),
        (b"nr\tbody\n1\tOne.\n", ".tsv"),
        (packed.getvalue(), ".parquet"),
        (b"He said, in body and soul.\n", ".txt"),
    ]:
        (source,) = piped(monkeypatch, content, column="body")
        assert source.ending == ending


def test_packed_records_on_standard_input_are_records(monkeypatch: pytest.MonkeyPatch) -> None:
    record = json.dumps({"format": "quotestance/1", "id": "a", "text": "x"}).encode()
    assert not hold_pairs(piped(monkeypatch, gzip.compress(record), endings=QUESTIONS))
    assert hold_pairs(piped(monkeypatch, gzip.compress(PAIRS), endings=QUESTIONS))


def test_standard_input_that_cannot_be_kept_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(FormatError, match=r"standard input can't be kept in .* \(No space left on device\)"):
        piped(monkeypatch, PAIRS)


def test_standard_input_stays_while_any_reading_of_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = pair_rows(piped(monkeypatch, PAIRS, endings=QUESTIONS))
    assert [row.id for row in reading.items()] == ["row-1", "row-2"]
