"""Articles in a frame, a data set or a stream are analyzed as those in files are."""

import datetime
from collections.abc import Iterable, Iterator
from itertools import count, islice
from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

import quotestance.models
from quotestance.commands.analyze import analyze
from quotestance.data.errors import FormatError
from quotestance.data.records import Quote
from quotestance.inference.analyze_rows import analyze_frame, analyze_stream
from quotestance.models import load_quote_finder
from quotestance.models.pipeline import Analyst
from stance_by_words import StanceByWords

ANALYST = Analyst(load_quote_finder("rules"), StanceByWords())
TEXT = 'The port will stay. "We will never sell the port," Mayor Ann Lee told reporters on Monday.'
FRAME = pd.DataFrame(
    {"url": ["a", "b"], "body": [TEXT, "Nobody spoke."], "day": [datetime.date(2019, 9, 24)] * 2, "share": [0.5, None]}
)
NAMED = {"text": "body", "id": "url", "targets": ["sale of the port", "the mayor"]}


def test_a_frame_gives_what_the_command_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotestance.models, "load_stance_model", lambda *_, **__: StanceByWords())
    FRAME.to_parquet(tmp_path / "in.parquet")
    app = typer.Typer()
    app.command()(analyze)
    targets = [word for name in NAMED["targets"] for word in ("--target", name)]
    columns = ["--text", "body", "--id", "url", "--quotes", "rules"]
    out = str(tmp_path / "out.parquet")
    CliRunner().invoke(app, [str(tmp_path / "in.parquet"), *targets, *columns, "--out", out], catch_exceptions=False)
    found = analyze_frame(FRAME, ANALYST, **NAMED)  # type: ignore[arg-type]
    assert list(found["target"]) == NAMED["targets"]
    assert set(found["day"]) == {"2019-09-24"}
    pd.testing.assert_frame_equal(found, pd.read_parquet(out), check_dtype=False)


def test_a_frame_without_targets_gives_quotes_and_speakers() -> None:
    found = analyze_frame(FRAME, ANALYST, text="body", id="url")
    assert list(found["article_id"]) == ["a"]
    assert "label" not in found.columns


@pytest.mark.parametrize("empty", ["", "  ", None, float("nan")])
def test_a_frame_is_checked_to_its_end_before_anything_is_computed(empty: object) -> None:
    class Unasked:
        name = revision = "unasked"

        def find_many(self, texts: Iterable[str]) -> Iterator[tuple[Quote, ...]]:
            raise AssertionError("an article was read")

    frame = pd.DataFrame({"body": [*[TEXT] * 99, empty]})
    with pytest.raises(FormatError, match="row 100: there is no text in it"):
        analyze_frame(frame, Analyst(Unasked(), StanceByWords()), targets=["the port"], text="body")


def test_the_rows_without_text_are_left_out_as_the_page_says() -> None:
    page = (Path(__file__).parent.parent / "docs" / "batch.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if "fillna" in line)
    names = {"frame": pd.DataFrame({"body": [TEXT, "", None, " ", "Nobody spoke."]})}
    exec(line, names)
    assert list(names["frame"]["body"]) == [TEXT, "Nobody spoke."]


def test_a_column_that_is_not_there_is_named_with_the_arguments_that_say_which_is_which() -> None:
    with pytest.raises(FormatError, match=r"no column 'text'; there are: url, body, .*in Python text=…, id=…"):
        analyze_frame(FRAME, ANALYST)


def test_a_data_set_is_read_row_by_row() -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_pandas(FRAME)
    assert [one.id for one in analyze_stream(rows, ANALYST, **NAMED)] == ["a", "b"]  # type: ignore[arg-type]


def test_an_endless_stream_is_analyzed_as_it_comes() -> None:
    endless = ({"text": TEXT, "n": n} for n in count())
    found = list(islice(analyze_stream(endless, ANALYST, targets=["the port"]), 40))
    assert [one.id for one in found] == [f"row-{n}" for n in range(1, 41)]
    assert found[39].extra == {"n": 39}
    assert found[39].quotes[0].stances[0].label in StanceByWords.labels


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"text": TEXT}, {"text": " "}], "row 2: there is no text"),
        ([{"words": TEXT}], "row 1: there is no column 'text'; there are: words"),
        ([{"id": "a", "text": TEXT}] * 2, "row 2: the id 'a' stands already"),
        (pd.DataFrame({"text": [TEXT]}), "row 1 should be columns.*analyze_frame"),
    ],
)
def test_a_row_that_is_no_article_is_an_error_that_names_it(rows: object, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        list(analyze_stream(rows, ANALYST))  # type: ignore[arg-type]
