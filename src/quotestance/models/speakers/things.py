"""Speakers that are no people of the cast: organisations, documents, groups, and people without a name."""

from __future__ import annotations

import re
from bisect import bisect_left

from quotestance.data.records import Span
from quotestance.models.speakers.antecedents import Antecedents
from quotestance.models.speakers.cast import Entity, phrase_key
from quotestance.models.speakers.described import description, is_plural, is_someone
from quotestance.models.speakers.joined import spelled
from quotestance.models.speakers.named_places import NamedPlaces
from quotestance.models.speakers.organisations import (
    Organisation,
    bears,
    called,
    full_form,
    is_kind,
    of_press,
    organisations_of,
    union_of,
    whole_name,
)
from quotestance.models.speakers.spelling import unpossessive
from quotestance.models.speakers.things_named import thing_before

GENDER_OF_NOUN = {"man": "male", "boy": "male", "father": "male", "son": "male", "husband": "male"} | {
    "woman": "female", "girl": "female", "mother": "female", "daughter": "female", "wife": "female"
}  # fmt: skip


class Things:
    """The organisations that an article names, and those who are only described, each once."""

    def __init__(self, places: NamedPlaces, antecedents: Antecedents) -> None:
        self.text = places.text
        self.places = places
        self.antecedents = antecedents
        self.named = organisations_of(self.text)
        self.called = called(self.text)
        self.papers = {one.name: one for one in self.named if one.press or bears(one.name, "newspaper")}
        self.bearing: dict[str, list[Organisation]] = {}  # noun -> the named ones that it may mean, in order
        self.organisations: dict[str, Entity] = {}  # by the words of their names
        self.unnamed: dict[str, Entity] = {}  # by their descriptions

    def is_part_of_name(self, words: tuple[str, ...]) -> bool:
        """Whether the words are a part of one organisation's name."""
        return whole_name(words, self.named) is not None

    def organisation(self, words: tuple[str, ...], at: int = 0) -> Entity:
        """The organisation of this name, of a part of it, or of its letters."""
        if len(words) == 1 and is_kind(words[0]) and (meant := self._noun_at(at, f"the {words[0].lower()}")):
            return meant
        plain = tuple(map(unpossessive, words))
        full = full_form(plain[-1], self.named)
        if full is None or plain[:-1] not in ((), full.name):
            full = whole_name(plain, self.named)
        name = full.name if full else words
        key = phrase_key(" ".join(map(unpossessive, name)))
        return self.organisations.setdefault(key, Entity(name, person=False))

    def by_noun(self, mention: Span) -> Entity | None:
        """'the fund', 'the newspaper': the organisation with such a name that spoke last, else that was named last before."""
        noun = re.match(r"the ((?:think )?[a-z]+)(?:['’]s)?(?:,|$)", mention.text.strip(), re.IGNORECASE)
        if noun is None:
            return None
        titled = [one for word, one in self.called if word == noun[1].lower() and one.at < mention.start]
        if titled:
            return self.organisation(titled[-1].name)
        spoken = [one for one in self.antecedents.spoken_by_things() if bears(one.name, noun[1].lower())]
        if spoken:
            return spoken[-1]
        low = noun[1].lower()
        if low not in self.bearing:
            self.bearing[low] = [one for one in self.named if bears(one.name, low)]
        before = bisect_left(self.bearing[low], mention.start, key=lambda one: one.at)
        return self.organisation(self.bearing[low][before - 1].name) if before else None

    def by_kind(self, mention: Span) -> Entity | None:
        """'A local newspaper', 'the editorial': the article's only newspaper; 'the teachers' union': the union of that trade."""
        if union := union_of(mention.text, self.named):
            return self.organisation(union.name)
        only = len(self.papers) == 1 and of_press(mention.text)
        return self.organisation(next(iter(self.papers))) if only else None

    def described(self, mention: Span) -> Entity | None:
        """Who has no name but the description; None where that does not tell enough."""
        name = description(mention.text)
        if name is None:
            return None
        human = is_someone(mention.text) and not self.text[: mention.start].rstrip().endswith(" by")
        gender = GENDER_OF_NOUN.get(name.split()[-1].lower(), "") if human else ""
        return self.unnamed.setdefault(
            phrase_key(name), Entity(tuple(name.split()), person=False, human=human, gender=gender)
        )

    def several(self, names: list[str]) -> Entity:
        """The speaker made up of these."""
        name = spelled(names)
        return self.unnamed.setdefault(phrase_key(name), Entity(tuple(name.split()), person=False))

    def many(self, mention: Span) -> Entity | None:
        """'they': the group or organisation that spoke last, or the two whom a sentence since then is about."""
        last = self.antecedents.nearby(mention.start, 1)[:1]
        pair = self.places.pair_before(mention.start)
        if pair and (not last or pair[0].start >= last[0].at):
            return self.several([one.entity.best for one in pair])
        return next((one.entity for one in last if not (one.entity.person or one.entity.human)), None)

    def thing(self, mention: Span) -> Entity | None:
        """'it': the organisation or document that spoke last, or that a sentence since then is about."""
        spoken = [
            one
            for one in self.antecedents.nearby(mention.start, 1)
            if not (one.entity.person or one.entity.human or is_plural(one.entity.best))
        ]
        found = thing_before(self.places, mention.start, self.named, self._noun_at)
        if found and (not spoken or found[0] > spoken[0].at):
            return found[1] if isinstance(found[1], Entity) else self.organisation(found[1].name)
        return spoken[0].entity if spoken else None

    def _noun_at(self, at: int, words: str) -> Entity | None:
        return self.by_noun(Span(start=at, end=at + len(words), text=words))
