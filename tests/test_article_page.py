"""Articles as a page: what is marked, what is told, and that nothing from an article becomes markup."""

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser

import pytest

from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Speaker, Stance, Target
from quotestance.models.language.quote_marks import paragraphs as paragraphs_of_quotes
from quotestance.view.article_page import article_page
from quotestance.view.marked_text import Mark, marked, paragraphs

TEXT = "The mayor spoke.\n\n“We will build it,” said Ana Silva, “whatever it costs.”\n\nShe added that the tunnel pays for itself."
BRIDGE, TUNNEL = Target(id="bridge", name="new bridge"), Target(id="tunnel", name="harbour tunnel")
MODEL = "model:stance-small@1a2b"


def span(words: str, text: str = TEXT) -> Span:
    start = text.index(words)
    return Span.of(text, start, start + len(words))


def stance(target: str, label: str | None, **chances: float) -> Stance:
    return Stance(target=target, label=label, annotator=MODEL, probabilities=chances or None)


def council(**changes: object) -> Article:
    """One article with an interrupted quote, an indirect one, two targets and predicted stances."""
    first = Quote(
        id="q1",
        kind="direct",
        spans=(span("We will build it,"), span("whatever it costs.")),
        cue=span("said"),
        speaker=QuoteSpeaker(id="silva", mention=span("Ana Silva")),
        stances=(stance("bridge", "favor", favor=0.923, against=0.05, neutral=0.027), stance("tunnel", "neutral")),
    )
    second = Quote(
        id="q2",
        kind="indirect",
        spans=(span("the tunnel pays for itself"),),
        speaker=QuoteSpeaker(mention=span("She")),
        stances=(stance("tunnel", "favor", favor=0.8, against=0.1, neutral=0.1),),
    )
    article = Article(
        id="council",
        text=TEXT,
        targets=(BRIDGE, TUNNEL),
        quotes=(first, second),
        speakers=(Speaker(id="silva", name="Ana Silva", aliases=("the mayor",)),),
    )
    return article.replace(**changes)


class Reader(HTMLParser):
    """What a browser makes of a page: open elements must be closed in order; text, tags, attributes and ids are kept."""

    VOID = frozenset({"meta", "link", "input", "br", "wbr", "img", "hr"})

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.attributes: list[str] = []
        self.quoted: dict[str, str] = {}
        self.keys: list[str | None] = []
        self.text = ""
        self.feed(page)
        assert self.open == [], self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags[tag] += 1
        self.attributes += list(values)
        if "id" in values:
            self.ids[str(values["id"])] += 1
        if tag == "a" and "href" in values:
            self.links.append(str(values["href"]))
        if tag not in self.VOID:
            self.open.append(tag)
            self.keys.append(values.get("data-q") if tag == "span" else None)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1:] == [tag], (self.open[-3:], tag)
        self.open.pop()
        self.keys.pop()

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.text += data
        for key in filter(None, self.keys):
            self.quoted[key] = self.quoted.get(key, "") + data


def test_the_marked_words_are_the_words_of_the_quote() -> None:
    read = Reader(article_page([council()]))
    assert read.quoted == {"a1q1": "We will build it,whatever it costs.", "a1q2": "the tunnel pays for itself"}


def test_the_text_of_the_article_is_shown_unchanged() -> None:
    page = Reader(article_page([council()]))
    for paragraph in TEXT.split("\n\n"):
        assert paragraph in page.text


def test_a_quote_shows_its_stances_with_their_probability_and_its_speaker() -> None:
    text = Reader(article_page([council()])).text
    assert "▲ favor new bridge 92\u202f%" in text
    assert "● neutral harbour tunnel" in text
    assert "Ana Silva" in text
    assert "“She” (not resolved)" in text
    assert MODEL in text


def test_the_matrix_counts_the_stances_of_a_speaker_over_articles() -> None:
    page = article_page([council(), council(id="again")])
    assert "Ana Silva on new bridge: 2 favor" in page
    assert "Ana Silva on harbour tunnel: 2 neutral" in page


def crowd(name: str, people: int) -> Article:
    """Each of so many speakers says one sentence."""
    text = "\n".join(f"Person {number} said thing {number}." for number in range(people))
    quotes = tuple(
        Quote(
            id=f"q{number}",
            spans=(span(f"thing {number}.", text),),
            speaker=QuoteSpeaker(id=f"{name}-{number}", mention=span(f"Person {number} ", text)),
        )
        for number in range(people)
    )
    speakers = tuple(Speaker(id=f"{name}-{number}", name=f"{name} {number}") for number in range(people))
    return Article(id=name, text=text, quotes=quotes, speakers=speakers)


