"""How much memory a process came to hold, on every system that says so."""

from __future__ import annotations

import math
import sys
from pathlib import Path

MEBI = 1 << 20
STATUS = Path("/proc/self/status")


def peak_memory() -> float:
    """The most memory that this process has held so far, in MiB; NaN on Windows, which keeps no such number for Python."""
    if STATUS.is_file():  # Linux hands the getrusage of a parent down to the programs that it starts
        for line in STATUS.read_text("utf-8").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024 / MEBI
    if sys.platform == "win32":
        return math.nan
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / MEBI if sys.platform == "darwin" else most * 1024 / MEBI
