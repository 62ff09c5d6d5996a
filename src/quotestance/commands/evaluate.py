"""`quotestance evaluate`: gold and predictions into a report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from quotestance.commands.columns import GroupColumn, IdColumn, SpeakerColumn, TargetColumn, TextColumn, named_otherwise

if TYPE_CHECKING:
    from quotestance.data.pairs import Pair

# corpus of the gold labels -> what a reader must be told beside every score on it
NOTES = {
    "polnear": "The gold labels were made by a large language model under the codebook, not by people; "
    "both of its passes share one model's habits. A high score means agreement with that model.",
    "newsmtsc": "Sentiment toward a person as the sentence shows it, not the stance of a speaker.",
}


def evaluate(
    gold: Annotated[
        str,
        typer.Argument(
            help="Gold: articles (.json, .jsonl), a folder of them, a pair table, or a corpus split such as vast/test."
        ),
    ],
    predicted: Annotated[
        Path | None, typer.Argument(help="Predictions for the same articles or pairs. Leave it out and give --model.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for report.json, report.md, report.html and predictions.jsonl.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="A model to predict with: stance-small, a folder, majority or tfidf.")
    ] = None,
    training: Annotated[
        list[str] | None,
        typer.Option(
            help="Material that a baseline is fitted on, and that gold is checked against for leaks; for the latter also a "
            "model, which knows what it was trained on. That of --model is always checked."
        ),
    ] = None,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
    split: Annotated[
        Path | None, typer.Option(help="A frozen split (quotestance split) of the gold: only one part is scored.")
    ] = None,
    part: Annotated[str, typer.Option(help="Which part of the split.")] = "test",
    labels: Annotated[
        str | None, typer.Option(help="The label set of predictions, where it is not the codebook's: pro,con,none.")
    ] = None,
    text: TextColumn = "text",
    target: TargetColumn = "target",
    label_map: Annotated[
        str | None,
        typer.Option(
            help="What the labels of gold's pair table are called here, as in the recipe of the model: pro=favor,con=against,none=neutral; "
            "nothing behind the sign leaves its pairs out."
        ),
    ] = None,
    label: Annotated[
        str, typer.Option(help="The column of gold's pair table with the label; of predictions it is always 'label'.")
    ] = "label",
    id: IdColumn = None,
    group: GroupColumn = None,
    speaker: SpeakerColumn = None,
    missing: Annotated[
        str,
        typer.Option(
            help="What gold pairs without a prediction are: an error, 'wrong' (each counts as a wrong answer), or 'skip' (they "
            "are not scored, and the report says so)."
        ),
    ] = "error",
    refuse_leaks: Annotated[
        bool, typer.Option("--refuse-leaks", help="Stop where gold shares articles or texts with training.")
    ] = False,
    note: Annotated[
        list[str] | None, typer.Option(help="A sentence to stand in the report, such as who made the labels.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 13,
    rounds: Annotated[int, typer.Option(help="Bootstrap rounds.")] = 1000,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, …; by default a GPU where there is one.")] = None,
) -> None:
    """Score predictions, or a model, per label with intervals, check for leaks, and write the report.

    Example: quotestance evaluate data/annotated/polnear/test.jsonl --model stance-small --corpora ~/corpora --out report/
    """
    from quotestance.commands.named_material import named_model, training_of
    from quotestance.data.errors import QuotestanceError
    from quotestance.data.label_map import mapped, written_map
    from quotestance.data.labels import CODEBOOK, LabelSet
    from quotestance.data.material import read_named, read_predictions
    from quotestance.data.splits import Split
    from quotestance.evaluate import evaluate as report_on
    from quotestance.models.protocol import predicted_pairs
    from quotestance.view.report_page import report_page

    if (predicted is None) == (model is None):
        raise QuotestanceError("Give either a file of predictions or --model, and not both.")
    named = named_model(model, training or [], corpora) if model is not None else None
    label_set = named.model.labels if named is not None else LabelSet.written(labels) if labels else CODEBOOK
    columns = named_otherwise(text=text, target=target, label=label, id=id, group=group, speaker=speaker)
    renamed = written_map(label_map) if label_map else {}
    pairs = read_named(gold, corpora, labels=None if renamed else label_set, columns=columns)
    if split is not None:
        parts = Split.read(split).apply(pairs)
        if part not in parts:
            raise QuotestanceError(f"{split} has no part '{part}'. It has: {', '.join(parts)}.")
        pairs = parts[part]
    if renamed:
        pairs = mapped(pairs, renamed, label_set, gold)
    learned_from: list[Pair | Mapping[str, Any]] = [
        one for name in training or [] for one in training_of(name, corpora)
    ]
    if named is not None:
        answers = predicted_pairs(pairs, named.model)
        learned_from += [named.fingerprint] if named.fingerprint else []
    else:
        columns.pop("label", None)  # that is gold's; the answer is called `label` or `predicted`
        answers = read_predictions(str(predicted), corpora, labels=label_set, columns=columns)
        if split is not None:
            asked = {pair.id for pair in pairs}
            answers = [pair for pair in answers if pair.id in asked]
    said = [*(note or []), *(NOTES[corpus] for corpus in sorted({pair.corpus or "" for pair in pairs} & set(NOTES)))]
    report = report_on(
        pairs,
        answers,
        labels=label_set,
        seed=seed,
        rounds=rounds,
        training=learned_from or None,
        notes=said,
        missing=cast(Any, missing),
        refuse_leaks=refuse_leaks,
    )
    typer.echo(report.to_markdown(brief=True))
    if out is not None:
        report.write(out, page=report_page)
        typer.echo(f"Wrote {out}/report.html, report.md, report.json and predictions.jsonl.")
