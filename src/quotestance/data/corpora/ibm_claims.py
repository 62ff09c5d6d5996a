"""IBM claim stance: claims of Wikipedia for or against 55 motions (Bar-Haim et al., EACL 2017). No neutral. The group is the motion."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from quotestance.data.corpora import corpus_file
from quotestance.data.pairs import Pair

LABELS = {"PRO": "favor", "CON": "against"}


def read(root: Path, split: str) -> Iterator[Pair]:
    """The claims of a split, in file order."""
    path = corpus_file(root, "ibm-claim-stance", "claim_stance_dataset_v1.csv")
    for number, row in enumerate(_rows(path)):
        if row["split"] == split:
            yield Pair(
                id=f"ibm_claims/{split}#{row['claims.claimId'] or number}",
                text=row["claims.claimCorrectedText"],
                target=row["topicText"].removeprefix("This house believes that "),
                label=LABELS[row["claims.stance"]],
                group=row["topicId"],
                corpus="ibm_claims",
                target_kind="claim",
            )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of the file; some copies wrap each line in one more pair of quotation marks and end it with semicolons."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    if lines and '""' in lines[0]:
        lines = [next(csv.reader([line.rstrip(";")]))[0] for line in lines if line.strip()]
    yield from csv.DictReader(lines)
