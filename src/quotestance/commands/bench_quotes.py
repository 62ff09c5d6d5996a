"""`quotestance bench-quotes`: quote finders on the same articles, in one table, with their pace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench_quotes(
    gold: Annotated[
        str, typer.Argument(help="Gold articles: a corpus split such as polnear/test, a file or a folder.")
    ] = "polnear/test",
    finders: Annotated[
        str, typer.Option(help="Quote finders with commas between: shipped or own folders, rules, textacy.")
    ] = "quotes-small,rules,textacy",
    spacy: Annotated[
        bool, typer.Option("--spacy/--no-spacy", help="Also time spaCy's small English pipeline alone.")
    ] = True,
    turns: Annotated[int, typer.Option(help="Every finder reads all articles so many times; the median is kept.")] = 3,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="The first so many articles only.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write scores and pace as JSON here.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the table into the README of evaluate/, between its markers.")
    ] = False,
    readme: Annotated[Path, typer.Option(help="Where the table stands between its markers.")] = Path(
        "evaluate/README.md"
    ),
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 13,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, …; by default a GPU where there is one.")] = None,
) -> None:
    """Score quote finders on the same articles and measure how many articles a second each reads, in turns, in one run.

    textacy and spaCy are the extra `peers`: pip install -e '.[peers]'

    Example: quotestance bench-quotes polnear/test --finders quotes-small,rules,textacy --corpora ~/corpora
    """
    import json
    from collections.abc import Callable
    from functools import partial
    from typing import Any

    from quotestance.bench.pace import medians_in_turns
    from quotestance.bench.quote_table import FinderScores, bench_markdown, bench_record
    from quotestance.data.atomic import write_text
    from quotestance.data.material import read_named_articles
    from quotestance.evaluate.benchmarks import write_between_markers
    from quotestance.evaluate.quotes import by_fragments, score_quotes
    from quotestance.inference.software import COMPUTING, versions
    from quotestance.models import load_quote_finder
    from quotestance.models.pipeline import Analyst

    articles = read_named_articles(gold, corpora)[:limit]
    bare = [article.replace(quotes=(), speakers=()) for article in articles]
    names = [name.strip() for name in finders.split(",") if name.strip()]
    loaded = {name: load_quote_finder(name, device=device) for name in names}
    works: dict[str, Callable[[], Any]] = {
        name: partial(lambda one: list(Analyst(one).extract_many(bare)), finder) for name, finder in loaded.items()
    }
    if spacy:
        from quotestance.models.textacy_quotes import spacy_english

        nlp = spacy_english()
        works["spaCy small alone"] = lambda: [len(nlp(article.text)) for article in bare]
    seconds, answers = medians_in_turns(works, turns=turns)
    pieces = [by_fragments(article) for article in articles]
    scores = {
        name: FinderScores(
            score_quotes(articles, answers[name], seed=seed),
            score_quotes(pieces, [by_fragments(article) for article in answers[name]], seed=seed),
        )
        for name in names
    }
    pace = {name: len(articles) / value for name, value in seconds.items()}
    record = bench_record(
        gold,
        scores,
        pace,
        revisions={name: f"{finder.name}@{finder.revision}" for name, finder in loaded.items()},
        seed=seed,
        software=versions(COMPUTING),
    )
    table = bench_markdown(scores, pace)
    typer.echo(table)
    if out is not None:
        write_text(out, json.dumps(record, indent=1) + "\n")
        typer.echo(f"\nWrote {out}.")
    if write:
        write_between_markers(readme, table, name="quotes")
        typer.echo(f"Wrote the table into {readme}.")
