"""One run on one output: a lock that the system frees when its process ends, however it ends."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)
HELD_BY_ANOTHER = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES}
NO_LOCKS_HERE = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}  # as on some network disks


class Taken(Exception):  # noqa: N818 - who holds it is in its message
    """The lock is held by another process."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock file `path` during the block. Raises Taken where a living process holds it.

    The system's own file lock is used, so that nothing is left to clean up after a kill -9: a lock file of a dead
    process is simply taken over. Where the disk has no locks, the block goes on without one, which is said.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        if _is_at(path, descriptor):
            break
        os.close(descriptor)  # the run that held it ended just now and removed the file: this one is nobody's
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def _take(path: Path, descriptor: int) -> None:
    """Lock the open file, where its disk has locks. Raises Taken."""
    try:
        _lock(descriptor)
    except OSError as problem:
        if problem.errno in NO_LOCKS_HERE:
            log.warning("%s: this disk has no locks (%s). Let no other process write there.", path, problem.strerror)
        elif problem.errno in HELD_BY_ANOTHER:
            holder = os.read(descriptor, 100).decode("ascii", "replace").strip()
            raise Taken(f"process {holder}" if holder else "another process") from None
        else:
            raise


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # beyond the content, which stays readable
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
