"""`quotestance sample`: answers of a run into a sheet to label by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quotestance.commands.columns import GroupColumn, SpeakerColumn, TargetColumn, TextColumn, named


def sample(
    run: Annotated[
        str,
        typer.Argument(
            help="What analyze or predict wrote: .jsonl, .json, .csv, .tsv, .parquet or a folder. Only .jsonl and .json hold the words around a quote."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", help="The sheet to write, .csv or .tsv; the answers go beside it, to NAME.answers.csv."),
    ],
    rows: Annotated[int, typer.Option(help="How many questions (a quote and a target each) to draw.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed draws the same.")] = 13,
    by_label: Annotated[
        bool,
        typer.Option(
            "--by-label",
            help="Evenly from the model's labels, for the precision of rare ones. Other scores then do not speak for the run.",
        ),
    ] = False,
    text: TextColumn = "text",
    target: TargetColumn = "target",
    group: GroupColumn = None,
    speaker: SpeakerColumn = None,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
) -> None:
    """Draw answered questions at random into a sheet to label by hand, without the answers; evaluate then scores them.

    Fill the column label; rows that you leave empty are not scored. An existing sheet is never written over.

    Example: quotestance sample stances.jsonl --rows 100 --seed 13 --out sheet.csv
    """
    from quotestance.data.labels import CODEBOOK
    from quotestance.inference.sample import write_sheet

    columns = {"text": text, "target": target} | named(group=group, speaker=speaker)
    sheet = write_sheet(run, out, rows=rows, seed=seed, by_label=by_label, columns=columns, corpora=corpora)
    labels = sheet.labels or tuple(CODEBOOK)
    few = f" That is all there are, fewer than {rows:,}." if sheet.rows < rows else ""
    typer.echo(
        f"Wrote {sheet.path}: {sheet.rows:,} of {sheet.of:,} answered questions.{few} The answers are in {sheet.answers}."
    )
    typer.echo(f"Write {', '.join(labels)} or unclear into its column label, without looking at the answers. Then:")
    more = f" --labels {','.join(labels)}" if set(labels) != set(CODEBOOK) else ""
    more += f' --note "{EVENLY}"' if by_label else ""
    typer.echo(f"    quotestance evaluate {sheet.path} {sheet.answers}{more} --out report/")


EVENLY = "Drawn evenly from the model's labels: precision speaks for the whole run, other scores do not."
