"""Who wrote the email or tweet that "the email said" means, where the sentences around say so."""

from __future__ import annotations

import re

from quotestance.models.speakers.cast import Entity
from quotestance.models.speakers.named_places import NamedPlaces

WRITING = re.compile(
    r"(?:the|an?|that|this|his|her) (?:\w+ )?(e-?mail|tweet|letter|memo|post|op-ed|column)", re.IGNORECASE
)
SENTENCES = 2  # back from the mention's own
NEXT = 40  # characters behind the mention
# "an email was sent from the club's director, Ann Lee"
BY = r"{noun}\b[^.!?\n]{{0,60}}?\b(?:sent|written|posted|penned|signed|issued)\s(?:\w+\s)?(?:by|from)\s[^.!?\n]{{0,60}}?$"
# "Ann Lee, its director, emailed", "tweeted", "sent an email"
VERBS = {
    "email": r"e-?mailed|(?:sent|wrote|penned)\s(?:out\s)?(?:an?|the)\s(?:\w+\s)?e-?mail",
    "tweet": r"tweeted|posted|(?:sent|wrote)\s(?:out\s)?(?:an?|the)\s(?:\w+\s)?tweet",
}
ANY_VERB = r"(?:sent|wrote|penned|posted|signed)\s(?:out\s)?(?:an?|the|his|her)\s(?:\w+\s)?{noun}"


def writer(places: NamedPlaces, mention: str, start: int, end: int) -> Entity | None:
    """The person who wrote it: named behind "sent by", or before "emailed", in this or one of two sentences before.

    None for other mentions, or where nobody is said to have written it.
    """
    match = WRITING.fullmatch(mention.strip())
    if match is None or not places.sentences:
        return None
    noun = match[1].lower().replace("-", "") if "mail" in match[1].lower() else match[1].lower()
    spelled = "e-?mail" if noun == "email" else re.escape(noun)
    verb = VERBS.get(noun, ANY_VERB.format(noun=spelled))
    for place in places.before(end + NEXT, end):  # "a tweet that Lee posted"
        between, after = places.text[end : place.start].strip(), places.text[place.end : place.end + NEXT]
        if between in ("", "that") and re.match(rf"\s(?:{verb}|sent|wrote)\b", after):
            return place.entity
    number = places.sentence_at(start)
    since = places.starts[max(0, number - SENTENCES)]
    by = re.compile(BY.format(noun=spelled), re.IGNORECASE)
    for place in reversed(places.before(start, since)):
        before, after = places.text[since : place.start], places.text[place.end : start]
        if by.search(before) or (place.leads and re.match(rf"(?:,[^.!?\n]{{2,90}},)?\s(?:{verb})\b", after)):
            return place.entity
    return None
