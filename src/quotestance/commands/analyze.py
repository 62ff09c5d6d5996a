"""`quotestance analyze`: raw articles into quotes, speakers and stances."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quotestance.commands.batch_run import (
    AbstainOption,
    DeviceOption,
    Engine,
    EngineOption,
    ModelOption,
    PrecisionOption,
    QuotesOption,
    RayAddressOption,
    ResumeOption,
    StrictOption,
    WorkersOption,
    cluster_of,
    run_to_file,
)
from quotestance.models import DEFAULT_QUOTES, DEFAULT_STANCE

if TYPE_CHECKING:
    from quotestance.data.records import Article, Target
    from quotestance.inference.runs import Work

FEW = 3  # so many articles are also shown as a table when they are written to a file
HINT = (
    'Nothing is asked, so there are quotes and speakers only, without stances. Ask with --target "…" or --targets FILE; '
    "questions that stand in records are answered by 'quotestance predict'."
)


def analyze(
    articles: Annotated[
        list[str],
        typer.Argument(
            help="Articles: .txt, .html, .json, .jsonl, .csv, .tsv, .parquet, folders, globs, or - (stdin)."
        ),
    ],
    targets: Annotated[Path | None, typer.Option("--targets", help="A targets file (.toml): what is asked.")] = None,
    target: Annotated[list[str] | None, typer.Option("--target", help="A target in words; may be repeated.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Where to write: .jsonl, .json, .csv, .tsv, .parquet, .html (at most 500 articles), or a name without ending: a folder of Parquet. Else a table is shown.",
        ),
    ] = None,
    quotes: QuotesOption = DEFAULT_QUOTES,
    model: ModelOption = DEFAULT_STANCE,
    text: Annotated[str, typer.Option(help="The column with the article's text.")] = "text",
    id: Annotated[str | None, typer.Option("--id", help="The column with the article's id.")] = None,
    abstain_below: AbstainOption = None,
    show_all: Annotated[
        bool, typer.Option("--show-all", help="Show neutral and weak stances in the table, too; files hold all.")
    ] = False,
    resume: ResumeOption = False,
    strict: StrictOption = False,
    device: DeviceOption = None,
    precision: PrecisionOption = "auto",
    engine: EngineOption = Engine.LOCAL,
    ray_address: RayAddressOption = None,
    workers: WorkersOption = None,
) -> None:
    """Find who says what in articles, and whether each speaker is for or against each target.

    Example: quotestance analyze seeds/*.txt --targets seeds/targets.toml --out demo/report.html
    """
    import tempfile
    from functools import partial

    from quotestance.commands.stance_table import print_articles
    from quotestance.data.errors import QuotestanceError
    from quotestance.inference.extract import analyzed_records, article_tally, extracted_records
    from quotestance.inference.readers import raw_articles
    from quotestance.inference.runs import Plan
    from quotestance.inference.steady_models import SteadyModels
    from quotestance.inference.writers import ARTICLE_ENDINGS, check_ending, most_records, write_article_records
    from quotestance.view.article_page import article_page

    if resume and out is None:
        raise QuotestanceError("--resume needs --out: only a run that writes a file can be resumed.")
    asked = _asked(targets, target or [])
    if not asked and out is not None:  # before the work: it may take hours
        typer.echo(f"Warning: {HINT}", err=True)
    with (
        tempfile.TemporaryDirectory(prefix="quotestance-") as nowhere,
        cluster_of(engine, address=ray_address, workers=workers, device=device) as cluster,
    ):
        place = out or Path(nowhere, "articles.jsonl")
        check_ending(place, ARTICLE_ENDINGS)
        reading = raw_articles(articles, text=text, id=id, targets=asked, out=place)
        models = SteadyModels(place, device=device, precision=precision, resume=resume, cluster=cluster)
        finder = models.finder(quotes)
        options: dict[str, Any] = {
            "deed": "analyze",
            "targets": [one.model_dump(exclude_unset=True, mode="json") for one in asked],
            "text": text,
            "id": id,
            "out": place.name,
        }
        labels: tuple[str, ...] = ()
        work: Work[Article] = extracted_records(finder)
        if asked:
            stance = models.stance(model, abstain_below=abstain_below)
            work, labels = analyzed_records(finder, stance), tuple(stance.labels)
        done = run_to_file(
            reading,
            work,
            place,
            what="articles",
            write=partial(write_article_records, labels=labels, page=article_page),
            plan=Plan({**options, **models.options}, most=most_records(place), tally=article_tally),
            resume=resume,
            strict=strict,
            sample=FEW + 1,
            quiet=out is None,
            cluster=cluster,
        )
        if out is None:
            print_articles(_records(place), show_all=show_all)
            if done.rejects:
                typer.echo(Path(f"{place}.rejects.jsonl").read_text(encoding="utf-8"), err=True, nl=False)
        elif done.rows_out <= FEW:
            print_articles(done.sample, show_all=show_all)
    if not asked and out is None:  # below the table
        typer.echo(HINT, err=True)


def _asked(file: Path | None, names: Sequence[str]) -> tuple[Target, ...]:
    from quotestance.data.questions import as_targets
    from quotestance.data.targets import read_targets

    return as_targets([*(read_targets(file) if file is not None else ()), *names])


def _records(path: Path) -> Any:
    import json

    with open(path, encoding="utf-8", newline="\n") as lines:
        yield from map(json.loads, lines)
