"""`quotestance extract`: raw articles into quotes and speakers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quotestance.commands.batch_run import (
    DeviceOption,
    PrecisionOption,
    QuotesOption,
    ResumeOption,
    StrictOption,
    run_to_file,
)
from quotestance.models import DEFAULT_QUOTES


def extract(
    articles: Annotated[
        list[str],
        typer.Argument(
            help="Articles: .txt, .html, .json, .jsonl, .csv, .tsv, .parquet, folders, globs, or - (stdin)."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="Where to write: .jsonl, .json, .csv, .tsv, .parquet, .html (at most 500 articles), or a name without ending: a folder of Parquet.",
        ),
    ],
    quotes: QuotesOption = DEFAULT_QUOTES,
    text: Annotated[str, typer.Option(help="The column with the article's text.")] = "text",
    id: Annotated[str | None, typer.Option("--id", help="The column with the article's id.")] = None,
    resume: ResumeOption = False,
    strict: StrictOption = False,
    device: DeviceOption = None,
    precision: PrecisionOption = "auto",
) -> None:
    """Find the quotes of articles and who speaks. Nothing is asked about stances.

    Example: quotestance extract seeds/*.txt --out demo/quotes.jsonl
    """
    from functools import partial

    from quotestance.inference.extract import article_tally, extracted_records
    from quotestance.inference.readers import raw_articles
    from quotestance.inference.runs import Plan
    from quotestance.inference.steady_models import SteadyModels
    from quotestance.inference.writers import ARTICLE_ENDINGS, check_ending, most_records, write_article_records
    from quotestance.view.article_page import article_page

    check_ending(out, ARTICLE_ENDINGS)
    reading = raw_articles(articles, text=text, id=id, out=out)
    models = SteadyModels(out, device=device, precision=precision, resume=resume)
    finder = models.finder(quotes)
    options = {"deed": "extract", "text": text, "id": id, "out": out.name, **models.options}
    run_to_file(
        reading,
        extracted_records(finder),
        out,
        what="articles",
        write=partial(write_article_records, page=article_page),
        plan=Plan(options, most=most_records(out), tally=article_tally),
        resume=resume,
        strict=strict,
    )
