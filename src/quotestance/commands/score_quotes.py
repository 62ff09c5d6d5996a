"""`quotestance score-quotes`: found quotes and speakers against gold ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def score_quotes(
    gold: Annotated[
        str, typer.Argument(help="Gold articles: a file, a folder, or a corpus split such as polnear/dev.")
    ],
    predicted: Annotated[
        Path | None, typer.Argument(help="The same articles with predicted quotes. Leave it out and give --model.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="A quote finder to run on the gold texts: rules, textacy, a shipped finder, or a folder. 'gold' takes gold's "
            "own quotes and mentions and resolves the speakers anew."
        ),
    ] = None,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the scores as JSON here.")] = None,
    errors: Annotated[
        Path | None,
        typer.Option("--errors", help="Write every quote with what is wrong about it, by offsets, to this CSV."),
    ] = None,
    fragments: Annotated[
        bool, typer.Option("--fragments", help="Score every piece of an interrupted quote as a quote of its own.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 13,
    rounds: Annotated[int, typer.Option(help="Bootstrap rounds; 0 for none.")] = 1000,
    limit: Annotated[int | None, typer.Option(help="Score the first so many articles only.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, …; by default a GPU where there is one.")] = None,
) -> None:
    """Score quotes: contents (exact, overlap, soft; by kind), cue and source given a content, and speakers.

    Example: quotestance score-quotes polnear/dev --model rules --corpora ~/corpora
    """
    import json

    from quotestance.data.atomic import write_text
    from quotestance.data.errors import QuotestanceError
    from quotestance.data.files import read_articles
    from quotestance.data.material import read_named_articles, with_text
    from quotestance.evaluate import quotes as library

    if (predicted is None) == (model is None):
        raise QuotestanceError("Give either a file of predictions or --model, and not both.")
    articles = read_named_articles(gold, corpora)[:limit]
    if model is not None:
        from quotestance.models import load_quote_finder
        from quotestance.models.pipeline import Analyst
        from quotestance.models.speakers import resolve_speakers, unresolved

        bare = (article.replace(quotes=(), speakers=()) for article in articles)
        answers = (
            [resolve_speakers(unresolved(article)) for article in articles]
            if model == "gold"
            else list(Analyst(load_quote_finder(model, device=device)).extract_many(bare))
        )
    else:
        wanted = {article.id for article in articles}
        answers = [a for a in with_text(read_articles(str(predicted)), corpora) if limit is None or a.id in wanted]
    if fragments:
        articles, answers = ([library.by_fragments(one) for one in side] for side in (articles, answers))
    scores = library.score_quotes(articles, answers, seed=seed, rounds=rounds)
    typer.echo(scores.to_markdown())
    if out is not None:
        write_text(out, json.dumps(scores.to_dict(), indent=2) + "\n")
        typer.echo(f"Wrote {out}.")
    if errors is not None:
        from quotestance.evaluate.quote_errors import error_table, quote_errors

        listed = quote_errors(articles, answers)
        write_text(errors, listed.to_csv(index=False))
        typer.echo(f"\n{error_table(listed).to_string()}\n\nWrote {errors}.")
