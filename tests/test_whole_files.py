"""What a command keeps is never half written: a file that is replaced stays as it was until the new one is complete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quotestance.data.splits import Split
from quotestance.evaluate.benchmarks import write_between_markers, write_results
from quotestance.evaluate.floors import Floors

BEFORE = "[]<!-- leaderboard --><!-- /leaderboard -->"
WRITERS: dict[str, Callable[[Path], object]] = {
    "split.json": lambda path: Split("group", 13, "digest", {}).write(path),
    "floors.json": lambda path: Floors().write(path),
    "README.md": lambda path: write_between_markers(path, "a table"),
    "results.json": lambda path: write_results(path, []),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_write_that_breaks_off_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def power_failure(made: object, place: object) -> None:
        raise OSError("no power")

    path = tmp_path / name
    before = "[]" if name == "results.json" else BEFORE
    path.write_text(before, encoding="utf-8")
    monkeypatch.setattr("quotestance.data.atomic.put_in_place", power_failure)
    with pytest.raises(OSError, match="no power"):
        WRITERS[name](path)
    assert path.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [path]
