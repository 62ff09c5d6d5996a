"""The cast of an article: everyone whom it names, with their titles and roles, their gender and where they are named."""

from __future__ import annotations

import itertools
import re
from bisect import insort
from collections import defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

from quotestance.data.records import Article, Span
from quotestance.models.language.word_tables import word_set
from quotestance.models.speakers.first_names import FIRST, gender_of
from quotestance.models.speakers.person_names import (
    BEHIND_NOUNS,
    DESCRIBING,
    LONGEST_NAME,
    best_name,
    described_by,
    describes,
    is_surname_too,
    names_organisation,
    person_start,
    read_mention,
)
from quotestance.models.speakers.person_words import (
    NOT_NAMES,
    PARTICLES,
    ROLE_HEADS,
    SMALL_TOO,
    SUFFIXES,
    SURNAMES_TOO,
    TITLES,
    TITLES_OF_SURNAMES,
)
from quotestance.models.speakers.spelling import family, folded, is_capital, same_spelling, unpossessive
from quotestance.models.speakers.word_counts import WordCounts

NAME_WORD = re.compile(r"[^\W\d_]+(?:['’.\-][^\W\d_]+)*\.?")
ROLE_BEHIND = re.compile(
    r"\s*\((?:[RDI](?:[-–][^)\n]{1,15})?|\d\d)\)|,\s+\d\d,|,\s+(?:an?|the|who (?:is|was)|former|[a-z]+)\s[^,.;\n]{2,80}"
    r"|,\s+[a-z]{4,}(?: of [^,.;\n]{2,80})?"
)
SURE_BEHIND = re.compile(r"\s*\(|,\s+(?:\d|an?\s|the\s|former\s|who\s)")
APPOSED = re.compile(r"([^.;:!?\n“”\",]+),\s+$")
OF_SOMEONE = re.compile(r"\b(?:for|of|to|by|with|from|about|against|on|and)\s+(?:the\s+|former\s+)?$")
DETERMINERS = word_set("the a an this that his her its their our my your")
SHORTEST_MISSPELT = 5  # letters
NEARLY = 0.8  # of the letters in the same order: "Bryne" for Byrne
SMALL = word_set(
    "a an the of in on at to for by with from as and or but nor vs is if via over after than into up off out"
)
OPENING = 20  # characters before a sentence's first word, in which the stop of the one before stands
SHORTEST_HEADLINE = 5  # words
FIRST_LINE = re.compile(r"\s*[^\n\r\u2028\u2029]*")


@dataclass(eq=False)
class Entity:
    """One speaker: the name's variants, roles said of them, gender, and where they are mentioned."""

    name: tuple[str, ...]
    person: bool = True
    human: bool = False  # a person without a name: "a caller"
    variants: list[tuple[str, ...]] = field(default_factory=list)
    roles: dict[str, set[str]] = field(default_factory=dict)
    gender: str = ""
    places: list[int] = field(default_factory=list)  # in order
    aliases: dict[str, None] = field(default_factory=dict)
    id: str | None = None
    given_name: str | None = None

    @property
    def surely_person(self) -> bool:
        """Whether more than a capital tells that it is a person: a first name, a title, a role, a gender."""
        return self.human or (
            self.person and bool(self.gender or self.roles or any(len(one) > 1 for one in self.variants))
        )

    def fits(self, gender: str) -> bool:
        """Whether nothing known speaks against that gender; '' is any."""
        return not (gender and self.gender and self.gender != gender)

    @property
    def best(self) -> str:
        return self.given_name or (best_name(self.variants) if self.person else " ".join(self.name))


class Naming(NamedTuple):
    """A full name at `at`, with its titles and the words before and behind it."""

    words: tuple[str, ...]
    at: int
    titles: list[str]
    before: str
    behind: str


