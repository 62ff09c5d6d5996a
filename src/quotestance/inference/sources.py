"""Paths, folders, globs and standard input into the files that they mean, in a fixed order, with digests."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from quotestance.data.atomic import STANDARD_STREAM
from quotestance.data.errors import FormatError
from quotestance.data.json_lines import opened
from quotestance.data.packing import BROKEN, without_packing

PAGES = (".html", ".htm")
ONE_ARTICLE_EACH = (".txt", *PAGES)
RECORDS = (".json", ".jsonl", ".ndjson")
TABLES = (".csv", ".tsv", ".parquet")
RAW = (*ONE_ARTICLE_EACH, *RECORDS, *TABLES)
GLOB_SIGNS = set("*?[")
SNIFFED = 1 << 16  # bytes of standard input that tell what it is


@dataclass
class Source:
    """A file to read. `id` is its name without ending (below a folder: with its subfolders); `read` counts bytes."""

    path: Path
    name: str
    id: str
    ending: str
    size: int
    read: int = 0


class Sources:
    """The files that paths mean: themselves, what lies below a folder or matches a glob, sorted, or standard input (`-`).

    Can be iterated again and again; only one file is known at a time. Below folders, files with other endings, hidden
    files and what belongs to `out` are passed over. Raises FormatError for a name that means nothing.
    """

    def __init__(self, paths: Sequence[str | Path], *, endings: Sequence[str] = RAW, out: str | Path | None = None):
        self.endings = tuple(endings)
        self.size = 0  # bytes of all files, known after `digests`
        self._own = Path(os.path.realpath(out)) if out is not None else None
        self._spool = None
        self._paths: list[str] = []
        for path in map(str, paths):
            if path == STANDARD_STREAM:
                self._spool = self._spool or _spooled()
            self._paths.extend(_matching(path))
        for path in self._paths:
            self._check(path)

    def __iter__(self) -> Iterator[Source]:
        for path in self._paths:
            if path == STANDARD_STREAM and self._spool is not None:
                place = Path(self._spool.name)
                ending = _sniffed(place)
                if ending not in self.endings:
                    ending = ".csv"  # what is neither JSON nor wanted as text
                yield Source(place, "standard input", "stdin", ending, place.stat().st_size)
            elif os.path.isdir(path):
                yield from self._below(path)
            else:
                yield _source(Path(path), Path(path).name)

    def __getstate__(self) -> dict[str, Any]:
        """A pickled copy, for another process of this machine, reads what is spooled here and leaves it here."""
        return {**self.__dict__, "_spool": self._spool and SimpleNamespace(name=self._spool.name)}

    def digests(self) -> Iterator[str]:
        """One line a file, as sha256sum prints it: digest and name. Sets `size`."""
        self.size = 0
        for source in self:
            with open(source.path, "rb") as stream:
                yield f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {source.name}"
            self.size += source.size

    def _below(self, folder: str) -> Iterator[Source]:
        for parent, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if not self._passed_over(Path(parent, name)))
            for file in sorted(files):
                path = Path(parent, file)
                if ending_of(path) in self.endings and not self._passed_over(path):
                    yield _source(path, path.relative_to(folder).as_posix())

    def _passed_over(self, path: Path) -> bool:
        if path.name.startswith("."):
            return True
        if self._own is None or not path.name.startswith(self._own.name):
            return False
        return Path(os.path.realpath(path.parent)) == self._own.parent

    def _check(self, path: str) -> None:
        if path == STANDARD_STREAM:
            return
        if os.path.isdir(path):
            if next(self._below(path), None) is None:
                raise FormatError(f"{path}: there is nothing to read in this folder. Read are {self._listed()}.")
        elif not os.path.exists(path):
            raise FormatError(f"{path}: there is no such file or folder. Check the name.")
        elif ending_of(Path(path)) not in self.endings:
            raise FormatError(f"{path}: files with this ending are not read here. Read are {self._listed()}.")
        elif self._own is not None and Path(os.path.realpath(path)) == self._own:
            raise FormatError(f"{path}: is both input and output. Name another file with --out.")

    def _listed(self) -> str:
        return f"{', '.join(self.endings)} (text formats also with .gz or .zst)"


def ending_of(path: Path) -> str:
    """The ending that says what a file holds, in lower case and without `.gz` or `.zst`."""
    return without_packing(path).suffix.lower()


def _source(path: Path, below: str) -> Source:
    ending = ending_of(path)
    name = without_packing(below).as_posix()
    return Source(path, str(path), name[: len(name) - len(ending)], ending, path.stat().st_size)


def _matching(path: str) -> list[str]:
    if path == STANDARD_STREAM or os.path.exists(path) or not GLOB_SIGNS & set(path):
        return [path]
    found = sorted(glob.glob(path, recursive=True))
    if not found:
        raise FormatError(f"{path}: no file matches. Check the pattern.")
    return found


def _spooled() -> tempfile._TemporaryFileWrapper[bytes]:
    """Standard input as a file, which goes with the object: it is read twice, once for its digest."""
    spool = tempfile.NamedTemporaryFile(prefix="quotestance-stdin-")  # noqa: SIM115 - it lives as long as its Sources
    shutil.copyfileobj(sys.stdin.buffer, spool)
    spool.flush()
    return spool


def _sniffed(path: Path) -> str:
    try:
        with opened(path) as stream:
            beginning = stream.read(SNIFFED).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    except BROKEN:
        beginning = b""  # whoever reads it says what is wrong
    if beginning.startswith(b"{"):
        lines = [line for line in beginning.split(b"\n") if line.strip()]
        return ".jsonl" if len(lines) == 1 or lines[1].lstrip().startswith(b"{") else ".json"
    if beginning.startswith(b"["):
        return ".json"
    return ".html" if beginning.startswith((b"<!doctype", b"<html")) else ".txt"
