"""How fast several ways of doing the same work are: in turns, in one process, so that all meet the same machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def medians_in_turns(works: Mapping[str, Callable[[], Any]], *, turns: int) -> tuple[dict[str, float], dict[str, Any]]:
    """The median seconds of each work over `turns` rounds, each round doing all of them one after another, and what each returned.

    The first round warms up (caches, measured precisions) and is not counted, unless it is the only one.
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    answers: dict[str, Any] = {}
    for number in range(turns + 1 if turns > 1 else 1):
        for name, work in works.items():
            started = time.perf_counter()
            answers[name] = work()
            if number or turns == 1:
                seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}, answers
