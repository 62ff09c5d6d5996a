"""Words of names as they are compared: without case, accents and possessive, and by likeness."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from quotestance.models.speakers.person_words import SUFFIXES

WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")
ARABIC_ARTICLE = re.compile(r"(?:al|el)-(?=\w)", re.IGNORECASE)  # "al-Assad" is "Assad"
REMEMBERED = 20_000  # words whose folded forms are kept


def family(name: tuple[str, ...]) -> str:
    """The last word of the name that is no suffix."""
    for word in reversed(name):
        if word.lower().rstrip(".") not in SUFFIXES:
            return word
    return name[-1]


@lru_cache(maxsize=REMEMBERED)
def folded(word: str) -> str:
    """Lower case without accents and an Arabic article, for comparing names."""
    plain = ARABIC_ARTICLE.sub("", word, count=1) if ARABIC_ARTICLE.match(word) else word
    decomposed = unicodedata.normalize("NFKD", plain.lower().replace("’", "'"))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).rstrip(".")


def is_capital(word: str) -> bool:
    """Whether a word is written as one of a name: 'Lee', 'al-Assad'."""
    article = ARABIC_ARTICLE.match(word)
    return word[article.end() if article else 0].isupper() or word[0].isupper()


def same_spelling(left: str, right: str) -> bool:
    """Equal, or one letter doubled, dropped or changed in a word of five or more: Khamenei, Khamenei; Seyed, Seyyed."""
    a, b = folded(left), folded(right)
    if a == b:
        return True
    if min(len(a), len(b)) < 5 or abs(len(a) - len(b)) > 1 or a[0] != b[0] or a.endswith("s") != b.endswith("s"):
        return False
    if len(a) == len(b):
        return len(a) > 5 and sum(x != y for x, y in zip(a, b, strict=True)) == 1
    shorter, longer = sorted((a, b), key=len)
    return any(shorter == longer[:i] + longer[i + 1 :] for i in range(len(longer)))


@lru_cache(maxsize=REMEMBERED)
def unpossessive(word: str) -> str:
    """A word or phrase without the 's or ' at its end."""
    return re.sub(r"['’]s?$", "", word) or word
