"""What the rules know better than the network: where they see who speaks, what is no speech, and where a quote begins anew."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from quotestance.data.marks import MARKS
from quotestance.data.records import QuoteKind
from quotestance.models.language.quote_marks import SINGLE_MARKS
from quotestance.models.learned.quote_places import kind_of
from quotestance.models.learned.quote_pointers import CLOSING, NO_PLACE, QUOTE_STATE, Found, Place, Pointed
from quotestance.models.learned.quote_windows import (
    FEATURES,
    QUOTE_STATES,
    RULE_CONTENTS,
    RULE_MENTIONS,
    Words,
    word_span,
)

RULE_CONTENT, RULE_MENTION = (list(FEATURES).index(name) for name in ("rule_content", "rule_mention"))
OUTSIDE_MARKS = QUOTE_STATES.index("outside")
NO_MENTION = RULE_MENTIONS.index("none")
NO_CONTENT, INSIDE_CONTENT = RULE_CONTENTS.index("outside"), RULE_CONTENTS.index("inside")
SOURCE, CUE = RULE_MENTIONS.index("source"), RULE_MENTIONS.index("cue")
NEAR = 12  # words
NO_NAMES = frozenset(["The", "A", "An", "He", "She", "They", "It", "I", "We"])  # that a mention may begin with
SENTENCE_END = re.compile(r"[.!?…]")
DASH_BEHIND = re.compile(r"(?:,? [A-Z][\w.]*)?\s*(?:\([A-Z][\w\s]{1,20}\)\s*)?(?:[—–]|-{1,2}\s)")


def told_behind(words: Words, group: list[Found], kind: QuoteKind) -> tuple[Place, Place] | None:
    """Source and cue that the rules see right behind a fragment and a comma: “…,” Ann Lee said. … , Ann Lee said.

    A network that points at words of the sentence before is wrong there.
    """
    for fragment in group:
        first, behind = fragment.place
        if behind < len(words) and (
            _comma_in_marks(words, behind)
            if kind == "direct"
            else _comma(words, behind) and _begins_a_sentence(words, first)
        ):
            end = _sentence_end(words, behind)
            if source := _run_of(words, SOURCE, behind, end):
                return source, _run_of(words, CUE, behind, max(end, source[1] + 1)) or NO_PLACE
    return None


def told_in_its_paragraph(words: Words, fragment: Found) -> Found:
    """Reported speech whose source is looked for in another paragraph, as the rules have it where they see content, source and cue in its own.

    "… a Pew poll. ¶ Mr. Johnson did not say when the House would vote."
    """
    (first, behind), source = fragment.place, fragment.source.place
    paragraph = words.paragraph[first]
    if source == NO_PLACE or words.paragraph[source[0]] == paragraph:
        return fragment
    if words.features[first:behind, QUOTE_STATE].tolist() != [OUTSIDE_MARKS] * (behind - first):
        return fragment
    own = np.flatnonzero(words.paragraph == paragraph)
    start, end = int(own[0]), int(own[-1]) + 1
    content = first + np.flatnonzero(words.features[first:behind, RULE_CONTENT] != NO_CONTENT)
    teller, cue = (_run_of(words, mention, start, end) for mention in (SOURCE, CUE))
    if not len(content) or teller is None or cue is None:
        return fragment
    return Found((int(content[0]), int(content[-1]) + 1), Pointed(teller, 0.0), Pointed(cue, 0.0))


def begins_anew(words: Words, before: Found, fragment: Found) -> bool:
    """Whether a fragment that was linked to the one before begins a quote all the same."""
    (start, end), (last_start, last_end) = (
        (int(words.start[one.place[0]]), int(words.end[one.place[1] - 1])) for one in (fragment, before)
    )
    if _closed_before_another_name(words, before, fragment):
        return True
    marked = kind_of(words.text, [(start, end)], words.regions) == "direct"
    reported = kind_of(words.text, [(last_start, last_end)], words.regions) != "direct"
    return marked and reported and bool(SENTENCE_END.search(words.text, last_end - 1, start))


def is_title(words: Words, places: list[Place], group: list[Found]) -> bool:
    """Words in marks that nobody says and that the rules hold for no speech: titled “A Plan for Growth,”."""
    nobody = all(one.source.place == NO_PLACE and not one.labelled for one in group)
    said = any((words.features[slice(*one.place), RULE_CONTENT] != NO_CONTENT).any() for one in group)
    return nobody and not said and kind_of(words.text, places, words.regions) == "direct"


def is_dateline(words: Words, source: Place) -> bool:
    """'WASHINGTON (AP) — “…': where a report comes from, at the head of its paragraph."""
    first, behind = source
    head = first == 0 or words.paragraph[first] != words.paragraph[first - 1]
    place = words.text[int(words.start[first]) : int(words.end[behind - 1])]
    return head and place.isupper() and DASH_BEHIND.match(words.text, int(words.end[behind - 1])) is not None


def with_speech_in_single_marks(words: Words, contents: Sequence[Place]) -> list[Place]:
    """The contents, and what the rules hold to be somebody's speech and stands in single marks where none of them has a word; in order.

    American news, which the network was taught, has double marks; it misses some of what stands in the British ones. Adding what it
    misses in double marks lowers the scores on PolNeAR dev (exact F1 .672 for .675).
    """
    free = np.zeros(len(words), np.bool_)
    for region in words.regions:
        if region.mark in SINGLE_MARKS and (place := word_span(words, region.start, region.end)):
            free[place[0] : place[1]] = True
    free &= np.isin(words.paragraph, words.paragraph[words.features[:, RULE_MENTION] != NO_MENTION])  # else a heading
    held = np.flatnonzero(words.features[:, RULE_CONTENT] != NO_CONTENT)
    begins = words.features[:, RULE_CONTENT] != INSIDE_CONTENT
    runs = np.split(held, np.flatnonzero((np.diff(held) > 1) | begins[held[1:]]) + 1) if len(held) else []
    taken = np.zeros(len(words), np.bool_)
    for start, end in contents:
        taken[start:end] = True
    missed = [(int(run[0]), int(run[-1]) + 1) for run in runs if free[run].all() and not taken[run].any()]
    return sorted([*contents, *missed])


def _closed_before_another_name(words: Words, before: Found, fragment: Found) -> bool:
    """Whether the fragment opens its marks, beside a name, in a later paragraph than that in which the one before closed its own."""
    first, last = fragment.place[0], before.place[1] - 1
    source = fragment.source.place
    if words.paragraph[first] == words.paragraph[last] or source == NO_PLACE:
        return False
    name = words.text[int(words.start[source[0]]) : int(words.end[source[0]])]
    if words.paragraph[source[0]] != words.paragraph[first] or not name[:1].isupper() or name in NO_NAMES:
        return False
    closed = any(one.closed and one.start < int(words.end[last]) <= one.closed_at for one in words.regions)
    opened = any(one.opened <= int(words.start[first]) <= one.start for one in words.regions)
    return closed and opened


def _begins_a_sentence(words: Words, place: int) -> bool:
    return place == 0 or words.paragraph[place] != words.paragraph[place - 1] or bool(words.ends_sentence[place - 1])


def _comma(words: Words, behind: int) -> bool:
    return words.text[int(words.start[behind])] == "," and words.features[behind, QUOTE_STATE] == OUTSIDE_MARKS


def _comma_in_marks(words: Words, behind: int) -> bool:
    return words.features[behind, QUOTE_STATE] == CLOSING and words.text[
        int(words.start[behind - 1]) : int(words.end[behind])
    ].rstrip(MARKS + " ").endswith(",")


def _sentence_end(words: Words, place: int) -> int:
    """The word behind the last of the sentence, NEAR words at most; the paragraph ends a sentence, too."""
    last = min(place + NEAR, len(words))
    for number in range(place, last):
        if words.paragraph[number] != words.paragraph[place] or words.ends_sentence[number]:
            return number
    return last


def _run_of(words: Words, mention: int, start: int, end: int) -> Place | None:
    """The first words in a row that the rules call so, of which the first lies in the range."""
    first = next((place for place in range(start, end) if words.features[place, RULE_MENTION] == mention), None)
    if first is None:
        return None
    last = first
    while last < len(words) and words.features[last, RULE_MENTION] == mention:
        last += 1
    return first, last
