"""The options by which a command is told what a pair table of the user's calls our columns."""

from __future__ import annotations

from typing import Annotated

import typer

TextColumn = Annotated[str, typer.Option("--text", help="The column of a pair table with the text.")]
TargetColumn = Annotated[str, typer.Option("--target", help="The column of a pair table with the target.")]
LabelColumn = Annotated[str, typer.Option("--label", help="The column of a pair table with the label.")]
IdColumn = Annotated[
    str | None, typer.Option("--id", help="The column of a pair table with the id; else 'id', or row-1, row-2, …")
]
GroupColumn = Annotated[
    str | None,
    typer.Option(
        "--group", help="The column of a pair table with the article or topic; else 'group', if there is one."
    ),
]
SpeakerColumn = Annotated[
    str | None,
    typer.Option(
        "--speaker", help="The column of a pair table with the speaker's name; else 'speaker', if there is one."
    ),
]


def named(**given: str | None) -> dict[str, str]:
    """Our name -> the table's, of those that were given."""
    return {ours: theirs for ours, theirs in given.items() if theirs is not None}


def named_otherwise(**given: str | None) -> dict[str, str]:
    """Our name -> the table's, of those that differ: what `read_pairs` takes as `columns`."""
    return {ours: theirs for ours, theirs in named(**given).items() if theirs != ours}
