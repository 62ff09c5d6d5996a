"""Memory is measured in a process for each run, and does not grow with the rows."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from quotestance.cli import app
from quotestance.inference.memory import memory_by_articles, memory_by_rows


def test_the_command_writes_a_table_and_a_picture(tmp_path: Path) -> None:
    out = tmp_path / "memory.csv"
    shown = CliRunner().invoke(app, ["bench", "memory", "--rows", "10,20", "--out", str(out)], catch_exceptions=False)
    assert "20 rows: at most" in shown.output
    table = pd.read_csv(out)
    assert list(table.columns) == ["rows", "peak", "seconds"]
    assert list(table["rows"]) == [10, 20]
    assert (table["peak"] > 10).all()
    assert out.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_thirty_times_the_rows_take_no_more_memory() -> None:
    """After the first shard, only the digests of ids grow: 32 bytes a row."""
    few, many = memory_by_rows([5_000, 150_000], model="majority")
    assert many["peak"] < few["peak"] + 25


def test_the_command_measures_extract_too() -> None:
    shown = CliRunner().invoke(app, ["bench", "memory", "--quotes", "rules", "--rows", "2"], catch_exceptions=False)
    assert "2 articles: at most" in shown.output


@pytest.mark.slow
def test_ten_times_the_articles_take_no_more_memory_to_extract_from() -> None:
    few, many = memory_by_articles([150, 1_500], quotes="rules")
    assert many["peak"] < few["peak"] + 25
