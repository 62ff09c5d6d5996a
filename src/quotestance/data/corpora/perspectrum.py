"""Perspectrum: perspectives from debate sites that support or undermine a claim (Chen et al., NAACL 2019). No neutral. The group is the claim."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from quotestance.data.corpora import corpus_file
from quotestance.data.pairs import Pair

LABELS = {"SUPPORT": "favor", "UNDERMINE": "against"}


def read(root: Path, split: str) -> Iterator[Pair]:
    """The (perspective, claim) pairs of a split, in the order of claims."""

    def parsed(name: str):  # type: ignore[no-untyped-def]
        return json.loads(corpus_file(root, "perspectrum", name).read_text(encoding="utf-8"))

    split_of, pool = (
        parsed("dataset_split_v1.0.json"),
        {one["pId"]: one["text"] for one in parsed("perspective_pool_v1.0.json")},
    )
    numbers = itertools.count()  # a perspective may stand in two clusters of a claim
    for claim in parsed("perspectrum_with_answers_v1.0.json"):
        if split_of.get(str(claim["cId"])) != split:
            continue
        for cluster in claim["perspectives"]:
            label = LABELS.get(cluster["stance_label_3"].upper())
            for perspective in cluster["pids"] if label else ():
                yield Pair(
                    id=f"perspectrum/{split}#{claim['cId']}#{perspective}#{next(numbers)}",
                    text=pool[perspective],
                    target=claim["text"],
                    label=label,
                    group=str(claim["cId"]),
                    corpus="perspectrum",
                    target_kind="claim",
                )
