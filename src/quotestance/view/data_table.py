"""Rows into an HTML table that page.js sorts by its headings and filters by facets; readable without it, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from quotestance.view.page import counted, escaped

MOST_CHOICES = 400  # longer lists of choices are cut: the search box finds the rest


@dataclass(frozen=True)
class Column:
    """A heading. Numeric columns stand to the right and sort as numbers; `wide` ones hold sentences."""

    title: str
    numeric: bool = False
    wide: bool = False
    sorts: bool = True


@dataclass(frozen=True)
class Cell:
    """Trusted HTML, and the value that it sorts by where that is not its text. None sorts last, whichever way."""

    html: str
    sort: float | str | None = None
    missing: bool = False


@dataclass(frozen=True)
class Row:
    """`facets` are the values that filters compare; `href` ('#a1q2') is where a click on the row leads."""

    cells: Sequence[Cell]
    facets: Mapping[str, str] = field(default_factory=dict)
    href: str | None = None
    css: str = ""


def data_table(
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    facets: Sequence[str] = (),
    search: bool = False,
    caption: str = "",
    what: str = "row",
    cards: bool = False,
) -> str:
    """The table under the id `name`, with one list of choices a facet and, where asked for, a box to search its words.

    `cards`: on a phone, each row becomes a card, for tables whose cells hold sentences.
    """
    heads = "".join(_head(column) for column in columns)
    body = "\n".join(row_html(row, columns) for row in rows)
    bar = _filters(rows, facets, search, what) if facets or search else ""
    told = f"<caption>{escaped(caption)}</caption>" if caption else ""
    return (
        f'<div class="datatable{" cards" if cards else ""}" id="{escaped(name)}" data-what="{escaped(what)}">{bar}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escaped(caption or name)}">'
        f"<table>{told}<thead><tr>{heads}</tr></thead><tbody>\n{body}\n</tbody></table></div></div>"
    )


def text_cell(value: object) -> Cell:
    """Text from anywhere, escaped, in its own writing direction."""
    return Cell(f'<span dir="auto">{escaped(value)}</span>')


def number_cell(value: float | None, form: str = ".3f") -> Cell:
    """A number in the given form; a dash where there is none."""
    return Cell("–", missing=True) if value is None else Cell(escaped(format(value, form)), value)


def _head(column: Column) -> str:
    if not column.sorts:
        return f'<th scope="col"{_classes(column)}><span>{escaped(column.title)}</span></th>'
    button = f'<button type="button">{escaped(column.title)}</button>'
    return f'<th scope="col" aria-sort="none"{_classes(column)}>{button}</th>'


def row_html(row: Row, columns: Sequence[Column]) -> str:
    """One <tr> of the table."""
    facets = "".join(f' data-f-{name}="{escaped(value)}"' for name, value in row.facets.items())
    link = f' data-href="{escaped(row.href)}"' if row.href else ""
    css = f' class="{escaped(row.css)}"' if row.css else ""
    return f"<tr{css}{facets}{link}>{''.join(_cell(*both) for both in zip(row.cells, columns, strict=True))}</tr>"


def _cell(cell: Cell, column: Column) -> str:
    sort = ' data-sort=""' if cell.missing else "" if cell.sort is None else f' data-sort="{escaped(cell.sort)}"'
    return f'<td data-label="{escaped(column.title)}"{_classes(column)}{sort}>{cell.html}</td>'


def _classes(column: Column) -> str:
    names = [name for name, on in (("num", column.numeric), ("wide", column.wide)) if on]
    return f' class="{" ".join(names)}"' if names else ""


def _filters(rows: Sequence[Row], facets: Sequence[str], search: bool, what: str) -> str:
    lists = "".join(_choices(rows, facet) for facet in facets)
    box = '<label>Search <input type="search" autocomplete="off"></label>' if search else ""
    return (
        f'<form class="filters">{lists}{box}<button type="reset">Show all</button>'
        f'<output aria-live="polite">{counted(len(rows), what)}</output></form>'
    )


def _choices(rows: Sequence[Row], facet: str) -> str:
    counts: dict[str, int] = {}
    for row in rows:
        if facet in row.facets:
            counts[row.facets[facet]] = counts.get(row.facets[facet], 0) + 1
    kept = sorted(sorted(counts, key=lambda value: -counts[value])[:MOST_CHOICES], key=str.casefold)
    options = "".join(
        f'<option value="{escaped(value)}">{escaped(value)} ({counts[value]:,})</option>' for value in kept
    )
    return (
        f'<label>{escaped(facet.replace("-", " ").capitalize())} <select data-facet="{escaped(facet)}">'
        f'<option value="">all</option>{options}</select></label>'
    )
