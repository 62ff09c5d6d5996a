"""The organisations that an article names, so that "IMF", "the fund" and "it" mean the International Monetary Fund."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from quotestance.models.language.word_tables import word_set
from quotestance.models.speakers.cast import headline_end
from quotestance.models.speakers.described import head_noun
from quotestance.models.speakers.first_names import FIRST
from quotestance.models.speakers.person_words import ORGANISATIONS, TITLES
from quotestance.models.speakers.spelling import folded, unpossessive

CAPITAL = r"(?:(?:[A-Z]\.){2,}|[A-Z][\w’'&\-]*(?:\.[A-Z])*)"
RUN = re.compile(rf"{CAPITAL}(?:[ \u00a0](?:(?:of|for|and|the|to|on|in|&)[ \u00a0]){{0,2}}{CAPITAL})+")
OF_PRESS = re.compile(
    r"(?:(?:the|an?|this|that|its)\s)?(?:[\w.\-]+\s){0,2}?(?:newspaper|paper|daily|(?:(?:newspaper|paper)['’]s\s)?editorial(?: board)?)",
    re.IGNORECASE,
)
SHORT = re.compile(r"[A-Z][A-Z&.]+[A-Z]s?$")
# "a website called “Moving North”" -> the noun, and the name that it has
CALLED = re.compile(
    r"\b([a-z]{3,}) (?:is |was )?(?:called|named|titled|dubbed|entitled|known as) (?:the )?"
    r"(?:[“\"]([^”“\"\n]{2,60}?)[,.]?[”“\"]|((?:[A-Z][\w’'&\-]*)(?:(?: (?:of|for|and|the|to|in))? [A-Z][\w’'&\-]*)*))"
)
PUBLICATION = re.compile(r"(?<=[a-z,] )(The [A-Z][a-z]+(?: [A-Z][a-z]+){0,2})(?=[ ,.;’']|$)")
LEADING = word_set("""
    the a an and but for in on at to with by from as if when while after before since so or of that then what who why how
    where here there this these those both each every some many most more other
""")
IN_BRACKETS = re.compile(r"\s*\(([A-Z][A-Za-z&.]{1,9})\)")
PAPERS = word_set("""
    times post news journal tribune herald guardian globe gazette sun star courier register observer inquirer dispatch
    examiner republic record sentinel bee mirror mail telegraph chronicle advocate today press daily
""")
UNIONS = word_set("union association federation brotherhood workers teamsters league")
# words of a description or a name that don't tell which union: "a union representing flight attendants"
EMPTY = word_set("the a an of for and representing american national international united us u.s. s")
# "the newspaper" -> words that a newspaper's name has
NOUNS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("newspaper", "paper", "daily", "editorial"), PAPERS),
    "outlet": word_set("times post news journal tribune herald guardian breitbart politico reuters"),
    "network": word_set("nbc cbs abc cnn fox msnbc news network"),
    "company": word_set("company corp inc corporation"),
    "firm": word_set("company corp inc corporation"),
    "agency": word_set("agency bureau fbi cia nsa epa nasa irs fda dea tsa"),
    "bureau": word_set("bureau fbi"),
    "party": word_set("party gop"),
    "union": UNIONS,
    "think tank": word_set("institute foundation center centre"),
}
PLACES = word_set("""
    united states nations kingdom america washington tehran moscow beijing brussels iran russia china israel iraq syria
    mexico britain france germany new york of the
""") - {"nations"}
# the word that is left off: "the Census", "Goldman"
KINDS = word_set("""
    bureau department agency administration commission committee council corporation corp inc company group institute
    university college foundation association union network times post news journal party bank fund center service services
    industries holdings international school
""")
COUNTRIES = word_set("u.s. us u.k. uk american british united states federal")
NAMED_PEOPLE = word_set(
    "man woman boy girl child son daughter brother sister friend he she person he’s was been someone"
)
# nouns that may stand for any organisation but a newspaper or network
ANY = word_set("group organization organisation nonprofit outfit watchdog coalition")
PRESS = frozenset(word for noun in ("newspaper", "outlet", "network") for word in NOUNS[noun])


@dataclass(frozen=True)
class Organisation:
    """An organisation's name as the text has it, without its article, and where it stands first."""

    name: tuple[str, ...]
    at: int
    press: bool = False  # "the editors of The Advocate": a capital article in the midst of a sentence

    @cached_property
    def short(self) -> str:
        """The first letters of its capitals: 'IMF'."""
        return "".join(word[0] for word in self.name if word[0].isupper())

    @cached_property
    def words(self) -> str:
        """The name in one piece."""
        return " ".join(self.name)


