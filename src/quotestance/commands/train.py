"""`quotestance train`: a recipe into a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a TOML file; training/recipes/ has examples.")],
    out: Annotated[
        Path,
        typer.Option("--out", help="The model folder to write; its run/ holds the log and a checkpoint meanwhile."),
    ],
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda, cuda:1, …; by default a GPU where there is one.")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew, even where a stopped run could go on or a model is finished.")
    ] = False,
    seed: Annotated[int | None, typer.Option(help="Another seed than the recipe's, or than all of its seeds.")] = None,
    trials: Annotated[
        int | None,
        typer.Option(min=1, help="So many trials of the recipe's \\[search], instead of what it says there."),
    ] = None,
) -> None:
    """Fine-tune a stance classifier, or a quote finder, as a recipe says. A run that was stopped goes on where it was: give the same command again.

    A stance classifier trains in several processes, each with its share of every batch, when started by
    `torchrun --nproc-per-node 2 -m quotestance.cli train …`: one GPU each, or the CPU.

    Example: quotestance train training/recipes/stance-base.toml --out runs/stance-base --corpora ~/corpora
    """
    import logging
    from contextlib import ExitStack

    from quotestance.training.processes import joined
    from quotestance.training.whole_model import one_run_in

    logger = logging.getLogger("quotestance")
    with joined(device) as processes, ExitStack() as to_the_end:
        if processes.leads:
            run = to_the_end.enter_context(one_run_in(out))
            file = logging.FileHandler(run / "log.txt", encoding="utf-8")
            file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
            logger.addHandler(file)
            to_the_end.callback(file.close)
            to_the_end.callback(logger.removeHandler, file)
        to_the_end.callback(logger.setLevel, logger.level)
        logger.setLevel(logging.INFO if processes.leads else logging.ERROR)
        made, next_step = _fit(
            recipe,
            out,
            corpora=corpora,
            restart=restart,
            device=device,
            seed=seed,
            trials=trials,
            world=processes.world,
        )
        if processes.leads:
            typer.echo(f"Wrote {out} ({made}). Next: {next_step}")


def _fit(
    path: Path,
    out: Path,
    *,
    corpora: Path | None,
    restart: bool,
    device: str | None,
    seed: int | None,
    trials: int | None,
    world: int,
) -> tuple[str, str]:
    """Train what the recipe is for; returns the model's signature and the command that measures it."""
    from quotestance.training.recipe import RecipeError, read_recipe, task_of

    if task_of(path) == "quotes":
        if world > 1:
            raise RecipeError("A quote finder trains in one process: start it without torchrun.")
        from quotestance.training.fit_quotes import fit_quotes
        from quotestance.training.quote_recipe import read_quote_recipe

        quotes = read_quote_recipe(path)
        quotes = quotes.model_copy(update={"seed": seed}) if seed is not None else quotes
        finder = fit_quotes(quotes, out, corpora=corpora, resume=not restart, device=device)
        return f"{finder.name}@{finder.revision}", f"quotestance score-quotes {quotes.dev[0]} --model {out}"
    from quotestance.training.fit import fit

    recipe = read_recipe(path)
    recipe = recipe.model_copy(update={"seed": seed, "seeds": ()}) if seed is not None else recipe
    if trials is not None:
        if recipe.search is None:
            raise RecipeError(f"{path} has no [search] table that says which keys --trials is to try.")
        recipe = recipe.model_copy(update={"search": recipe.search.model_copy(update={"trials": trials})})
    stance = fit(recipe, out, corpora=corpora, resume=not restart, device=device)
    return f"{stance.name}@{stance.revision}", f"quotestance evaluate GOLD --model {out} --out report/"
