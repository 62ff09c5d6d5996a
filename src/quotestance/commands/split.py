"""`quotestance split`: material into train, dev and test by whole groups, frozen to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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


def split(
    material: Annotated[
        str, typer.Argument(help="Articles (file or folder), a pair table, or a corpus split such as vast/train.")
    ],
    out: Annotated[
        Path, typer.Option("--out", help="The .json file to write; a folder with --folds and --leave-one-out.")
    ],
    test: Annotated[float, typer.Option(help="Share of the pairs that is held out for the final test.")] = 0.2,
    dev: Annotated[float, typer.Option(help="Share on which choices are made; 0 for none.")] = 0.1,
    by: Annotated[
        str, typer.Option(help="What is kept whole: group (the article or topic), target, speaker, or any column.")
    ] = "group",
    folds: Annotated[int | None, typer.Option(help="That many folds instead, one file each.")] = None,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="One file a group, which alone is the test part.")
    ] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same split.")] = 13,
    labels: Annotated[
        str | None, typer.Option(help="Refuse a pair table with other labels than these: pro,con,none. By default any.")
    ] = None,
    text: TextColumn = "text",
    target: TargetColumn = "target",
    label: LabelColumn = "label",
    id: IdColumn = None,
    group: GroupColumn = None,
    speaker: SpeakerColumn = None,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with your copies of the corpora; else QUOTESTANCE_CORPORA.")
    ] = None,
) -> None:
    """Split labelled material by article, or any group, balanced by label; refuse what cannot be done.

    Example: quotestance split data/annotated/polnear/train.jsonl --by group --out data/splits/polnear.json
    """
    from quotestance.data import splits
    from quotestance.data.files import read_articles
    from quotestance.data.labels import LabelSet
    from quotestance.data.material import holds_articles, read_named, refuse_columns

    if folds is not None and leave_one_out:
        raise splits.SplitError("--folds and --leave-one-out are two ways to do the same. Give one of them.")
    articles = Path(material).exists() and holds_articles(material)
    columns = named_otherwise(text=text, target=target, label=label, id=id, group=group, speaker=speaker)
    if articles:
        refuse_columns(material, columns)
    pairs = (
        splits.split_rows(read_articles(material))
        if articles
        else read_named(material, corpora, labels=LabelSet.written(labels) if labels else None, columns=columns)
    )
    if folds is None and not leave_one_out:
        made = splits.split(pairs, test=test, dev=dev, by=by, seed=seed)
        if out.exists() and splits.Split.read(out) != made:
            raise splits.SplitError(
                f"{out} holds another split. Held out means for good: name another file, or remove it if nothing was measured on it."
            )
        typer.echo(f"{made.frame.to_string()}\nWrote {made.write(out)}.")
        return
    many = splits.leave_one_group_out(pairs, by=by) if folds is None else splits.k_folds(pairs, folds, by=by, seed=seed)
    for number, fold in enumerate(many, 1):
        fold.write(out / f"fold-{number}.json")
    typer.echo(f"{splits.folds_frame(many).to_string()}\nWrote {len(many)} files to {out}.")
