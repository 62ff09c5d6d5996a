"""Who speaks each quote of an article, told from the quote's mention, the article's cast and who spoke before.

Rules in the order of their certainty: full names, surnames, roles said of a name in the article, then pronouns and roles
by who spoke last. What is not certain is None.
"""

from __future__ import annotations

import re

from quotestance.data.records import Article, Quote, Span
from quotestance.models.antecedents import RECENT, Antecedents
from quotestance.models.authored import writer
from quotestance.models.bare_cues import named_beside
from quotestance.models.bylines import author
from quotestance.models.cast import NAME_WORD, Cast, Entity, phrase_key
from quotestance.models.described import description, is_plural, is_someone
from quotestance.models.joined import parts, spelled
from quotestance.models.named_places import NamedPlaces
from quotestance.models.organisations import bears, called, full_form, is_kind, of_press, organisations_of, whole_name
from quotestance.models.owned import camp_name, owned_name, owned_noun
from quotestance.models.person_names import Mention, read_mention
from quotestance.models.person_words import ANYONE
from quotestance.models.relatives import before_relative
from quotestance.models.spelling import folded, unpossessive
from quotestance.models.things_named import thing_before

INTRODUCED = 4  # paragraphs ahead in which the lead's role ("Chairman of the …") gets its name
GENDER_OF_NOUN = {"man": "male", "boy": "male", "father": "male", "son": "male", "husband": "male"} | {
    "woman": "female", "girl": "female", "mother": "female", "daughter": "female", "wife": "female"
}  # fmt: skip
THE = re.compile(r"(?:the|this|that)\s", re.IGNORECASE)
PAIRS = frozenset(["the two", "the pair", "both", "both candidates", "the two candidates", "both of them"])
FIRST_PERSON = frozenset(["i", "me", "my"])
LEAD_REACH = 400  # characters behind the first paragraph in which a description may still be the lead's
SHARED_WORDS = 2  # words that the role and the sentence that names the person have in common


def who_speaks(article: Article) -> list[Entity | None]:
    """Who speaks each quote, in the order of the quotes; one object is one speaker. None where it can't be told."""
    listener = _Listener(article)
    chosen = [listener.entity(quote) for quote in article.quotes]
    return listener.resolved_leads(article.quotes, chosen)


