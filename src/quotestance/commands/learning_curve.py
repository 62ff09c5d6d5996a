"""`quotestance learning-curve`: score against the number of training articles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quotestance.commands.columns import (
    GroupColumn,
    IdColumn,
    LabelColumn,
    SpeakerColumn,
    TargetColumn,
    TextColumn,
    named_otherwise,
)

if TYPE_CHECKING:
    from quotestance.data.pairs import Pair

PLOTS = (".png", ".svg", ".pdf")


def learning_curve(
    train: Annotated[
        str, typer.Argument(help="What is learned from: articles, a pair table, or a corpus split such as vast/train.")
    ],
    heldout: Annotated[
        str, typer.Argument(help="What is scored on: other articles. Use dev to decide, test to report.")
    ],
    sizes: Annotated[
        str | None, typer.Option(help="Numbers of training articles, e.g. 10,50,200. By default doubled from 8 to all.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many draws of articles a size.")] = 3,
    model: Annotated[
        str, typer.Option(help="tfidf or majority; other models by quotestance.evaluate.learning_curve in Python.")
    ] = "tfidf",
    text: TextColumn = "text",
    target: TargetColumn = "target",
    label: LabelColumn = "label",
    id: IdColumn = None,
    group: GroupColumn = None,
    speaker: SpeakerColumn = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A row a size and seed as .csv, or the plot as .png, .svg or .pdf.")
    ] = None,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
) -> None:
    """Macro-F1 on held-out articles for growing numbers of training articles: are more of them worth annotating?

    Example: quotestance learning-curve data/annotated/polnear/train.jsonl data/annotated/polnear/dev.jsonl
    """
    from quotestance.data.atomic import whole_file, write_text
    from quotestance.data.material import read_named
    from quotestance.evaluate.learning_curve import LearningCurveError, curve_summary
    from quotestance.evaluate.learning_curve import learning_curve as drawn
    from quotestance.models import BASELINES, load_stance_model

    if model not in BASELINES:
        raise LearningCurveError(
            f"'{model}' can't be trained by this command; {' and '.join(BASELINES)} can. "
            "Pass another learner to quotestance.evaluate.learning_curve.learning_curve."
        )

    def fit_predict(pairs: Sequence[Pair], questions: Sequence[Pair], seed: int) -> list[str | None]:
        return [stance.label for stance in load_stance_model(model, training=pairs).predict_pairs(questions)]

    try:
        wanted = [int(size) for size in sizes.split(",")] if sizes else None
    except ValueError:
        raise LearningCurveError(
            f"--sizes {sizes}: give whole numbers with commas between them, e.g. 10,50,200."
        ) from None
    columns = named_otherwise(text=text, target=target, label=label, id=id, group=group, speaker=speaker)
    curve = drawn(
        read_named(train, corpora, columns=columns),
        read_named(heldout, corpora, columns=columns),
        fit_predict,
        sizes=wanted,
        seeds=range(13, 13 + seeds),
    )
    typer.echo(f"{model}, macro-F1 on {heldout}\n{curve_summary(curve).round(3).to_string()}")
    if out:
        if out.suffix in PLOTS:
            from quotestance.view.plots import learning_curve_figure

            points = [{str(name): value for name, value in row.items()} for row in curve.to_dict("records")]
            with whole_file(out) as stream:
                learning_curve_figure(points).savefig(stream, format=out.suffix[1:])
        else:
            write_text(out, curve.to_csv(index=False))
        typer.echo(f"Wrote {out}.")
