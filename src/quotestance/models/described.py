"""Speakers that have no name: "city officials", "a new poll", "the letter", by their description."""

from __future__ import annotations

import re

from quotestance.models.person_names import GROUPS, WORD, unpossessive
from quotestance.models.word_tables import word_set

CLAUSE = re.compile(r",| (?:who|which|that|whom|whose) | [—–(]|\(")
INDEFINITE = re.compile(
    r"^(?:an?|one|another|some|several|many|most|few|both|all|no|\d[\d,.]*|two|three|four|five)\s+", re.IGNORECASE
)
ARTICLE = re.compile(r"^(?:the|an?|this|that|these|those)\s+", re.IGNORECASE)
OWNED = re.compile(r"^(?:his|her|its|their|our|my)\s+", re.IGNORECASE)
PREPOSITIONS = word_set("of for at from in with on to and by about against among between over under near")
DOCUMENTS = word_set("""
    statement report letter poll survey study analysis article editorial document email e-mail video tweet transcript ruling
    decision order memo memorandum book ad advertisement website data complaint lawsuit filing indictment account post
    release testimony affidavit petition law bill constitution resolution plan story column interview speech research
    exchange message note record review tally court jury judge panel police government administration family labor media press public
""")


def description(mention: str) -> str | None:
    """The name of a speaker who is only described: the mention without article and clauses behind it.

    Of plural nouns, documents and bodies, and of what has an indefinite article; None for "the senator", who has a name that is not told here,
    for pronouns, and for what a possessive ties to someone unnamed.
    """
    head = CLAUSE.split(mention.strip(), maxsplit=1)[0].strip(" .:;'’\"“”")
    words = [word.lower() for word in WORD.findall(ARTICLE.sub("", head))]
    if not words or OWNED.match(head):
        return None
    noun = _noun(words)
    plural = noun in GROUPS or (noun.endswith("s") and not noun.endswith(("ss", "us", "is")))
    if not (plural or noun in DOCUMENTS or INDEFINITE.match(head)):
        return None
    name = unpossessive(ARTICLE.sub("", head))
    return " ".join(name.split()) or None


def _noun(words: list[str]) -> str:
    """The head noun: the word before the first preposition, else the last."""
    place = next((i for i, word in enumerate(words) if word in PREPOSITIONS and i), len(words))
    return unpossessive(words[place - 1])
