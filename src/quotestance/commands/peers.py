"""`quotestance peers`: our training beside what one would use instead."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def peers(
    recipe: Annotated[
        Path, typer.Argument(help="The recipe whose material, encoder, epochs and rate all of them get.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the material, the models and peers.md.")],
    test: Annotated[
        list[str] | None, typer.Option(help="Material to score on: a corpus split or a file; else the dev material.")
    ] = None,
    examples: Annotated[
        int | None, typer.Option(min=3, help="So many pairs, drawn by the seed, of training, dev and test each.")
    ] = None,
    only: Annotated[str, typer.Option(help="Which, with commas between them.")] = "tfidf-svm,setfit,trainer,ours",
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
) -> None:
    """Train TF-IDF with a linear SVM, SetFit, the stock Trainer of transformers and ours on the same pairs, and print one table.

    Each runs in a process of its own, on the CPU, one after another. SetFit and the stock Trainer need `quotestance[stance-peers]`.
    The others read target, speaker and quote; ours reads the context around it, too, unless the recipe says `context = 0`.

    Example: quotestance peers training/recipes/newsmtsc-alone.toml --out runs/peers --examples 200 --corpora ~/corpora
    """
    from quotestance.bench.peers import peers_table, run_peers
    from quotestance.data.atomic import write_text
    from quotestance.training.recipe import read_recipe

    names = [name.strip() for name in only.split(",") if name.strip()]
    results = run_peers(read_recipe(recipe), out, test=test or (), examples=examples, corpora=corpora, peers=names)
    table = peers_table(results)
    typer.echo(table)
    write_text(out / "peers.md", table + "\n")
