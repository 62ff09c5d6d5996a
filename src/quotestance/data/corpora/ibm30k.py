"""IBM argument quality 30k: crowd-written arguments for or against 71 motions (Gretz et al., AAAI 2020). No neutral. The group is the motion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from quotestance.data.corpora import corpus_file
from quotestance.data.pairs import Pair

LABELS = {"FAVOR": "favor", "AGAINST": "against"}
FILES = {"train": "train", "dev": "val", "test": "test"}


def read(root: Path, split: str) -> Iterator[Pair]:
    """The arguments of a split, in file order."""
    frame = pd.read_csv(
        corpus_file(root, "ibm30k", f"raw_{FILES[split]}_all_onecol.csv"), encoding="utf-8", encoding_errors="replace"
    )
    for number, row in enumerate(frame.to_dict("records")):
        yield Pair(
            id=f"ibm30k/{split}#{number}",
            text=str(row["Tweet"]),
            target=str(row["Target 1"]),
            label=LABELS[row["Stance 1"]],
            group=str(row["Target 1"]),
            corpus="ibm30k",
            target_kind="claim",
        )