def _gender_of(naming: Naming) -> str:
    """'male' or 'female' where the titles tell it: Mr., Mrs."""
    told = read_mention(" ".join([*naming.titles, *naming.words])).gender
    return told if told in ("male", "female") else ""


class Cast:
    """Everyone whom the article names, in its text, its speakers and its mentions, and what it says of them."""

    def __init__(self, article: Article) -> None:
        self.text = article.text or ""
        self.by_surname: dict[str, list[Entity]] = defaultdict(list)
        # first letters -> family names, for variants of spelling
        self.by_beginning: dict[str, set[str]] = defaultdict(set)
        self.by_shape: dict[tuple[str, int], set[str]] = defaultdict(set)  # first letter and length -> family names
        self.by_first: dict[str, dict[int, Entity]] = defaultdict(dict)  # by the first word of the name
        self.by_role: dict[str, list[Entity]] = defaultdict(list)
        self.by_word: dict[str, dict[int, Entity]] = defaultdict(dict)  # by the words of their roles
        self.counts = WordCounts(self.text)
        self.given: dict[str, Entity] = {}  # by the ids that the article has
        # surname or first name -> full names that nothing but a lone mention of one of the two makes a person's
        self.doubtful: dict[str, list[Naming]] = defaultdict(list)
        self.named_end = 0  # of the full name that was read last
        self.titled: list[Naming] = []  # surnames with a title alone
        self.described: dict[str, Entity] = {}  # an alias that the article has -> whose it is
        for speaker in article.speakers:
            name = read_mention(speaker.name).name or tuple(speaker.name.split())
            entity = Entity(name, variants=[name], id=speaker.id, given_name=speaker.name)
            self.given[speaker.id] = entity
            self._enter(entity, name)
            for alias in speaker.aliases:
                self.described[phrase_key(alias)] = entity
        self._read_names()
        for quote in article.quotes:
            if quote.speaker.mention and quote.speaker.id is None:
                self._learn(quote.speaker.mention)
        for quote in article.quotes:
            if quote.speaker.mention and quote.speaker.id is None:
                self._learn_lone(quote.speaker.mention)

    def _enter(self, entity: Entity, words: tuple[str, ...]) -> None:
        """Into the indices, under the family name of these words too."""
        surname, first = folded(family(words)), folded(entity.name[0])
        self.by_first[first][id(entity)] = entity
        if all(one is not entity for one in self.by_surname[surname]):
            self.by_surname[surname].append(entity)
            self.by_beginning[surname[:3]].add(surname)
            self.by_shape[surname[:1], len(surname)].add(surname)

    def people(self) -> list[Entity]:
        """Everyone who is named."""
        return [entity for entities in self.by_first.values() for entity in entities.values()]

    def bearers_of(self, role: str) -> list[Entity]:
        """Of whom the article says that role."""
        return self.by_role.get(role, [])

    def with_words(self, words: frozenset[str]) -> list[Entity]:
        """Of whom the article says a role with all these words."""
        rarest = min((self.by_word.get(word, {}) for word in words), key=len)
        return [
            one for one in rarest.values() if any(words <= {role, *described} for role, described in one.roles.items())
        ]

    def same_person(self, words: tuple[str, ...]) -> Entity | None:
        """Whom these words of a name mean: same family name, and the first name too where both have one."""
        surname = folded(family(words))
        candidates = self.by_surname.get(surname) or [
            entity
            for key in sorted(self.by_beginning[surname[:3]])
            if len(words) > 1 and same_spelling(key, surname)
            for entity in self.by_surname[key]
        ]
        if len(words) == 1 or folded(words[0]) in PARTICLES:  # "De Blasio" is a family name
            return candidates[0] if len(candidates) == 1 else None
        for entity in candidates:  # 'Icon Ann Lee' is Ann Lee
            if any(
                len(one) > 1 and (words[-len(one) :] == one or one[-len(words) :] == words) for one in entity.variants
            ):
                return entity
        for entity in candidates:
            for variant in entity.variants or [entity.name]:
                if len(variant) > 1 and (same_spelling(variant[0], words[0]) or _initial(variant[0], words[0])):
                    return entity
        single = [
            entity for entity in candidates if all(len(variant) == 1 for variant in entity.variants or [entity.name])
        ]
        return single[0] if len(single) == 1 and len(candidates) == 1 else None

    def nearly_named(self, surname: str) -> Entity | None:
        """The only person whose surname is this one misspelt: as long, with letters changed or in another place."""
        near = [
            one
            for key in sorted(self.by_shape[surname[:1], len(surname)])
            if len(surname) >= SHORTEST_MISSPELT and SequenceMatcher(None, key, surname).ratio() >= NEARLY
            for one in self.by_surname[key]
        ]
        return near[0] if len(near) == 1 else None

    def add(self, words: tuple[str, ...], at: int, titles: list[str], before: str, behind: str) -> Entity:
        """The person of this name, named at `at` too, with the roles that the words before and behind tell; new where unknown."""
        entity = self.same_person(words) or Entity(words)
        self._enter(entity, words)
        within = [one for one in entity.variants if 1 < len(one) < len(words) and words[-len(one) :] == one]
        entity.variants.append(within[0] if within else words)
        return self._say_of(entity, Naming(words, at, titles, before, behind))

    def _say_of(self, entity: Entity, naming: Naming) -> Entity:
        words, at, titles, before, behind = naming
        insort(entity.places, at)
        entity.gender = entity.gender or _gender_of(naming)
        if not entity.gender and (len(words) > 1 or self._only_first_name(words[0])):
            entity.gender = gender_of(folded(words[0]))
        for title in titles:
            for role in TITLES[title].split():
                self._bears(entity, role, frozenset())
        told_behind = behind.strip(" ,()")
        for phrase in (_last_phrase(before), _apposed(before), told_behind):
            lows = [word.lower() for word in NAME_WORD.findall(phrase)]
            for role in set(_to_preposition(lows) if phrase is told_behind else lows) & DESCRIBING:
                self._bears(entity, role, described_by(lows))
        return entity

    def _only_first_name(self, word: str) -> bool:
        """Whether a name of one word is a first name that no surname is: "Maria"."""
        return folded(word) in FIRST and word.lower() not in SURNAMES_TOO

    def _bears(self, entity: Entity, role: str, words: frozenset[str]) -> None:
        if role not in entity.roles:
            self.by_role[role].append(entity)
        entity.roles.setdefault(role, set()).update(words)
        for word in words:
            self.by_word[word][id(entity)] = entity

    def _learn(self, mention: Span) -> None:
        """A full name that only a speaker mention tells is a person too, and one whose surname or first name speaks alone."""
        read = read_mention(mention.text)
        if read.kind == "person" and len(read.name) == 1 and read.surname not in self.by_surname:
            for naming in self.doubtful.pop(read.surname, []):
                self.add(*naming)
        if read.kind == "person" and len(read.name) > 1:
            words = read.name
            at = mention.start + max(0, mention.text.find(words[0]))
            behind = self.text[at + len(" ".join(words)) : mention.end]
            before = mention.text.split(words[0])[0]
            titles = [low for word in before.split() if (low := word.lower().rstrip(".,")) in TITLES]
            entity = self.add(words, at, titles, before, behind)
            entity.gender = entity.gender or (read.gender if read.gender in ("male", "female") else "")
            if (
                len(entity.places) == 1
                and len(words) > 2
                and not (read.roles or behind.strip() or self._first_named(words))
            ):
                entity.person = False  # 'Right Wing Watch'

    def _learn_lone(self, mention: Span) -> None:
        """A surname without a first name anywhere is someone too, whom pronouns before the mention may mean."""
        read = read_mention(mention.text)
        key = read.surname
        known = key in self.by_surname or bool(self.by_first.get(key))
        named = read.kind == "person" and len(read.name) == 1 and not self.is_common(read.name[0])
        if named and not known and self.nearly_named(key) is None:
            self.add(read.name, mention.start, [], "", "")

    def _opens_sentence(self, at: int) -> bool:
        before = self.text[max(0, at - OPENING) : at].rstrip(" \u00a0“\"‘'—-")
        return not before or before[-1] in ".!?…:\n"

    def is_common(self, word: str) -> bool:
        """Whether a word that a sentence may begin with is no name: the article has it in lower case too."""
        return self.counts.of(word.lower()) > 0

    def _first_named(self, words: tuple[str, ...]) -> bool:
        """Whether a name begins with a first name, or its last word stands alone somewhere."""
        return folded(words[0]) in FIRST or self.counts.of(words[-1]) > self.counts.of_pair(words[-2], words[-1])

    def _read_headline(self, end: int) -> None:
        """Names of the text that stand in a headline whose every word has a capital: it tells no new ones."""
        words = [(unpossessive(match.group()), match.start()) for match in NAME_WORD.finditer(self.text, 0, end)]
        for (first, at), (last, _) in itertools.pairwise(words):
            if any((first, last) in one.variants for one in self.by_surname.get(folded(last), ())):
                self.add((first, last), at, [], "", "")

    def _read_names(self) -> None:
        """Full names of the text, with the titles before and the apposition behind them."""
        begin = headline_end(self.text)
        run: list[tuple[str, int, int]] = []
        words = NAME_WORD.finditer(self.text, begin)
        last_end = -1
        for match in words:
            word, start = match.group(), match.start()
            joined = run and self.text[last_end:start] in (" ", "\u00a0")
            if joined and run[-1][0].endswith(".") and not _abbreviated(run[-1][0]):  # a sentence ended between the two
                joined = False
                self._add_run(run)
                run = []
            if (is_capital(word) or (word.lower() in PARTICLES and joined)) and (joined or not run):
                run.append((word, start, match.end()))
            else:
                self._add_run(run)
                run = [(word, start, match.end())] if is_capital(word) else []
            last_end = match.end()
            if len(run) > 12:
                self._add_run(run)
                run = []
        self._add_run(run)
        self._read_titled()
        self._read_headline(begin)

    def _read_titled(self) -> None:
        """Surnames with a title whose bearer's first name stands nowhere: "President Lee", or "Mr. Obama" beside Michelle Obama alone."""
        for naming in self.titled:
            gender, bearers = _gender_of(naming), self.by_surname.get(folded(naming.words[0]), [])
            if gender and bearers and not any(one.fits(gender) for one in bearers):
                self._enter(Entity(naming.words, variants=[naming.words], gender=gender), naming.words)
        for naming in self.titled:
            bearers = self.by_surname.get(folded(naming.words[0]), [])
            if all(one.name == naming.words for one in bearers):
                self.add(*naming)
            elif lone := [one for one in bearers if one.name == naming.words and one.fits(_gender_of(naming))]:
                self._say_of(lone[0], naming)

    def _add_run(self, run: list[tuple[str, int, int]]) -> None:
        if not run:
            return
        titles: list[str] = []
        name: list[tuple[str, int, int]] = []
        for word, start, end in run:
            low = re.sub(r"['’]s$", "", word.lower().rstrip("."))
            told = low in TITLES or low in NOT_NAMES or low in ROLE_HEADS or (not name and describes(word))
            within = low in SMALL_TOO and (word, start, end) != run[-1]  # 'Ann May Lose'
            if told and (within or not is_surname_too([one for one, _, _ in name], low.capitalize())):
                if low in TITLES:
                    titles.append(low)
                name = [] if low in TITLES or not name else name
                if low not in TITLES and name:
                    break
                continue
            name.append((unpossessive(word), start, end))
            if name[-1][0] != word and (word, start, end) != run[-1]:  # 'The Atlantic’s Ann Lee'
                name = []
        name = name[person_start([word for word, _, _ in name]) :]
        words = tuple(word if len(word) < 3 or "." in word[:-1] else word.rstrip(".") for word, _, _ in name)
        if not words or names_organisation(list(words)) or len(words) > LONGEST_NAME:
            return
        if len(words) < 2:
            if titles and run[-2:-1] and run[-2][0].lower().rstrip(".") in TITLES_OF_SURNAMES:
                self.titled.append(Naming(words, name[0][1], titles, "", ""))
            return
        first = folded(words[0])
        start, end = name[0][1], name[-1][2]
        behind = ROLE_BEHIND.match(self.text, end, end + 120)
        if behind and not _of_person(behind.group()):
            behind = None
        prefix = self.text[max(self.named_end, run[0][1] - 60) : start].split("\n")[-1]
        self.named_end = end  # what stands before it describes someone else
        naming = Naming(words, start, titles, prefix, behind.group() if behind else "")
        if titles or first in FIRST or behind:
            self.add(*naming)
        elif not self._opens_sentence(start) or self.counts.of_pair(*words[:2]) > 1:  # not 'Maybe Lee'
            for key in {folded(family(words)), first}:
                self.doubtful[key].append(naming)


