"""Two sets of records or pairs into scores with their uncertainty; knows no model.

`quotestance.evaluate(gold, predicted)` is `quotestance.evaluate.evaluate(gold, predicted)`: the package itself can be called.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from quotestance.evaluate.compare import compare
from quotestance.evaluate.leaks import find_leaks
from quotestance.evaluate.report import Report, evaluate, read_report
from quotestance.evaluate.scores import Scores, score

__all__ = ["Report", "Scores", "compare", "evaluate", "find_leaks", "read_report", "score"]


class _Callable(ModuleType):
    """The package under its own name is also the function of that name, whichever of the two is imported first."""

    def __call__(self, *arguments: Any, **options: Any) -> Report:
        return evaluate(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
