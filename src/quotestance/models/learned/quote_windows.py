"""An article's text into words with features, and windows of tokens that an encoder can read.

A word is what the tokenizer never merges (letters between blanks and punctuation); tags and spans are over words, so none is cut.
Each word belongs to the core of exactly one window, where it has context on both sides: nothing is cut or found twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance.models.language.quote_marks import Region, paragraphs, quoted_regions
from quotestance.models.rules.quote_rules import RuleQuoteFinder

Ints = NDArray[np.int64]

# what is said of a word beside its letters, each with the number of its values
QUOTE_STATES = ("outside", "inside", "opening mark", "closing mark")
CASES = ("lower", "Title", "UPPER", "other")
PLACES = ("within", "first of its paragraph")
RULE_CONTENTS = ("outside", "begins", "goes on with the content before", "inside")  # what the rule finder says of it
RULE_MENTIONS = ("none", "source", "cue")
FEATURES = {
    "quote": len(QUOTE_STATES),
    "case": len(CASES),
    "place": len(PLACES),
    "rule_content": len(RULE_CONTENTS),
    "rule_mention": len(RULE_MENTIONS),
}
RULES = RuleQuoteFinder()
SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*$")


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a text, n of them, and their m tokens.

    `start`, `end` (n,): characters; `paragraph` (n,): its number; `features` (n, kinds): columns as in FEATURES.
    `tokens` (m,): ids; `first` (n + 1,): where each word's tokens begin; `ends_sentence` (n,).
    """

    text: str
    start: Ints
    end: Ints
    paragraph: Ints
    features: Ints
    tokens: Ints
    first: Ints
    ends_sentence: NDArray[np.bool_]
    regions: tuple[Region, ...]

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Window:
    """Words `left` to `right` are read together; those from `core` to `core_end` take what is read from here."""

    left: int
    core: int
    core_end: int
    right: int


