"""The quote scorer says what its definitions say, on cases worked by hand."""

import json
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from quotestance.commands.score_quotes import score_quotes as command
from quotestance.data.errors import QuotestanceError
from quotestance.data.records import Article, Quote, QuoteKind, QuoteSpeaker, Span, Speaker
from quotestance.evaluate.quote_matching import matched, overlap, overlaps
from quotestance.evaluate.quotes import by_fragments, score_quotes
from quotestance.evaluate.speaker_names import b_cubed, name_is_right

TEXT = "“Taxes will fall,” Ann Lee said. “And soon.” Bob Ray said that roads need work this very year. She laughed."


def span(words: str, text: str = TEXT) -> Span:
    start = text.index(words)
    return Span.of(text, start, start + len(words))


def quote(
    number: int,
    *words: str,
    kind: QuoteKind = "direct",
    source: str | None = None,
    cue: str | None = None,
    speaker: str | None = None,
) -> Quote:
    return Quote(
        id=f"q{number}",
        kind=kind,
        spans=tuple(span(one) for one in words),
        speaker=QuoteSpeaker(id=speaker, mention=span(source) if source else None),
        cue=span(cue) if cue else None,
    )


def article(*quotes: Quote, id: str = "a", names: dict[str, str] | None = None) -> Article:
    speakers = tuple(Speaker(id=one, name=name) for one, name in (names or {}).items())
    return Article(id=id, text=TEXT, quotes=quotes, speakers=speakers)


GOLD = article(
    quote(1, "Taxes will fall,", "And soon.", source="Ann Lee", cue="said"),
    quote(2, "roads need work this very year", kind="indirect", source="Bob Ray", cue="said that"),
)


def test_gold_against_itself_is_perfect_in_every_measure() -> None:
    scores = score_quotes([GOLD], [GOLD])
    for criterion in scores.contents:
        assert scores[criterion].precision.value == 1
        assert scores[criterion].recall.value == 1
        assert scores[criterion].f1.value == 1
    assert scores.given["cue"].value == scores.given["source exact"].value == 1


def test_marks_and_white_space_at_the_ends_do_not_count() -> None:
    found = article(quote(1, "“Taxes will fall,” ", "“And soon.”"))
    assert score_quotes([GOLD], [found])["exact"].recall.value == 0.5


def test_fragments_with_only_marks_between_them_are_one() -> None:
    text = "“We will go.” “And soon,” she said."
    gold = Article(id="a", text=text, quotes=(Quote(id="q1", spans=(Span.of(text, 1, 24),)),))
    parts = (span("We will go.", text), span("And soon,", text))
    found = Article(id="a", text=text, quotes=(Quote(id="q1", spans=parts),))
    assert score_quotes([gold], [found])["exact"].f1.value == 1


def test_a_missed_fragment_is_not_exact_but_overlaps() -> None:
    """'Taxes will fall,' are 16 of the 25 characters of both fragments: 0.64."""
    found = article(quote(1, "Taxes will fall,"))
    scores = score_quotes([GOLD], [found])
    assert scores["exact"].f1.value == 0
    assert scores["overlap 0.3"].recall.value == 0.5
    assert scores["overlap 0.3"].precision.value == 1
    assert scores["overlap 0.8"].f1.value == 0
    assert scores["soft"].recall.value == pytest.approx(0.64 / 2)
    assert scores["soft"].precision.value == 1


def test_one_good_pair_counts_more_than_two_bad_ones_in_the_soft_scores() -> None:
    """The long quote was found two characters too long: 100 of 102. Pairing it otherwise would make two pairs that share next to nothing."""
    text = "a" * 120

    def of(*places: tuple[int, int]) -> Article:
        quotes = [Quote(id=f"q{n}", spans=(Span.of(text, *place),)) for n, place in enumerate(places)]
        return Article(id="a", text=text, quotes=tuple(quotes))

    scores = score_quotes([of((0, 100), (101, 110))], [of((0, 102), (97, 99))])
    assert scores["soft"].recall.value == pytest.approx(1 / 2)
    assert scores["soft"].precision.value == pytest.approx((100 / 102) / 2)


def test_by_fragments_every_piece_counts_alone_whether_or_not_it_was_joined() -> None:
    apart = article(quote(1, "Taxes will fall,", source="Ann Lee", cue="said"), quote(3, "And soon."))
    whole, pieces = score_quotes([GOLD], [apart]), score_quotes([by_fragments(GOLD)], [by_fragments(apart)])
    assert whole["exact"].recall.value == 0
    assert pieces.gold == 3
    assert pieces["exact"].recall.value == pytest.approx(2 / 3)
    assert pieces["exact"].precision.value == 1
    assert pieces.given["source"].value == 0.5  # the second piece was found without its source


