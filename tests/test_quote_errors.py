"""Errors of a quote finder are told apart: missed, spurious, too long, too short, split, joined, and whose they are."""

from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Speaker
from quotestance.evaluate.quote_errors import error_table, quote_errors

TEXT = "Ann Lee said roads need work this year and taxes will fall. Bob Ray said the bridge is safe. It rained."


def quote(name: str, *words: str, source: str | None = None) -> Quote:
    def span(part: str) -> Span:
        return Span.of(TEXT, TEXT.index(part), TEXT.index(part) + len(part))

    return Quote(
        id=name,
        kind="indirect",
        spans=tuple(span(one) for one in words),
        speaker=QuoteSpeaker(mention=span(source) if source else None),
    )


def errors_of(gold: list[Quote], found: list[Quote]) -> list[tuple[str, str, str]]:
    frame = quote_errors([Article(id="a", text=TEXT, quotes=gold)], [Article(id="a", text=TEXT, quotes=found)])
    return [(row.error, row.gold, row.predicted) for row in frame.itertuples()]


ROADS, TAXES = "roads need work this year", "taxes will fall"
BOTH = f"{ROADS} and {TAXES}"


def place(words: str) -> str:
    return f"{TEXT.index(words)}-{TEXT.index(words) + len(words)}"


def test_an_exact_quote_a_missed_and_a_spurious_one() -> None:
    found = [quote("p", TAXES), quote("s", "It rained")]
    assert errors_of([quote("g", TAXES), quote("h", "the bridge is safe")], found) == [
        ("exact", place(TAXES), place(TAXES)),
        ("missed", place("the bridge is safe"), ""),
        ("spurious", "", place("It rained")),
    ]


def test_ends_that_are_wrong() -> None:
    assert errors_of([quote("g", ROADS)], [quote("p", "roads need work")])[0][0] == "too short"
    assert errors_of([quote("g", "roads need work")], [quote("p", ROADS)])[0][0] == "too long"
    assert errors_of([quote("g", "roads need work")], [quote("p", "need work this")])[0][0] == "shifted"


def test_a_quote_in_two_pieces_is_one_split_and_its_pieces_are_not_spurious() -> None:
    assert [error for error, *_ in errors_of([quote("g", BOTH)], [quote("p", ROADS), quote("r", TAXES)])] == ["split"]


def test_two_quotes_found_as_one_are_joined() -> None:
    found = errors_of([quote("g", ROADS), quote("h", TAXES)], [quote("p", BOTH)])
    assert [error for error, *_ in found] == ["joined", "joined"]


def test_a_wrong_source_is_told_beside_its_quote_and_the_table_counts_by_kind() -> None:
    gold = Article(id="a", text=TEXT, quotes=[quote("g", TAXES, source="Ann Lee")])
    found = Article(id="a", text=TEXT, quotes=[quote("p", TAXES, source="Bob Ray")])
    frame = quote_errors([gold], [found])
    assert list(frame.error) == ["exact", "wrong source"]
    assert frame.gold.iloc[1] == place("Ann Lee")
    assert error_table(frame).loc["wrong source", "indirect"] == 1


def test_a_wrong_speaker_is_told_beside_a_right_mention() -> None:
    people = [Speaker(id="lee", name="Ann Lee"), Speaker(id="ray", name="Bob Ray")]

    def spoken_by(speaker: str | None) -> Article:
        one = quote("g", TAXES, source="Ann Lee")
        said = one.replace(speaker=QuoteSpeaker(id=speaker, mention=one.speaker.mention))
        return Article(id="a", text=TEXT, quotes=[said], speakers=people)

    assert list(quote_errors([spoken_by("lee")], [spoken_by("lee")]).error) == ["exact"]
    assert list(quote_errors([spoken_by("lee")], [spoken_by("ray")]).error) == ["exact", "wrong speaker"]
    assert list(quote_errors([spoken_by("lee")], [spoken_by(None)]).error) == ["exact", "no speaker"]
    assert list(quote_errors([spoken_by(None)], [spoken_by("ray")]).error) == ["exact"]