def words_of(text: str, tokenizer: Any) -> Words:
    """The words of a text. `tokenizer` is a fast one of transformers."""
    places = paragraphs(text)
    regions = tuple(region for start, end in places for region in quoted_regions(text, start, end))
    start: list[int] = []
    end: list[int] = []
    paragraph: list[int] = []
    tokens: list[int] = []
    first: list[int] = []
    if places:
        parts = [text[a:b] for a, b in places]
        encoded = tokenizer(parts, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        for number, (offset, _) in enumerate(places):
            before = -1
            word_ids = encoded.word_ids(number)
            ids, offsets = encoded["input_ids"][number], encoded["offset_mapping"][number]
            for word, token, (a, b) in zip(word_ids, ids, offsets, strict=True):
                if word != before:
                    first.append(len(tokens))
                    start.append(offset + a)
                    end.append(offset + b)
                    paragraph.append(number)
                    before = word
                end[-1] = max(end[-1], offset + b)
                tokens.append(token)
    first.append(len(tokens))
    return Words(
        text=text,
        start=np.array(start, np.int64),
        end=np.array(end, np.int64),
        paragraph=np.array(paragraph, np.int64),
        features=_features(text, start, end, paragraph, regions),
        tokens=np.array(tokens, np.int64),
        first=np.array(first, np.int64),
        ends_sentence=np.array(
            [bool(SENTENCE_END.search(text[a:b])) for a, b in zip(start, end, strict=True)], np.bool_
        ),
        regions=regions,
    )


def windows_of(words: Words, *, size: int, context: int, shift: int = 0) -> list[Window]:
    """Windows of at most `size` tokens whose cores are the words, each in one core, in order.

    A core holds whole paragraphs while they fit into `size` less `context` tokens on each side, else whole sentences, else what
    fits. `shift` > 0 makes the first core that many tokens smaller: other windows for another epoch. A word with more tokens
    than fit is cut short by `window_tokens`. Raises ValueError where no room is left for a core.
    """
    room = size - 2 * context
    if room < 1:
        raise ValueError(f"windows of {size} tokens have no room beside {context} tokens of context on each side")
    windows: list[Window] = []
    core, many = 0, len(words)
    while core < many:
        least = room if windows else max(1, room - shift)
        end = max(core + 1, int(np.searchsorted(words.first, words.first[core] + least, "right")) - 1)
        end = _good_end(words, core, end) if end < many else many
        left = int(np.searchsorted(words.first, words.first[core] - context, "left"))
        right = int(np.searchsorted(words.first, words.first[end] + context, "right")) - 1
        windows.append(Window(min(left, core), core, end, min(max(right, end), many)))
        core = end
    return windows


def _good_end(words: Words, core: int, end: int) -> int:
    """The last end of a paragraph in the core but its first third, else of a sentence in its second half, else `end`."""
    for place in range(end, core + (end - core) // 3, -1):
        if words.paragraph[place] != words.paragraph[place - 1]:
            return place
    for place in range(end, core + (end - core) // 2, -1):
        if words.ends_sentence[place - 1]:
            return place
    return end


def window_tokens(words: Words, window: Window, *, size: int) -> tuple[Ints, Ints]:
    """The token ids of a window and, for each, its word; at most `size` of them."""
    a, b = int(words.first[window.left]), int(words.first[window.right])
    counts = np.diff(words.first[window.left : window.right + 1])
    owner = np.repeat(np.arange(window.left, window.right), counts)
    if b - a > size:  # only where one word alone has more tokens than fit
        keep = np.flatnonzero(np.arange(a, b) - np.repeat(words.first[window.left : window.right], counts) < 1)[:size]
        return words.tokens[a:b][keep], owner[keep]
    return words.tokens[a:b], owner


def word_span(words: Words, start: int, end: int) -> tuple[int, int] | None:
    """The words (first, behind the last) that the characters `start` to `end` touch; None where there is none."""
    first, last = _touched(words.start, words.end, start, end)
    return (first, last) if first < last else None


def _features(
    text: str, start: Sequence[int], end: Sequence[int], paragraph: Sequence[int], regions: Sequence[Region]
) -> Ints:
    features = np.zeros((len(start), len(FEATURES)), np.int64)
    starts = np.array(start, np.int64)
    for region in regions:
        a, b = np.searchsorted(starts, [region.opened, region.closed_at])
        features[a:b, 0] = QUOTE_STATES.index("inside")
        inner, outer = np.searchsorted(starts, [region.start, region.end])
        features[a:inner, 0] = QUOTE_STATES.index("opening mark")
        features[outer:b, 0] = QUOTE_STATES.index("closing mark")
    for row, (a, b) in enumerate(zip(start, end, strict=True)):
        features[row, 1] = _case(text[a:b])
        features[row, 2] = int(row == 0 or paragraph[row] != paragraph[row - 1])
    _add_rules(features, text, starts, np.array(end, np.int64))
    return features


def _add_rules(features: Ints, text: str, starts: Ints, ends: Ints) -> None:
    """What the rules find is a hint to the network, which learns how far to trust it."""
    for quote in RULES.find_quotes(text):
        for number, span in enumerate(quote.spans):
            a, b = _touched(starts, ends, span.start, span.end)
            features[a:b, 3] = RULE_CONTENTS.index("inside")
            begins = "goes on with the content before" if number else "begins"
            features[a : min(a + 1, b), 3] = RULE_CONTENTS.index(begins)
        for name, mention in (("source", quote.speaker.mention), ("cue", quote.cue)):
            if mention is not None:
                a, b = _touched(starts, ends, mention.start, mention.end)
                features[a:b, 4] = RULE_MENTIONS.index(name)


def _touched(starts: Ints, ends: Ints, start: int, end: int) -> tuple[int, int]:
    """The words (first, behind the last) that the characters `start` to `end` touch."""
    return int(np.searchsorted(ends, start, "right")), int(np.searchsorted(starts, end, "left"))


def _case(word: str) -> int:
    if word.islower():
        return 0
    if word[:1].isupper() and (len(word) == 1 or word[1:].islower()):
        return 1
    return 2 if word.isupper() else 3