def looks(page: str) -> dict[str, tuple[str, str]]:
    """Speaker -> colour and line, as they stand beside the text."""
    return {name: (c, u) for c, u, name in re.findall(r'<span class="who (c\d) (u\d)"><bdi>([^<]*)</bdi>', page)}


def test_no_two_speakers_of_an_article_look_the_same_however_many_speak_in_others() -> None:
    page = article_page([crowd(name, 40) for name in ("one", "two", "three")])
    seen = looks(page)
    for name in ("one", "two", "three"):
        assert len({look for speaker, look in seen.items() if speaker.startswith(name)}) == 40
    assert len({looks(article_page([crowd("a", 13), crowd("b", 8)]))[f"b {number}"][0] for number in range(8)}) == 8


def test_a_long_legend_and_a_long_list_of_articles_are_folded() -> None:
    read = Reader(article_page([crowd(f"n{number}", 1) for number in range(21)]))
    assert "21 articles" in read.text.split("Table", 1)[1]
    assert "3 more speakers" in Reader(article_page([crowd("a", 15)])).text


def unresolved() -> Article:
    """Three quotes of words that could not be told, one of nobody, and one of a speaker."""
    text = "He said one. Later he said two. Somebody else said three. Said four. Ana Silva said five."
    mentions = {"one": "He", "two": "he", "three": "Somebody else", "four": None, "five": "Ana Silva"}
    quotes = tuple(
        Quote(
            id=word,
            spans=(span(word, text),),
            speaker=QuoteSpeaker(id="silva" if word == "five" else None, mention=span(who, text) if who else None),
        )
        for word, who in mentions.items()
    )
    return Article(id="a", text=text, quotes=quotes, speakers=(Speaker(id="silva", name="Ana Silva"),))


def test_words_that_could_not_be_told_are_not_counted_as_speakers() -> None:
    page = article_page([unresolved()])
    text = Reader(page).text
    assert "1 article · 5 quotes · 1 speaker · 4 quotes without a resolved speaker" in text
    assert re.findall(r'<option value="([^"]+)">', page)[:2] == ["Ana Silva", "not resolved"]
    assert re.findall(r"<bdi>([^<]*)</bdi></span> <span", page.split('class="legend"')[1].split("</ul>")[0]) == [
        "Ana Silva",
        "not resolved",
    ]
    assert "“Somebody else” (not resolved)" in text


def test_two_speakers_of_one_name_are_told_apart_by_their_ids() -> None:
    one, two = crowd("a", 2).speakers
    article = crowd("a", 2).replace(speakers=(one.replace(name="John Smith"), two.replace(name="John Smith")))
    page = article_page([article])
    assert "2 speakers" in Reader(page).text
    assert {"John Smith (a-0)", "John Smith (a-1)"} == set(looks(page))


def test_a_stance_that_is_rather_a_guess_is_faint_and_not_counted_in_the_matrix() -> None:
    guess = stance("bridge", "favor", favor=0.5, against=0.3, neutral=0.2)
    page = article_page([council(quotes=tuple(quote.replace(stances=(guess,)) for quote in council().quotes))])
    assert "Ana Silva on new bridge" not in page
    assert "2 stances below 60\u202f% are not counted here" in page
    assert page.count('stance chip favor weak"') == 2


def test_every_link_leads_somewhere_and_no_id_stands_twice() -> None:
    read = Reader(article_page([council(), council(id="again")]))
    assert set(read.ids.values()) == {1}
    assert read.links
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.ids)


def test_nothing_from_an_article_becomes_markup() -> None:
    nasty = '<script>alert(1)</script><img src=x onerror="alert(2)">\'"</style></script><!-- & &amp;'
    text = f"{nasty} “{nasty}” said {nasty}"
    start = len(nasty) + 2
    quote = Quote(
        id=nasty,
        kind="direct",
        spans=(Span.of(text, start, start + len(nasty)),),
        stances=(Stance(target=nasty, label="favor", annotator=nasty),),
        speaker=QuoteSpeaker(id=nasty, mention=Span.of(text, len(text) - len(nasty), len(text))),
    )
    article = Article(
        id=nasty,
        text=text,
        title=nasty,
        source=nasty,
        url="javascript:alert(3)",
        published=nasty,
        language=nasty,
        targets=(Target(id=nasty, name=nasty),),
        speakers=(Speaker(id=nasty, name=nasty, aliases=(nasty,)),),
        quotes=(quote,),
    )
    plain, read = Reader(article_page([council()])), Reader(article_page([article, article.replace(id="b")]))
    assert read.tags["script"] == plain.tags["script"] == 1
    assert "img" not in read.tags
    assert not [name for name in read.attributes if name.startswith("on")]
    assert not [link for link in read.links if not link.startswith("#")]
    assert text in read.text


