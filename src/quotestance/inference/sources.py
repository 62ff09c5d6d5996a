"""Paths, folders, globs and standard input into the files that they mean, in a fixed order, with digests."""

from __future__ import annotations

import copy
import csv
import glob
import hashlib
import logging
import os
import shutil
import sys
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

from quotestance.data.atomic import STANDARD_STREAM
from quotestance.data.digests import file_digest
from quotestance.data.errors import FormatError
from quotestance.data.json_lines import opened
from quotestance.data.packing import BROKEN, without_packing
from quotestance.data.pair_tables import DELIMITERS, JSON_LINES, PARQUET
from quotestance.inference.parts import Parts

PAGES = (".html", ".htm")
ONE_ARTICLE_EACH = (".txt", *PAGES)
RECORDS = (".json", *JSON_LINES)
TABLES = (*DELIMITERS, PARQUET)
RAW = (*ONE_ARTICLE_EACH, *RECORDS, *TABLES)
GLOB_SIGNS = set("*?[")
SNIFFED = 1 << 16  # bytes of standard input that tell what it is
UNREADABLE = "unreadable".ljust(64)  # in place of a digest

log = logging.getLogger(__name__)


@dataclass
class Source:
    """A file to read. `id` is its name below the folder that all inputs share, without ending where that is enough; `read` counts bytes."""

    path: Path
    name: str
    id: str
    ending: str
    size: int
    state: int  # a digest of name, size and time of the last change
    read: int = 0


