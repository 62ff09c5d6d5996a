"""Compressed files: which endings mean one, what is read is unpacked, and what is written packs to the same bytes.

Gzip is Python's own, Zstandard that of pyarrow, which is loaded where a file needs it.
"""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP, ZSTD = ".gz", ".zst"
PACKED = (GZIP, ZSTD)
MAGIC = {b"\x1f\x8b": GZIP, b"\x28\xb5\x2f\xfd": ZSTD}  # how the content begins


class BrokenZstd(OSError):  # noqa: N818 - beside gzip's BadGzipFile
    """Zstandard data that is broken or ends too early."""


BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, BrokenZstd)  # what reading packed data raises


def without_packing(path: str | Path) -> Path:
    """The path without `.gz` or `.zst` at its end: its ending says what the file holds."""
    name = Path(path)
    return name.with_suffix("") if name.suffix.lower() in PACKED else name


@contextmanager
def unpacked(stream: io.BufferedReader) -> Iterator[BinaryIO]:
    """The stream itself, or what is packed in it, told by its first bytes. Reading may raise what BROKEN lists."""
    beginning = stream.peek(4)
    packing = next((name for magic, name in MAGIC.items() if beginning.startswith(magic)), None)
    if packing == GZIP:
        with gzip.open(stream, "rb") as content:
            yield cast(BinaryIO, content)
    elif packing == ZSTD:
        with io.BufferedReader(_Unzstd(stream)) as content:
            yield content
    else:
        yield stream


@contextmanager
def packing(stream: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """A stream that packs into `stream` as the ending of `path` says: same content, same bytes (no time stamp)."""
    if path.suffix.lower() == GZIP:
        with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packed:
            yield cast(BinaryIO, packed)
    elif path.suffix.lower() == ZSTD:
        import pyarrow

        with pyarrow.CompressedOutputStream(os.fdopen(os.dup(stream.fileno()), "wb"), "zstd") as packed:  # closes it
            yield packed
    else:
        yield stream


class _Unzstd(io.RawIOBase):
    """Unpacked Zstandard, frame after frame."""

    def __init__(self, packed: BinaryIO) -> None:
        import pyarrow

        self._stream, self._place = pyarrow.CompressedInputStream(packed, "zstd"), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        try:
            read: int = self._stream.readinto(buffer)
        except OSError as problem:
            raise BrokenZstd(str(problem)) from None
        self._place += read
        return read

    def tell(self) -> int:
        return self._place
