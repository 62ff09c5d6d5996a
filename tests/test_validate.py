"""`validate`: every problem with its place and remedy; moved spans are put back, and only those."""

from __future__ import annotations

import copy
import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from quotestance.commands.validate import validate as command
from quotestance.data.files import read_articles
from quotestance.data.labels import LabelSet
from quotestance.data.validate import validate

ROOT = Path(__file__).parents[1]
TEXT = 'She said: "We will not pay." Later she said: "Ask the bank." He said: "No."'
PERSIAN = "رهبر گفت: «ما مذاکره نمی\u200cکنیم» 😀\r\nو گفت: «هرگز»."


def span(text: str, words: str, number: int = 1) -> dict[str, Any]:
    """The `number`-th place of `words` in `text`."""
    start = -1
    for _ in range(number):
        start = text.index(words, start + 1)
    return {"start": start, "end": start + len(words), "text": words}


def record(text: str = TEXT, **changes: Any) -> dict[str, Any]:
    return {
        "format": "quotestance/1",
        "id": "a1",
        "z-first": 1,
        "text": text,
        "quotes": [
            {"id": "q1", "note": "kept", "spans": [span(text, "We will not pay.")], "cue": span(text, "said", 1)},
            {"id": "q2", "spans": [span(text, "Ask the bank.")], "cue": span(text, "said", 2)},
            {
                "id": "q3",
                "spans": [span(text, "No.")],
                "cue": span(text, "said", 3),
                "speaker": {"mention": span(text, "He")},
            },
        ],
        **changes,
    }


def written(path: Path, *records: Any, indent: int | None = None) -> Path:
    path.write_text(
        "".join(json.dumps(one, ensure_ascii=False, indent=indent) + "\n" for one in records),
        encoding="utf-8",
        newline="",
    )
    return path


def shifted(value: dict[str, Any], added: str) -> dict[str, Any]:
    """The record with `added` before its text, and its offsets as they were."""
    return {**copy.deepcopy(value), "text": added + value["text"]}


def test_files_without_problems_are_counted_and_ok(tmp_path: Path) -> None:
    articles = written(tmp_path / "a.jsonl", record(), record(id="a2"))
    (tmp_path / "p.csv").write_text("text,target\nYes.,tax\nNo.,tax\nWell.,tax\n")
    (tmp_path / "t.toml").write_text("[[target]]\nname = 'tax'\n")
    report = validate([articles, tmp_path / "p.csv", tmp_path / "t.toml"])
    assert (report.ok, report.files, report.records, report.repairs) == (True, 3, 6, ())
    assert report.summary == "3 files, 6 records: nothing wrong."


