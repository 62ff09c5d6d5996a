"""A cell of a table as plain Python."""

from __future__ import annotations

from typing import Any


def unwrapped(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's; any other value as it is."""
    unwrap = getattr(value, "tolist", None)
    return unwrap() if callable(unwrap) else value
