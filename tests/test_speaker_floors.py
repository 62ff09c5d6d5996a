"""Speaker resolution does not become worse on the articles whose speakers were read."""

import os
from pathlib import Path

import pytest

from quotestance.data.material import read_named_articles
from quotestance.evaluate.quotes import score_quotes
from quotestance.models.speakers import resolve_speakers, unresolved

READ = Path(__file__).parent.parent / "data" / "annotated" / "speakers"
CORPORA = os.environ.get("QUOTESTANCE_CORPORA")


@pytest.mark.corpus
@pytest.mark.skipif(not CORPORA, reason="needs the folder of the corpora in QUOTESTANCE_CORPORA")
@pytest.mark.parametrize(("part", "name_right", "b3"), [("train", 0.955, 0.98), ("dev", 0.975, 0.98)])
def test_names_and_identities_on_gold_mentions_are_those_of_the_readme(part: str, name_right: float, b3: float) -> None:
    gold = read_named_articles(str(READ / f"{part}.jsonl"), CORPORA)
    scores = score_quotes(gold, [resolve_speakers(unresolved(article)) for article in gold], rounds=0)
    assert scores.given["speaker"].value is not None
    assert scores.given["speaker"].value >= name_right
    assert scores.b3_f1.value is not None
    assert scores.b3_f1.value >= b3
