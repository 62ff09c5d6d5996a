"""Whom "who", "that" and "which" mean: what stands right before them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quotestance.models.speakers.cast import Entity
from quotestance.models.speakers.described import is_plural
from quotestance.models.speakers.named_places import NamedPlaces
from quotestance.models.speakers.person_words import PEOPLES, PERSON_NOUNS, ROLE_HEADS

REACH = 160  # characters before the pronoun that are looked at
SINGULAR_VERBS = frozenset(["is", "was", "has", "does"])
CAPITALS = r"[A-Z][\w’'&.\-]*(?:\s(?:of|for|the|and|to|in)(?:\sthe)?(?=\s[A-Z])|\s[A-Z][\w’'&.\-]*)*"
# "Ann Lee, a lawyer from Utah who", "Future, a group that"
APPOSITION = re.compile(
    r"^(?:['’]s)?,\s(?:an?|the|one of|now|once|former|formerly|himself|herself)\s(?:(?!,\sand\s|\swho\s)[^.;:!?])*$"
)
PREDICATE = re.compile(r"^\s(?:is|was|remains|became|as)\s(?:an?|the|one of)\s[^.;:!?]*$")
NAME_AND_APPOSITION = re.compile(rf"({CAPITALS}),\san?\s[^,.;:!?]*$")
QUOTED_NAME = re.compile(r"\b(?:called|named|titled|dubbed)\s[“\"‘]([^“”\"\n]{2,60})[“”\"’]$")
# the words of a description behind its determiner
DETERMINED = re.compile(
    r"\b((?:an?|the|some|many|most|several|few|other|those|any|one|two|three)\s(?:[\w’'.\-]+\s){0,4}?[\w’'.\-]+)$",
    re.IGNORECASE,
)
QUANTITY = re.compile(r"\b(some|many|most|others|those|several)$", re.IGNORECASE)
ONE = re.compile(r"\b(?:an?|one|the|another)\s", re.IGNORECASE)
WORDS_OF_SOMEONE = 5  # "a well-connected New Hampshire Democrat"
PEOPLE_OF = re.compile(rf"\b([a-z]+s\s(?:of|at|for|from|in)\s(?:the\s)?{CAPITALS})$")
PLURAL = re.compile(r"\b([a-z][\w\-]*s|people|men|women|children)$")
NAME = re.compile(rf"({CAPITALS})$")


@dataclass(frozen=True)
class Antecedent:
    """What a relative pronoun means: people of the cast, a thing by its name, or words still to be read as a mention is."""

    people: tuple[Entity, ...] = ()
    thing: str = ""  # the name of an organisation
    words: str = ""


def before_relative(places: NamedPlaces, start: int, end: int, *, personal: bool) -> Antecedent:
    """What the pronoun at `start`..`end` means; empty where what stands before it can't be told.

    A name right before it, two joined ones before a verb in the plural, a name whose apposition or predicate stands between
    ("Ann Lee, a lawyer who", "Lee is a lawyer who"), else a description.
    """
    text = places.text
    line = max(0, start - REACH)
    line = max(line, places.starts[places.sentence_at(start)]) if places.starts else line
    before = text[line:start].replace("\u00a0", " ").rstrip(" ,—–-(")
    stop = line + len(before)
    if personal and (people := _people(places, line, stop, text[end : end + 30])):
        return Antecedent(people)
    if not personal:
        for pattern in (QUOTED_NAME, NAME_AND_APPOSITION):
            if match := pattern.search(before):
                return Antecedent(thing=match[1])
    words = _someone(before) if personal else _words(before)
    if not words or re.search(r"\b[Aa]s\s$", before[: len(before) - len(words)]):  # "as a lawyer who": of whoever acts
        return Antecedent()
    return Antecedent(words=words)


def _people(places: NamedPlaces, line: int, stop: int, behind: str) -> tuple[Entity, ...]:
    text = places.text
    near = [place for place in places.before(stop, line) if place.end <= stop]
    if not near:
        return ()
    last = near[-1]
    if last.end == stop:
        joined = len(near) > 1 and text[near[-2].end : last.start] == " and "
        return (near[-2].entity, last.entity) if joined and _plural_verb(behind) else (last.entity,)
    between = text[last.end : stop]
    if APPOSITION.match(between) or (last.leads and PREDICATE.match(between)):
        return (last.entity,)
    return ()


def _plural_verb(behind: str) -> bool:
    """Whether the words behind begin with a present verb in the plural: "show", not "shows", "showed" or "was"."""
    word = next(iter(behind.split()), "").lower()
    return word.isalpha() and word not in SINGULAR_VERBS and not word.endswith(("s", "ed", "said", "ly"))


def _someone(before: str) -> str:
    """The person or people whom "who" means: "a lawyer familiar with the case, who"; some, others; a plural right before it."""
    if match := QUANTITY.search(before):
        return match[1]
    plural = PEOPLE_OF.search(before) or PLURAL.search(before)
    if plural and is_plural(plural[1]):
        return plural[1]
    for start in reversed(list(ONE.finditer(before))):
        words = before[start.start() :].split()[: WORDS_OF_SOMEONE + 1]
        ends = [i for i, word in enumerate(words) if word.lower() in ROLE_HEADS | PERSON_NOUNS | PEOPLES]
        if ends:
            return " ".join(words[: ends[0] + 1])
    return ""


def _words(before: str) -> str:
    if match := QUANTITY.search(before) or DETERMINED.search(before):
        return match[1]
    if match := PLURAL.search(before):
        return match[1] if is_plural(match[1]) else ""
    match = NAME.search(before)
    return match[1] if match else ""
