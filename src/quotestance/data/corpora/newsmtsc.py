"""NewsMTSC: sentences of US news, each with the sentiment toward a person mentioned in it (Hamborg & Donnay, EACL 2021).

The mention is marked in the sentence. The group is the article, as far as the ids tell it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from quotestance.data.corpora import corpus_file
from quotestance.data.pairs import Pair

LABELS = {2.0: "against", 4.0: "neutral", 6.0: "favor"}
FILES = {"train": "train", "dev_rw": "rw_dev", "dev_mt": "mt_dev", "test_rw": "rw_test", "test_mt": "mt_test"}


def read(root: Path, split: str) -> Iterator[Pair]:
    """The pairs of a split, in file order: one per sentence and target."""
    path = corpus_file(root, "newsmtsc", f"{FILES[split]}.jsonl")
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for number, target in enumerate(row["targets"]):
            yield Pair(
                id=f"newsmtsc/{split}#{row['primary_gid']}#{number}",
                text=row["sentence_normalized"],
                target=target["mention"],
                label=LABELS[float(target["polarity"])],
                group="_".join(row["primary_gid"].split("_")[:3]),
                mention=(target["from"], target["to"]),
                corpus="newsmtsc",
                target_kind="person",
            )
