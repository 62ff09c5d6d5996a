"""Whatever the text is, the rules answer with spans of that text, in order, and raise nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from quotestance.data.records import Article, Quote, QuoteSpeaker, Span
from quotestance.models.language.quote_marks import paragraphs, quoted_regions
from quotestance.models.rules.quote_rules import RuleQuoteFinder
from quotestance.models.speakers import resolve_speakers

PIECES = [
    "“",
    "”",
    '"',
    "''",
    "‘",
    "’",
    "'",
    "«",
    "»",
    "„",
    "「",
    "」",
    "‹",
    "›",
    " said ",
    " Ann Lee ",
    " he ",
    " that ",
    "the mayor",
    ", ",
    ". ",
    "\n\n",
    "\n",
    ": ",
    "Q: ",
    "SMITH: ",
    "according to ",
    "We will not go",
    " added",
    "—",
    "(",
    ")",
    "\u200c",
    "😀",
    "سلام",
    "?",
    " told ",
    "\r\n",
    "\t",
    " and ",
    "who ",
    "Mr. ",
]
news = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
FINDER = RuleQuoteFinder()


@settings(max_examples=300, deadline=None)
@given(st.one_of(news, st.text(max_size=200)))
def test_every_span_is_the_text_and_lies_in_order_inside_the_article(text: str) -> None:
    quotes = FINDER.find_quotes(text)
    article = Article(id="a", text=text, quotes=quotes)  # refuses a span that does not hold its words
    assert [quote.id for quote in quotes] == [f"q{number}" for number in range(1, len(quotes) + 1)]
    assert [quote.spans[0].start for quote in quotes] == sorted(quote.spans[0].start for quote in quotes)
    for quote in quotes:
        ends = [place for span in quote.spans for place in (span.start, span.end)]
        assert ends == sorted(ends)
        assert ends[-1] <= len(text)
    resolved = resolve_speakers(article)
    assert [quote.spans for quote in resolved.quotes] == [quote.spans for quote in quotes]
    assert {quote.speaker.id for quote in resolved.quotes} - {None} == {speaker.id for speaker in resolved.speakers}


@settings(max_examples=200, deadline=None)
@given(news)
def test_regions_in_marks_do_not_overlap_and_stay_in_their_paragraph(text: str) -> None:
    for start, end in paragraphs(text):
        last = start
        for region in quoted_regions(text, start, end):
            assert last <= region.opened < region.start < region.end <= region.closed_at <= end
            last = region.closed_at


@settings(max_examples=200, deadline=None)
@given(news.filter(str.strip), st.data())
def test_any_mention_may_be_resolved_or_left_and_nothing_raises(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    span = Span.of(text, start, end)
    quotes = tuple(Quote(id=f"q{n}", spans=(span,), speaker=QuoteSpeaker(mention=span)) for n in range(3))
    resolved = resolve_speakers(Article(id="a", text=text, quotes=quotes))
    assert len({quote.speaker.id for quote in resolved.quotes}) <= 2
