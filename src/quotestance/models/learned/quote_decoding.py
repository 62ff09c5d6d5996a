"""What the network says of an article's words into quotes with spans, source, cue and kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from quotestance.data.marks import trimmed
from quotestance.data.records import Quote, QuoteSpeaker, Span
from quotestance.models.language.quote_marks import paragraphs
from quotestance.models.language.speaker_labels import speaker_labels
from quotestance.models.learned.quote_corrections import (
    begins_anew,
    is_dateline,
    is_title,
    told_behind,
    told_in_its_paragraph,
)
from quotestance.models.learned.quote_places import SNAP, kind_of, snapped
from quotestance.models.learned.quote_pointers import NO_PLACE, Found, Place, Pointed
from quotestance.models.learned.quote_windows import Words, word_span


def quotes_of(words: Words, found: Sequence[Found], *, snap: float = SNAP) -> tuple[Quote, ...]:
    """The quotes of an article from its fragments in the order of the text, linked ones joined.

    What stands behind a speaker's label in a transcript is a quote, the label its source, the colon its cue. A sentence in marks behind a
    sentence of reported speech is a quote of its own.
    """
    groups: list[list[Found]] = []
    for fragment in with_labelled(words, [told_in_its_paragraph(words, one) for one in found]):
        if fragment.goes_on and groups and not begins_anew(words, groups[-1][-1], fragment):
            groups[-1].append(fragment)
        else:
            groups.append([fragment])
    drafts = [
        (places, group)
        for group in groups
        if (places := _places(words, group, snap)) and not is_title(words, places, group)
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


def _quote(words: Words, name: str, places: list[Place], group: list[Found]) -> Quote:
    text, kind = words.text, kind_of(words.text, places, words.regions)
    source, cue = (_chosen([getattr(one, role) for one in group]) for role in ("source", "cue"))
    if (behind := told_behind(words, group, kind)) and not _share_a_word(behind[0], source):
        source, cue = behind
    if source != NO_PLACE and is_dateline(words, source):
        source = cue = NO_PLACE
    return Quote(
        id=name,
        kind=kind,
        spans=tuple(Span.of(text, start, end) for start, end in places),
        speaker=QuoteSpeaker(mention=_mention(words, source)),
        cue=_mention(words, cue),
    )


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
