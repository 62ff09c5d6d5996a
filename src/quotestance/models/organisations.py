"""The organisations that an article names, so that "IMF", "the fund" and "it" mean the International Monetary Fund."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quotestance.models.person_names import ORGANISATIONS, unpossessive
from quotestance.models.word_tables import word_set

CAPITAL = r"[A-Z][\w’'&\-]*(?:\.[A-Z])*"
RUN = re.compile(rf"{CAPITAL}(?:[ \u00a0](?:(?:of|for|and|the|to|on|in|&)[ \u00a0]){{0,2}}{CAPITAL})+")
SHORT = re.compile(r"[A-Z][A-Z&.]+[A-Z]s?$")
IN_BRACKETS = re.compile(r"\s*\(([A-Z][A-Za-z&.]{1,9})\)")
# "the newspaper" -> words that a newspaper's name has
NOUNS: dict[str, frozenset[str]] = {
    "newspaper": word_set("times post news journal tribune herald guardian globe gazette"),
    "paper": word_set("times post news journal tribune herald guardian globe gazette"),
    "daily": word_set("times post news journal tribune herald guardian globe gazette"),
    "outlet": word_set("times post news journal tribune herald guardian breitbart politico reuters"),
    "network": word_set("nbc cbs abc cnn fox msnbc news network"),
    "company": word_set("company corp inc corporation"),
    "firm": word_set("company corp inc corporation"),
    "think tank": word_set("institute foundation center centre"),
}


@dataclass(frozen=True)
class Organisation:
    """An organisation's name as the text has it, without its article, and where it stands first."""

    name: tuple[str, ...]
    at: int

    @property
    def short(self) -> str:
        """The first letters of its capitals: 'IMF'."""
        return "".join(word[0] for word in self.name if word[0].isupper())


def organisations_of(text: str) -> list[Organisation]:
    """Runs of capitals with a word of organisations in them, or with letters in brackets behind that stand for them, in order."""
    found: dict[tuple[str, ...], Organisation] = {}
    for match in RUN.finditer(text):
        words = tuple(map(unpossessive, match.group().split()))
        start = 1 if words[0] in ("The", "A", "An") else 0
        name = words[start:]
        short = IN_BRACKETS.match(text, match.end())
        organisation = Organisation(name, match.start())
        known = any(word.lower() in ORGANISATIONS for word in name)
        if len(name) > 1 and (known or (short and _letters(short[1]) == organisation.short)):
            found.setdefault(name, organisation)
    return list(found.values())


def full_form(short: str, organisations: list[Organisation]) -> Organisation | None:
    """The organisation that the letters stand for; None where it is not named in full, or two fit."""
    if not SHORT.match(short):
        return None
    letters = _letters(short)
    fitting = [one for one in organisations if one.short == letters]
    return fitting[0] if len(fitting) == 1 else None


def bears(name: tuple[str, ...], noun: str) -> bool:
    """Whether "the `noun`" may mean an organisation of that name."""
    lows = {word.lower() for word in name}
    return noun in lows or bool(lows & NOUNS.get(noun, frozenset()))


def _letters(short: str) -> str:
    return short.replace(".", "").rstrip("s")
