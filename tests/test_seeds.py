"""The two seed articles and their annotation in full: the words, the speakers, the targets and the labels."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from quotestance.data.labels import CODEBOOK, UNCLEAR
from quotestance.data.pairs import GOLD
from quotestance.data.records import Article, Quote

ROOT = Path(__file__).parents[1]
SEEDS = ("jannati-assembly-of-experts", "khamenei-rules-out-talks")
IN_MARKS = re.compile(r'“([^“”\n]+)”|"([^"\n]+)"')
NAMES_IN_MARKS = {"deal of the century"}  # a plan's nickname, not words of the speaker


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> Article:
    return annotated(request.param)


def test_annotated_text_is_the_seed_byte_for_byte(seed: Article) -> None:
    assert seed.text is not None
    assert seed.text.encode("utf-8") == (ROOT / "seeds" / f"{seed.id}.txt").read_bytes()


def test_every_span_holds_its_words(seed: Article) -> None:
    places = list(seed.spans())
    assert len(places) > len(seed.quotes)
    for place, span in places:
        assert text_of(seed)[span.start : span.end] == span.text, place


def test_every_quotation_marked_stretch_of_speech_lies_in_a_direct_or_mixed_quote(seed: Article) -> None:
    stretches = list(speech_in_marks(text_of(seed)))
    assert stretches
    for start, end in stretches:
        holders = [quote for quote in seed.quotes if holds(quote, start, end)]
        assert [quote.kind for quote in holders] in (["direct"], ["mixed"]), text_of(seed)[start:end]


def test_direct_quotes_are_exactly_what_stands_between_the_marks(seed: Article) -> None:
    direct = [quote for quote in seed.quotes if quote.kind == "direct"]
    assert len(direct) >= 3
    assert {(span.start, span.end) for quote in direct for span in quote.spans} <= set(speech_in_marks(text_of(seed)))


def test_indirect_quotes_hold_no_quotation_marked_speech(seed: Article) -> None:
    for start, end in speech_in_marks(text_of(seed)):
        for quote in seed.quotes:
            touches = any(span.start < end and start < span.end for span in quote.spans)
            assert quote.kind != "indirect" or not touches, quote.id


def test_no_span_of_a_quote_begins_or_ends_with_a_quotation_mark_or_white_space(seed: Article) -> None:
    for quote in seed.quotes:
        for span in quote.spans:
            assert span.text == span.text.strip('“”" \n'), quote.id


def test_quotes_stand_in_the_order_of_the_text_and_do_not_overlap(seed: Article) -> None:
    places = [(span.start, span.end) for quote in seed.quotes for span in quote.spans]
    for (_, end), (start, _) in pairwise(places):
        assert end <= start


def test_every_speaker_is_resolved_and_mentioned(seed: Article) -> None:
    declared = {speaker.id for speaker in seed.speakers}
    for quote in seed.quotes:
        assert quote.speaker.id in declared, quote.id
        assert quote.speaker.mention is not None, quote.id


@pytest.mark.parametrize(
    ("stem", "mention", "name"),
    [
        ("jannati-assembly-of-experts", "the cleric", "Ahmad Jannati"),
        ("jannati-assembly-of-experts", "Chairman of Iran’s Assembly of Experts", "Ahmad Jannati"),
        ("jannati-assembly-of-experts", "he", "Ahmad Jannati"),
        ("jannati-assembly-of-experts", "Ayatollah Khamenei", "Ali Khamenei"),
        ("jannati-assembly-of-experts", "US President Donald Trump", "Donald Trump"),
        ("khamenei-rules-out-talks", "the Leader", "Ali Khamenei"),
        ("khamenei-rules-out-talks", "Iranian Supreme Leader", "Ali Khamenei"),
        ("khamenei-rules-out-talks", "He", "Ali Khamenei"),
        ("khamenei-rules-out-talks", "the United States", "United States"),
    ],
)
def test_a_mention_means_one_person(stem: str, mention: str, name: str) -> None:
    names = {quote.speaker.name for quote in annotated(stem).quotes if mention_of(quote) == mention}
    assert names == {name}


def test_targets_of_the_targets_file_stand_in_both_articles_as_they_are_asked(seed: Article) -> None:
    found = {target.id: target for target in seed.targets}
    for asked in asked_targets():
        target = found[asked["id"]]
        assert (target.name, target.kind, list(target.aliases)) == (asked["name"], asked["kind"], asked["aliases"])


def test_every_asked_target_has_a_stance_in_one_of_the_articles() -> None:
    judged = {stance.target for stem in SEEDS for quote in annotated(stem).quotes for stance in quote.stances}
    assert {asked["id"] for asked in asked_targets()} <= judged


def test_a_target_or_speaker_of_both_articles_has_one_name() -> None:
    first, second = (annotated(stem) for stem in SEEDS)
    for ours, theirs in ((first.targets, second.targets), (first.speakers, second.speakers)):
        names = {one.id: one.name for one in ours}
        shared = [one for one in theirs if one.id in names]
        assert shared
        assert all(names[one.id] == one.name for one in shared)


def test_every_quote_has_gold_stances_with_labels_of_the_codebook(seed: Article) -> None:
    for quote in seed.quotes:
        assert quote.stances, quote.id
        assert {stance.annotator for stance in quote.stances} == {GOLD}, quote.id
        assert {stance.label for stance in quote.stances} <= {*CODEBOOK, UNCLEAR}, quote.id
        assert len({stance.target for stance in quote.stances}) == len(quote.stances), quote.id


def test_ruling_out_talks_is_against_them_and_claiming_to_want_them_is_for_them() -> None:
    labels = {
        quote.cue.text: stance.label
        for quote in annotated("khamenei-rules-out-talks").quotes
        if quote.cue
        for stance in quote.stances
        if stance.target == "us-talks"
    }
    assert (labels["has ruled out"], labels["claims"]) == ("against", "favor")


def annotated(stem: str) -> Article:
    return Article.model_validate_json((ROOT / "data" / "annotated" / f"{stem}.json").read_bytes())


def asked_targets() -> list[dict[str, Any]]:
    return list(tomllib.loads((ROOT / "seeds" / "targets.toml").read_text(encoding="utf-8"))["target"])


def text_of(article: Article) -> str:
    assert article.text is not None
    return article.text


def speech_in_marks(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of what stands between quotation marks, names in marks left out."""
    for match in IN_MARKS.finditer(text):
        group = match.lastindex or 0
        if match[group] not in NAMES_IN_MARKS:
            yield match.start(group), match.end(group)


def holds(quote: Quote, start: int, end: int) -> bool:
    return any(span.start <= start and end <= span.end for span in quote.spans)


def mention_of(quote: Quote) -> str | None:
    return quote.speaker.mention.text if quote.speaker.mention else None
