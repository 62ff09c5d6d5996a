"""Little texts and speaker mentions into the names that they are resolved to."""

from __future__ import annotations

from quotestance.data.records import Article, Quote, QuoteSpeaker, Span
from quotestance.models.speakers import resolve_speakers


def names(text: str, *mentions: str) -> list[str | None]:
    """The resolved names of the mentions, each found behind the one before; None where unresolved.

    "Lee| said" is the mention "Lee" where " said" stands behind it.
    """
    return [quote.speaker.name if quote.speaker.id else None for quote in resolved(text, *mentions).quotes]


def resolved(text: str, *mentions: str) -> Article:
    quotes, at = [], 0
    for number, mention in enumerate(mentions, 1):
        start = text.index(mention.replace("|", ""), at)
        at = start + len(mention.partition("|")[0])
        quotes.append(Quote(id=f"q{number}", speaker=QuoteSpeaker(mention=Span.of(text, start, at))))
    return resolve_speakers(Article(id="a", text=text, quotes=tuple(quotes)))
