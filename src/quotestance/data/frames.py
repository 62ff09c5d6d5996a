"""Pair tables as pandas frames and Parquet. Apart from the rest, as pandas takes half a second to load."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from quotestance.data.cells import unwrapped
from quotestance.data.columns import named_twice
from quotestance.data.errors import FormatError


def rows_of_frame(frame: pd.DataFrame, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Where each row stands, and its cells by column, as plain Python; `name` is what the frame is called.

    Raises FormatError where two columns have one name.
    """
    _refuse_twice(map(str, frame.columns), name)
    for number, row in enumerate(frame.to_dict("records"), 1):
        yield f"{name}, row {number}", {str(column): _plain(value) for column, value in row.items()}


def read_parquet(path: str | Path) -> pd.DataFrame:
    """The frame in a file. Raises FormatError where there is none, and where two columns have one name."""
    if not Path(path).is_file():
        raise FormatError(f"{path}: there is no such file. Check the name.")
    import pyarrow.parquet

    try:
        _refuse_twice(pyarrow.parquet.read_schema(path).names, path)
        return pd.read_parquet(path)
    except FormatError:
        raise
    except Exception as problem:  # pyarrow raises a dozen kinds for rubbish
        raise FormatError(
            f"{path}: is not a readable Parquet file ({str(problem).splitlines()[0][:200]}). Write it again."
        ) from None


def parquet_bytes(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], path: str | Path) -> bytes:
    """The rows as a Parquet file. Raises FormatError where a column's values are of several kinds."""
    frame = pd.DataFrame(rows, columns=list(columns))
    buffer = io.BytesIO()
    try:
        frame.to_parquet(buffer, index=False)
    except Exception as problem:  # a column of mixed types, most often
        raise FormatError(
            f"{path}: Parquet can't hold these columns ({str(problem).splitlines()[0][:200]}). Write .jsonl instead."
        ) from None
    return buffer.getvalue()


def _refuse_twice(columns: Iterable[str], name: str | Path) -> None:
    if wrong := named_twice(columns):
        raise FormatError(f"{name}: {wrong}")


def _plain(value: Any) -> Any:
    """A cell of a frame as plain Python; missing values of any library are None."""
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    value = unwrapped(value)
    return [_plain(one) for one in value] if isinstance(value, list) else value