def test_a_pair_table_with_labels_of_its_own_is_checked_against_those(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("text,target,label\nYes.,tax,pro\nNo.,tax,con\n")
    assert len(validate([tmp_path / "p.csv"]).findings) == 2
    assert validate([tmp_path / "p.csv"], labels=LabelSet(("pro", "con"))).ok


FURTHER_PASSES = ("train-more.jsonl", "*-dense.jsonl", "dev-again.jsonl")  # over articles of the first pass


def test_the_material_that_is_shipped_is_valid(tmp_path: Path) -> None:
    annotated = ROOT / "data" / "annotated"
    first = shutil.copytree(annotated, tmp_path / "annotated", ignore=shutil.ignore_patterns(*FURTHER_PASSES))
    report = validate([first, ROOT / "seeds" / "targets.toml"])
    assert report.findings == ()
    assert report.records > 2
    further = [file for pattern in FURTHER_PASSES for file in annotated.rglob(pattern)]
    assert len(further) == 5
    for file in further:
        assert validate([file]).findings == (), file


def test_a_finding_has_file_line_record_quote_both_strings_and_remedy(tmp_path: Path) -> None:
    bad = record()
    bad["quotes"][1]["spans"][0]["start"] += 1
    path = written(tmp_path / "a.jsonl", record(id="good"), bad)
    (finding,) = validate([path]).findings
    assert (finding.file, finding.line, finding.article, finding.quote) == (str(path), 2, "a1", "q2")
    assert (finding.said, finding.held) == ("Ask the bank.", "sk the bank.")
    assert finding.remedy == "Run 'quotestance validate --repair'."
    assert str(finding) == (
        f"{path}, line 2, article 'a1', quote q2, span 1: the span says 'Ask the bank.', but characters 47..59 "
        "hold 'sk the bank.'. Run 'quotestance validate --repair'."
    )


def test_nothing_that_is_wrong_with_a_file_stops_the_others(tmp_path: Path) -> None:
    rubbish = tmp_path / "r.jsonl"
    rubbish.write_bytes(b"\x89PNG\x00\xff" * 20 + b"\n" + json.dumps(record(id="kept")).encode() + b"\n{\n")
    table = tmp_path / "p.csv"
    table.write_text("text,target,label\nYes.,tax,pro\n,tax,\n")
    targets = tmp_path / "t.toml"
    targets.write_text("[[target]]\nname = ''\n")
    twice = written(tmp_path / "a.jsonl", record(), record())
    report = validate([rubbish, tmp_path / "none.jsonl", table, targets, twice, tmp_path / "x.docx"])
    told = [str(finding) for finding in report.findings]
    for words in (
        "r.jsonl, line 1: byte 1",
        "r.jsonl, line 3: is not JSON",
        "none.jsonl: there is no such file",
        "p.csv, line 2, column 'label'",
        "p.csv, line 3, column 'text'",
        "t.toml, line 2: 'name'",
        "a.jsonl, line 2, article 'a1': this id stands already at",
        "x.docx",
    ):
        assert any(words in one for one in told), (words, told)
    assert len(told) == 8
    assert not report.ok


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.jsonl.gz"])
@pytest.mark.parametrize("added", ["😀 ", "رهبر ", "x" * 500])
def test_spans_that_moved_together_are_put_back_on_the_right_words(tmp_path: Path, name: str, added: str) -> None:
    moved = shifted(record(), added)
    path = tmp_path / name
    path.write_bytes(gzip.compress(json.dumps(moved).encode()) if name.endswith("gz") else json.dumps(moved).encode())
    report = validate([path], repair=True)
    assert report.ok
    assert len(report.repairs) == 7
    (article,) = read_articles(path)
    for before, after in zip(record()["quotes"], article.quotes, strict=True):
        assert after.spans[0].start == before["spans"][0]["start"] + len(added)
        assert after.cue is not None
        assert after.cue.start == before["cue"]["start"] + len(added)  # "said" stands three times: each its own


def test_a_repair_says_what_it_did_and_changes_nothing_but_offsets(tmp_path: Path) -> None:
    good, moved = record(id="good", text=TEXT), shifted(record(), "Oh. ")
    path = written(tmp_path / "a.jsonl", good, moved, {"id": 5})
    lines = path.read_bytes().split(b"\n")
    report = validate([path], repair=True)
    assert (
        f"{path}, line 2, article 'a1', quote q1, span 1: 'We will not pay.' moved from 11..27 to 15..31 (its "
        "only place)." in report.repairs
    )
    assert any("quote q3, cue: 'said' moved from" in one and "the nearest of 3 places" in one for one in report.repairs)
    after = path.read_bytes().split(b"\n")
    assert (after[0], after[2]) == (lines[0], lines[2])
    expected = copy.deepcopy(moved)
    for quote in expected["quotes"]:
        for part in [*quote["spans"], quote["cue"], quote.get("speaker", {}).get("mention")]:
            if part:
                part["start"], part["end"] = part["start"] + 4, part["end"] + 4
    assert after[1].decode() == json.dumps(expected, ensure_ascii=False)  # the order of keys, too
    assert {finding.line for finding in report.findings} == {3}


def test_an_indented_file_stays_indented(tmp_path: Path) -> None:
    def value(text: str, cut_from: str) -> dict[str, Any]:
        return {"id": "a", "text": text, "quotes": [{"id": "q1", "spans": [span(cut_from, "هرگز")]}]}

    now = "\u200f" + PERSIAN
    path = written(tmp_path / "a.json", value(now, PERSIAN), indent=4)
    report = validate([path], repair=True)
    assert (report.ok, len(report.repairs)) == (True, 1)
    assert path.read_bytes().decode() == json.dumps(value(now, now), ensure_ascii=False, indent=4) + "\n"


def test_words_that_are_absent_or_equally_near_twice_are_left_and_told(tmp_path: Path) -> None:
    value = {
        "id": "a",
        "text": "no yes no",
        "quotes": [
            {
                "id": "q1",
                "spans": [
                    {"start": 0, "end": 5, "text": "never"},
                    {"start": 7, "end": 9, "text": "no"},
                    {"start": 3, "end": 3, "text": "yes"},
                ],
            }
        ],
    }
    twice = {
        "id": "b",
        "text": "no----no",
        "quotes": [{"id": "q1", "cue": {"start": 3, "end": 5, "text": "no"}, "spans": []}],
    }
    path = written(tmp_path / "a.jsonl", value, twice)
    before = path.read_text(encoding="utf-8").splitlines()
    report = validate([path], repair=True)
    told = [str(finding) for finding in report.findings]
    assert len(report.repairs) == 1  # "yes", whose span was empty
    assert any(
        "quote q1, span 1: the span says 'never'" in one and "Not repaired: 'never' does not stand in the text." in one
        for one in told
    ), told
    assert any("Not repaired: 'no' stands equally near at 0 and at 6." in one for one in told), told
    assert len(told) == 2
    assert path.read_text(encoding="utf-8").splitlines()[1] == before[1]


def test_an_end_beyond_the_text_is_repaired_with_the_other_problems_of_its_record(tmp_path: Path) -> None:
    value = {
        "id": "a",
        "text": "She said no",
        "quotes": [{"id": "q1", "kind": "spoken", "spans": [{"start": 9, "end": 99, "text": "no"}]}],
    }
    path = written(tmp_path / "a.jsonl", value)
    assert any("(the text has 11 characters)" in str(finding) for finding in validate([path]).findings)
    report = validate([path], repair=True)
    assert len(report.repairs) == 1
    assert [finding.message for finding in report.findings] == [
        "quote q1, 'kind': is 'spoken', but should be one of: direct, indirect, mixed."
    ]


def test_a_file_with_nothing_to_repair_is_not_touched(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.jsonl",
        record(),
        {"id": "b", "text": "x", "quotes": [{"id": "q", "spans": [{"start": 0, "end": 1, "text": "y"}]}]},
    )
    before = path.stat().st_mtime_ns, path.stat().st_ino, path.read_bytes()
    assert not validate([path], repair=True).ok
    assert (path.stat().st_mtime_ns, path.stat().st_ino, path.read_bytes()) == before


def test_without_repair_the_file_is_never_written(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", shifted(record(), "xx"))
    before = path.stat().st_mtime_ns, path.read_bytes()
    assert len(validate([path]).findings) == 7
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    added=st.text(st.characters(codec="utf-8"), min_size=1, max_size=8),
    place=st.integers(0, len(PERSIAN)),
    words=st.integers(0, 3),
)
def test_a_repaired_file_is_one_that_reads_whatever_was_put_into_its_text(
    tmp_path: Path, added: str, place: int, words: int
) -> None:
    kept = ["مذاکره", "هرگز", "رهبر", "😀"][words]
    value = {
        "id": "a",
        "text": PERSIAN[:place] + added + PERSIAN[place:],
        "quotes": [{"id": "q1", "spans": [span(PERSIAN, kept)]}],
    }
    path = written(tmp_path / "a.jsonl", value)
    report = validate([path], repair=True)
    if kept in value["text"]:
        assert report.ok, report.findings
        (article,) = read_articles(path)
        assert article.quotes[0].text == kept
    else:
        assert "does not stand in the text" in str(report.findings[0])


def test_the_command_prints_problems_and_repairs_and_tells_by_its_exit_code(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(command)
    path = written(tmp_path / "a.jsonl", shifted(record(), "xx"))
    refused = CliRunner().invoke(app, [str(path)])
    assert refused.exit_code == 1
    assert "1 file, 1 record: 7 problems." in refused.output
    repaired = CliRunner().invoke(app, [str(path), "--repair"])
    assert repaired.exit_code == 0
    assert repaired.output.count("repaired: ") == 7
    assert "nothing wrong. 7 spans repaired." in repaired.output
    assert "Example: quotestance validate" in CliRunner().invoke(app, ["--help"]).output
