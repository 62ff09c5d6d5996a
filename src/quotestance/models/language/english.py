"""Is a text English? Told by its small words and, where it is short, by its letters and quotation marks."""

from __future__ import annotations

import re

from quotestance.models.language.word_tables import word_set

# English has about .33 of its words here, German, Dutch or French under .08
COMMON = word_set("""
    the of and to in is that for it was on with as he said his at by from be have not are this but they an who she will would has
    were had been their which her i you we
""")
COMMON_SHARE = 0.12
# small words that hardly another language has, or that are others there
ENGLISH = word_set("""
    the of and to that for with from they his not said who which this by she were would been their but it you is are what
""")
# small words of German, French, Spanish, Portuguese, Italian, Romanian, Dutch, Swedish, Danish, Norwegian, Hungarian, Polish, Czech,
# Turkish, Finnish and Indonesian that are no English ones
FOREIGN = word_set("""
    der und das ist nicht ein eine dem mit sich auf zu sie wird le les des et une du dans pour que qui est pas sur el la los las
    del una por para se su os da em um uma não com ao il di che non della sono gli nel și şi este că din cu pentru nu pe
    het een van niet dat zijn voor op aan och att det som är på inte av för og ikke til af az és hogy nem egy volt csak ez
    na się nie że jest je ve bir bu için ile ja että ei oli yang dengan ini untuk
""")
FEWEST_WORDS = 12  # with fewer, a text is English where its letters are Latin and its marks are not those of others
FOREIGN_ENOUGH = 2  # of them, and no English one, in a text of a few words
LATIN = re.compile(r"[A-Za-z]")
WORD = re.compile(r"\w+")
MARKS_OF_OTHERS = re.compile("[„‟«»‹›「」『』《》]")


def is_english(text: str) -> bool:
    """Does the text read as English? Judged by the commonest words; a text of a few words by its letters and marks, too.

    The small words of a text must be English more often than not: Hungarian and Romanian say "a" as often as English does.
    """
    words = [word.lower() for word in WORD.findall(text[:20_000])]
    different = set(words)
    if len(words) < FEWEST_WORDS:
        latin = not words or sum(bool(LATIN.match(word)) for word in words) * 2 > len(words)
        foreign = len(different & FOREIGN) >= FOREIGN_ENOUGH and not different & (ENGLISH | {"said", "says"})
        return latin and not foreign and not MARKS_OF_OTHERS.search(text)
    return sum(word in COMMON for word in words) >= COMMON_SHARE * len(words) and len(different & ENGLISH) > len(
        different & FOREIGN
    )