class Sources:
    """The files that paths mean: themselves, what lies below a folder or matches a glob, sorted, or standard input (`-`).

    Can be iterated again and again; only one file is known at a time. Below folders, files with other endings and hidden
    files are passed over; below folders and in globs, what a run wrote at `out` is, too. `column` is the one by which a
    table on standard input is known. Raises FormatError for a name that means nothing, for an input that the run would
    overwrite, and, once `digests` was read, for a file that was added, changed or removed since.
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        *,
        endings: Sequence[str] = RAW,
        out: str | Path | None = None,
        column: str = "text",
    ) -> None:
        self.endings, self.column = tuple(endings), column
        self.size = 0  # bytes of all files, known after `digests`
        self._own = Parts(out) if out is not None else None
        self._states = array("Q")  # of all files in order, known after `digests`
        self._spool = None
        self._paths: list[str] = []
        given = list(map(str, paths))
        self._shared = _shared_folder([path for path in given if path != STANDARD_STREAM])
        for path in given:
            if path == STANDARD_STREAM:
                self._spool = self._spool or _spooled()
            elif _is_glob(path):
                self._paths.extend(self._matching(path))
                continue
            self._check(path)
            self._paths.append(path)
        self._alike = _alike(map(Path, self._paths))
        self.is_one_file = len(given) == 1 and not _is_glob(given[0]) and not os.path.isdir(given[0])

    def __iter__(self) -> Iterator[Source]:
        number = -1
        for number, source in enumerate(self._found()):
            self._check_unchanged(number, source)
            yield source
            self._check_unchanged(number, self._source(source.path, source.name, source.id, source.ending))
        if number + 1 < len(self._states):
            raise FormatError("A file of the input was removed since the run began. Put it back, or begin anew.")

    def __getstate__(self) -> dict[str, Any]:
        """A pickled copy, for another process of this machine, reads what is spooled here and leaves it here."""
        return {**self.__dict__, "_spool": self._spool and SimpleNamespace(name=self._spool.name)}

    def narrowed(self, endings: Sequence[str], *, why: str = "") -> Sources:
        """The same, but only files with these endings. How many of a folder are passed over for that, and `why`, is logged."""
        fewer = copy.copy(self)
        fewer.endings, fewer._spool = tuple(endings), self._spool
        for path in fewer._paths:
            fewer._check(path)
        others = (source.name for source in self._found() if source.ending not in endings)
        if self.endings != fewer.endings and (first := next(others, None)) is not None:
            log.warning("%d file(s) passed over, the first %s: %s", 1 + sum(1 for _ in others), first, why)
        return fewer

    def digests(self) -> Iterator[str]:
        """One line a file, as sha256sum prints it: digest and name. Sets `size`."""
        self.size, states = 0, array("Q")
        for source in self._found():
            self.size += source.size
            states.append(source.state)
            yield f"{_digest(source.path)}  {source.name}"
        self._states = states

    def _found(self) -> Iterator[Source]:
        for path in self._paths:
            if path == STANDARD_STREAM and self._spool is not None:
                place = Path(self._spool.name)
                ending = _sniffed(place, self.column)
                if ending not in self.endings:
                    ending = ".csv"  # what is neither JSON nor wanted as text
                yield self._source(place, "standard input", "stdin", ending)
            elif os.path.isdir(path):
                yield from self._below(path)
            else:
                yield self._file(Path(path), self._alike)

    def _below(self, folder: str) -> Iterator[Source]:
        root, seen = os.path.realpath(folder), set[str]()
        for parent, folders, files in os.walk(folder, onerror=_unreadable, followlinks=True):
            wanted = (name for name in sorted(folders) if not self._passed_over(Path(parent, name)))
            folders[:] = [name for name in wanted if _is_new(Path(parent, name), folder, root, seen)]
            read = (path for file in sorted(files) if ending_of(path := Path(parent, file)) in self.endings)
            kept = [path for path in read if not self._passed_over(path)]
            alike = _alike(kept)
            for path in kept:
                yield self._file(path, alike)

    def _file(self, path: Path, alike: set[str]) -> Source:
        """`alike` are the names without ending that stand for more than one file: there the ending tells which."""
        below, ending = Path(os.path.relpath(path, self._shared) if self._shared else path), ending_of(path)
        id = below.as_posix() if _unended(path) in alike else _unended(below)
        return self._source(path, _written(str(path)), _written(id), ending)

    def _source(self, path: Path, name: str, id: str, ending: str) -> Source:
        try:
            found = path.stat()
            size, changed = found.st_size, found.st_mtime_ns
        except OSError:  # whoever reads it says what is wrong
            size = changed = 0
        state = hashlib.blake2b(f"{name}\0{size}\0{changed}".encode(), digest_size=8).digest()
        return Source(path, name, id, ending, size, int.from_bytes(state))

    def _passed_over(self, path: Path) -> bool:
        if path.name.startswith("."):
            return True
        may_be_own = self._own is not None and (path.name in self._own.names or path.is_symlink())
        return may_be_own and self._is_own(path)

    def _is_own(self, path: Path) -> bool:
        """Whether a run wrote it at our output. Raises FormatError where nothing shows that, for it would be overwritten."""
        own = self._own
        if own is None or not own.hold(path):
            return False
        place = Path(os.path.realpath(path))
        if own.begun or own.manifest.is_file() or own.folder in (place, *place.parents):
            return True
        if place.is_dir():
            return False  # what lies in it the run looks at
        raise _both(path)

    def _matching(self, pattern: str) -> list[str]:
        """What matches a glob and is not our own output, without what lies below a folder that matches."""
        found = [path for path in sorted(glob.glob(pattern, recursive=True)) if not self._is_own(Path(path))]
        folders = {Path(path) for path in found if os.path.isdir(path)}
        matching = [path for path in found if not folders.intersection(Path(path).parents)]
        if not matching:
            raise FormatError(f"{pattern}: no file matches. Check the pattern.")
        for path in matching:
            self._check_readable(path)
        return matching

    def _check(self, path: str) -> None:
        if path == STANDARD_STREAM:
            return
        if not os.path.exists(path):
            raise FormatError(f"{path}: there is no such file or folder. Check the name.")
        if self._own is not None and self._own.hold(Path(path)):
            raise _both(path)
        self._check_readable(path)

    def _check_readable(self, path: str) -> None:
        listed = f"Read are {', '.join(self.endings)} (text formats also with .gz or .zst)."
        if os.path.isdir(path):
            if next(self._below(path), None) is None:
                raise FormatError(f"{path}: there is nothing to read in this folder. {listed}")
        elif ending_of(Path(path)) not in self.endings:
            raise FormatError(f"{path}: files with this ending are not read here. {listed}")

    def _check_unchanged(self, number: int, source: Source) -> None:
        if self._states and (number >= len(self._states) or self._states[number] != source.state):
            raise FormatError(
                f"{source.name}: this file was changed, or files were added or removed before it, since the run began. "
                "Let the input be while it is read; put it back to resume the run, or begin anew."
            )


def ending_of(path: Path) -> str:
    """The ending that says what a file holds, in lower case and without `.gz` or `.zst`."""
    return without_packing(path).suffix.lower()


def _unended(path: Path) -> str:
    """A path without `.txt`, or `.txt.gz`."""
    name = without_packing(path).as_posix()
    return name[: len(name) - len(ending_of(path))]


def _alike(paths: Iterable[Path]) -> set[str]:
    """The names without ending that more than one of these files has: `port.txt` and `port.html`. Records bring ids of their own."""
    different = {path for path in paths if ending_of(path) not in RECORDS}
    return {name for name, times in Counter(map(_unended, different)).items() if times > 1}


def _is_new(path: Path, folder: str, root: str, seen: set[str]) -> bool:
    """Whether a folder is read here: at its own place, or by the first link to it, unless that leads back into `folder`."""
    place = os.path.realpath(path)
    if place == os.path.join(root, os.path.relpath(path, folder)):
        return True
    below = Path(place).relative_to(root).parts if Path(place).is_relative_to(root) else None
    visible = below is not None and not any(part.startswith(".") for part in below)
    if visible or Path(root).is_relative_to(place) or place in seen:
        return False
    seen.add(place)
    return True


def _both(path: str | Path) -> FormatError:
    return FormatError(f"{path}: is both input and output. Name another file with --out.")


def _is_glob(path: str) -> bool:
    return path != STANDARD_STREAM and bool(GLOB_SIGNS & set(path)) and not os.path.exists(path)


def _shared_folder(paths: Sequence[str]) -> str | None:
    """The deepest folder that all inputs lie in, below which files are named; None where there is none, as on two drives."""
    try:
        return os.path.commonpath([os.path.abspath(_folder_of(path)) for path in paths])
    except ValueError:
        return None


def _folder_of(path: str) -> Path:
    if _is_glob(path):
        return Path(*takewhile(lambda part: not GLOB_SIGNS & set(part), Path(path).parts))
    return Path(path) if os.path.isdir(path) else Path(path).parent


def _written(name: str) -> str:
    r"""A name that may be no UTF-8, as text that can be written: `caf\xe9`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError:
        return UNREADABLE


