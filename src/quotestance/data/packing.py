"""Compressed files: told by their first bytes when read, by their ending when written. gzip, and Zstandard (extra `zst`)."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from quotestance.data.errors import MissingExtra

GZIP, ZSTANDARD = ".gz", ".zst"
PACKINGS = (GZIP, ZSTANDARD)
GZIP_MAGIC, ZSTANDARD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
BROKEN = (EOFError, gzip.BadGzipFile, zlib.error)  # what reading raises where packed data is broken or ends too early
PACKED_AT_ONCE = 1 << 16  # bytes of Zstandard


def without_packing(name: str | Path) -> Path:
    """A file's name without `.gz` or `.zst` at its end: that which says what it holds."""
    path = Path(name)
    return path.with_suffix("") if path.suffix.lower() in PACKINGS else path


@contextmanager
def unpacked(stream: io.BufferedReader) -> Iterator[BinaryIO]:
    """The bytes of an open file, unpacked where it is packed. Reading raises one of BROKEN, opening MissingExtra."""
    beginning = stream.peek(len(ZSTANDARD_MAGIC))
    if beginning.startswith(GZIP_MAGIC):
        with gzip.open(stream, "rb") as plain:
            yield cast(BinaryIO, plain)
    elif beginning.startswith(ZSTANDARD_MAGIC):
        with io.BufferedReader(_Unpacking(stream)) as plain:
            yield plain
    else:
        yield stream


@contextmanager
def packed(stream: BinaryIO, ending: str) -> Iterator[BinaryIO]:
    """A stream whose bytes arrive in `stream` as `ending` says; the same content makes the same bytes (no time stamp)."""
    if ending == GZIP:
        with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packing:
            yield cast(BinaryIO, packing)
    elif ending == ZSTANDARD:
        with _zstandard().ZstdCompressor().stream_writer(stream, closefd=False) as packing:
            yield cast(BinaryIO, packing)
    else:
        yield stream


class _Unpacking(io.RawIOBase):
    """Zstandard as plain bytes, several frames one after another too. The library's own reader takes a torn file for a whole one."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._library = stream, _zstandard()
        self._frame: Any = None  # that which is being read
        self._packed = self._plain = b""
        self._position = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        while not self._plain and self._more():
            pass
        count = min(len(buffer), len(self._plain))
        buffer[:count], self._plain = self._plain[:count], self._plain[count:]
        self._position += count
        return count

    def _more(self) -> bool:
        """Unpack a piece more; whether there was one."""
        self._packed = self._packed or self._stream.read(PACKED_AT_ONCE)
        if not self._packed:
            if self._frame is not None:
                raise EOFError("Zstandard data ended before its end was reached")
            return False
        self._frame = self._frame or self._library.ZstdDecompressor().decompressobj()
        try:
            self._plain = self._frame.decompress(self._packed)
        except self._library.ZstdError as problem:
            raise EOFError(str(problem)) from None
        self._packed = b""
        if self._frame.eof:
            self._packed, self._frame = self._frame.unused_data, None
        return True


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError:
        raise MissingExtra(
            "Files in .zst are packed by zstandard, which is not installed. Install it: pip install 'quotestance[zst]'"
        ) from None
    return zstandard
