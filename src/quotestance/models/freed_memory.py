"""Freed memory, given back to the system: of many large pieces of different size the C library would keep more and more."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Let the C library hand back what is free in it; some 25 ms. Only glibc needs it (Linux); elsewhere nothing is done."""
    if trim := _trim():
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """`malloc_trim` of glibc (man 3 malloc_trim), if this is it."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
