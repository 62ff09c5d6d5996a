"""`quotestance convert`: material from one format into another."""

from __future__ import annotations

from typing import Annotated

import typer

from quotestance.commands.columns import (
    GroupColumn,
    IdColumn,
    LabelColumn,
    SpeakerColumn,
    TargetColumn,
    TextColumn,
    named_otherwise,
)


def convert(
    source: Annotated[
        str, typer.Argument(help="A file or folder of articles, a pair table, a brat folder or a Label Studio export.")
    ],
    target: Annotated[
        str, typer.Argument(help="Where to write: its ending names the format (no ending: a brat folder).")
    ],
    source_format: Annotated[
        str | None, typer.Option("--from", help="articles, pairs, brat or labelstudio; else told by the file.")
    ] = None,
    target_format: Annotated[
        str | None, typer.Option("--to", help="articles, pairs, brat or labelstudio; else told by the ending.")
    ] = None,
    corpora: Annotated[
        str | None, typer.Option(help="The folder with your copies of the corpora, for records without text.")
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="The label set of a pair table, if not the codebook's: pro,con,neutral.")
    ] = None,
    text: TextColumn = "text",
    about: TargetColumn = "target",
    label: LabelColumn = "label",
    id: IdColumn = None,
    group: GroupColumn = None,
    speaker: SpeakerColumn = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write over what lies at TARGET; without it, that is refused.")
    ] = False,
) -> None:
    """Convert between articles (.json, .jsonl), pair tables (.csv, .tsv, .parquet, .jsonl), brat and Label Studio.

    What the other format has no place for is named after the conversion.

    Example: quotestance convert data/annotated/khamenei-rules-out-talks.json stances.csv
    """
    from quotestance.data.convert import convert as run
    from quotestance.data.labels import CODEBOOK, LabelSet

    declared = LabelSet.written(labels) if labels else CODEBOOK
    done = run(
        source,
        target,
        source_format=source_format,
        target_format=target_format,
        corpora=corpora,
        labels=declared,
        columns=named_otherwise(text=text, target=about, label=label, id=id, group=group, speaker=speaker),
        overwrite=overwrite,
    )
    typer.echo(
        f"{done.records:,} records from {done.source_format} to {done.target_format}: {target}", err=target == "-"
    )
    if done.interface:
        typer.echo(f"  the interface to paste into the project's settings, Labeling Interface, Code: {done.interface}")
    for loss in done.losses:
        typer.echo(f"  not carried over: {loss}", err=True)
