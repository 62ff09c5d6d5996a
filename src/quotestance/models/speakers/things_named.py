"""Which organisation "it" means: the one that the sentences before are about."""

from __future__ import annotations

import re
from collections.abc import Callable

from quotestance.models.speakers.cast import Entity
from quotestance.models.speakers.named_places import NamedPlaces
from quotestance.models.speakers.organisations import Organisation, is_place

SENTENCES = 2  # back from the pronoun's own
BY_NOUN = re.compile(r"\b[Tt]he (?:think )?[a-z]{3,}")
OPENING = re.compile(r"^(?:[\w ,]{0,30}, |But |And |Yet |So |While |Although |Though |When |After )?(?:[Tt]he )?$")


def thing_before(
    places: NamedPlaces, at: int, named: list[Organisation], by_noun: Callable[[int, str], Entity | None]
) -> tuple[int, Entity | Organisation] | None:
    """The organisation that leads a sentence before `at`, or the only one that the last of these sentences names; with its place.

    `by_noun` resolves "the bureau" at a place. None where nothing or several are named.
    """
    text, number = places.text, places.sentence_at(at)
    for back in range(SENTENCES + 1):
        if number - back < 0 or not places.sentences:
            break
        start = places.sentences[number - back].start
        part = text[start : min(at, places.sentences[number - back].end)]
        found: list[tuple[int, Entity | Organisation]] = []
        for one in (one for one in named if one.words in part and not is_place(one.name)):
            found += [(start + m.start(), one) for m in re.finditer(rf"\b{re.escape(one.words)}(?!\w)", part)]
        for match in BY_NOUN.finditer(part):
            meant = by_noun(start + match.start(), match.group())
            if meant is not None:
                found.append((start + match.start(), meant))
        leading = [pair for pair in found if OPENING.match(text[start : pair[0]])]
        if leading:
            return min(leading, key=lambda pair: pair[0])
        if len({id(pair[1]) for pair in found}) == 1:
            return max(found, key=lambda pair: pair[0])
        if found:
            return None
    return None
