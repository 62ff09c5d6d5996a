"""Articles in a frame, a data set or a stream are analyzed as those in files are."""

import datetime
from itertools import count, islice
from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

import quotestance.models
from quotestance.commands.analyze import analyze
from quotestance.data.errors import FormatError
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
