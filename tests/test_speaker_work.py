"""Speaker resolution takes work in proportion to the text, however many people and organisations it names."""

from __future__ import annotations

import sys
from typing import Any

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


def lines_run(article: Article) -> int:
    """How many lines of Python, each turn of a loop among them, it takes to resolve the speakers: the same on any machine."""
    count = 0

    def counting(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return counting

    sys.settrace(counting)
    try:
        resolve_speakers(article)
    finally:
        sys.settrace(None)
    return count


def test_four_times_the_text_takes_some_four_times_the_work() -> None:
    assert lines_run(long_article(160)) < 6 * lines_run(long_article(40))
