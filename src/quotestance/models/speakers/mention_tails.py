"""What may stand behind a speaker's name or description and belongs to the sentence: times, "released Wednesday", adverbs."""

from __future__ import annotations

import re

TIME = (
    r"(?:on |last |this |late |early |earlier )*(?:today|yesterday|tonight|(?:mon|tues|wednes|thurs|fri|satur|sun)day|week|month|year)"
    r"(?: (?:morning|afternoon|evening|night))?"
)
DONE = "released|conducted|published|taken|issued|posted|obtained|sent|dated|aired|written|held|filed|made|unveiled"
TAIL = re.compile(
    rf"\s(?:(?:(?:{DONE})\s)?{TIME}|(?:{DONE})(?: earlier| recently)?|respectively|recently|also)$", re.IGNORECASE
)


def without_tail(words: str) -> str:
    """'a poll released Wednesday' without what was done with it, and when; a single word as it is."""
    return TAIL.sub("", words) if " " in words else words