def test_a_quote_found_too_long_is_covered_but_does_not_overlap_enough() -> None:
    gold = article(quote(1, "And soon."))
    found = article(quote(1, "Taxes will fall,” Ann Lee said. “And soon.” Bob Ray said that roads"))
    scores = score_quotes([gold], [found])
    assert scores["covered 0.8"].f1.value == 1
    assert scores["overlap 0.3"].f1.value == 0


def test_two_pieces_of_one_quote_count_as_one_right_and_one_spurious() -> None:
    found = article(quote(1, "roads need work", kind="indirect"), quote(2, "this very year", kind="indirect"))
    scores = score_quotes([article(GOLD.quotes[1])], [found])
    assert (scores["overlap 0.3"].precision.value, scores["overlap 0.3"].recall.value) == (0.5, 1.0)
    assert scores["overlap 0.3"].f1.value == pytest.approx(2 / 3)


def test_pairs_are_one_to_one_and_as_many_as_can_be() -> None:
    """The first gold quote could take both; it leaves the second one the only partner that it has."""
    gold = [((0, 10),), ((10, 16),)]
    found = [((2, 16),), ((0, 4),)]
    closeness = overlaps(gold, found)
    assert closeness[0, 0] > closeness[0, 1]
    assert matched(closeness, 0.3) == [(0, 1), (1, 0)]


@given(st.data())
def test_overlap_is_the_same_both_ways_and_between_0_and_1(data: st.DataObject) -> None:
    def places() -> tuple[tuple[int, int], ...]:
        ends = sorted(data.draw(st.sets(st.integers(0, 30), min_size=2, max_size=6)))
        return tuple(zip(ends[::2], ends[1::2], strict=False))

    one, other = places(), places()
    in_one = {i for a, b in one for i in range(a, b)}
    in_other = {i for a, b in other for i in range(a, b)}
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, other) == pytest.approx(len(in_one & in_other) / len(in_one | in_other))


def test_kinds_are_recall_of_gold_kinds_and_precision_of_predicted_kinds() -> None:
    found = article(quote(1, "Taxes will fall,", "And soon.", kind="mixed"))
    exact = score_quotes([GOLD], [found]).contents["exact"]
    assert exact["direct"].recall.value == 1
    assert exact["direct"].precision.value is None
    assert exact["mixed"].precision.value == 1
    assert exact["mixed"].recall.value is None
    assert exact["indirect"].recall.value == 0


def test_cue_and_source_are_counted_over_matched_contents_only() -> None:
    found = article(
        quote(1, "Taxes will fall,", "And soon.", source="Lee", cue="said"),
        quote(2, "She laughed", kind="indirect", source="She", cue="laughed"),
    )
    given_ = score_quotes([GOLD], [found]).given
    assert given_["source"].support == 1
    assert given_["source"].value == 1  # 'Lee' is 3 of the 7 characters of 'Ann Lee': 0.43
    assert given_["source exact"].value == 0
    assert given_["cue exact"].value == 1


def test_no_source_is_right_only_where_gold_has_none() -> None:
    gold = article(quote(1, "And soon."), quote(2, "roads need work", source="Bob Ray"))
    found = article(quote(1, "And soon."), quote(2, "roads need work"))
    assert score_quotes([gold], [found]).given["source"].value == 0.5


def test_speakers_are_scored_by_name_and_by_cluster() -> None:
    names = {"lee": "Ann Lee", "ray": "Bob Ray"}
    gold = article(
        quote(1, "Taxes will fall,", speaker="lee"),
        quote(2, "And soon.", speaker="lee"),
        quote(3, "roads need work", speaker="ray"),
        names=names,
    )
    found = article(
        quote(1, "Taxes will fall,", speaker="x"),
        quote(2, "And soon.", source="She"),
        quote(3, "roads need work", speaker="y"),
        names={"x": "Ms. Ann Lee", "y": "Ray"},
    )
    scores = score_quotes([gold], [found])
    assert scores.given["speaker"].value == pytest.approx(1 / 3)
    assert scores.given["b3 precision"].value == 1
    assert scores.given["b3 recall"].value == pytest.approx((0.5 + 0.5 + 1) / 3)
    assert scores.b3_f1.value == pytest.approx(0.8)


