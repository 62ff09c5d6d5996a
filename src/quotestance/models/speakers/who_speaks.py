"""Who speaks each quote of an article, told from the quote's mention, the article's cast and who spoke before.

Rules in the order of their certainty: full names, surnames, roles said of a name in the article, then pronouns and roles
by who spoke last. What is not certain is None.
"""

from __future__ import annotations

import re

from quotestance.data.records import Article, Quote, Span
from quotestance.models.speakers.antecedents import Antecedents
from quotestance.models.speakers.authored import writer
from quotestance.models.speakers.bare_cues import named_beside
from quotestance.models.speakers.bylines import author
from quotestance.models.speakers.cast import Cast, Entity, phrase_key
from quotestance.models.speakers.joined import parts
from quotestance.models.speakers.leads import introduced_next, resolved_leads
from quotestance.models.speakers.named_places import NamedPlaces
from quotestance.models.speakers.owned import camp_name, owned_name, owned_noun
from quotestance.models.speakers.person_names import Mention, read_mention, surname_alone
from quotestance.models.speakers.relatives import before_relative
from quotestance.models.speakers.roles import Roles
from quotestance.models.speakers.things import Things

PAIRS = frozenset(["the two", "the pair", "both", "both candidates", "the two candidates", "both of them"])
ANOTHER = r"\b(?:another|an? (?:second|third)|the other)\s(?:\w+\s)?{}\b"
FIRST_PERSON = frozenset(["i", "me", "my"])


def who_speaks(article: Article) -> list[Entity | None]:
    """Who speaks each quote, in the order of the quotes; one object is one speaker. None where it can't be told."""
    listener = _Listener(article)
    chosen = [listener.entity(quote) for quote in article.quotes]
    return resolved_leads(listener.antecedents, listener.phrases, article.quotes, chosen)


