"""`quotestance predict`: questions into stances with probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from quotestance.commands.batch_run import (
    AbstainOption,
    DeviceOption,
    Engine,
    EngineOption,
    ModelOption,
    PrecisionOption,
    RayAddressOption,
    ResumeOption,
    StrictOption,
    WorkersOption,
    cluster_of,
    run_to_file,
)
from quotestance.commands.columns import IdColumn, SpeakerColumn, TargetColumn, TextColumn, named, named_otherwise


def predict(
    questions: Annotated[
        list[str],
        typer.Argument(
            help="Records (.json, .jsonl) with questions, or pair tables (.csv, .tsv, .json, .jsonl, .parquet); folders, globs, or - (stdin)."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="Where to write, by its ending: .jsonl, .csv, .tsv, .parquet, or none: a folder of Parquet; records also .json, .html (at most 500 articles).",
        ),
    ],
    model: ModelOption = "stance-small",
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
    text: TextColumn = "text",
    target: TargetColumn = "target",
    id: IdColumn = None,
    speaker: SpeakerColumn = None,
    abstain_below: AbstainOption = None,
    resume: ResumeOption = False,
    strict: StrictOption = False,
    device: DeviceOption = None,
    precision: PrecisionOption = "auto",
    engine: EngineOption = Engine.LOCAL,
    ray_address: RayAddressOption = None,
    workers: WorkersOption = None,
) -> None:
    """Answer questions: every stance of a record that has no label, every row of a pair table (text, target).

    A table gets the columns label (predicted, where it has a label), p_favor, p_against, p_neutral and model.

    Example: quotestance predict questions.csv --out answers.csv
    """
    from functools import partial

    from quotestance.data.material import refuse_columns
    from quotestance.data.pair_tables import check_named
    from quotestance.inference import predict as answers
    from quotestance.inference import readers, writers
    from quotestance.inference.runs import PAIRS_A_SHARD, Plan
    from quotestance.inference.sources import Sources
    from quotestance.inference.steady_models import SteadyModels
    from quotestance.view.article_page import article_page

    sources = Sources(questions, endings=readers.QUESTIONS, out=out, column=text)
    table = readers.hold_pairs(sources, target=target)
    writers.check_ending(out, writers.PAIR_ENDINGS if table else writers.ARTICLE_ENDINGS)
    columns = {"text": text, "target": target} | named(id=id, speaker=speaker)
    if table:
        check_named(columns)
    else:
        refuse_columns("What is read", named_otherwise(text=text, target=target, id=id, speaker=speaker))
    with cluster_of(engine, address=ray_address, workers=workers, device=device) as cluster:
        models = SteadyModels(out, device=device, precision=precision, resume=resume, cluster=cluster)
        stance = models.stance(model, abstain_below=abstain_below)
        options: dict[str, Any] = {"deed": "predict", "columns": columns if table else None, "out": out.name}
        options |= models.options
        labels = tuple(stance.labels)
        if table:
            run_to_file(
                readers.pair_rows(sources, columns),
                answers.answered_rows(stance),
                out,
                what="pairs",
                write=partial(writers.write_pair_records, labels=labels),
                plan=Plan(options, rows_a_shard=PAIRS_A_SHARD),
                resume=resume,
                strict=strict,
                cluster=cluster,
            )
        else:
            run_to_file(
                readers.records(sources, corpora=corpora),
                answers.answered_records(stance),
                out,
                what="articles",
                write=partial(writers.write_article_records, labels=labels, page=article_page),
                plan=Plan(options, most=writers.most_records(out), tally=answers.answers_tally(stance)),
                resume=resume,
                strict=strict,
                cluster=cluster,
            )
