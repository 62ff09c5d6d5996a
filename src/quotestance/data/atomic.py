"""A file that is there whole or not at all: written beside its place and moved there when it is complete."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from quotestance.data.errors import FormatError
from quotestance.data.packing import packing

STANDARD_STREAM = "-"


@contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """A binary stream whose bytes are at `path` when the block ends, and nowhere if it raises.

    A name that ends in `.gz` or `.zst` is compressed (same content, same bytes); `-` is standard output.
    Folders on the way are made; a symbolic link is followed; the mode of a file that is replaced is kept.
    Raises FormatError where the place can't be written.
    """
    if str(path) == STANDARD_STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    place = Path(os.path.realpath(path))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".tmp")
    except OSError as problem:
        raise FormatError(
            f"{path}: can't be written ({problem.strerror}). Name a folder that you may write to."
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with packing(stream, place) as packed:
                yield packed
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, place.stat().st_mode & 0o777 if place.exists() else new_file_mode())
        if place.is_dir():
            raise FormatError(f"{path}: is a folder. Name the file to write in it, for example {place / 'out.jsonl'}.")
        put_in_place(temporary, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def holds_nothing(place: Path) -> bool:
    """Whether nothing lies there that could be lost: nothing at all, a file of no bytes, an empty folder, a pipe or device."""
    if place.is_dir():
        return not any(place.iterdir())
    return not place.is_file() or not place.stat().st_size


def write_text(path: str | Path, text: str) -> None:
    """A text as a whole file, in UTF-8. Raises FormatError as `whole_file` does."""
    with whole_file(path) as stream:
        stream.write(text.encode("utf-8"))


def put_in_place(made: str | Path, place: Path) -> None:
    """Give a finished file or folder its name, so that it has it even if the power fails right after."""
    os.replace(made, place)
    if hasattr(os, "O_DIRECTORY"):  # where folders can be opened; elsewhere the system looks after them
        folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def new_file_mode() -> int:
    """The mode of a file that this process makes anew: 0644 under the usual umask."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
