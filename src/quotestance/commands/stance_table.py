"""Article records as tables on the terminal: speaker, quote, target, stance, probability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from quotestance.data.pair_tables import PROBABILITY
from quotestance.inference.long_format import stance_rows
from quotestance.inference.progress import counted
from quotestance.view.stance_marks import WEAK, is_weak

STYLES = {"favor": "green", "against": "red", "unclear": "yellow"}
NEUTRAL = "neutral"
LONGEST_QUOTE = 160  # characters
WIDTH = 100  # where there is no terminal to ask

Row = Mapping[str, Any]


def print_articles(
    records: Iterable[Mapping[str, Any]], *, show_all: bool = False, console: Console | None = None
) -> None:
    """Print one table an article. Neutral and weak stances are counted, not shown, unless asked for: most of an article is."""
    shown = console or Console()
    if not shown.is_terminal:
        shown.width = WIDTH
    for record in records:
        title, rows = str(record.get("title") or record["id"]), list(stance_rows(record))
        kept = [row for row in rows if show_all or _takes_a_side(row)]
        if kept:
            shown.print(_table(title, kept, stances=any(row.get("target") for row in rows)))
        else:
            shown.print(Text(title, style="bold"))
        shown.print(Text(_counts(rows, len(rows) - len(kept)), style="dim"))
        shown.print()


def _takes_a_side(row: Row) -> bool:
    return row.get("label") != NEUTRAL and not is_weak(row.get(f"{PROBABILITY}{row.get('label')}"))


def _table(title: str, rows: Sequence[Row], *, stances: bool) -> Table:
    table = Table(title=Text(title, style="bold"), title_justify="left", expand=True)
    table.add_column("Speaker", ratio=4)
    table.add_column("Quote", ratio=9)
    if stances:
        table.add_column("Target", ratio=6)
        table.add_column("Stance", no_wrap=True, min_width=7)
        table.add_column("P", justify="right", no_wrap=True, min_width=4)
    for cells in _cells(rows, stances):
        table.add_row(*cells)
    return table


def _cells(rows: Sequence[Row], stances: bool) -> Iterator[list[Text]]:
    """The rows of the table; speaker and quote stand once, beside the first of their stances."""
    for _, several in groupby(rows, key=lambda row: row["quote_id"]):
        for number, row in enumerate(several):
            first = number == 0
            cells = [
                Text(row["speaker"] or "unknown") if first else Text(),
                Text(_short(row["quote"])) if first else Text(),
            ]
            if stances:
                label = row.get("label") or ""
                probability = row.get(PROBABILITY + label)
                if label == "unclear":
                    probability = max(
                        (row[name] for name in row if name.startswith(PROBABILITY) and row[name]), default=None
                    )
                cells += [
                    Text(row.get("target") or ""),
                    Text(label, style=STYLES.get(label, "")),
                    Text("" if probability is None else f"{probability:.2f}"),
                ]
            yield cells


def _counts(rows: Sequence[Row], hidden: int) -> str:
    quotes = len({row["quote_id"] for row in rows})
    stances = sum(row.get("label") is not None for row in rows)
    told = f"{counted(quotes, 'quotes')}, {counted(stances, 'stances')}"
    return f"{told}; {hidden} neutral or below {WEAK} are not shown (--show-all)" if hidden else told


def _short(quote: str | None) -> str:
    words = " ".join((quote or "").split())
    return words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1].rstrip() + "…"
