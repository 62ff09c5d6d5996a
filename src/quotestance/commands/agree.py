"""`quotestance agree`: how far annotators agree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def agree(
    material: Annotated[
        list[Path],
        typer.Argument(help="Articles with several annotators, or a pair table with `annotator`, an id each pair."),
    ],
    annotator: Annotated[
        list[str] | None, typer.Option(help="Compare only these; give it twice or more. By default all but 'gold'.")
    ] = None,
    disagreements: Annotated[
        Path | None, typer.Option(help="Write the pairs on which they differ to this .csv file.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap over articles.")] = 13,
) -> None:
    """Agreement on the pairs that two or more labelled: observed, Cohen's and Fleiss' kappa, Krippendorff's alpha.

    Example: quotestance agree data/annotated/polnear/test.jsonl --disagreements differ.csv
    """
    from itertools import chain

    from quotestance.data.agreement import agreement
    from quotestance.data.files import read_articles
    from quotestance.data.material import holds_articles
    from quotestance.data.pair_tables import read_pairs

    read = (read_articles(path) if holds_articles(path) else read_pairs(path) for path in material)
    found = agreement(chain.from_iterable(read), annotators=annotator or None, seed=seed)
    typer.echo(found.to_text())
    if disagreements:
        disagreements.parent.mkdir(parents=True, exist_ok=True)
        found.disagreements.to_csv(disagreements, index_label="pair")
        typer.echo(f"\nWrote {len(found.disagreements)} disagreements to {disagreements}.")