class _Listener:
    """Follows the quotes of an article in their order, and remembers who spoke and which words meant whom."""

    def __init__(self, article: Article) -> None:
        self.text = article.text or ""
        self.cast = Cast(article)
        self.places = NamedPlaces(self.text, self.cast)
        self.antecedents = Antecedents(self.text, self.places)
        self.roles = Roles(self.cast, self.antecedents)
        self.phrases = dict(self.cast.described)  # a role's exact words -> whom they meant before
        self.things = Things(self.places, self.antecedents)
        self.author = author(self.text)

    def entity(self, quote: Quote) -> Entity | None:
        """Who speaks `quote`, told by its id, else by its mention; to be asked in the order of the quotes."""
        if quote.speaker.id is not None:
            return self.cast.given.get(quote.speaker.id)
        mention = named_beside(self.text, quote.speaker.mention) if quote.speaker.mention else None
        if mention is None:
            return None
        read = self._read(mention.text)
        found = self._meant(read, mention)
        if found and read.kind == "role" and self._another_since(found, read, mention):
            self.phrases.pop(phrase_key(mention.text), None)
            return None
        if found:
            self.antecedents.spoke(mention.start, found)
            if read.kind in ("role", "person", "organisation"):
                found.aliases.setdefault(mention.text.strip())
            if read.kind == "role":
                self.phrases.setdefault(phrase_key(mention.text), found)
        return found

    def _another_since(self, found: Entity, read: Mention, mention: Span) -> bool:
        """Whether the text has come to speak of another bearer of the role since that one spoke: "another official"."""
        since = max((one.at for one in self.antecedents.spoken if one.entity is found), default=mention.start)
        head = re.escape(next(iter(read.roles)))
        return re.search(ANOTHER.format(head), self.text[since : mention.start], re.IGNORECASE) is not None

    def _read(self, words: str) -> Mention:
        """What a mention names: one word in capitals that is a surname of the cast is that person's, whatever else it may mean."""
        read, surname = read_mention(words), surname_alone(words)
        known = read.kind != "person" and surname and self.cast.by_surname.get(surname)
        return Mention("person", (surname,)) if known else read

    def _meant(self, read: Mention, mention: Span) -> Entity | None:
        if (
            found := self._joined(mention)
            or (self.things.by_kind(mention) if read.kind != "person" or len(read.name) == 1 else None)
            or introduced_next(self.places, self.antecedents, mention)
        ):
            return found
        if read.kind == "person":
            return self._by_name(read, mention)
        if read.kind == "organisation":
            return self._owned(mention) or self.things.organisation(read.name, mention.start)
        if read.kind == "pronoun":
            return self._by_pronoun(read, mention)
        if mention.text.lower() in PAIRS and (pair := self.places.pair_before(mention.start)):
            return self.things.several([one.entity.best for one in pair])
        if read.kind == "role":
            return (
                self._by_role(read, mention)
                or self._owned(mention)
                or self.things.by_noun(mention)
                or self.things.described(mention)
            )
        return (
            writer(self.places, mention.text, mention.start, mention.end)
            or self.things.by_noun(mention)
            or self._owned(mention)
            or self.things.described(mention)
        )

    def _by_name(self, read: Mention, mention: Span) -> Entity | None:
        if len(read.name) > 1:
            return self.cast.same_person(read.name) or self.cast.add(read.name, mention.start, [], "", "")
        bearers = self.cast.by_surname.get(read.surname, [])
        if all(len(one.name) == 1 for one in bearers) and self.things.is_part_of_name(read.name):
            return self.things.organisation(read.name)
        if bearers:
            bearer = self.places.bearer(read.surname, mention.start, read.gender, read.roles)
            if bearer and read.gender in ("male", "female"):
                bearer.gender = bearer.gender or read.gender
            return bearer
        firsts = [one for one in self.cast.by_first.get(read.surname, {}).values() if len(one.name) > 1]
        if firsts:
            return firsts[0] if len(firsts) == 1 else None
        if misspelt := self.cast.nearly_named(read.surname):
            return misspelt
        if self.cast.is_common(read.name[0]) and not read.gender:
            return self.things.described(mention) or self.things.organisation(read.name, mention.start)
        return self.cast.add(read.name, mention.start, [], "", "")

    def _by_role(self, read: Mention, mention: Span) -> Entity | None:
        return self.phrases.get(phrase_key(mention.text)) or self.roles.bearer(read, mention)

    def _by_pronoun(self, read: Mention, mention: Span) -> Entity | None:
        if read.gender == "relative":
            return self._by_relative(mention)
        if read.gender == "writer":
            return self._writer(mention)
        if read.gender in ("male", "female"):
            return self.antecedents.person(mention.start, read.gender)
        if read.gender == "many":
            return self.things.many(mention)
        if read.gender == "thing":
            return self.things.thing(mention)
        return None

    def _owned(self, mention: Span) -> Entity | None:
        """'his campaign', 'the Lee camp'."""
        name = camp_name(mention.text, self.text)
        if noun := owned_noun(mention.text):
            owner = self._meant(read_mention(mention.text.split()[0]), mention)
            name = owned_name(owner, noun, self.text) if owner else None
        return self.things.several([name]) if name else None

    def _by_relative(self, mention: Span) -> Entity | None:
        if not mention.text[0].islower():  # "That doesn't mean …"
            return None
        personal = mention.text.lower() == "who"
        found = before_relative(self.places, mention.start, mention.end, personal=personal)
        if len(found.people) > 1:
            return self.things.several([one.best for one in found.people])
        if found.people:
            return found.people[0]
        if found.thing:
            return self.things.organisation(tuple(found.thing.split()))
        if not found.words:
            return None
        start = max(0, self.text.rfind(found.words, 0, mention.start))
        span = Span(start=start, end=start + len(found.words), text=found.words)
        read = read_mention(found.words)
        return self._meant(read, span) if read.kind != "pronoun" else None

    def _writer(self, mention: Span) -> Entity | None:
        """'I' outside quotation marks is who wrote the article, where the text names the author."""
        if mention.text.lower() not in FIRST_PERSON or not self.author or self.places.quoted(mention.start):
            return None
        return self.cast.same_person(self.author) or self.cast.add(self.author, mention.start, [], "", "")

    def _joined(self, mention: Span) -> Entity | None:
        """'Lee and her advisers' with the full names; None where the mention joins no people, or one of them is unknown."""
        split = parts(mention.text)
        names: list[str] = []
        for part in split:
            read = read_mention(part)
            known = read.kind in ("person", "pronoun")
            one = (self._by_name if read.kind == "person" else self._by_pronoun)(read, mention) if known else None
            if known and one is None:
                return None
            names.append(one.best if one else part)
        return self.things.several(names) if names else None
