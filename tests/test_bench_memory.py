"""Memory is measured in a process for each run, and does not grow with the rows."""

import math
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

from quotestance.bench.memory import memory_by_articles, memory_by_rows
from quotestance.cli import app
from quotestance.data import peak_memory


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


@pytest.mark.parametrize(("system", "told"), [("darwin", 50 << 20), ("linux", 50 << 10)])
def test_the_peak_is_in_mebibytes_whatever_the_system_counts_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, told: int
) -> None:
    resource = SimpleNamespace(RUSAGE_SELF=0, getrusage=lambda _: SimpleNamespace(ru_maxrss=told))
    monkeypatch.setitem(sys.modules, "resource", resource)  # type: ignore[arg-type]
    monkeypatch.setattr(peak_memory, "STATUS", tmp_path / "none")
    monkeypatch.setattr(sys, "platform", system)
    assert peak_memory.peak_memory() == 50


def test_where_the_system_tells_no_peak_it_is_not_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.setattr(peak_memory, "STATUS", tmp_path / "none")
    monkeypatch.setattr(sys, "platform", "win32")
    assert math.isnan(peak_memory.peak_memory())


@pytest.mark.slow
def test_five_times_the_articles_take_no_more_memory_with_the_learned_finder() -> None:
    """Without giving freed memory back after every batch, it was 300 MiB more."""
    few, many = memory_by_articles([64, 320], quotes="quotes-small")
    assert many["peak"] < few["peak"] + 100
