"""Files and lists of files into their SHA-256, as hexadecimal digits."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable
from pathlib import Path


def is_no_file(path: Path) -> bool:
    """Whether it is a pipe, socket or device, which may never end."""
    return path.exists() and not path.is_file()


def file_digest(path: Path) -> str:
    """Of the bytes of a file. Raises OSError where it can't be read, and for a pipe or device, which may never end."""
    if is_no_file(Path(path)):
        raise OSError(errno.EINVAL, "is no regular file", str(path))
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def listed_digest(files: Iterable[tuple[str, Path]]) -> str:
    """Of the lines that sha256sum would print of files, each under the name that stands with it."""
    listed = hashlib.sha256()
    for name, path in files:
        listed.update(f"{file_digest(path)}  {name}\n".encode())
    return listed.hexdigest()
