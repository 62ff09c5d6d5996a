"""What the network says of an article's words into quotes with spans, source, cue and kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from quotestance.data.marks import MARKS, trimmed
from quotestance.data.records import Quote, QuoteKind, QuoteSpeaker, Span
from quotestance.models.language.quote_marks import SINGLE_MARKS, Region, paragraphs
from quotestance.models.language.speaker_labels import speaker_labels
from quotestance.models.learned.quote_network import BEGIN, END, INSIDE, OUTSIDE, ROLES, SINGLE
from quotestance.models.learned.quote_windows import (
    FEATURES,
    QUOTE_STATES,
    RULE_CONTENTS,
    RULE_MENTIONS,
    Words,
    word_span,
)

Place = tuple[int, int]

LONGEST_MENTION = 40  # words of a source or cue
SNAP = 0.8  # a fragment that shares this much with a marked region becomes the region
NO_PLACE = (-1, -1)
SENTENCE_END = re.compile(r"[.!?…]")
QUOTE_STATE, RULE_CONTENT, RULE_MENTION = (
    list(FEATURES).index(name) for name in ("quote", "rule_content", "rule_mention")
)
CLOSING, OUTSIDE_MARKS = QUOTE_STATES.index("closing mark"), QUOTE_STATES.index("outside")
NO_MENTION = RULE_MENTIONS.index("none")
NO_CONTENT, INSIDE_CONTENT = RULE_CONTENTS.index("outside"), RULE_CONTENTS.index("inside")
SOURCE, CUE = RULE_MENTIONS.index("source"), RULE_MENTIONS.index("cue")
NEAR = 12  # words
NO_NAMES = frozenset(["The", "A", "An", "He", "She", "They", "It", "I", "We"])  # that a mention may begin with
DASH_BEHIND = re.compile(r"(?:,? [A-Z][\w.]*)?\s*(?:\([A-Z][\w\s]{1,20}\)\s*)?(?:[—–]|-{1,2}\s)")
OUT_OF_REACH = -1e3  # a log-probability that only words outside the article have


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


def spans_of_tags(tags: Sequence[int]) -> dict[str, list[Place]]:
    """The places of each role in a sequence of tags, half-open; a span that is never ended ends where another begins."""
    spans: dict[str, list[Place]] = {role: [] for role in ROLES}
    open_role, begin = None, 0
    for place, number in enumerate([*tags, OUTSIDE]):
        role = None if number == OUTSIDE else ROLES[(number - 1) // 4]
        part = (number - 1) % 4
        if open_role is not None and (role != open_role or part in (BEGIN, SINGLE)):
            spans[open_role].append((begin, place))
            open_role = None
        if role is not None and open_role is None:
            open_role, begin = role, place
        if role is not None and part in (END, SINGLE):
            spans[role].append((begin, place + 1))
            open_role = None
    return spans


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


def tags_of_spans(many: int, spans: dict[str, list[Place]]) -> NDArray[np.int64]:
    """Tags of `many` words; where two spans meet on a word, the earlier role of ROLES, then the earlier span keeps it."""
    tags = np.full(many, OUTSIDE, np.int64)
    for number, role in enumerate(ROLES):
        base = 1 + 4 * number
        for start, end in sorted(spans.get(role, [])):
            free = tags[start:end] == OUTSIDE
            if start >= end or not free.all():
                continue
            tags[start:end] = base + INSIDE
            tags[start], tags[end - 1] = base + BEGIN, base + END
            if end - start == 1:
                tags[start] = base + SINGLE
    return tags


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


def quotes_of(words: Words, found: Sequence[Found], *, snap: float = SNAP) -> tuple[Quote, ...]:
    """The quotes of an article from its fragments in the order of the text, linked ones joined.

    What stands behind a speaker's label in a transcript is a quote, the label its source, the colon its cue. A sentence in marks behind a
    sentence of reported speech is a quote of its own.
    """
    groups: list[list[Found]] = []
    for fragment in with_labelled(words, [_told_in_its_paragraph(words, one) for one in found]):
        if fragment.goes_on and groups and not _begins_anew(words, groups[-1][-1], fragment):
            groups[-1].append(fragment)
        else:
            groups.append([fragment])
    drafts = [
        (places, group)
        for group in groups
        if (places := _places(words, group, snap)) and not _is_title(words, places, group)
    ]
    return tuple(_quote(words, f"q{number}", places, group) for number, (places, group) in enumerate(drafts, 1))


def with_labelled(words: Words, found: Sequence[Found]) -> list[Found]:
    """The fragments, with those of a transcript's labelled lines in place of what was found there.

    A fragment behind such a line does not go on with the one before it.
    """
    labelled: dict[int, Found] = {}
    for label in speaker_labels(words.text, paragraphs(words.text)):
        name, colon = word_span(words, *label.name), word_span(words, *label.colon)
        contents = [content for said in label.said if (content := word_span(words, *said))]
        if name and colon:
            for number, content in enumerate(contents):
                labelled[int(words.paragraph[content[0]])] = Found(
                    content, Pointed(name, 0.0), Pointed(colon, 0.0), goes_on=number > 0, labelled=True
                )
    others = [one for one in found if int(words.paragraph[one.place[0]]) not in labelled]
    fragments = sorted([*others, *labelled.values()], key=lambda one: one.place)
    return [
        replace(one, goes_on=False) if before.labelled and not one.labelled else one
        for before, one in pairwise([*fragments[:1], *fragments])
    ]


def _told_in_its_paragraph(words: Words, fragment: Found) -> Found:
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


def _quote(words: Words, name: str, places: list[Place], group: list[Found]) -> Quote:
    text, kind = words.text, kind_of(words.text, places, words.regions)
    source, cue = (_chosen([getattr(one, role) for one in group]) for role in ("source", "cue"))
    if (behind := _told_behind(words, group, kind)) and not _share_a_word(behind[0], source):
        source, cue = behind
    if source != NO_PLACE and _is_dateline(words, source):
        source = cue = NO_PLACE
    return Quote(
        id=name,
        kind=kind,
        spans=tuple(Span.of(text, start, end) for start, end in places),
        speaker=QuoteSpeaker(mention=_mention(words, source)),
        cue=_mention(words, cue),
    )


def _is_title(words: Words, places: list[Place], group: list[Found]) -> bool:
    """Words in marks that nobody says and that the rules hold for no speech: titled “A Plan for Growth,”."""
    nobody = all(one.source.place == NO_PLACE and not one.labelled for one in group)
    said = any((words.features[slice(*one.place), RULE_CONTENT] != NO_CONTENT).any() for one in group)
    return nobody and not said and kind_of(words.text, places, words.regions) == "direct"


def _is_dateline(words: Words, source: Place) -> bool:
    """'WASHINGTON (AP) — “…': where a report comes from, at the head of its paragraph."""
    first, behind = source
    head = first == 0 or words.paragraph[first] != words.paragraph[first - 1]
    place = words.text[int(words.start[first]) : int(words.end[behind - 1])]
    return head and place.isupper() and DASH_BEHIND.match(words.text, int(words.end[behind - 1])) is not None


def _begins_anew(words: Words, before: Found, fragment: Found) -> bool:
    """Whether a fragment that was linked to the one before begins a quote all the same."""
    (start, end), (last_start, last_end) = (
        (int(words.start[one.place[0]]), int(words.end[one.place[1] - 1])) for one in (fragment, before)
    )
    if _closed_before_another_name(words, before, fragment):
        return True
    marked = kind_of(words.text, [(start, end)], words.regions) == "direct"
    reported = kind_of(words.text, [(last_start, last_end)], words.regions) != "direct"
    return marked and reported and bool(SENTENCE_END.search(words.text, last_end - 1, start))


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


def _told_behind(words: Words, group: list[Found], kind: QuoteKind) -> tuple[Place, Place] | None:
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


def _share_a_word(one: Place, other: Place) -> bool:
    return min(one[1], other[1]) > max(one[0], other[0])


def _chosen(pointed: list[Pointed]) -> Place:
    """Of what the fragments of a quote point at, the surest that is something."""
    return max(pointed, key=lambda one: (one.place != NO_PLACE, one.score)).place


def _mention(words: Words, place: Place) -> Span | None:
    if place == NO_PLACE:
        return None
    start, end = trimmed(words.text, int(words.start[place[0]]), int(words.end[place[1] - 1]))
    while end > start + 1 and words.text[end - 1] in ",;:":
        end -= 1
    return Span.of(words.text, start, end) if start < end else None


def _places(words: Words, group: list[Found], snap: float) -> list[Place]:
    """The characters of a quote's fragments, marks outside; fragments that touch are one."""
    places: list[Place] = []
    for fragment in group:
        first, behind = fragment.place
        start, end = snapped(
            words.text,
            int(words.start[first]),
            int(words.end[behind - 1]),
            () if fragment.labelled else words.regions,
            least=snap,
        )
        if start >= end:
            continue
        if places and start <= places[-1][1]:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((start, end))
    return places


def snapped(text: str, start: int, end: int, regions: Sequence[Region], *, least: float = SNAP) -> Place:
    """The place without marks at its ends; that of a marked region where the two share `least` of the characters in either."""
    start, end = trimmed(text, start, end)
    for region in regions:
        shared = min(end, region.end) - max(start, region.start)
        either = max(end, region.end) - min(start, region.start)
        if region.closed and shared > 0 and shared >= least * either:
            return trimmed(text, region.start, region.end)
    return start, end


def kind_of(text: str, places: Sequence[Place], regions: Sequence[Region]) -> QuoteKind:
    """Direct where all letters and digits stand in marks, indirect where none does, else mixed."""
    inside = [
        any(region.opened <= at < region.closed_at for region in regions)
        for start, end in places
        for at in range(start, end)
        if text[at].isalnum()
    ]
    if inside and all(inside):
        return "direct"
    return "mixed" if any(inside) else "indirect"
