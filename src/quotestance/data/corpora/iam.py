"""IAM: claims of web articles that support or contest a topic (Cheng et al., ACL 2022). No neutral. The group is the topic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from quotestance.data.corpora import corpus_file
from quotestance.data.pairs import Pair

LABELS = {"1": "favor", "-1": "against"}


def read(root: Path, split: str) -> Iterator[Pair]:
    """The claims of a split, in file order."""
    lines = corpus_file(root, "iam", f"{split}.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        _, topic, claim, article, label = line.rstrip("\n").split("\t")
        yield Pair(
            id=f"iam/{split}#{number}",
            text=claim,
            target=topic,
            label=LABELS[label.strip()],
            group=topic,
            corpus="iam",
            target_kind="claim",
            extra={"article": article},
        )
