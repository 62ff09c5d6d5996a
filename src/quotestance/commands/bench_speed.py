"""`quotestance bench speed`: the stock pipeline, ours and the machine's limit, on the same rows in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quotestance.models import DEFAULT_QUOTES, DEFAULT_STANCE


def bench_speed(
    model: Annotated[str, typer.Option(help="The stance model: stance-small or a model folder.")] = DEFAULT_STANCE,
    rows: Annotated[int, typer.Option(min=1, help="Questions that are answered, none of them twice.")] = 512,
    pairs: Annotated[
        str | None,
        typer.Option(help="Take the questions from this corpus split or file (vast/dev); else they are made up."),
    ] = None,
    articles: Annotated[
        int, typer.Option(min=0, help="Made-up articles of 4,600 characters with 5 targets to analyze; 0: none.")
    ] = 8,
    quotes: Annotated[str, typer.Option(help="The quote finder: quotes-small, rules, or a folder.")] = DEFAULT_QUOTES,
    turns: Annotated[int, typer.Option(min=1, help="Everything is done so many times; medians are shown.")] = 3,
    threads: Annotated[int | None, typer.Option(min=1, help="Of the processor; by default as many as cores.")] = None,
    alone: Annotated[
        bool, typer.Option("--alone/--not-alone", help="Also measure start-up and memory in processes of their own.")
    ] = True,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, …; by default a GPU where there is one.")] = None,
    precision: Annotated[str, typer.Option(help="auto (the faster, measured), fp32 or bf16.")] = "auto",
    out: Annotated[Path | None, typer.Option("--out", help="Also write what was measured as JSON here.")] = None,
) -> None:
    """Measure rows and tokens a second of transformers' own pipeline, of ours, and of bare matrix products; articles a second; memory.

    The three take turns on the same rows with the same weights. A machine that does other things meanwhile measures those, too.

    Example: quotestance bench speed --rows 512 --threads 2 --out speed.json
    """
    import json
    import random

    from quotestance.bench.made_up import made_articles, made_pairs
    from quotestance.bench.speed import measure_speed, speed_in_words
    from quotestance.data.atomic import write_text
    from quotestance.data.errors import QuotestanceError
    from quotestance.data.material import read_named
    from quotestance.models import load_quote_finder
    from quotestance.models.folders import model_folder
    from quotestance.models.precision import PRECISIONS
    from quotestance.models.stance import StanceClassifier

    if precision not in PRECISIONS:
        raise QuotestanceError(f"Unknown precision '{precision}'. There are: {', '.join(PRECISIONS)}.")
    asked = made_pairs(rows) if pairs is None else list(read_named(pairs, corpora))
    if pairs is not None:
        random.Random(13).shuffle(asked)
    measured = measure_speed(
        StanceClassifier.from_pretrained(model, device=device, precision=precision),
        model_folder(model),
        asked[:rows],
        finder=load_quote_finder(quotes, device=device, precision=precision),
        articles=made_articles(articles),
        turns=turns,
        threads=threads,
        alone=alone,
    )
    measured = {"model": model, "quotes": quotes, "pairs": pairs or "made up", **measured}
    typer.echo(speed_in_words(measured))
    if out is not None:
        write_text(out, json.dumps(measured, indent=2) + "\n")
        typer.echo(f"Wrote {out}.")
