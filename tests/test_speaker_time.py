"""Speaker resolution takes time in proportion to the text, however many people and organisations it names."""

from __future__ import annotations

import time

from quotestance.data.records import Article, Quote, QuoteSpeaker, Span
from quotestance.models.speakers import resolve_speakers

SYLLABLES = ["ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "tu"]


def named(number: int) -> str:
    return "".join(SYLLABLES[int(digit)] for digit in f"{number:04}").capitalize()


def long_article(paragraphs: int) -> Article:
    text, quotes = "", []
    for number in range(paragraphs):
        name = named(number * 7919 % 10_000)
        for mention, said in (
            (f"Senator Ann {name}", "the plan is late."),
            ("The senator", "the hall was full."),
            (f"The {name} Institute", "the plan is fine."),
            ("The institute", f"the {name} is here."),
            (f"{name} Times", "it was late."),
        ):
            start = len(text)
            text += f"{mention} said that {said} "
            span = Span.of(text, start, start + len(mention))
            quotes.append(Quote(id=f"q{len(quotes)}", speaker=QuoteSpeaker(mention=span)))
        text += "\n\n"
    return Article(id="a", text=text, quotes=tuple(quotes))


def seconds(article: Article) -> float:
    begin = time.process_time()
    resolve_speakers(article)
    return time.process_time() - begin


def test_four_times_the_text_takes_no_seven_times_as_long() -> None:
    short, long = long_article(80), long_article(320)
    seconds(long_article(5))
    assert seconds(long) < 7 * min(seconds(short) for _ in range(3))
