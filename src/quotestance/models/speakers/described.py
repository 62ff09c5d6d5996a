"""Speakers that have no name: "city officials", "a new poll", "the letter", by their description."""

from __future__ import annotations

import re

from quotestance.models.language.word_tables import word_set
from quotestance.models.speakers.mention_tails import without_tail
from quotestance.models.speakers.person_names import FOCUS
from quotestance.models.speakers.person_words import GROUPS, PEOPLES, PERSON_NOUNS, ROLE_HEADS
from quotestance.models.speakers.spelling import WORD, unpossessive

CLAUSE = re.compile(r",(?! [A-Z][\w.]+(?: [A-Z][\w.]+)?,?$)|(?<!those) (?:who|which|that|whom|whose) | [—–(]|\(")
INDEFINITE = re.compile(
    r"^(?:an?|one|someone|somebody|everyone|everybody|anyone|nearly|about|only|more than|another|some|several|many|most|few|both|all|no|\d[\d,.]*|two|three|four|five|none of|those(?= who))\s+",
    re.IGNORECASE,
)
ONE = re.compile(r"^(?:an?|one)\s", re.IGNORECASE)
NAMED_OWNER = re.compile(r"^(?:[Tt]he\s+)?[A-Z][^,]*[’']s?\s")  # "Lee’s spokesman"
ARTICLE = re.compile(r"^(?:the|an?|this|that|these)\s+", re.IGNORECASE)
OWNED = re.compile(r"^(?:his|her|its|their|our|my|your)\s+", re.IGNORECASE)
PREPOSITIONS = word_set("""
    of for at from in with on to by about against among between over under near within across around behind
    called named representing
""")
DOCUMENTS = word_set("""
    statement report letter poll survey study analysis article editorial document email e-mail video tweet transcript ruling
    decision order memo memorandum book ad advertisement website data complaint lawsuit filing indictment account post
    release testimony affidavit petition law bill constitution resolution plan story column interview speech research
    exchange message note record review tally court jury judge panel police government administration family labor media press public
""")


def description(mention: str) -> str | None:
    """The name of a speaker who is only described: the mention without article, clauses and times behind it.

    None for "the senator", who has a name that is not told here, for a bare noun in the singular, for pronouns, and for what a
    possessive ties to someone unnamed. "The senator from Utah" is the description that there is.
    """
    head = CLAUSE.split(FOCUS.sub("", mention.strip()), maxsplit=1)[0].strip(" ,.:;'’\"“”")
    head = without_tail(head)
    words = [word.lower() for word in WORD.findall(ARTICLE.sub("", head))]
    if not words or OWNED.match(head):
        return None
    told = INDEFINITE.match(head) or NAMED_OWNER.match(head)
    if not (told or _says_enough(words, definite=ARTICLE.match(head) is not None)):
        return None
    name = unpossessive(ARTICLE.sub("", head))
    return " ".join(name.split()) or None


def is_plural(name: str) -> bool:
    """Whether a description is of several: "city officials", "people familiar with the case"."""
    words = [word.lower() for word in WORD.findall(name)]
    noun = head_noun(words)
    place = next((i for i, word in enumerate(words) if word in PREPOSITIONS and i), len(words))
    return bool(GROUPS & set(words[:place])) or (noun.endswith("s") and not noun.endswith(("ss", "us", "is", "news")))


def is_someone(mention: str) -> bool:
    """Whether a mention is of one person without a name: "a Texas teacher", "one Canadian"."""
    head = CLAUSE.split(mention.strip(), maxsplit=1)[0]
    words = [word.lower() for word in WORD.findall(head)]
    return ONE.match(head) is not None and head_noun(words) in ROLE_HEADS | PERSON_NOUNS | PEOPLES


def head_noun(words: list[str]) -> str:
    """The word before the first preposition, else the last."""
    place = next((i for i, word in enumerate(words) if word in PREPOSITIONS and i), len(words))
    if 1 < place < len(words) and words[place - 1].endswith("ed"):  # "emails unearthed in"
        place -= 1
    return unpossessive(words[place - 1]) if words else ""


def _says_enough(words: list[str], *, definite: bool) -> bool:
    noun = head_noun(words)
    if is_plural(" ".join(words)) or noun in DOCUMENTS:
        return True
    return definite and (noun != words[-1] or noun not in ROLE_HEADS | PERSON_NOUNS)
