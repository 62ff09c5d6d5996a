"""Mentions of several speakers at once, "Lee and her advisers", into their parts."""

from __future__ import annotations

import re

from quotestance.models.speakers.person_names import read_mention

AND = re.compile(r",?\s+and\s+")  # "&" stands in names of firms
BOTH = re.compile(r",?\s+and\s+|,\s+")
OTHERS = re.compile(r"(?:(?:his|her|their|another|an?|other|several|many|some|the|two|three|all)\s|[a-z]+s$|others$)")
LIST_BEHIND = re.compile(
    r"(?:[Tt]he |[Bb]oth )?(?:[\w\-]+ ){0,3}[a-z]+s, ((?:[A-Z][\w’'.\-]*,? (?:and )?){3,}[A-Z][\w’'.\-]*)"
)
CLAUSE_BEHIND = re.compile(r",\s(?:who|which|both|all)\s.*$", re.DOTALL)
BARE = re.compile(r"[A-Z][\w’'\-]*(?:\s[A-Z][\w’'.\-]*){0,2}$")


def parts(mention: str) -> list[str]:
    """The parts of a mention that joins a person with others; [] where it is no such mention.

    Every part but the last is a person's name; the last a name too, or others ("her advisers", "the administration").
    """
    stripped = CLAUSE_BEHIND.sub("", mention.strip()).rstrip(",")
    if match := LIST_BEHIND.fullmatch(stripped):  # "The candidates, Ann Lee and Bob Ray"
        stripped = match[1]
    split = BOTH.split(stripped)
    if len(split) < 2 or ((len(split) > 2 or not AND.search(stripped)) and not all(map(BARE.match, split))):
        split = AND.split(stripped)
    if len(split) < 2 or "," in "".join(split):
        return []
    *names, last = split
    if any(read_mention(name).kind != "person" and name.lower() not in ("he", "she") for name in names):
        return []
    return split if read_mention(last).kind == "person" or OTHERS.match(last) else []


def spelled(names: list[str]) -> str:
    """'A, B and C'."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