def test_the_page_fetches_nothing_and_runs_only_its_own_script() -> None:
    page = article_page([council(url="https://example.org/a")])
    assert "default-src 'none'" in unescape(page)
    assert "script-src 'sha256-" in unescape(page)
    assert not re.findall(r'\bsrc=|@import|url\(|<link(?! rel="icon" href="data:,")', page)


def test_halves_of_surrogate_pairs_and_control_characters_can_be_written() -> None:
    page = article_page([Article(id="a", text="odd \ud800 and \x00 and \x1b end")])
    assert "odd \ufffd and \ufffd and \ufffd end" in page.encode("utf-8").decode()


def test_quotes_that_overlap_or_nest_keep_every_character_once() -> None:
    html = marked("abcdefgh", [Mark(0, 5, "q", "x"), Mark(2, 4, "q", "y"), Mark(3, 7, "q", "z")])
    assert re.sub("<[^>]*>", "", html) == "abcdefgh"
    assert Reader(html).quoted == {"x": "abcde", "y": "cd", "z": "defg"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo\n\nthree", ["one\ntwo", "three"]),
        ("one\ntwo", ["one", "two"]),
        ("\n\n  \nonly\n \n", ["only"]),
        ("one\r\n\r\ntwo", ["one", "two"]),
        ("one\rtwo\r\rthree\r", ["one\rtwo", "three"]),
        ("one\rtwo\u2028three\u2029four", ["one", "two", "three", "four"]),
        ("one\n \ntwo\nthree", ["one", "two\nthree"]),
        ("one\ntwo\n\n", ["one", "two"]),
        ("", []),
    ],
)
def test_paragraphs_are_cut_at_blank_lines_or_else_at_lines(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in paragraphs(text)] == expected


def test_the_page_and_the_quote_finder_know_the_same_breaks() -> None:
    text = "one\ntwo\r\nthree\rfour\u2028five\u2029six"
    assert list(paragraphs(text)) == paragraphs_of_quotes(text)


def test_a_line_break_that_browsers_pass_over_is_shown() -> None:
    assert marked("one\u2028two", [Mark(0, 7, "q", "x")]) == '<span class="q" data-q="x">one\u2028<br>two</span>'


def test_a_quote_over_two_paragraphs_is_marked_in_both() -> None:
    text = "He said: “One.\n\nTwo.”"
    quote = Quote(id="q", spans=(Span.of(text, 10, 20),))
    assert Reader(article_page([Article(id="a", text=text, quotes=(quote,))])).quoted == {"a1q1": "One.Two."}


def test_quotes_without_stances_are_listed_with_their_kind() -> None:
    quotes = tuple(quote.replace(stances=()) for quote in council().quotes)
    read = Reader(article_page([council(quotes=quotes)]))
    assert "Every quote" in read.text
    assert "matrix" not in read.ids


def test_an_article_without_its_text_says_how_to_get_it() -> None:
    article = Article(
        id="bare",
        text=None,
        text_ref={"corpus": "polnear"},
        targets=(BRIDGE,),
        quotes=(Quote(id="q1", stances=(Stance(target="bridge", label="favor"),)),),
    )
    assert "--corpora DIR" in Reader(article_page([article, council()])).text


def test_no_article_and_no_quote_still_make_a_page() -> None:
    assert "0 articles" in Reader(article_page([])).text
    assert "No quotes were found" in Reader(article_page([Article(id="a", text="Nothing was said.")])).text


def test_many_neutral_stances_of_a_quote_are_folded() -> None:
    targets = tuple(Target(id=f"t{number}", name=f"thing {number}") for number in range(4))
    quote = council().quotes[0].replace(stances=tuple(stance(target.id, "neutral") for target in targets))
    assert "4 neutral" in Reader(article_page([council(quotes=(quote,), targets=targets)])).text


def test_another_label_set_is_shown_by_its_own_words() -> None:
    quote = council().quotes[0].replace(stances=(Stance(target="bridge", label="comment"),))
    article = council(labels=("support", "deny", "query", "comment"), quotes=(quote,))
    assert "◆ comment new bridge" in Reader(article_page([article])).text
