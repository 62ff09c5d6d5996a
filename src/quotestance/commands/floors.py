"""`quotestance floors`: the gate that keeps scores from falling unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

GOLD = "data/annotated/polnear/dev.jsonl"  # not test: a gate that is run at every change is a way of choosing


def floors(
    models: Annotated[
        str, typer.Option(help="Shipped models or model folders, with commas between them.")
    ] = "stance-small",
    gold: Annotated[
        str, typer.Option(help="Gold to measure on, with commas between several: files or corpus splits.")
    ] = GOLD,
    file: Annotated[Path, typer.Option(help="The pinned scores.")] = Path("evaluate/floors.json"),
    update: Annotated[
        bool, typer.Option("--update", help="Raise floors to what is measured now, and add new ones.")
    ] = False,
    lower: Annotated[
        bool, typer.Option("--lower", help="With --update: also lower floors, and print what fell.")
    ] = False,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
) -> None:
    """Measure the shipped models and fail (exit 1) where a pinned score fell by more than the stated margin.

    Example: quotestance floors --corpora ~/corpora
    """
    from quotestance.commands.named_material import named_model
    from quotestance.data.material import read_named
    from quotestance.data.splits import material_digest
    from quotestance.evaluate import evaluate
    from quotestance.evaluate import floors as library
    from quotestance.models.protocol import predicted_pairs

    if lower and not update:
        raise library.FloorError("--lower says what --update may do. Give both: quotestance floors --update --lower")
    pinned = library.Floors() if update and not file.exists() else library.Floors.read(file)
    loaded = [named_model(one.strip()) for one in models.split(",") if one.strip()]
    measured = []
    for name in (one.strip() for one in gold.split(",") if one.strip()):
        pairs = read_named(name, corpora)
        for one in loaded:
            report = evaluate(pairs, predicted_pairs(pairs, one.model), labels=one.model.labels, rounds=0)
            measured.append(
                library.Measured(
                    one.name,
                    one.model.revision,
                    name,
                    material_digest(pairs)[:16],
                    len(pairs),
                    library.report_scores(report.to_json()),
                )
            )
            typer.echo(
                f"{one.name}@{one.model.revision} on {name} ({len(pairs)} pairs): "
                + ", ".join(f"{score} {value:.4f}" for score, value in measured[-1].scores.items())
            )
    if update:
        raised, falls = library.update_floors(pinned, measured, allow_lower=lower)
        raised.write(file)
        typer.echo("\n".join([*(f"lowered: {fall}" for fall in falls), f"Wrote {file}."]))
        return
    falls = library.check_floors(measured, pinned)
    for one_unpinned in library.unpinned(measured, pinned):
        typer.echo(f"{one_unpinned.model} on {one_unpinned.gold} has no floor yet: quotestance floors --update")
    if falls:
        typer.echo("\n".join(str(fall) for fall in falls), err=True)
        raise typer.Exit(1)
    typer.echo(f"No score is more than {pinned.margin} below its floor.")
