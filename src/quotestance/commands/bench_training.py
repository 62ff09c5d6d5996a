"""`quotestance bench training`: where the time of a training step goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench_training(
    recipe: Annotated[Path, typer.Argument(help="The recipe whose first steps are measured.")],
    steps: Annotated[int, typer.Option(min=1, help="So many steps, after three that are not counted.")] = 20,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, …; by default a GPU where there is one.")] = None,
) -> None:
    """Profile a recipe's steps by kind of operation: matrix products, dropout, optimizer, embeddings …, as it stands and with dropout 0.1.

    A machine that does other things meanwhile measures those, too. `quotestance peers` compares whole runs with the stock Trainer.

    Example: quotestance bench training training/recipes/stance-base.toml --corpora ~/corpora
    """
    from quotestance.bench.step_times import step_table, step_times
    from quotestance.training.recipe import read_recipe

    typer.echo(step_table(step_times(read_recipe(recipe), steps=steps, corpora=corpora, device=device)))