def _unreadable(problem: OSError) -> NoReturn:
    raise FormatError(
        f"{problem.filename}: this folder can't be read ({problem.strerror}), so nobody knows what is in it. Make it "
        "readable, or name the folders beside it."
    )


def _spooled() -> tempfile._TemporaryFileWrapper[bytes]:
    """Standard input as a file, which goes with the object: it is read twice, once for its digest."""
    try:
        spool = tempfile.NamedTemporaryFile(prefix="quotestance-stdin-")  # noqa: SIM115 - it lives as long as its Sources
        shutil.copyfileobj(sys.stdin.buffer, spool)
        spool.flush()
    except OSError as problem:
        raise FormatError(
            f"standard input can't be kept in {tempfile.gettempdir()} ({problem.strerror}). Make room there, name "
            "another folder in TMPDIR, or name the file itself."
        ) from None
    return spool


def _sniffed(path: Path, column: str) -> str:
    """The ending that the content of standard input would have as a file."""
    try:
        with opened(path) as stream:
            beginning = stream.read(SNIFFED).removeprefix(b"\xef\xbb\xbf").lstrip()
    except BROKEN:
        beginning = b""  # whoever reads it says what is wrong
    if beginning.startswith(b"PAR1"):
        return ".parquet"
    if beginning.startswith(b"{"):
        lines = [line for line in beginning.split(b"\n") if line.strip()]
        return ".jsonl" if len(lines) == 1 or lines[1].lstrip().startswith(b"{") else ".json"
    if beginning.startswith(b"["):
        return ".json"
    if beginning.lower().startswith((b"<!doctype", b"<html")):
        return ".html"
    header = beginning.decode("utf-8", "replace").splitlines()[:1]
    for ending, delimiter in DELIMITERS.items():
        if any(column in cells for cells in csv.reader(header, delimiter=delimiter)):
            return ending
    return ".txt"