def organisations_of(text: str) -> list[Organisation]:
    """Runs of capitals with a word of organisations in them, or with letters in brackets behind that stand for them, in order."""
    found: dict[tuple[str, ...], Organisation] = {}
    for match in [*RUN.finditer(text, headline_end(text)), *PUBLICATION.finditer(text)]:
        words = tuple(map(unpossessive, match.group(match.lastindex or 0).split()))
        while match.lastindex is None and len(words) > 1 and words[0].lower() in LEADING:  # "And the FBI"
            words = words[1:]
        short = IN_BRACKETS.match(text, match.end())
        organisation = Organisation(words, match.start(match.lastindex or 0), press=match.lastindex is not None)
        known = organisation.press or (
            len(words) > 1 and any(word.lower() in ORGANISATIONS or word == "&" for word in words)
        )
        spelled = len(words) > 1 and short is not None and _letters(short[1]) == organisation.short
        if (known or spelled) and not _names_people(words):
            found.setdefault(words, organisation)
    return sorted(found.values(), key=lambda one: one.at)


def _names_people(words: tuple[str, ...]) -> bool:
    """'President Bill Clinton and President Barack Obama': a title and a first name behind it."""
    lows = [folded(word) for word in words]
    return any(low in TITLES and after in FIRST for low, after in itertools.pairwise(lows))


def is_kind(word: str) -> bool:
    """Whether a name is only a kind of organisation: "the Committee"."""
    return word.lower() in KINDS


def is_place(name: tuple[str, ...]) -> bool:
    """Whether the name is a country's or capital's."""
    return all(word.lower() in PLACES for word in name)


def called(text: str) -> list[tuple[str, Organisation]]:
    """Nouns with the name that the text gives them: ("website", Moving North) of "a website called “Moving North”"."""
    return [
        (
            match[1],
            Organisation(tuple(map(unpossessive, (match[2] or match[3]).split())), match.start(2 if match[2] else 3)),
        )
        for match in CALLED.finditer(text)
        if match[1] not in NAMED_PEOPLE
    ]


def whole_name(words: tuple[str, ...], organisations: list[Organisation]) -> Organisation | None:
    """The organisation that a part of its name stands for: "the Census" for the Census Bureau, "State Department" for U.S. State Department.

    None where two have it, and where what is left off is more than a kind or a country.
    """
    kinded = any(word.lower() in ORGANISATIONS for word in words)
    fitting = [
        one
        for one in organisations
        if len(one.name) > len(words)
        and (
            (not kinded and one.name[: len(words)] == words and _all(one.name[len(words) :], KINDS))
            or (one.name[-len(words) :] == words and _all(one.name[: -len(words)], COUNTRIES))
        )
    ]
    return fitting[0] if len(fitting) == 1 else None


def _all(words: tuple[str, ...], table: frozenset[str]) -> bool:
    return all(word.lower() in table for word in words)


def full_form(short: str, organisations: list[Organisation]) -> Organisation | None:
    """The organisation that the letters stand for; None where it is not named in full, or two fit."""
    if not SHORT.match(short):
        return None
    letters = _letters(short)
    fitting = [one for one in organisations if one.short == letters]
    return fitting[0] if len(fitting) == 1 else None


def bears(name: tuple[str, ...], noun: str) -> bool:
    """Whether "the `noun`" may mean an organisation of that name, or a description whose head noun it is."""
    if name[0].islower():
        return head_noun([word.lower() for word in name]) == noun
    lows = {part for word in name for part in (word.lower(), *word.lower().split("-"))}
    if noun in ANY and not lows & PRESS and (len(name) > 1 or name[0].isupper()):
        return True
    return noun in lows or bool(lows & NOUNS.get(noun, frozenset()))


def union_of(mention: str, organisations: list[Organisation]) -> Organisation | None:
    """The Association of Flight Attendants, by "a union representing flight attendants"; None of others, or where two fit."""
    words = _telling(mention.split())
    if "union" not in words or len(words) < 2:
        return None
    fitting = [
        one for one in organisations if UNIONS & _telling(one.name) and _telling(one.name) - UNIONS == words - UNIONS
    ]
    return fitting[0] if len(fitting) == 1 else None


def _telling(words: Iterable[str]) -> frozenset[str]:
    return frozenset(unpossessive(word.lower()) for word in words) - EMPTY


def of_press(mention: str) -> bool:
    """Whether a mention is of a newspaper that it does not name, or of its editorial: "a Utah newspaper", "the paper’s editorial"."""
    return OF_PRESS.fullmatch(mention.strip()) is not None


def _letters(short: str) -> str:
    return short.replace(".", "").rstrip("s")
