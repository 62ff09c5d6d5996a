"""`quotestance validate`: what is wrong with files, and moved spans back onto their words."""

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


def validate(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Article files or folders, pair tables, targets files; '-' for articles on standard input."
        ),
    ],
    repair: Annotated[
        bool, typer.Option("--repair", help="Put spans that moved back onto their words, and say what was done.")
    ] = False,
    labels: Annotated[
        str | None, typer.Option(help="The label set of pair tables, if not the codebook's: pro,con.")
    ] = None,
    text: TextColumn = "text",
    target: TargetColumn = "target",
    label: LabelColumn = "label",
    id: IdColumn = None,
    group: GroupColumn = None,
    speaker: SpeakerColumn = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print problems and repairs only, not the closing line.")
    ] = False,
) -> None:
    """Check files against the annotation format: every problem with its file, record, quote, and remedy.

    Exits with 0 where nothing is wrong, with 1 where something is. --repair re-anchors spans by their exact text and
    the nearest offset; words that are absent or equally near twice are left alone and named. The file is replaced as
    a whole.

    Example: quotestance validate data/annotated --repair
    """
    from quotestance.data.labels import CODEBOOK, LabelSet
    from quotestance.data.validate import validate as check

    declared = LabelSet.written(labels) if labels else CODEBOOK
    columns = named_otherwise(text=text, target=target, label=label, id=id, group=group, speaker=speaker)
    report = check(paths, repair=repair, labels=declared, columns=columns)
    for line in report.repairs:
        typer.echo(f"repaired: {line}")
    for finding in report.findings:
        typer.echo(str(finding))
    if not quiet:
        typer.echo(report.summary)
        for note in report.notes:
            typer.echo(f"note: {note}")
    if not report.ok:
        raise typer.Exit(1)
