"""`quotestance agree`: how far annotators agree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quotestance.commands.columns import GroupColumn, IdColumn, LabelColumn, TargetColumn, TextColumn, named_otherwise


def agree(
    material: Annotated[
        list[Path],
        typer.Argument(
            help="Articles with several annotators, or a pair table with `annotator`, where an id stands once for each."
        ),
    ],
    annotator: Annotated[
        list[str] | None, typer.Option(help="Compare only these; give it twice or more. By default all but 'gold'.")
    ] = None,
    disagreements: Annotated[
        Path | None, typer.Option(help="Write the pairs on which they differ to this .csv file.")
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="The label set of pair tables, if not the codebook's: pro,con.")
    ] = None,
    text: TextColumn = "text",
    target: TargetColumn = "target",
    label: LabelColumn = "label",
    id: IdColumn = None,
    group: GroupColumn = None,
    annotator_column: Annotated[
        str, typer.Option(help="The column of a pair table with the annotator's name.")
    ] = "annotator",
    seed: Annotated[int, typer.Option(help="Of the bootstrap over articles.")] = 13,
) -> None:
    """Agreement on the pairs that two or more labelled: observed, Cohen's and Fleiss' kappa, Krippendorff's alpha.

    Example: quotestance agree data/annotated/polnear/test.jsonl --disagreements differ.csv
    """
    from itertools import chain

    from quotestance.data.agreement import agreement
    from quotestance.data.atomic import write_text
    from quotestance.data.files import read_articles
    from quotestance.data.labels import CODEBOOK, LabelSet
    from quotestance.data.material import holds_articles, refuse_columns
    from quotestance.data.pair_tables import read_pairs

    declared = LabelSet.written(labels) if labels else None
    columns = named_otherwise(text=text, target=target, label=label, id=id, group=group, annotator=annotator_column)
    tables = {path: not holds_articles(path) for path in material}
    if not any(tables.values()):
        refuse_columns(", ".join(str(path) for path in material), columns)
    read = (
        read_pairs(path, columns, labels=declared or CODEBOOK) if tables[path] else read_articles(path)
        for path in material
    )
    found = agreement(chain.from_iterable(read), annotators=annotator or None, labels=declared, seed=seed)
    typer.echo(found.to_text())
    if disagreements:
        write_text(disagreements, found.disagreements.to_csv(index_label="pair"))
        typer.echo(f"\nWrote {len(found.disagreements)} disagreements to {disagreements}.")
