"""`quotestance corpora`: which corpora can be read, and which of them are at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def corpora(
    root: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies; else QUOTESTANCE_CORPORA.")
    ] = None,
) -> None:
    """List the corpora that adapters exist for, with the number of articles or pairs of each split that is at hand.

    Example: quotestance corpora --corpora ~/corpora
    """
    from rich.console import Console
    from rich.table import Table

    from quotestance.data.corpora import CORPORA, load
    from quotestance.data.errors import CorpusError

    table = Table("material", "what is at hand")
    for corpus, splits in CORPORA.items():
        for split in splits:
            try:
                rows = load(f"{corpus}/{split}", root)
                table.add_row(f"{corpus}/{split}", f"{len(rows):,} {'articles' if corpus == 'polnear' else 'pairs'}")
            except CorpusError as problem:
                table.add_row(f"{corpus}/{split}", str(problem))
    Console().print(table)
