"""Where a fragment of a quote points: the mention of its source, and its cue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quotestance.models.learned.quote_windows import FEATURES, QUOTE_STATES, Words

Place = tuple[int, int]  # words, half-open

NO_PLACE = (-1, -1)
LONGEST_MENTION = 40  # words of a source or cue
OUT_OF_REACH = -1e3  # a log-probability that only words outside the article have
QUOTE_STATE = list(FEATURES).index("quote")
CLOSING = QUOTE_STATES.index("closing mark")


@dataclass(frozen=True)
class Pointed:
    """Where a fragment points: words of the mention or NO_PLACE for none, and its score against the alternatives."""

    place: Place
    score: float


@dataclass(frozen=True)
class Found:
    """One fragment of a content, in words, with what it points at; `goes_on`: it continues the fragment before it; `labelled`: it stands
    behind a speaker's label, whose marks may be around both."""

    place: Place
    source: Pointed
    cue: Pointed
    goes_on: bool = False
    labelled: bool = False


def pieces_between(contents: Sequence[Place], words: int, borders: Iterable[int] = ()) -> NDArray[np.int64]:
    """For each of so many words a number that changes where a content begins or ends, and at `borders`."""
    changes = np.zeros(words + 1, np.int64)
    for place in (*(side for content in contents for side in content), *borders):
        changes[place] += 1
    return changes.cumsum()[:words]


def mention_borders(words: Words) -> list[int]:
    """Where no mention goes on: words that begin a paragraph, or stand behind a sentence that ended in marks."""
    paragraphs_begin = np.flatnonzero(np.diff(words.paragraph)) + 1
    closing = words.features[:, QUOTE_STATE] == CLOSING
    return [*paragraphs_begin.tolist(), *(np.flatnonzero(closing[1:] & words.ends_sentence[:-1]) + 2).tolist()]


def best_mention(
    first: NDArray[np.float64],
    last: NDArray[np.float64],
    places: NDArray[np.int64],
    candidates: Sequence[Place] | None,
    pieces: NDArray[np.int64],
) -> Pointed:
    """The likeliest mention by log-probabilities of its first and last word; index 0 of both is "none".

    `places` are the words of index 1 and up, in order. `candidates` are the mentions allowed (tagged ones); None allows any
    run of words that is not too long and stays in one of `pieces` (`pieces_between`): whoever speaks does not reach over a quote.
    """
    none = Pointed(NO_PLACE, float(first[0] + last[0]))
    if candidates is not None:
        index = {int(word): number for number, word in enumerate(places, 1) if first[number] > OUT_OF_REACH}
        scored = [
            Pointed((a, b), float(first[index[a]] + last[index[b - 1]]))
            for a, b in candidates
            if a in index and b - 1 in index
        ]
        return max([none, *scored], key=lambda one: one.score)
    many = len(places)
    total = first[1:, None] + last[None, 1:]
    length = places[None, :] - places[:, None]
    in_one_piece = length == np.arange(many)[None, :] - np.arange(many)[:, None]  # not across the content
    of_word = pieces[places.clip(0, len(pieces) - 1)]
    in_one_piece &= of_word[None, :] == of_word[:, None]
    total = np.where((length >= 0) & (length < LONGEST_MENTION) & in_one_piece, total, -np.inf)
    best = int(total.argmax())
    row, column = divmod(best, many)
    if total[row, column] <= none.score:
        return none
    return Pointed((int(places[row]), int(places[column]) + 1), float(total[row, column]))


def nearest_mention(content: Place, candidates: Sequence[Place], reach: int) -> Pointed:
    """The mention with the fewest words between it and the content, at most `reach`; of two as near, the one before."""
    away = {place: max(content[0] - place[1], place[0] - content[1]) for place in candidates}
    near = [place for place in candidates if 0 <= away[place] <= reach]
    place = min(near, key=lambda one: (away[one], one[0] > content[0]), default=NO_PLACE)
    return Pointed(place, -float(away.get(place, reach)))
