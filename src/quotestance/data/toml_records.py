"""A TOML file into a checked record; what is wrong with it is said by file and key."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from quotestance.data.errors import QuotestanceError

Record = TypeVar("Record", bound=BaseModel)


def read_record(
    path: str | Path,
    kind: type[Record],
    *,
    error: type[QuotestanceError],
    there_are: str = "",
    wrong: Callable[[str, ValidationError], str] | None = None,
) -> Record:
    """The record of that kind that a file holds. Raises `error` with every problem; `wrong` words them otherwise than by key and message.

    `there_are` is said where the file is absent: a sentence on which files there are.
    """
    values = read_toml(path, error=error, there_are=there_are)
    try:
        return kind.model_validate(values)
    except ValidationError as problems:
        if wrong:
            raise error(wrong(str(path), problems)) from None
        told = (f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in problems.errors())
        raise error(f"{path}: {'; '.join(told)}. Keys: {', '.join(kind.model_fields)}.") from None


def read_toml(path: str | Path, *, error: type[QuotestanceError], there_are: str = "") -> dict[str, Any]:
    """The tables of a file. Raises `error` where it is absent, can't be read, or is not TOML."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise error(f"There is no {path}. {there_are}".strip()) from None
    except OSError as problem:
        raise error(f"{path} can't be read: {problem.strerror}. {there_are}".strip()) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise error(f"{path} is not valid TOML: {problem}.") from None
