"""Speaker mentions into speakers: who is meant by "Jannati", "the cleric", "he", under one id and the best name.

Works on the mentions of any finder. Rules in the order of their certainty: full names, surnames, roles said of a name in
the article, then pronouns and roles by who spoke last. What is not certain stays unresolved: a mention without an id.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field

from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Speaker
from quotestance.models.person_names import (
    FEMALE,
    MALE,
    NOT_NAMES,
    ORGANISATIONS,
    PARTICLES,
    ROLE_HEADS,
    SUFFIXES,
    TITLES,
    Mention,
    best_name,
    family,
    folded,
    person_start,
    read_mention,
    same_spelling,
)

NAME_WORD = re.compile(r"[^\W\d_]+(?:['’.\-][^\W\d_]+)*\.?")
ROLE_BEHIND = re.compile(
    r"\s*\([^)\n]{1,20}\)|,\s+(?:an?|the|who (?:is|was)|former|[a-z]+)\s[^,.;\n]{2,80}|,\s+[a-z]{4,}(?: of [^,.;\n]{2,80})?"
)
DOMINANT = 3  # two people of one surname: the bare surname is the one named so many times as often
RECENT = 20  # speakers remembered for a pronoun
MEMORY = 2  # paragraphs back in which a pronoun or role looks for its speaker
INTRODUCED = 4  # paragraphs ahead in which the lead's role ("Chairman of the …") gets its name
SHARED_WORDS = 2  # words that the role and the sentence that names the person have in common


@dataclass(eq=False)
class _Entity:
    """One speaker: the name's variants, roles said of them, gender, and where they are mentioned."""

    name: tuple[str, ...]
    person: bool = True
    variants: list[tuple[str, ...]] = field(default_factory=list)
    roles: dict[str, set[str]] = field(default_factory=dict)
    gender: str = ""
    places: list[int] = field(default_factory=list)
    aliases: dict[str, None] = field(default_factory=dict)
    id: str | None = None
    given_name: str | None = None

    @property
    def best(self) -> str:
        return self.given_name or (best_name(self.variants) if self.person else " ".join(self.name))


def resolve_speakers(article: Article) -> Article:
    """The article with `speakers`, and each quote's speaker id where it is certain who speaks.

    Mentions of one person get one id; names are the fullest of the article without honorifics. Ids and speakers that the
    article already has are kept. A quote without a mention, or whose mention can't be told, keeps an unresolved speaker.
    """
    if article.text is None or not article.quotes:
        return article
    cast = _Cast(article)
    chosen: list[_Entity | None] = []
    for quote in article.quotes:
        chosen.append(cast.entity(quote, chosen))
    chosen = cast.resolved_leads(article.quotes, chosen)
    return _written(article, chosen)


def unresolved(article: Article) -> Article:
    """The article without its speakers; quotes keep the mentions alone."""
    quotes = tuple(quote.replace(speaker=QuoteSpeaker(mention=quote.speaker.mention)) for quote in article.quotes)
    return article.replace(speakers=(), quotes=quotes)


def _written(article: Article, chosen: list[_Entity | None]) -> Article:
    speakers = {speaker.id: speaker for speaker in article.speakers}
    used = {quote.speaker.id for quote in article.quotes if quote.speaker.id}
    entities: list[_Entity] = []
    for entity in chosen:
        if entity and not any(entity is one for one in entities):
            entities.append(entity)
    for entity in entities:
        if entity.id is None:
            entity.id = _free_id(entity, set(speakers) | {name for name in used if name})
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


def _free_id(entity: _Entity, taken: set[str]) -> str:
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


