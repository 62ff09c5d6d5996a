"""`quotestance bench`: models on benchmarks, beside the published figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer


def bench(
    name: Annotated[
        list[str] | None, typer.Argument(help="Benchmarks by name; by default all of --benchmarks.")
    ] = None,
    models: Annotated[
        str, typer.Option(help="Shipped models, model folders, tfidf and majority, with commas between them.")
    ] = "stance-small,tfidf,majority",
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
    benchmarks: Annotated[Path, typer.Option(help="Folder with the benchmark files.")] = Path("evaluate/benchmarks"),
    write: Annotated[
        bool, typer.Option("--write", help="Keep the results and put the leaderboard into the README of evaluate/.")
    ] = False,
    readme: Annotated[Path, typer.Option(help="Where the leaderboard stands between its markers.")] = Path(
        "evaluate/README.md"
    ),
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 13,
) -> None:
    """Score models on one benchmark or all, with intervals, and print them beside the published figures.

    The baselines (tfidf, majority) learn from the benchmark's own training material first. Where a benchmark has fewer
    labels than a model, the model is scored twice: as it answers, and by the likeliest of the benchmark's labels.
    Every result is kept as it comes in; a benchmark whose corpus is missing is named at the end, after the others.

    Example: quotestance bench vast-zero-shot newsmtsc-rw --models stance-small,tfidf --corpora ~/corpora
    """
    from quotestance.commands.named_material import named_model
    from quotestance.data.errors import QuotestanceError
    from quotestance.data.material import read_named
    from quotestance.evaluate import benchmarks as library
    from quotestance.models import BASELINES

    chosen = library.read_benchmarks(benchmarks, name or ())
    names = list(dict.fromkeys(one.strip() for one in models.split(",") if one.strip()))
    loaded = {one: named_model(one) for one in names if one not in BASELINES}
    fitted = {}  # baselines, by name and training material: three benchmarks share VAST's

    def measured(benchmark: library.Benchmark) -> Iterator[library.Result]:
        pairs = read_named(benchmark.material, corpora)
        for one in names:
            if one in BASELINES and (one, benchmark.train) not in fitted:
                fitted[one, benchmark.train] = named_model(one, benchmark.train, corpora)
            model = loaded.get(one) or fitted[one, benchmark.train]
            for asked, predict in model.ways(benchmark.labels).items():
                yield library.run_benchmark(
                    benchmark,
                    pairs,
                    predict,
                    model=model.name,
                    asked=asked,
                    revision=model.model.revision,
                    trained_on=model.trained_on,
                    seed=seed,
                )

    results, failed = [], []
    for benchmark in chosen:
        try:
            for result in measured(benchmark):
                typer.echo(library.result_line(result))
                results.append(result)
                if write:
                    library.write_results(benchmarks / "results.json", [result])
        except QuotestanceError as problem:  # a corpus that is missing must not cost the others
            failed.append(f"{benchmark.name} was not measured: {problem}")
    if write and results:
        every = library.read_benchmarks(benchmarks)
        kept = library.read_results(benchmarks / "results.json")
        library.write_between_markers(readme, library.leaderboard_markdown(every, kept))
        typer.echo(f"Wrote {benchmarks / 'results.json'} and the leaderboard in {readme}.")
    elif results:
        typer.echo("\n" + library.leaderboard_text(chosen, results))
    if failed:
        raise QuotestanceError("\n".join(failed))
