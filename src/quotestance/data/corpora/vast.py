"""VAST: reader comments of the New York Times, each with a stance toward a topic (Allaway & McKeown, EMNLP 2020).

The group is the topic. `extra["seen"]` tells few-shot (True) from zero-shot topics.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from quotestance.data.corpora import corpus_file
from quotestance.data.pairs import Pair

TRAIN_LABELS = {0: "against", 1: "favor", 2: "neutral"}
LABELS = {"AGAINST": "against", "FAVOR": "favor", "NONE": "neutral", "NEUTRAL": "neutral"}
SWAPPED_TOPIC = 4  # synthetic neutrals: `topic_str` was swapped, `new_topic` still shows the old topic


def read(root: Path, split: str) -> Iterator[Pair]:
    """The pairs of a split, in file order."""
    frame = pd.read_csv(
        corpus_file(root, "vast", f"vast_{split}.csv"),
        dtype={"label": "Int64"},
        encoding="utf-8",
        encoding_errors="replace",
    )
    train = split == "train"
    for number, row in enumerate(frame.to_dict("records")):
        if train:
            topic = row["topic_str"] if row["type_idx"] == SWAPPED_TOPIC else row["new_topic"]
            text, label = row["post"], TRAIN_LABELS[row["label"]]
        else:
            topic, text, label = row["Target 1"], row["Tweet"], LABELS[str(row["Stance 1"]).upper()]
        yield Pair(
            id=f"vast/{split}#{number}",
            text=str(text),
            target=str(topic),
            label=label,
            group=str(topic),
            corpus="vast",
            extra={"seen": bool(row["seen?"])},
        )
