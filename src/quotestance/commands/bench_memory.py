"""`quotestance bench memory`: the most memory that runs hold, of a thousand to a million rows, or of articles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

COLUMNS = ("rows", "peak", "seconds")


def bench_memory(
    rows: Annotated[str, typer.Option(help="Numbers of rows with commas between them; a run for each.")] = (
        "1000,10000,100000,1000000"
    ),
    model: Annotated[
        str, typer.Option(help="majority (costs nothing, so that a million rows take minutes), stance-small, a folder.")
    ] = "majority",
    quotes: Annotated[
        str | None,
        typer.Option(help="Measure `extract` with this quote finder instead; --rows are numbers of articles then."),
    ] = None,
    ending: Annotated[str, typer.Option(help="What is written: .jsonl, .csv, .parquet, …")] = ".jsonl",
    device: Annotated[str | None, typer.Option(help="cpu, cuda, …; by default a GPU where there is one.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the numbers here, as .csv, and a plot beside it, as .png.")
    ] = None,
) -> None:
    """Measure how much memory `predict`, or `extract`, holds at most for inputs of different length, each in a process of its own.

    Example: quotestance bench memory --rows 1000,10000,100000,1000000 --out memory.csv
    """
    from quotestance.bench.memory import memory_by_articles, memory_by_rows
    from quotestance.data.atomic import whole_file
    from quotestance.data.errors import QuotestanceError
    from quotestance.inference.writers import ARTICLE_ENDINGS, PAIR_ENDINGS, check_ending
    from quotestance.view.plots import memory_figure

    try:
        counts = [int(one) for one in rows.split(",")]
    except ValueError:
        raise QuotestanceError(
            f"--rows {rows}: give whole numbers with commas between them, e.g. 1000,10000."
        ) from None
    if min(counts) < 1:
        raise QuotestanceError(f"--rows {rows}: a run has at least one row.")
    check_ending(f"answers{ending}", PAIR_ENDINGS if quotes is None else ARTICLE_ENDINGS)
    if out is not None and out.suffix != ".csv":
        raise QuotestanceError(f"--out {out}: the numbers are written as .csv. Name such a file.")
    what = "rows" if quotes is None else "articles"
    points = []
    runs = (
        memory_by_rows(counts, model=model, device=device, ending=ending)
        if quotes is None
        else memory_by_articles(counts, quotes=quotes, device=device, ending=ending)
    )
    for point in runs:
        points.append(point)
        typer.echo(
            f"{point['rows']:>10,} {what}: at most {point['peak']:,.0f} MiB, {point['rows'] / point['seconds']:,.0f} {what} a second"
        )
    if out is not None:
        with whole_file(out) as stream:
            stream.write((",".join(COLUMNS) + "\n").encode())
            for point in points:
                stream.write((",".join(f"{point[column]:.6g}" for column in COLUMNS) + "\n").encode())
        picture = out.with_suffix(".png")
        memory_figure(points, model=quotes or model).savefig(picture, dpi=150, facecolor="white")
        typer.echo(f"Wrote {out} and {picture}.")
