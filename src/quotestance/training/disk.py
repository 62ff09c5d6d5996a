"""What a full disk, or one that may not be written, means, whoever notices it first: torch, safetensors and Python say it in three ways."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quotestance.data.errors import QuotestanceError

SAID_BY_RUST = "No space left on device"  # safetensors raises an error of its own
FULL = {SAID_BY_RUST, *map(os.strerror, (errno.ENOSPC, errno.EDQUOT))}


class DiskError(QuotestanceError):
    """A checkpoint or model that can't be written."""


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """In the block `path` is written; raises DiskError with a remedy where the system does not let it be."""
    try:
        yield
    except QuotestanceError:
        raise
    except Exception as problem:
        if (reason := _reason(problem)) is None:
            raise
        remedy = "Make room" if reason in FULL else "Put that right"
        raise DiskError(
            f"{path} can't be written: {reason}. {remedy} and give the same command again: "
            "it goes on from the last checkpoint that was whole."
        ) from problem


def _reason(problem: BaseException) -> str | None:
    """What the system said, found behind the errors that came of it; None where it was something else."""
    behind: BaseException | None = problem
    while behind is not None:
        if isinstance(behind, OSError):
            return behind.strerror or str(behind)
        if SAID_BY_RUST in str(behind):
            return SAID_BY_RUST
        behind = behind.__cause__ or behind.__context__
    return None