class _Cast:
    """Everyone whom the article names, and what has been said of them."""

    def __init__(self, article: Article) -> None:
        self.text = article.text or ""
        self.breaks = [match.start() for match in re.finditer(r"\n", self.text)]
        self.by_surname: dict[str, list[_Entity]] = defaultdict(list)
        self.spoke: list[tuple[int, _Entity]] = []  # who spoke so far, with the place of the mention
        self.by_beginning: dict[str, set[str]] = defaultdict(
            set
        )  # first letters -> family names, for variants of spelling
        self.organisations: dict[str, _Entity] = {}
        self.phrases: dict[str, _Entity] = {}  # a role's exact words -> whom they meant before
        self.given: dict[str, _Entity] = {}
        for speaker in article.speakers:
            name = read_mention(speaker.name).name or tuple(speaker.name.split())
            entity = _Entity(name, variants=[name], id=speaker.id, given_name=speaker.name)
            self.given[speaker.id] = entity
            self.by_surname[folded(family(name))].append(entity)
            self.by_beginning[folded(family(name))[:3]].add(folded(family(name)))
            for alias in speaker.aliases:
                self.phrases[_phrase(alias)] = entity
        self._read_names()
        for quote in article.quotes:
            if quote.speaker.mention and quote.speaker.id is None:
                self._learn(quote.speaker.mention)

    def _people(self) -> list[_Entity]:
        return [entity for entities in self.by_surname.values() for entity in entities]

    # --- reading the article

    def _read_names(self) -> None:
        """Full names of the text, with the titles before and the apposition behind them."""
        run: list[tuple[str, int, int]] = []
        words = NAME_WORD.finditer(self.text)
        last_end = -1
        for match in words:
            word, start = match.group(), match.start()
            joined = run and self.text[last_end:start] in (" ", "\u00a0")
            if joined and run[-1][0].endswith(".") and not _abbreviated(run[-1][0]):  # a sentence ended between the two
                joined = False
                self._add_run(run)
                run = []
            if (word[0].isupper() or (word.lower() in PARTICLES and joined)) and (joined or not run):
                run.append((word, start, match.end()))
            else:
                self._add_run(run)
                run = [(word, start, match.end())] if word[0].isupper() else []
            last_end = match.end()
            if len(run) > 12:
                self._add_run(run)
                run = []
        self._add_run(run)

    def _add_run(self, run: list[tuple[str, int, int]]) -> None:
        if not run:
            return
        titles: list[str] = []
        name: list[tuple[str, int, int]] = []
        for word, start, end in run:
            low = re.sub(r"['’]s$", "", word.lower().rstrip("."))
            if low in TITLES or low in NOT_NAMES or low in ROLE_HEADS:
                if low in TITLES:
                    titles.append(low)
                name = [] if low in TITLES or not name else name
                if low not in TITLES and name:
                    break
                continue
            name.append((re.sub(r"['’]s?$", "", word), start, end))
        name = name[person_start([word for word, _, _ in name]) :]
        words = tuple(word.rstrip(".") if len(word) > 2 else word for word, _, _ in name)
        if not words or any(word.lower() in ORGANISATIONS for word in words) or len(words) > 4:
            return
        if len(words) < 2:
            return
        first = folded(words[0])
        start, end = name[0][1], name[-1][2]
        behind = ROLE_BEHIND.match(self.text, end, min(len(self.text), end + 120))
        if not (titles or first in MALE or first in FEMALE or behind):
            return
        prefix = self.text[max(0, run[0][1] - 60) : start].split("\n")[-1]
        self._add(words, start, titles, prefix, behind.group() if behind else "")

    def _add(self, words: tuple[str, ...], at: int, titles: list[str], before: str, behind: str) -> _Entity:
        entity = self._same_person(words) or _Entity(words)
        if entity not in self.by_surname[folded(family(words))]:
            self.by_surname[folded(family(words))].append(entity)
            self.by_beginning[folded(family(words))[:3]].add(folded(family(words)))
        entity.variants.append(words)
        entity.places.append(at)
        first = folded(words[0])
        gendered = read_mention(" ".join([*titles, *words])).gender
        entity.gender = entity.gender or (gendered if gendered in ("male", "female") else "")
        if not entity.gender and len(words) > 1:
            entity.gender = "male" if first in MALE else "female" if first in FEMALE else ""
        for title in titles:
            for role in TITLES[title].split():
                entity.roles.setdefault(role, set())
        for phrase in (_last_phrase(before), behind.strip(" ,()")):
            lows = [word.lower() for word in NAME_WORD.findall(phrase)]
            for role in set(lows) & ROLE_HEADS:
                entity.roles.setdefault(role, set()).update(
                    low for low in lows if len(low) > 2 and low not in NOT_NAMES
                )
        return entity

    def _same_person(self, words: tuple[str, ...]) -> _Entity | None:
        """Whom these words of a name mean: same family name, and the first name too where both have one."""
        surname = folded(family(words))
        candidates = self.by_surname.get(surname) or [
            entity
            for key in sorted(self.by_beginning[surname[:3]])
            if len(words) > 1 and same_spelling(key, surname)
            for entity in self.by_surname[key]
        ]
        if len(words) == 1:
            return candidates[0] if len(candidates) == 1 else None
        for entity in candidates:
            for variant in entity.variants or [entity.name]:
                if len(variant) > 1 and (same_spelling(variant[0], words[0]) or _initial(variant[0], words[0])):
                    return entity
        single = [
            entity for entity in candidates if all(len(variant) == 1 for variant in entity.variants or [entity.name])
        ]
        return single[0] if len(single) == 1 and len(candidates) == 1 else None

    def _learn(self, mention: Span) -> None:
        """A full name that only a speaker mention tells is a person too."""
        read = read_mention(mention.text)
        if read.kind == "person" and len(read.name) > 1:
            words = read.name
            at = mention.start + max(0, mention.text.find(words[0]))
            behind = self.text[at + len(" ".join(words)) : mention.end]
            entity = self._add(
                words,
                at,
                [role for role in TITLES if role in mention.text.lower().split()],
                mention.text.split(words[0])[0],
                behind,
            )
            entity.gender = entity.gender or (read.gender if read.gender in ("male", "female") else "")

    # --- who speaks a quote

    def entity(self, quote: Quote, earlier: list[_Entity | None]) -> _Entity | None:
        if quote.speaker.id is not None:
            return self.given.get(quote.speaker.id)
        mention = quote.speaker.mention
        if mention is None:
            return None
        read = read_mention(mention.text)
        found = self._meant(read, mention, [one for one in earlier if one])
        if found:
            self.spoke.append((mention.start, found))
            if read.kind in ("role", "person", "organisation"):
                found.aliases.setdefault(mention.text.strip())
            if read.kind == "role":
                self.phrases.setdefault(_phrase(mention.text), found)
        return found

    def _meant(self, read: Mention, mention: Span, earlier: list[_Entity]) -> _Entity | None:
        if read.kind == "person":
            return self._by_name(read, mention)
        if read.kind == "organisation":
            key = _phrase(" ".join(read.name))
            entity = self.organisations.setdefault(key, _Entity(read.name, person=False))
            return entity
        if read.kind == "group" and re.match(r"(?:[A-Z][\w\-]+\s)*[A-Z][\w\-]+$", mention.text):
            words = tuple(mention.text.split())
            return self.organisations.setdefault(_phrase(mention.text), _Entity(words, person=False))
        if read.kind == "role":
            return self._by_role(read, mention)
        if read.kind == "pronoun":
            return self._by_pronoun(read, mention, earlier)
        return None

    def _by_name(self, read: Mention, mention: Span) -> _Entity | None:
        if len(read.name) > 1:
            return self._same_person(read.name) or self._add(read.name, mention.start, [], "", "")
        candidates = [
            one
            for one in self.by_surname.get(read.surname, [])
            if not (read.gender and one.gender and one.gender != read.gender)
        ]
        if len(candidates) == 1:
            candidates[0].gender = candidates[0].gender or (read.gender if read.gender in ("male", "female") else "")
            return candidates[0]
        if not candidates:
            firsts = [
                one for one in self._people() if one.name and folded(one.name[0]) == read.surname and len(one.name) > 1
            ]
            if len(firsts) == 1:
                return firsts[0]
            return (
                None if firsts or self.by_surname.get(read.surname) else self._add(read.name, mention.start, [], "", "")
            )
        counts = sorted(
            ((len(one.places), -min(one.places, default=0), number) for number, one in enumerate(candidates)),
            reverse=True,
        )
        most, second = candidates[counts[0][2]], candidates[counts[1][2]]
        return most if len(most.places) >= DOMINANT * max(1, len(second.places)) else None

    def _by_role(self, read: Mention, mention: Span) -> _Entity | None:
        known = self.phrases.get(_phrase(mention.text))
        if known:
            return known
        head = next(iter(read.roles))
        gendered = [
            one
            for one in self._people()
            if head in one.roles and not (read.gender and one.gender and read.gender != one.gender)
        ]
        modifiers = read.words - {head}
        if modifiers:
            fitting = [one for one in gendered if modifiers & one.roles[head]]
            proper = {low for low in modifiers if re.search(rf"\b{re.escape(low.capitalize())}", mention.text)}
            gendered = fitting or ([] if proper else gendered)
            if not fitting and len(gendered) != 1:
                return None
        before = [one for one in gendered if any(place < mention.start for place in one.places)]
        if len(before) == 1:
            return before[0]
        return self._last(before, mention.start)

    def _by_pronoun(self, read: Mention, mention: Span, earlier: list[_Entity]) -> _Entity | None:
        if read.gender == "relative":
            near = [(place, one) for one in self._people() for place in one.places if 0 < mention.start - place < 60]
            place, one = max(near, key=lambda pair: pair[0], default=(0, None))
            between = self.text[place : mention.start].rstrip(" ,—–-(") if one else ""
            return (
                one
                if one
                and between
                and folded(between.split()[-1].rstrip(".,")) in {folded(family(v)) for v in one.variants}
                else None
            )
        if read.gender in ("male", "female"):
            return self._last(
                [one for one in self._people() if one.gender in ("", read.gender)], mention.start, gender=read.gender
            )
        if read.gender == "thing":
            things = [one for at, one in self.spoke[-RECENT:] if not one.person and self._apart(at, mention.start) <= 1]
            return things[-1] if things else None
        return None

    def _last(self, candidates: list[_Entity], at: int, gender: str = "") -> _Entity | None:
        """Who of the candidates the sentence or the speech before `at` is about; None where two are as likely or none is near."""
        allowed = {id(one) for one in candidates}
        spoken = [
            (place, one) for place, one in self.spoke[-RECENT:] if place < at and self._apart(place, at) <= MEMORY
        ]
        last_place, last = spoken[-1] if spoken else (-1, None)
        leading = self._sentence_subject(at, allowed)
        if leading and (last is None or leading[0] > last_place):
            last = leading[1]
        if last is not None and id(last) in allowed:
            if gender and not last.gender:
                last.gender = gender
            return last
        return None

    def _sentence_subject(self, at: int, allowed: set[int]) -> tuple[int, _Entity] | None:
        """The person whose name begins this sentence, or one of the two before it."""
        paragraph = self.text.rfind("\n", 0, at) + 1
        start = max(paragraph, at - 600)
        if not self.text[start:at].strip():
            previous = self.text.rfind("\n", 0, max(0, paragraph - 2)) + 1
            start = max(previous, at - 600)
        found: tuple[int, _Entity] | None = None
        for match in re.finditer(r"(?:^|[.!?…]['”’\"]?\s+|\n|, |— )((?:[A-Z][\w.’'\-]*\s+){1,6})", self.text[start:at]):
            for word in reversed(match[1].split()):
                key = folded(re.sub(r"['’]s?$", "", word.strip(".,")))
                bearers = self.by_surname.get(key, [])
                if len(bearers) == 1 and id(bearers[0]) in allowed and not word.endswith(("'s", "’s")):
                    found = (start + match.start(1), bearers[0])
                    break
        return found

    def _apart(self, left: int, right: int) -> int:
        """Paragraphs between two places; blank lines don't count."""
        breaks = self.text[left:right].count("\n\n") if right - left < 20_000 else 99
        lines = bisect_left(self.breaks, right) - bisect_left(self.breaks, left)
        return breaks if breaks else lines

    # --- the lead's role, named later

    def resolved_leads(self, quotes: tuple[Quote, ...], chosen: list[_Entity | None]) -> list[_Entity | None]:
        """'Chairman of the Assembly said' in the lead, 'addressing the Assembly, Ann Lee …' below: the role is hers.

        The person must be the next one who speaks by name, within a few paragraphs, in a sentence or description that
        shares words with the role.
        """
        resolved = list(chosen)
        for number, quote in enumerate(quotes):
            mention = quote.speaker.mention
            if resolved[number] is not None or mention is None:
                continue
            read = read_mention(mention.text)
            if read.kind != "role":
                continue
            known = self.phrases.get(_phrase(mention.text)) or self._introduced(read, mention, quotes, resolved, number)
            if known:
                resolved[number] = known
                known.aliases.setdefault(mention.text.strip())
                self.phrases.setdefault(_phrase(mention.text), known)
        return resolved

    def _introduced(
        self, read: Mention, mention: Span, quotes: tuple[Quote, ...], chosen: list[_Entity | None], number: int
    ) -> _Entity | None:
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
        if self._apart(mention.start, place.start) > INTRODUCED or (
            read.gender and one.gender and read.gender != one.gender
        ):
            return None
        head = next(iter(read.roles))
        if head in one.roles:
            return one
        start = self.text.rfind("\n", 0, place.start) + 1
        around = {
            word.lower() for word in NAME_WORD.findall(self.text[max(start, place.start - 400) : place.end + 100])
        }
        shared = {word for word in read.words - {head} if word in around}
        return one if len(shared) >= SHARED_WORDS else None


def _abbreviated(word: str) -> bool:
    low = word.lower().rstrip(".")
    return len(low) == 1 or "." in low or low in TITLES or low in SUFFIXES or low == "st"


def _initial(left: str, right: str) -> bool:
    a, b = folded(left), folded(right)
    return len(a) > 2 and len(b) > 2 and (a.startswith(b) or b.startswith(a))


def _last_phrase(text: str) -> str:
    """What stands right before a name: the words behind the last comma or stop."""
    return re.split(r"[.;:!?\n“”\"]|, ", text)[-1]


def _phrase(text: str) -> str:
    """A description for comparing: lower case, no article."""
    return re.sub(r"^(?:the|an?)\s+", "", re.sub(r"\s+", " ", text.lower().replace("’", "'")).strip())
