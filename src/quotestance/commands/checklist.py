"""`quotestance checklist`: behaviour tests of a stance model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def checklist(
    model: Annotated[str, typer.Option(help="A shipped model, a model folder, tfidf or majority.")] = "stance-small",
    file: Annotated[Path | None, typer.Option(help="The templates; by default the project's own.")] = None,
    training: Annotated[
        list[str] | None, typer.Option(help="What a baseline learns from first: a corpus split or a file.")
    ] = None,
    failures: Annotated[Path | None, typer.Option(help="Write every failed case to this .csv file.")] = None,
    cases: Annotated[int, typer.Option(help="Cases a template.")] = 24,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
) -> None:
    """Negation, "will never", swapped names, irony …: the share of written test cases that the model gets right.

    Example: quotestance checklist --model stance-small --failures failures.csv
    """
    from quotestance.commands.named_material import named_model
    from quotestance.data.atomic import write_text
    from quotestance.evaluate.checklist import check_behaviour, read_checklist

    read = read_checklist(file)
    asked = named_model(model, training or (), corpora)
    checked = check_behaviour(read, asked.labels_of, cases_a_template=cases)
    typer.echo(f"{asked.name}@{asked.model.revision}\n\n{checked.to_markdown()}")
    if failures:
        write_text(failures, checked.failures.to_csv(index=False))
        typer.echo(f"\nWrote {len(checked.failures)} rows to {failures}.")
