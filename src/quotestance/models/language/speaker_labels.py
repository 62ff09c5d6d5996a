"""Labels of speakers at the head of a line: those of transcripts ("Q:", "SMITH:"), and of a headline ("Trump: We will win")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from quotestance.models.language.cue_verbs import VERBS
from quotestance.models.language.word_tables import word_set

Chars = tuple[int, int]

LABEL = re.compile(r"[“\"]?(?P<name>[^\W\d_][\w.’'\-]*(?: [\w.’'()\-]+){0,5})(?P<colon>:) (?=\S)")
LONGEST = 80  # characters
FIRST_LINES = 400  # of a text, which tell whether it is a transcript
NO_SPEAKERS = word_set("""
    photo photos image images credit credits picture update updated note related read watch video source sources
    by caption correction warning published tags topics more see also follow listen exclusive breaking editor
    author contact location date time subject re fact opinion analysis part chapter question answer here this
    the these share advertisement
""")
SMALL = frozenset(("of", "de", "van", "von", "al"))


@dataclass(frozen=True)
class SpeakerLabel:
    """A label: its line, the characters of the name and of the colon, and where what is said begins; whether it is the headline's."""

    line: Chars
    name: Chars
    colon: Chars
    body: int
    headline: bool


def speaker_labels(text: str, lines: Sequence[Chars]) -> list[SpeakerLabel]:
    """The labels of a text's lines, in order.

    Names in capitals count everywhere; with two of them the text is a transcript, in which other names do, too, as in a headline.
    """
    transcript = sum(_is_label(text, line, any_case=False) is not None for line in lines[:FIRST_LINES]) > 1
    found = []
    for number, line in enumerate(lines):
        headline = number == 0 and len(lines) > 1
        if match := _is_label(text, line, any_case=transcript or headline):
            found.append(SpeakerLabel(line, match.span("name"), match.span("colon"), match.end(), headline))
    return found


def _is_label(text: str, line: Chars, *, any_case: bool) -> re.Match[str] | None:
    start, end = line
    match = LABEL.match(text, start, min(end, start + LONGEST))
    if not match:
        return None
    words = match["name"].split()
    if {words[0].lower(), words[0].lower().rstrip("s’'")} & NO_SPEAKERS or any(
        word.lower() in VERBS for word in words[1:]
    ):
        return None
    name_like = all(word[0].isupper() or word[0] == "(" or word in SMALL for word in words)
    return match if match["name"].isupper() or (any_case and name_like) else None
