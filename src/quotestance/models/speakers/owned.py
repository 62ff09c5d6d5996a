"""Speakers that belong to someone: "his campaign", "its members", "the Lee camp", by the words that the article has for them."""

from __future__ import annotations

import re

from quotestance.models.speakers.cast import Entity
from quotestance.models.speakers.mention_tails import without_tail
from quotestance.models.speakers.spelling import family

OWNED = re.compile(r"(?:his|her|its|their)\s+([^,—–(]+)", re.IGNORECASE)
CAMP = re.compile(r"(?:the\s+)?([A-Z][\w’'\-]*?)(?:['’]s?)?\s+camp\b", re.IGNORECASE)
KINDS_OF_CAMP = "(?:presidential |election |re-election |reelection )?campaign"


def owned_noun(mention: str) -> str | None:
    """'campaign' of "his campaign"; None of other mentions."""
    match = OWNED.match(mention.strip())
    return without_tail(match[1].strip()) if match else None


def owned_name(owner: Entity, noun: str, text: str) -> str:
    """What the article calls the owner's noun: "Lee’s campaign", "the Lee campaign"; else with the owner's best name."""
    last = re.escape(family(owner.name) if owner.person else " ".join(owner.name))
    written = re.search(rf"\b{last}['’]?s? {re.escape(noun)}\b", text)
    return written.group() if written else f"{owner.best}’s {noun}"


def camp_name(mention: str, text: str) -> str | None:
    """The campaign that "the Lee camp" is, as the article writes it; None where it has none, or of other mentions."""
    match = CAMP.fullmatch(mention.strip())
    written = re.search(rf"\b{re.escape(match[1])}(?:['’]s)? {KINDS_OF_CAMP}\b", text) if match else None
    return written.group() if written else None
