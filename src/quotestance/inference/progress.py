"""How far a run is: a line that moves on a terminal, nothing elsewhere, and a summary in words at the end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class RunProgress:
    """A context that shows share done, rows, rows a second, rejects and time left on standard error, if a terminal."""

    def __init__(self, what: str, console: Console | None = None) -> None:
        self.what = what
        self.console = console or Console(stderr=True)
        self._started = time.monotonic()
        self._before: int | None = None
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def __enter__(self) -> RunProgress:
        if self.console.is_terminal:
            self._bar = Progress(
                BarColumn(bar_width=30),
                TextColumn("{task.percentage:>3.0f}%  {task.description}"),
                TimeRemainingColumn(),
                console=self.console,
                transient=True,
            )
            self._task = self._bar.add_task(f"reading {self.what}", total=1.0)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def checking(self, files: int, size: int) -> None:
        """Before the work: so many files, of so many bytes, have their digests."""
        if self._bar is not None:
            self._bar.update(
                self._task, description=f"checking the input: {counted(files, 'files')}, {size >> 20:,} MiB"
            )

    def show(self, rows: int, rejects: int, share: float) -> None:
        """`rows` of the input are done, `rejects` of them refused, `share` (0 to 1) of its bytes read."""
        if self._before is None:  # rows of an earlier part of the run don't count for the rate
            self._before, self._started = rows, time.monotonic()
        if self._bar is not None:
            rate = (rows - self._before) / max(1e-9, time.monotonic() - self._started)
            shown = f"{counted(rows, self.what)}, {rate:,.1f} a second, {rejects:,} rejected"
            self._bar.update(self._task, completed=share, description=shown)


def counted(number: int, what: str) -> str:
    """'1 article', '2 articles': a number and a plural in -s."""
    return f"{number:,} {what.removesuffix('s') if number == 1 else what}"


@dataclass(frozen=True)
class Summary:
    """What a run did. `sample` holds its first records; `computed` counts the rows of this process alone.

    `reasons` are the commonest of its rejects, with their rows.
    """

    rows_in: int
    rows_out: int
    rejects: int
    computed: int
    seconds: float
    cut: int = 0  # questions that were longer than the model reads
    tally: Mapping[str, int] = field(default_factory=dict)  # what was counted in the records (`Plan.tally`)
    reasons: tuple[tuple[str, int], ...] = ()
    sample: tuple[dict[str, object], ...] = field(default=(), repr=False)
    already_complete: bool = False

    def in_words(self, what: str) -> str:
        counts = f"{counted(self.rows_in, what)} in = {self.rows_out:,} out + {self.rejects:,} rejected"
        if self.already_complete:
            return f"{counts}; it was complete already, and nothing changed."
        earlier = self.rows_in - self.computed
        resumed = f", {earlier:,} of them in an earlier run" if earlier else ""
        rate = self.computed / max(1e-9, self.seconds)
        return f"{counts}{resumed}; {self.seconds:,.1f} s, {rate:,.1f} {what} a second."