def test_unknown_speakers_must_stay_unknown() -> None:
    gold = article(quote(1, "Taxes will fall,"), quote(2, "And soon."), names={"lee": "Ann Lee"})
    found = article(quote(1, "Taxes will fall,", speaker="x"), quote(2, "And soon."), names={"x": "Bob Ray"})
    assert score_quotes([gold], [found]).given["speaker"].value == 0.5


@pytest.mark.parametrize(
    ("gold", "predicted", "right"),
    [
        ("Ann Lee", "ann lee", True),
        ("Ann Lee", "Senator Ann Lee", True),
        ("Ann Lee", "Lee", False),
        ("Ann Lee", None, False),
        (None, None, True),
        ("the White House", "White House", True),
        ("J. D. Vance", "JD Vance", False),
        ("The President", "president", True),
    ],
)
def test_names_are_compared_word_by_word_without_titles(gold: str | None, predicted: str | None, right: bool) -> None:
    assert name_is_right(gold, predicted) is right


def test_b_cubed_on_the_worked_example() -> None:
    """Gold aab, all given to one speaker: precision 2/3 for each a and 1/3 for b, recall 1."""
    cubes = b_cubed("aab", "xxx")
    assert [round(p, 3) for p, _ in cubes] == [0.667, 0.667, 0.333]
    assert [r for _, r in cubes] == [1, 1, 1]


def test_articles_without_a_prediction_count_as_missed_and_intervals_are_by_article() -> None:
    golds = [GOLD.replace(id=str(number)) for number in range(6)]
    found = [one for one in golds if one.id in "012"]
    recall = score_quotes(golds, found)["exact"].recall
    assert recall.value == 0.5
    assert recall.interval is not None
    assert recall.interval[0] < 0.5 < recall.interval[1]
    assert score_quotes(golds, found, rounds=0)["exact"].recall.interval is None
    assert score_quotes([GOLD], [GOLD])["exact"].recall.interval is None


def test_the_interval_of_a_soft_score_lies_around_it_and_is_as_wide_as_articles_differ() -> None:
    gold = [article(quote(1, "roads need work this very year"), id=f"a{number}") for number in range(20)]
    found = [
        article(quote(1, "roads need work this" if number % 2 else "roads need"), id=f"a{number}")
        for number in range(20)
    ]
    recall = score_quotes(gold, found)["soft"].recall
    assert recall.value is not None
    assert recall.interval is not None
    low, high = recall.interval
    assert 10 / 30 < low < recall.value < high < 20 / 30


def test_a_gold_set_without_quotes_has_no_recall_and_every_find_is_spurious() -> None:
    scores = score_quotes([article()], [GOLD])
    assert scores["exact"].recall.value is None
    assert scores["exact"].precision.value == 0
    assert scores["exact"].f1.value == 0
    assert score_quotes([article()], [article()])["exact"].f1.value is None


def test_articles_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(QuotestanceError, match="not in gold"):
        score_quotes([GOLD], [GOLD.replace(id="b")])
    with pytest.raises(QuotestanceError, match="another text"):
        score_quotes([GOLD], [Article(id="a", text=TEXT + " ")])
    with pytest.raises(QuotestanceError, match="no gold"):
        score_quotes([], [])


def test_the_command_prints_tables_and_writes_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(GOLD.model_dump_json() + "\n", encoding="utf-8")
    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(app, [str(path), str(path), "--out", str(tmp_path / "scores.json")])
    assert done.exit_code == 0, done.output
    assert "| exact | direct | 1 | 1 | 1.000" in done.output
    assert json.loads((tmp_path / "scores.json").read_text())["contents"]["soft"]["all"]["f1"]["value"] == 1


def test_scores_and_errors_are_written_into_new_folders_and_the_scores_also_where_the_errors_cannot(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(GOLD.model_dump_json() + "\n", encoding="utf-8")
    app = typer.Typer()
    app.command()(command)
    asked = [str(path), str(path), "--rounds", "0"]
    errors = tmp_path / "new" / "errors.csv"
    done = CliRunner().invoke(app, [*asked, "--errors", str(errors)])
    assert done.exit_code == 0, done.output
    assert errors.read_text().startswith("article,")
    out = tmp_path / "also new" / "scores.json"
    refused = CliRunner().invoke(app, [*asked, "--out", str(out), "--errors", str(tmp_path / "new")])
    assert "is a folder" in str(refused.exception)
    assert json.loads(out.read_text())["gold"] == 2
