"""A mention that is only a verb, "said", into the name that stands beside it."""

from __future__ import annotations

import re

from quotestance.data.records import Span
from quotestance.models.language.cue_verbs import VERBS

NAME = r"(?:[A-Z][\w’'\-]*\.?)(?:\s[A-Z][\w’'\-]*\.?){0,3}?"
BEHIND = re.compile(rf"\s({NAME})(?=[,.;]?(?:\s[a-z“\"]|\s*$|\n)|[,.])")
REACH = 200  # characters around the verb
BEFORE = re.compile(rf"({NAME})\s$")


def named_beside(text: str, mention: Span) -> Span:
    """The span of the name right behind the verb, or right before it; other mentions as they are."""
    if " " in mention.text or mention.text.lower() not in VERBS:
        return mention
    behind = mention.end + REACH
    line_end = text.find("\n", mention.end, behind)
    line = text[mention.end : line_end if line_end >= 0 else behind]
    if match := BEHIND.match(line):
        return Span.of(text, mention.end + match.start(1), mention.end + match.end(1))
    reach = max(0, mention.start - REACH)
    line_start = max(reach, text.rfind("\n", reach, mention.start) + 1)
    if match := BEFORE.search(text[line_start : mention.start]):
        return Span.of(text, line_start + match.start(1), line_start + match.end(1))
    return mention