def headline_end(text: str) -> int:
    """The end of the first line where (nearly) all its words have capitals, else 0."""
    first = FIRST_LINE.match(text)
    words = NAME_WORD.findall(first.group()) if first else []
    small = [word for word in words if word[0].islower() and word not in SMALL]
    capitals = sum(word[0].isupper() for word in words)
    return (
        first.end() if first and len(words) >= SHORTEST_HEADLINE and not small and capitals * 3 > len(words) * 2 else 0
    )


def _abbreviated(word: str) -> bool:
    low = word.lower().rstrip(".")
    return len(low) == 1 or "." in low or low in TITLES or low in SUFFIXES or low == "st"


def _initial(left: str, right: str) -> bool:
    a, b = folded(left), folded(right)
    return len(a) > 2 and len(b) > 2 and (a.startswith(b) or b.startswith(a))


def _last_phrase(text: str) -> str:
    """What stands right before a name: the words behind the last comma or stop; none where a preposition ends them.

    "Leader of the Union Ann Lee" is she, "a spokesman for Sen. Ann Lee" is not.
    """
    titled = re.sub(r"(?:\b[A-Z][a-z]*\.?\s*)$", "", text) if text.rstrip().endswith(".") else text
    if OF_SOMEONE.search(titled):
        return ""
    return re.split(r"(?<![A-Z])\.|[;:!?\n“”\"]|, ", text)[-1]  # not within "U.S."


def _of_person(behind: str) -> bool:
    """Whether the words behind a name say that it is a person's: an age, a party, an apposition.

    Without an article, an apposition is a role in small letters that no other word than its own stands before: not ", told President Ann Lee".
    """
    words = NAME_WORD.findall(behind)
    role = next((i for i, word in enumerate(words) if word in DESCRIBING), None)
    bare = role is not None and not DETERMINERS & set(words[:role])
    return SURE_BEHIND.match(behind) is not None or bare


def _to_preposition(lows: list[str]) -> list[str]:
    """'a former agent for President Ann Lee' is an agent and no president."""
    return lows[: next((i for i, low in enumerate(lows) if low in BEHIND_NOUNS), len(lows))]


def _apposed(text: str) -> str:
    """'the club's director, ' before a name: the phrase before the comma where a role ends it."""
    match = APPOSED.search(text)
    return match[1] if match and match[1].strip() and match[1].split()[-1].lower() in ROLE_HEADS else ""


def phrase_key(text: str) -> str:
    """A description for comparing: lower case, no article."""
    return re.sub(r"^(?:the|an?)\s+", "", re.sub(r"\s+", " ", text.lower().replace("’", "'")).strip())
