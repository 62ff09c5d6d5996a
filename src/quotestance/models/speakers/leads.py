"""Descriptions of the lead, "Chairman of the Board said", into the people whom the paragraphs below name."""

from __future__ import annotations

from quotestance.data.records import Quote, Span
from quotestance.models.speakers.antecedents import RECENT, Antecedents
from quotestance.models.speakers.cast import NAME_WORD, Entity, phrase_key
from quotestance.models.speakers.described import is_someone
from quotestance.models.speakers.named_places import NamedPlaces
from quotestance.models.speakers.person_names import Mention, read_mention
from quotestance.models.speakers.spelling import unpossessive

INTRODUCED = 4  # paragraphs ahead in which the lead's role ("Chairman of the …") gets its name
LEAD_REACH = 400  # characters behind the first paragraph in which a description may still be the lead's
SHARED_WORDS = 2  # words that the role and the sentence that names the person have in common


def introduced_next(places: NamedPlaces, antecedents: Antecedents, mention: Span) -> Entity | None:
    """'One Ohio teacher wants …' in the lead, and the next paragraph begins 'Ann Lee, a teacher in …': it is she."""
    if mention.start > places.lead_end + LEAD_REACH or not is_someone(mention.text):
        return None
    number = places.paragraphs.number(mention.end)
    following = places.paragraphs.starts[number + 1 : number + 2]
    first = next((one for one in places.places if following and one.start >= following[0]), None)
    if first is None or not (first.full and first.leads) or first.entity.places[0] < mention.start:
        return None
    starts = places.sentences[first.sentence].start == first.start
    apposed = places.text[first.end : first.end + 1] == ","
    return first.entity if starts and apposed and antecedents.apart(mention.start, first.start) == 1 else None


def resolved_leads(
    antecedents: Antecedents,
    phrases: dict[str, Entity],
    quotes: tuple[Quote, ...],
    chosen: list[Entity | None],
) -> list[Entity | None]:
    """'Chairman of the Assembly said' in the lead, 'addressing the Assembly, Ann Lee …' below: the role is hers.

    The person must be the next one who speaks by name, within a few paragraphs, in a sentence or description that
    shares words with the role. `phrases` learns whom the role meant.
    """
    resolved = list(chosen)
    for number, quote in enumerate(quotes):
        mention = quote.speaker.mention
        told = resolved[number]
        if mention is None or (told is not None and (told.person or told.human)):
            continue
        read = read_mention(mention.text)
        if read.kind != "role":
            continue
        known = phrases.get(phrase_key(mention.text))
        if known is None or known is told:
            known = _introduced(antecedents, read, mention, quotes, resolved, number)
        if known:
            resolved[number] = known
            known.aliases.setdefault(mention.text.strip())
            phrases[phrase_key(mention.text)] = known
    return resolved


def _introduced(
    antecedents: Antecedents,
    read: Mention,
    mention: Span,
    quotes: tuple[Quote, ...],
    chosen: list[Entity | None],
    number: int,
) -> Entity | None:
    following = (
        (other.speaker.mention, one)
        for other, one in zip(quotes[number + 1 : number + RECENT], chosen[number + 1 : number + RECENT], strict=True)
    )
    named = (
        (place, one)
        for place, one in following
        if place and one and one.person and read_mention(place.text).kind == "person"
    )
    place, one = next(named, (None, None))
    if place is None or one is None:
        return None
    if antecedents.apart(mention.start, place.start) > INTRODUCED or not one.fits(read.gender):
        return None
    head = next(iter(read.roles))
    if head in one.roles:
        return one
    around = _words_around(antecedents.places, place.start) | _words_around(
        antecedents.places, one.places[0] if one.places else place.start
    )
    shared = {word for word in read.words - {head} if word in around}
    alike = read.gender and read.gender == one.gender and "," in place.text  # 'the candidate's right-hand woman'
    return one if len(shared) >= (1 if alike else SHARED_WORDS) else None


def _words_around(places: NamedPlaces, at: int) -> set[str]:
    start = max(places.paragraphs.start(at), at - 400)
    return {unpossessive(word.lower()) for word in NAME_WORD.findall(places.text[start : at + 120])}
