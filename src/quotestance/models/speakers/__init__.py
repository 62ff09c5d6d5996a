"""Speaker mentions into speakers: who is meant by "Jannati", "the cleric", "he", under one id and the best name.

Works on the mentions of any finder. What is not certain stays unresolved: a mention without an id.
"""

from __future__ import annotations

import re

from quotestance.data.records import Article, QuoteSpeaker, Speaker
from quotestance.models.speakers.cast import Entity
from quotestance.models.speakers.spelling import family, folded
from quotestance.models.speakers.who_speaks import who_speaks


def resolve_speakers(article: Article) -> Article:
    """The article with `speakers`, and each quote's speaker id where it is certain who speaks.

    Mentions of one person get one id; names are the fullest of the article without honorifics. Ids and speakers that the
    article already has are kept. A quote without a mention, or whose mention can't be told, keeps an unresolved speaker.
    """
    if article.text is None or not article.quotes:
        return article
    return _written(article, who_speaks(article))


def unresolved(article: Article) -> Article:
    """The article without its speakers; quotes keep the mentions alone."""
    quotes = tuple(quote.replace(speaker=QuoteSpeaker(mention=quote.speaker.mention)) for quote in article.quotes)
    return article.replace(speakers=(), quotes=quotes)


def _written(article: Article, chosen: list[Entity | None]) -> Article:
    speakers = {speaker.id: speaker for speaker in article.speakers}
    taken = {*speakers, *(quote.speaker.id for quote in article.quotes if quote.speaker.id)}
    for entity in {id(one): one for one in chosen if one}.values():
        if entity.id is None:
            entity.id = _free_id(entity, taken)
            taken.add(entity.id)
        before = speakers.get(entity.id)
        aliases = tuple(
            dict.fromkeys([*(before.aliases if before else ()), *(one for one in entity.aliases if one != entity.best)])
        )
        speakers[entity.id] = (
            before.replace(aliases=aliases) if before else Speaker(id=entity.id, name=entity.best, aliases=aliases)
        )
    quotes = tuple(
        quote.replace(speaker=quote.speaker.replace(id=entity.id)) if entity and quote.speaker.id is None else quote
        for quote, entity in zip(article.quotes, chosen, strict=True)
    )
    return article.replace(speakers=tuple(speakers.values()), quotes=quotes)


def _free_id(entity: Entity, taken: set[str]) -> str:
    """A short id from the family name, or from the whole name where that is taken."""
    words = [re.sub(r"[^a-z0-9]+", "-", folded(word)).strip("-") for word in entity.best.split()]
    words = [word for word in words if word]
    family_name = re.sub(r"[^a-z0-9]+", "-", folded(family(tuple(entity.best.split())))).strip("-")
    options = ([family_name] if entity.person and family_name else []) + ["-".join(words)] if words else []
    for option in options:
        if option and option not in taken:
            return option
    stem, number = (options[-1] if options else "speaker"), 2 if options else 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"
