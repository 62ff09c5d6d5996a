"""`quotestance evaluate`: gold and predictions into a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    gold: Annotated[str, typer.Argument(help="Gold: articles (.json, .jsonl), a folder of them, a pair table, or a corpus split such as vast/test.")],
    predicted: Annotated[str | None, typer.Argument(help="Predictions for the same articles or pairs. Leave it out and give --model.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for report.json, report.md, report.html and predictions.jsonl.")] = None,
    model: Annotated[str | None, typer.Option(help="A model to predict with: stance-small, a folder, majority or tfidf.")] = None,
    training: Annotated[list[str] | None, typer.Option(help="Material that a baseline is fitted on, and that gold is checked against for leaks.")] = None,
    corpora: Annotated[Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")] = None,
    split: Annotated[Path | None, typer.Option(help="A frozen split (quotestance split): only its test part is scored.")] = None,
    part: Annotated[str, typer.Option(help="Which part of the split.")] = "test",
    refuse_leaks: Annotated[bool, typer.Option("--refuse-leaks", help="Stop where gold shares articles or texts with training.")] = False,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 13,
    rounds: Annotated[int, typer.Option(help="Bootstrap rounds.")] = 1000,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, …")] = None,
) -> None:
    """Score predictions, or a model, per label with intervals, and write the report.

    Example: quotestance evaluate data/annotated/polnear/test.jsonl --model stance-small --corpora ~/corpora --out report/
    """
    from quotestance.commands.evaluation import evaluate_material

    report = evaluate_material(gold, predicted, model=model, training=training or [], corpora=corpora, split=split, part=part,
                               refuse_leaks=refuse_leaks, seed=seed, rounds=rounds, device=device)
    typer.echo(report.to_markdown(brief=True))
    if out:
        from quotestance.view.report_page import report_page

        report.write(out, page=report_page)
        typer.echo(f"Wrote {out}/report.html, report.md, report.json and predictions.jsonl.")
