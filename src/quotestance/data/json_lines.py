"""Bytes into JSON values, one at a time, each with the line it stood on; and a value into its line.

What JSON leaves open is closed here: keys may not stand twice, numbers are finite, text is Unicode that can be
written as UTF-8. A line ends at LF only; CR and U+2028 inside a record are characters like any other.
"""

from __future__ import annotations

import codecs
import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from quotestance.data.atomic import STANDARD_STREAM
from quotestance.data.errors import FormatError
from quotestance.data.packing import BROKEN, unpacked

BOM = codecs.BOM_UTF8
LINE_END = b"\n"
OTHER_ENCODINGS = ((codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))
DEEPEST = 100  # levels of nesting; a record has six of its own

Refuse = Callable[[FormatError], None]


@dataclass(frozen=True)
class Entry:
    """A JSON value of a file. `line` is None where the whole file is one; `raw` is its bytes with their line end."""

    path: str
    line: int | None
    value: Any
    raw: bytes

    @property
    def place(self) -> str:
        return place_of(self.path, self.line)


def read_json(path: str | Path, *, whole: bool = False, refuse: Refuse | None = None) -> Iterator[Entry]:
    """The JSON values of a file or of standard input (`-`): one a line, or the whole file as one where `whole`.

    Gzip and Zstandard are recognised by their first bytes, a BOM is passed over, blank lines too. Standard input may be either:
    where its first line alone is no JSON, everything is read as one value.
    A value that can't be read goes to `refuse`, and reading goes on with the next line; without `refuse` it is raised.
    """

    def deny(problem: FormatError) -> None:
        if refuse is None:
            raise problem
        refuse(problem)

    name = display_name(path)
    try:
        with opened(path) as stream:
            for entry in json_entries(stream, name, whole=whole, either=str(path) == STANDARD_STREAM):
                if isinstance(entry, FormatError):
                    deny(entry)
                else:
                    yield entry
    except (OSError, *BROKEN) as problem:
        deny(unreadable(name, problem))


def json_entries(
    stream: BinaryIO, name: str, *, whole: bool = False, either: bool = False, longest: int | None = None
) -> Iterator[Entry | FormatError]:
    """The JSON values of a stream, one a line or all as one (`whole`), with what can't be read as errors at their place.

    `either`: where the first line alone is no JSON, everything is one value. A line, or file, of more than `longest`
    bytes is an error, and is never held whole.
    """
    if whole:
        yield from _entry(
            name, None, stream.read() if longest is None else stream.read(longest + 1), longest, first=True
        )
        return
    for number, raw in enumerate(_lines(stream, longest), 1):
        if number == 1 and either and not _is_json(raw):
            yield from _entry(name, None, raw + stream.read(), longest, first=True)
        else:
            yield from _entry(name, number, raw, longest, first=number == 1)


def unreadable(name: str, problem: Exception) -> FormatError:
    """What opening or unpacking a file raised, as an error with its remedy."""
    if isinstance(problem, BROKEN):
        return FormatError(
            f"{name}: the compressed data is broken or ends too early ({problem}). Get the file again, or unpack "
            "and check it."
        )
    return FormatError(
        f"{name}: can't be read ({getattr(problem, 'strerror', None) or problem}). Check the name and that you may read it."
    )


def json_line(value: Any, *, where: str, indent: int | None = None) -> bytes:
    """The value as one line of UTF-8 (or indented lines). Raises FormatError where JSON has no form for it."""
    try:
        return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent) + "\n").encode("utf-8")
    except UnicodeEncodeError as problem:
        bad = problem.object[problem.start]
        raise FormatError(
            f"{where}: holds half of a surrogate pair (U+{ord(bad):04X}), which no file can. Repair the text "
            "where it is made."
        ) from None
    except (TypeError, ValueError, RecursionError) as problem:
        raise FormatError(
            f"{where}: can't be written as JSON ({problem}). Keep to text, finite numbers, lists and objects."
        ) from None


def place_of(path: str, line: int | None) -> str:
    return path if line is None else f"{path}, line {line}"


