"""How often a text has a word, or a word right behind another, counted once."""

from __future__ import annotations

from collections import Counter

from quotestance.models.speakers.spelling import WORD, unpossessive

BETWEEN = frozenset([" ", "\u00a0", ". "])  # what stands between the words of a pair


class WordCounts:
    """The words of a text as they are written, without possessives and full stops, and the pairs with a blank between them."""

    def __init__(self, text: str) -> None:
        self.words: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        before, end = "", 0
        for match in WORD.finditer(text):
            word = unpossessive(match.group())
            self.words[word] += 1
            if text[end : match.start()] in BETWEEN:
                self.pairs[before, word] += 1
            before, end = word, match.end()

    def of(self, word: str) -> int:
        return self.words[word.rstrip(".")]

    def of_pair(self, first: str, second: str) -> int:
        return self.pairs[first.rstrip("."), second.rstrip(".")]
