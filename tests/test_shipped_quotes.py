"""The shipped quote finder on real and on awkward texts: right on the seeds, and not led astray by what is no speech."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotestance.data.files import read_articles
from quotestance.data.records import Article
from quotestance.models import load_quote_finder
from quotestance.models.pipeline import Analyst

ANNOTATED = Path(__file__).parents[1] / "data" / "annotated"
SEEDS = sorted(path.name for path in ANNOTATED.glob("*.json"))


@cache
def analyst() -> Analyst:
    return Analyst(load_quote_finder("quotes-small", device="cpu"))


def said(text: str) -> list[tuple[str | None, str]]:
    """Speaker's name (or mention) and words of every quote."""
    read = analyst().extract(Article(id="a", text=text))
    return [(quote.speaker.name, quote.text) for quote in read.quotes]


@pytest.mark.parametrize("name", SEEDS)
def test_every_direct_quote_of_the_seeds_is_found_with_its_resolved_speaker_and_none_is_invented(name: str) -> None:
    gold = next(read_articles(ANNOTATED / name))
    found = analyst().extract(Article(id=gold.id, text=gold.text))
    names = {speaker.id: speaker.name for speaker in gold.speakers}
    direct = {(quote.spans, names[quote.speaker.id or ""]) for quote in gold.quotes if quote.kind == "direct"}
    assert direct
    assert {(q.spans, q.speaker.name) for q in found.quotes if q.kind == "direct" and q.speaker.id} == direct
    assert sum(q.kind == "direct" for q in found.quotes) == len(direct)


@pytest.mark.parametrize(
    "text",
    [
        "The so-called “deal of the century” was on the agenda again when the ministers met in the capital on Tuesday.",
        "Her novel “The Long Road Home” won the prize, and the film “Two Rivers” opened at the festival in the same week.",
        "The 2014 paper, titled “A Plan for Growth,” was released on Monday.",
        "Council opens new bridge over the river\n\nPhoto: The bridge at night\n\nBy Ann Lee, Staff Writer\n\nMay 3, 2016",
        "City | Votes | Share\nHarbour | 1,204 | 41%\nHill | 1,733 | 59%\n\nSource: city clerk",
    ],
    ids=["scare quotes", "titles", "a paper's title", "headline, caption, byline", "table"],
)
def test_what_is_no_speech_is_not_found(text: str) -> None:
    assert said(text) == []


def test_an_interrupted_quote_is_one_quote() -> None:
    read = analyst().extract(
        Article(id="a", text="“We will build the bridge,” Mayor Ann Lee said on Monday, “whatever it costs the city.”")
    )
    assert [[span.text for span in quote.spans] for quote in read.quotes] == [
        ["We will build the bridge,", "whatever it costs the city."]
    ]
    assert read.quotes[0].speaker.name == "Ann Lee"


def test_a_speaker_named_only_in_the_next_sentence_is_found() -> None:
    text = (
        "Senator Bob Ray spoke to reporters in the hall on Monday.\n\n"
        "“This bill is dead, and everybody in the building knows it,” the senator said.\n\n"
        "“I will not vote for it.” He added that others would follow him."
    )
    assert said(text) == [
        ("Bob Ray", "This bill is dead, and everybody in the building knows it, … I will not vote for it."),
        ("Bob Ray", "others would follow him"),
    ]


def test_an_odd_mark_costs_one_paragraph_at_most() -> None:
    good = "“We will build the bridge,” Mayor Ann Lee said on Monday.\n\n"
    assert (
        said(f"“They left the room before anyone could ask.\n\n{good}{good}")[-2:]
        == [("Ann Lee", "We will build the bridge,")] * 2
    )


@pytest.mark.parametrize("mark", ["“", '"'])
def test_a_closing_mark_that_is_missing_gives_nobody_the_words_of_another(mark: str) -> None:
    closing = mark.replace("“", "”")
    missing = f"{mark}We will build it, Ann Lee said.\n\n{mark}We will not,{closing} Bob Ray said."
    assert [(name, words.rstrip(",")) for name, words in said(missing)] == [
        ("Ann Lee", "We will build it"),
        ("Bob Ray", "We will not"),
    ]
    going_on = (
        f"{mark}It rains,{closing} said Ann Lee. {mark}We stay for now.\n\n{mark}Tomorrow we go.\n\n"
        f"{mark}And then we rest,{closing} said Bob Ray."
    )
    assert ("Bob Ray", "And then we rest,") in said(going_on)


@pytest.mark.parametrize(
    "text",
    [
        "NEW DELHI: The government has decided to keep the port. “We will never sell it,” Ann Lee said.",
        "New Delhi: The government has decided to keep the port. “We will never sell it,” Ann Lee said.",
    ],
)
def test_the_place_before_a_report_is_no_speaker(text: str) -> None:
    assert said(text) == [("Ann Lee", "We will never sell it,")]


def test_the_lines_of_an_interview_are_each_their_speakers() -> None:
    text = (
        "Interview with the mayor\n\nQ: Will you build the bridge?\n\nLEE: I will build it, and the city will pay for it.\n\n"
        "Q: When?\n\nLEE: We will begin in May."
    )
    assert [pair for pair in said(text) if pair[0] == "LEE"] == [
        ("LEE", "I will build it, and the city will pay for it."),
        ("LEE", "We will begin in May."),
    ]