def display_name(path: str | Path) -> str:
    return "standard input" if str(path) == STANDARD_STREAM else str(path)


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """The bytes of a file or of standard input, unpacked where they are compressed."""
    if str(path) == STANDARD_STREAM:
        yield sys.stdin.buffer
        return
    with open(path, "rb") as stream, unpacked(stream) as content:
        yield content


def decoded(raw: bytes, where: str) -> str:
    """The bytes as text, without a leading BOM. Raises FormatError with the first byte that is not UTF-8, and its line from the second on."""
    for mark, encoding in OTHER_ENCODINGS:
        if raw.startswith(mark):
            raise FormatError(f"{where}: the file is {encoding}. Save it as UTF-8.")
    text = raw.removeprefix(BOM)
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as problem:
        before = text[: problem.start]
        place = f"{where}, line {before.count(LINE_END) + 1}" if LINE_END in before else where
        number = problem.start - before.rfind(LINE_END)
        raise FormatError(
            f"{place}: byte {number} (0x{text[problem.start]:02x}) is not UTF-8. "
            "Save the file as UTF-8; if it is no text file, name the right one."
        ) from None


def _lines(stream: BinaryIO, longest: int | None) -> Iterator[bytes]:
    """Lines; of one that is too long only the beginning, which is longer than `longest`."""
    if longest is None:
        yield from stream
        return
    while raw := stream.readline(longest + 1):
        yield raw
        while len(raw) > longest and not raw.endswith(b"\n"):  # its rest is passed over
            if not (raw := stream.readline(longest + 1)):
                return


def _entry(
    name: str, line: int | None, raw: bytes, longest: int | None, *, first: bool
) -> Iterator[Entry | FormatError]:
    """The value, or what is wrong with it; nothing for a blank line."""
    where = place_of(name, line)
    try:
        if longest is not None and len(raw) > longest:
            raise FormatError(
                f"{where}: is longer than {longest >> 20} MiB. "
                + ("Split it." if line is not None else "Write it as .jsonl, one object a line.")
            )
        if not first and raw.startswith(BOM):
            raise FormatError(f"{where}: begins with a BOM, as files that were joined do. Remove it.")
        text = decoded(raw, where)
        if text.strip():
            yield Entry(name, line, _parsed(text, where), raw)
        elif line is None:
            raise FormatError(f"{where}: the file is empty. It should hold one JSON object.")
    except FormatError as problem:
        yield problem


def _parsed(text: str, where: str) -> Any:
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as problem:
        raise FormatError(
            f"{where}: is not JSON: {_lowered(problem.msg)} at {_position(problem)}, near "
            f"{_near(text, problem.pos)!r}. "
            "A .jsonl file has one JSON object a line, a .json file one in all."
        ) from None
    except ValueError as problem:
        raise FormatError(f"{where}: {problem}") from None
    except RecursionError:
        raise _too_deep(where) from None
    if "\\u" in text:
        _without_surrogates(text, value, where)
    if text.count("{") + text.count("[") > DEEPEST and _depth_exceeds(value, DEEPEST):
        raise _too_deep(where)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object. Keep the one that is meant.")
    return made


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number. Leave the key out, or write null.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"the number {digits} is too large. Write a finite number.")
    return number


def _without_surrogates(text: str, value: Any, where: str) -> None:
    """Escapes can spell half a character ('\\ud83d' alone), which could never be written again."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as problem:
        half = f"\\u{ord(problem.object[problem.start]):04x}"
        raise FormatError(
            f"{where}: the escape {half} is half of a surrogate pair. Write the whole character, as UTF-8 or as "
            "both halves."
        ) from None
    except RecursionError:
        raise _too_deep(where) from None


def _depth_exceeds(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels + 1):
        layer = [
            inner
            for one in layer
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not layer:
            return False
    return True


def _too_deep(where: str) -> FormatError:
    return FormatError(f"{where}: is nested more than {DEEPEST} levels deep, which no record is. Is it the right file?")


def _is_json(raw: bytes) -> bool:
    if not raw.strip():
        return True
    try:
        json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return True


def _position(problem: json.JSONDecodeError) -> str:
    return f"character {problem.colno}" if problem.lineno == 1 else f"line {problem.lineno}, character {problem.colno}"


def _near(text: str, position: int) -> str:
    return text[max(0, position - 10) : position + 20].strip()


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]