class _Listener:
    """Follows the quotes of an article in their order, and remembers who spoke and which words meant whom."""

    def __init__(self, article: Article) -> None:
        self.text = article.text or ""
        self.cast = Cast(article)
        self.places = NamedPlaces(self.text, self.cast)
        self.antecedents = Antecedents(self.text, self.places)
        self.phrases = dict(self.cast.described)  # a role's exact words -> whom they meant before
        self.organisations: dict[str, Entity] = {}  # by the words of their names
        self.named = organisations_of(self.text)
        self.called = called(self.text)
        self.author = author(self.text)
        self.unnamed: dict[str, Entity] = {}  # by their descriptions

    def entity(self, quote: Quote) -> Entity | None:
        """Who speaks `quote`, told by its id, else by its mention; to be asked in the order of the quotes."""
        if quote.speaker.id is not None:
            return self.cast.given.get(quote.speaker.id)
        mention = named_beside(self.text, quote.speaker.mention) if quote.speaker.mention else None
        if mention is None:
            return None
        read = read_mention(mention.text)
        found = self._meant(read, mention)
        if found:
            self.antecedents.spoke(mention.start, found)
            if read.kind in ("role", "person", "organisation"):
                found.aliases.setdefault(mention.text.strip())
            if read.kind == "role":
                self.phrases.setdefault(phrase_key(mention.text), found)
        return found

    def _meant(self, read: Mention, mention: Span) -> Entity | None:
        if found := self._joined(mention) or self._by_press(mention) or self._introduced_by_lead(mention):
            return found
        if read.kind == "person":
            return self._by_name(read, mention)
        if read.kind == "organisation":
            return self._owned(mention) or self._organisation(read.name, mention.start)
        if read.kind == "pronoun":
            return self._by_pronoun(read, mention)
        if mention.text.lower() in PAIRS and (pair := self.places.pair_before(mention.start)):
            return self._several([one.entity.best for one in pair])
        if read.kind == "role":
            return (
                self._by_role(read, mention)
                or self._owned(mention)
                or self._by_noun(mention)
                or self._described(mention)
            )
        return (
            writer(self.places, mention.text, mention.start, mention.end)
            or self._by_noun(mention)
            or self._owned(mention)
            or self._described(mention)
        )

    def _organisation(self, words: tuple[str, ...], at: int = 0) -> Entity:
        if len(words) == 1 and is_kind(words[0]) and (meant := self._noun_at(at, f"the {words[0].lower()}")):
            return meant
        full = full_form(words[-1], self.named)
        if full is None or words[:-1] not in ((), full.name):
            full = whole_name(words, self.named)
        name = full.name if full else words
        return self.organisations.setdefault(phrase_key(" ".join(name)), Entity(name, person=False))

    def _by_noun(self, mention: Span) -> Entity | None:
        """'the fund', 'the newspaper': the organisation with such a name that spoke last, else that was named last before."""
        noun = re.match(r"the ((?:think )?[a-z]+)(?:['’]s)?(?:,|$)", mention.text.strip(), re.IGNORECASE)
        if noun is None:
            return None
        titled = [one for word, one in self.called if word == noun[1].lower() and one.at < mention.start]
        if titled:
            return self._organisation(titled[-1].name)
        spoken = [one for one in self.antecedents.spoken_by_things() if bears(one.name, noun[1].lower())]
        if spoken:
            return spoken[-1]
        before = [one for one in self.named if one.at < mention.start and bears(one.name, noun[1].lower())]
        return self._organisation(before[-1].name) if before else None

    def _by_press(self, mention: Span) -> Entity | None:
        """'A local newspaper', 'the editorial': the article's only newspaper."""
        papers = {one.name: one for one in self.named if one.press or bears(one.name, "newspaper")}
        only = len(papers) == 1 and of_press(mention.text)
        return self._organisation(next(iter(papers))) if only else None

    def _described(self, mention: Span) -> Entity | None:
        name = description(mention.text)
        if name is None:
            return None
        human = is_someone(mention.text) and not self.text[: mention.start].rstrip().endswith(" by")
        gender = GENDER_OF_NOUN.get(name.split()[-1].lower(), "") if human else ""
        return self.unnamed.setdefault(
            phrase_key(name), Entity(tuple(name.split()), person=False, human=human, gender=gender)
        )

    def _by_name(self, read: Mention, mention: Span) -> Entity | None:
        if len(read.name) > 1:
            return self.cast.same_person(read.name) or self.cast.add(read.name, mention.start, [], "", "")
        bearers = self.cast.by_surname.get(read.surname, [])
        if all(len(one.name) == 1 for one in bearers) and whole_name(read.name, self.named):
            return self._organisation(read.name)
        if bearers:
            bearer = self.places.bearer(read.surname, mention.start, read.gender)
            if bearer and read.gender in ("male", "female"):
                bearer.gender = bearer.gender or read.gender
            return bearer
        firsts = [
            one for one in self.cast.people() if one.name and folded(one.name[0]) == read.surname and len(one.name) > 1
        ]
        if firsts:
            return firsts[0] if len(firsts) == 1 else None
        if misspelt := self.cast.nearly_named(read.surname):
            return misspelt
        if self.cast.is_common(read.name[0]) and not read.gender:
            return self._described(mention) or self._organisation(read.name, mention.start)
        return self.cast.add(read.name, mention.start, [], "", "")

    def _by_role(self, read: Mention, mention: Span) -> Entity | None:
        known = self.phrases.get(phrase_key(mention.text))
        if known:
            return known
        head = next(iter(read.roles))
        gendered = [
            one
            for one in self.cast.people()
            if head in one.roles and not (read.gender and one.gender and read.gender != one.gender)
        ]
        modifiers = read.words - {head}
        if modifiers:
            fitting = [one for one in gendered if modifiers & one.roles[head]]
            proper = {low for low in modifiers if re.search(rf"\b{re.escape(low.capitalize())}", mention.text)}
            gendered = fitting or ([] if proper else gendered)
            if len(gendered) > 1 and not fitting:
                return None
        if not gendered and THE.match(mention.text) and head not in ANYONE:
            return self._spoken_of(read, mention)
        before = [one for one in gendered if any(place < mention.start for place in one.places)]
        if len(before) == 1:
            return before[0]
        return self._latest_of(before, read, mention)

    def _spoken_of(self, read: Mention, mention: Span) -> Entity | None:
        """'Trump claims … The Republican nominee insists': a role that nobody bears is another word for who was spoken of just before."""
        latest = self.antecedents.person(mention.start)
        if latest and read.gender and latest.gender not in ("", read.gender):
            return self.antecedents.dominating(read.gender)
        return latest

    def _latest_of(self, candidates: list[Entity], read: Mention, mention: Span) -> Entity | None:
        """Of several who bear the role, the one that was spoken of last."""
        latest = self.antecedents.person(mention.start, read.gender)
        return latest if any(one is latest for one in candidates) else None

    def _by_pronoun(self, read: Mention, mention: Span) -> Entity | None:
        if read.gender == "relative":
            return self._by_relative(mention)
        if read.gender == "writer":
            return self._writer(mention)
        if read.gender in ("male", "female"):
            return self.antecedents.person(mention.start, read.gender)
        if read.gender == "many":
            return self._many(mention)
        if read.gender == "thing":
            return self._thing(mention)
        return None

    def _many(self, mention: Span) -> Entity | None:
        """'they': the group or organisation that spoke last, or the two whom a sentence since then is about."""
        last = self.antecedents.nearby(mention.start, 1)[:1]
        pair = self.places.pair_before(mention.start)
        if pair and (not last or pair[0].start >= last[0].at):
            return self._several([one.entity.best for one in pair])
        return next((one.entity for one in last if not (one.entity.person or one.entity.human)), None)

    def _thing(self, mention: Span) -> Entity | None:
        """'it': the organisation or document that spoke last, or that a sentence since then is about."""
        spoken = [
            one
            for one in self.antecedents.nearby(mention.start, 1)
            if not (one.entity.person or one.entity.human or is_plural(one.entity.best))
        ]
        found = thing_before(self.places, mention.start, self.named, self._noun_at)
        if found and (not spoken or found[0] > spoken[0].at):
            return found[1] if isinstance(found[1], Entity) else self._organisation(found[1].name)
        return spoken[0].entity if spoken else None

    def _noun_at(self, at: int, words: str) -> Entity | None:
        return self._by_noun(Span(start=at, end=at + len(words), text=words))

    def _owned(self, mention: Span) -> Entity | None:
        """'his campaign', 'the Lee camp'."""
        name = camp_name(mention.text, self.text)
        if noun := owned_noun(mention.text):
            owner = self._meant(read_mention(mention.text.split()[0]), mention)
            name = owned_name(owner, noun, self.text) if owner else None
        return self._several([name]) if name else None

    def _by_relative(self, mention: Span) -> Entity | None:
        if not mention.text[0].islower():  # "That doesn't mean …"
            return None
        personal = mention.text.lower() == "who"
        found = before_relative(self.places, mention.start, mention.end, personal=personal)
        if len(found.people) > 1:
            return self._several([one.best for one in found.people])
        if found.people:
            return found.people[0]
        if found.thing:
            return self._organisation(tuple(found.thing.split()))
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
        return self._several(names) if names else None

    def _introduced_by_lead(self, mention: Span) -> Entity | None:
        """'One Ohio teacher wants …' in the lead, and the next paragraph begins 'Ann Lee, a teacher in …': it is she."""
        if mention.start > self.places.lead_end + LEAD_REACH or not is_someone(mention.text):
            return None
        line = self.text.find("\n", mention.end)
        following = [one for one in self.places.places if line > 0 and one.start > line]
        first = following[0] if following else None
        if first is None or not (first.full and first.leads) or min(first.entity.places) < mention.start:
            return None
        starts = self.places.sentences[first.sentence].start == first.start
        apposed = self.text[first.end : first.end + 1] == ","
        return first.entity if starts and apposed and self.antecedents.apart(mention.start, first.start) == 1 else None

    def _several(self, names: list[str]) -> Entity:
        name = spelled(names)
        return self.unnamed.setdefault(phrase_key(name), Entity(tuple(name.split()), person=False))

    def resolved_leads(self, quotes: tuple[Quote, ...], chosen: list[Entity | None]) -> list[Entity | None]:
        """'Chairman of the Assembly said' in the lead, 'addressing the Assembly, Ann Lee …' below: the role is hers.

        The person must be the next one who speaks by name, within a few paragraphs, in a sentence or description that
        shares words with the role.
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
            known = self.phrases.get(phrase_key(mention.text))
            if known is None or known is told:
                known = self._introduced(read, mention, quotes, resolved, number)
            if known:
                resolved[number] = known
                known.aliases.setdefault(mention.text.strip())
                self.phrases[phrase_key(mention.text)] = known
        return resolved

    def _introduced(
        self, read: Mention, mention: Span, quotes: tuple[Quote, ...], chosen: list[Entity | None], number: int
    ) -> Entity | None:
        following = (
            (other.speaker.mention, one)
            for other, one in zip(
                quotes[number + 1 : number + RECENT], chosen[number + 1 : number + RECENT], strict=True
            )
        )
        named = (
            (place, one)
            for place, one in following
            if place and one and one.person and read_mention(place.text).kind == "person"
        )
        place, one = next(named, (None, None))
        if place is None or one is None:
            return None
        if self.antecedents.apart(mention.start, place.start) > INTRODUCED or (
            read.gender and one.gender and read.gender != one.gender
        ):
            return None
        head = next(iter(read.roles))
        if head in one.roles:
            return one
        around = self._words_around(place.start) | self._words_around(min(one.places, default=place.start))
        shared = {word for word in read.words - {head} if word in around}
        alike = read.gender and read.gender == one.gender and "," in place.text  # 'the candidate's right-hand woman'
        return one if len(shared) >= (1 if alike else SHARED_WORDS) else None

    def _words_around(self, at: int) -> set[str]:
        start = max(self.text.rfind("\n", 0, at) + 1, at - 400)
        return {unpossessive(word.lower()) for word in NAME_WORD.findall(self.text[start : at + 120])}
