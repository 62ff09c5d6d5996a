"""Whom "he", "she" or a role means: who spoke or was spoken of last before it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quotestance.models.language.word_tables import word_set
from quotestance.models.speakers.cast import Entity
from quotestance.models.speakers.named_places import DOMINANT, NamedPlaces, Place

MEMORY = 2  # paragraphs back in which a pronoun or role looks for its speaker
HERO = 3  # times that an article names whom it is about
RECENT = 20  # speakers remembered for a pronoun
OPENING = 10  # characters at a sentence's begin
REACH = 200  # characters before a name in which its comma stands
# "After he left, Ann Lee said": a sentence that begins so may have its pronoun before the name
FOREGOING = word_set("""
    after when while as if before although though since despite in on during because until for with unlike besides
    though even once following from
""")


@dataclass(frozen=True)
class Spoken:
    """A speaker whose mention stands at `at`."""

    at: int
    entity: Entity


class Antecedents:
    """Remembers who spoke, and finds whom a pronoun means."""

    def __init__(self, text: str, places: NamedPlaces) -> None:
        self.text = text
        self.places = places
        self.spoken: list[Spoken] = []

    def spoke(self, at: int, entity: Entity) -> None:
        self.spoken.append(Spoken(at, entity))

    def apart(self, left: int, right: int) -> int:
        """Paragraphs between two places."""
        return self.places.paragraphs.apart(left, right)

    def nearby(self, at: int, memory: int = MEMORY) -> list[Spoken]:
        """Who spoke shortly before `at`, the latest first."""
        return [one for one in reversed(self.spoken[-RECENT:]) if one.at < at and self.apart(one.at, at) <= memory]

    def spoken_by_things(self) -> list[Entity]:
        """Organisations and documents that spoke, the latest last."""
        return [one.entity for one in self.spoken[-RECENT:] if not one.entity.person]

    def person(self, at: int, gender: str = "") -> Entity | None:
        """The person that "he", "she" or "the senator" means at `at`; None where nobody near fits.

        The subject that follows in the same sentence ("If she wins, Ann Lee says"), the one whom the sentence before ends by
        introducing, else the latest who spoke or led a clause
        and has not the other gender, else the only one named near who has this gender.
        """
        found = self._follows(at, gender) if gender else None
        found = (
            found
            or self._introduced(at, gender)
            or self._latest(at, gender)
            or (self._only(at, gender) if gender else None)
        )
        if found and gender and not found.gender:
            found.gender = gender
        return found

    def dominating(self, gender: str) -> Entity | None:
        """The person of this gender whom the article names far more often than anyone else of it."""
        ranked = [entity for entity in self.places.most_named if entity.fits(gender)][:2]
        times = [self.places.times[id(entity)] for entity in ranked]
        clear = ranked and (len(ranked) == 1 or times[0] >= DOMINANT * times[1])
        return ranked[0] if clear else None

    def is_hero(self, one: Entity) -> bool:
        """Whether the article is about that person: named in its lead, and far more often than anyone else of the gender."""
        named = self.places.times[id(one)] >= HERO and self.places.first_at[id(one)] < self.places.lead_end
        return named and self.dominating(one.gender) is one

    def _follows(self, at: int, gender: str) -> Entity | None:
        number = self.places.sentence_at(at)
        sentence = self.places.sentences[number] if self.places.sentences else None
        if sentence is None or sentence.tokens[0].low not in FOREGOING:
            return None
        named = [place for place in self.places.before(sentence.end, sentence.start) if place.entity.fits(gender)]
        before = [place for place in named if place.start < at]
        if before:  # "In a sign of how tired Lee is, he …"
            told = len({id(place.entity) for place in before}) == 1 and before[-1].embedded
            return before[-1].entity if told and "," in self.text[before[-1].end : at] else None
        return next((place.entity for place in named if place.leads and self._behind_comma(place)), None)

    def _introduced(self, at: int, gender: str) -> Entity | None:
        """'Look at Speaker Ann Lee. She …': the only name of the sentence before, in full, at its end."""
        number = self.places.sentence_at(at)
        if not gender or not self.places.sentences or number == 0 or at > self.places.starts[number] + OPENING:
            return None
        before = self.places.sentences[number - 1]
        named = self.places.before(before.end, before.start)
        alone = len(named) == 1 and named[0].full and named[0].entity.fits(gender)
        ends = alone and before.end - named[0].end <= 1
        spoke = any(before.start <= one.at < before.end for one in self.spoken[-RECENT:])
        return named[0].entity if ends and not spoke and self.apart(before.start, at) == 0 else None

    def _behind_comma(self, place: Place) -> bool:
        before = self.text[max(self.places.paragraphs.start(place.start), place.start - REACH) : place.start]
        return re.search(r"[,”\"]['’”\"]?\s+(?:[A-Z][\w.’'-]*\s+|the\s+)*$", before) is not None

    def _latest(self, at: int, gender: str) -> Entity | None:
        events = [(one.at, one.entity) for one in self.spoken[-RECENT:] if one.at < at]
        near = self._near(at)
        led = {place.sentence for place in near if place.leads}
        events += [
            (place.start, place.entity) for place in near if place.leads or (place.owns and place.sentence not in led)
        ]
        fitting = [
            (place, entity)
            for place, entity in sorted(events, key=lambda event: -event[0])
            if self.apart(place, at) <= (MEMORY if entity.person else 0)
            and (entity.person or entity.human)
            and entity.fits(gender)
        ]
        sure = [entity for _, entity in fitting if entity.surely_person]
        return next(iter(sure or [entity for _, entity in fitting]), None)

    def _only(self, at: int, gender: str) -> Entity | None:
        """The only person of this gender whom this paragraph or the one before names."""
        for memory in (0, 1):
            near = {id(p.entity): p.entity for p in self._near(at) if self.apart(p.start, at) <= memory}
            fitting = [one for one in near.values() if one.gender == gender]
            if fitting:
                return fitting[0] if len(fitting) == 1 else None
        return None

    def _near(self, at: int) -> list[Place]:
        return [place for place in self.places.before(at, max(0, at - 3_000)) if self.apart(place.start, at) <= MEMORY]
