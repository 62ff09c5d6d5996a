"""Paragraphs into tokens and sentences that know which words stand in quotation marks."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from quotestance.models.language.cue_verbs import VERBS
from quotestance.models.language.quote_marks import Region, quoted_regions
from quotestance.models.language.word_tables import word_set

TOKEN = re.compile(r"\w+(?:['’.\-]\w+)*|--+|\.\.\.|[^\w\s]")
ABBREVIATIONS = word_set("""
    mr mrs ms dr sen rep gov gen col lt sgt st jr sr rev hon prof pres vs no inc corp co ltd dept u.s u.k u.n
    d.c a.m p.m jan feb mar apr jun jul aug sept sep oct nov dec ave va ariz calif colo conn fla ga ill ind kan
    ky la mass md mich minn miss mo mont neb nev okla ore pa tenn tex vt wash wis wyo del ala ark n.c s.c n.h
    n.j n.m n.y n.d s.d w.va r d e.g i.e ph.d messrs reps sens mt ft capt maj adm cmdr atty
""")
STARTERS = word_set("""
    the a an he she it they we i but and in on at that this those these if as for so his her their when while
    after
""")
ENDS = frozenset([".", "!", "?", "…", "...", "。", "！", "？"])
LONGEST = 400  # tokens after which a sentence is cut, so that rubbish without stops costs linear time


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign at `start`..`end`; `region` is the number of the marked region it stands in, or -1; `mark`: it is the mark itself."""

    start: int
    end: int
    text: str
    low: str
    region: int
    mark: bool

    @property
    def word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


@dataclass(frozen=True)
class Sentence:
    """The tokens of a sentence and the marked regions of its paragraph."""

    tokens: tuple[Token, ...]
    regions: tuple[Region, ...]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end


def sentences(text: str, start: int, end: int) -> list[Sentence]:
    """The sentences of one paragraph, `text[start:end]`. Stops inside marks don't end a sentence; a mark behind a stop may."""
    regions = tuple(quoted_regions(text, start, end))
    tokens = _tokens(text, start, end, regions)
    found, first = [], 0
    for i in range(len(tokens)):
        if i + 1 == len(tokens) or _ends_here(tokens, i) or i + 1 - first >= LONGEST:
            found.append(Sentence(tuple(tokens[first : i + 1]), regions))
            first = i + 1
    return found


def _tokens(text: str, start: int, end: int, regions: tuple[Region, ...]) -> list[Token]:
    opened = [region.opened for region in regions]
    tokens = []
    for match in TOKEN.finditer(text, start, end):
        number = bisect_right(opened, match.start()) - 1
        if number >= 0 and match.start() >= regions[number].closed_at:
            number = -1
        mark = number >= 0 and not regions[number].start <= match.start() < regions[number].end
        word = match.group()
        tokens.append(Token(match.start(), match.end(), word, word.lower().replace("’", "'"), number, mark))
    return tokens


def _ends_here(tokens: list[Token], i: int) -> bool:
    """Does a sentence end behind token i?"""
    here, after = tokens[i], tokens[i + 1]
    if after.region >= 0 and after.region == here.region:
        return False
    if after.text in ")]" or (here.end == after.start and not here.mark and after.region < 0):
        return False
    if here.mark:
        inner = i - 1
        while inner > 0 and tokens[inner].mark and tokens[inner].region == here.region:
            inner -= 1
        if tokens[inner].text not in ENDS:
            return False
        if after.mark:
            return True
        return after.capital and not (tokens[inner].text in "!?…" and _names_a_speaker(tokens, i + 1))
    if here.text in ")]" and i and tokens[i - 1].text in ENDS:
        return after.capital
    if here.text not in ENDS:
        return False
    if here.text == "." and i and tokens[i - 1].end == here.start and _abbreviated(tokens[i - 1], after):
        return False
    return after.capital or after.mark or after.text[0].isdigit() or not after.word or here.text in "。！？"


def _abbreviated(before: Token, after: Token) -> bool:
    if len(before.text) == 1 and before.capital:
        return after.low not in STARTERS or before.text == "I"
    if before.low in ABBREVIATIONS:
        return ("." not in before.low and before.low not in ("inc", "jr", "sr", "co")) or after.low not in STARTERS
    return False


def _names_a_speaker(tokens: list[Token], i: int) -> bool:
    """'"Really?" Ann Lee asked.': a name and a word of saying behind a question."""
    for token in tokens[i : i + 6]:
        if token.low in VERBS and VERBS[token.low].speech:
            return True
        if not token.word or token.region >= 0:
            return False
    return False