def test_a_broadcast_transcript_names_its_host_and_not_its_title_and_leaves_the_unnamed_unresolved() -> None:
    text = (
        "TRANSCRIPT: The Evening Hour, 12 May\n\nANNA BAKER, CNN HOST: Senator, do you support the sale?\n\n"
        "SEN. LUIS REYES: I do not, and I will say so.\n\nBAKER: But you voted for it.\n\nUNIDENTIFIED MALE: We all did."
    )
    assert said(text) == [
        ("ANNA BAKER", "Senator, do you support the sale?"),
        ("LUIS REYES", "I do not, and I will say so."),
        ("ANNA BAKER", "But you voted for it."),
        ("UNIDENTIFIED MALE", "We all did."),
    ]
    assert analyst().extract(Article(id="a", text=text)).quotes[-1].speaker.id is None


def test_two_quotes_in_one_paragraph_have_each_their_speaker() -> None:
    text = 'The hall was full. "We need money," said Mayor Ann Lee. "I will sign," Bob Roe answered.'
    assert said(text) == [("Ann Lee", "We need money,"), ("Bob Roe", "I will sign,")]


def test_a_post_and_a_list_break_nothing() -> None:
    post = "Ann Lee (@annlee): “We will build the bridge.” #bridge https://example.org/x\n\nRT @bobray: so proud of this team! 🎈"
    points = "The city has three plans for the year:\n\n• a lower tax on bread\n• a new bridge over the river"
    assert said(post) == [("Ann Lee", "We will build the bridge.")]
    assert said(f"{points}\n\n“We can pay for all of it,” Mayor Bob Ray said.") == [
        ("Bob Ray", "We can pay for all of it,")
    ]


ENGLISH = [
    "Ann Lee said that the plan of the council is dead.",
    "“We will build the bridge,” Mayor Bob Ray said on Monday,",
    "“whatever it costs the city.”",
    "The vote was late, and the hall was full.",
    "He told them that he would not go.",
]
PIECES = [
    "“",
    "”",
    '"',
    "''",
    "’",
    "\n\n",
    "\n",
    "Q:",
    "SMITH:",
    "said",
    "Ann Lee",
    "he",
    "that",
    "We will not go",
    "@x",
    "|",
    "•",
    "🎈",
    "中",
    ".",
]


TEXTS = st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join)
READ_BY_THE_NETWORK = st.lists(st.sampled_from([*PIECES, *ENGLISH]), max_size=25).map(
    lambda pieces: f"{' '.join(ENGLISH)}\n\n{' '.join(pieces)}"
)


@settings(max_examples=60, deadline=None)
@given(TEXTS | READ_BY_THE_NETWORK)
def test_any_text_gives_quotes_whose_spans_are_its_words_in_order_and_apart(text: str) -> None:
    read = analyst().extract(Article(id="a", text=text))  # a record refuses spans that do not hold its words
    starts = [quote.spans[0].start for quote in read.quotes]
    assert starts == sorted(starts)
    spans = sorted((span.start, span.end) for quote in read.quotes for span in quote.spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert all(one.end <= other.start for q in read.quotes for one, other in pairwise(q.spans))
    assert read.quotes or not text.startswith(ENGLISH[0])


@pytest.mark.parametrize("marks", ["‘’", "''"])
def test_speech_in_british_marks_is_found_to_the_end(marks: str) -> None:
    first, last = marks
    text = f"{first}We will win,{last} said John Cole. {first}They can{last}t stop the workers{last} march.{last}"
    assert said(text) == [("John Cole", f"We will win, … They can{last}t stop the workers{last} march.")]


def test_a_heading_in_single_marks_is_no_speech() -> None:
    assert said("The town voted in May, and Ann Lee lost.\n\n'All Bets Are Off.'\n\nIn June it rained.") == []


def test_what_several_people_say_in_paragraphs_of_their_own_is_several_quotes() -> None:
    text = (
        "“It was the best decision we have ever made in this town.” — Maria Gomez, teacher\n\n"
        "“I’m not sure it will work, but I hope so.” — Peter Long, farmer"
    )
    assert said(text) == [
        ("Maria Gomez", "It was the best decision we have ever made in this town."),
        ("Peter Long", "I’m not sure it will work, but I hope so."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "WASHINGTON (AP) — “I’m not a quitter.”\n\nThat was how Rep. Alan Brooks began his speech on Thursday.",
        "BOSTON — “I cried.” So said Kate Marsh, 33, who finished the marathon on Monday in under four hours.",
    ],
)
def test_a_dateline_speaks_no_quote(text: str) -> None:
    assert {name for name, _ in said(text)} <= {None, "Kate Marsh"}


def test_whoever_speaks_does_not_reach_over_the_end_of_a_sentence_in_marks() -> None:
    text = (
        "A report names the so-called “Committee of Ten.” Its author, Dr. Jane Hill, won the “Golden Pen” for it. "
        "Fans call her “the Hammer.”\n\nThe word “freedom” appears 32 times, according to a count by the Times."
    )
    assert "Jane Hill" not in {name for name, _ in said(text)}
