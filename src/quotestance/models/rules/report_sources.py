"""Whose words a cue reports: its subject, its owner, or the subject it shares with another verb of the sentence."""

from __future__ import annotations

from quotestance.models.language.cue_verbs import VERBS
from quotestance.models.rules.clauses import (
    BE,
    POSSESSIVES,
    Place,
    Tokens,
    finite,
    subject_after,
    subject_before,
    verb_group_start,
)
from quotestance.models.rules.report import Report
from quotestance.models.rules.report_cues import FoundCue


def source_of(tokens: Tokens, one: FoundCue, made: list[Report]) -> tuple[Place | None, int]:
    """The subject of the cue, and where the cue begins (a participle shares the subject of its sentence)."""
    start = one.group[0]
    if one.kind == "noun":
        k = one.at - 1
        if tokens[k].low not in POSSESSIVES and not tokens[k].low.endswith(("'s", "s'")):
            k -= 1
        if tokens[k].low in POSSESSIVES:
            return (k, k + 1), one.at
        return subject_before(tokens, k + 1) or (k, k + 1), one.at
    before = tokens[start - 1] if start else None
    if start == 0 and one.cue.speech and one.cue.form == "past":
        return subject_after(tokens, one.group[1]), start
    if one.cue.form == "ing" and not any(token.low in BE for token in tokens[start : one.at]):
        if start == 0 or (start == 1 and tokens[0].low in ("while", "by", "in", "after", "before")):
            return subject_behind_comma(tokens, one.at), one.at
        if before is not None and not (before.word and (before.capital or before.low.endswith("s"))):
            return _shared(tokens, start, made), one.at
    if (before is not None and before.low in ("and", "or", "but", "then")) or (
        before is not None and before.text == "," and one.cue.form != "ing"
    ):
        apposed = subject_before(tokens, start) if before is not None and before.text == "," else None
        if apposed:
            return apposed, start
        return _shared(tokens, start, made), start
    if before is not None and before.low == "to":
        return _shared(tokens, start - 1, made), start - 1
    return subject_before(tokens, start), start


def _shared(tokens: Tokens, limit: int, made: list[Report]) -> Place | None:
    """The subject of what was reported before in the sentence, else the subject of its first verb."""
    earlier = [report for report in made if report.source and report.cue[0] < limit]
    if earlier:
        return max(earlier, key=lambda report: report.cue[0]).source
    for k in range(1, limit):
        if tokens[k].region < 0 and finite(tokens, k):
            return subject_before(tokens, verb_group_start(tokens, k))
    return None


def subject_behind_comma(tokens: Tokens, at: int) -> Place | None:
    """'Hailing the plan, *the mayor* said': the subject of the first verb behind a comma."""
    commas = [k for k in range(at, len(tokens)) if tokens[k].text == "," and tokens[k].region < 0]
    for comma in commas:
        for k in range(comma + 2, min(comma + 20, len(tokens))):
            if tokens[k].region < 0 and (
                finite(tokens, k) or (tokens[k].low in VERBS and VERBS[tokens[k].low].form in ("past", "s"))
            ):
                found = subject_before(tokens, verb_group_start(tokens, k))
                if found and found[0] == comma + 1:
                    return found
                break
    return None
