"""A content that follows its cue: 'she said (that) …', 'told voters to …', 'said in a statement: …'."""

from __future__ import annotations

from quotestance.models.language.word_tables import word_set
from quotestance.models.rules.clauses import (
    ADJUNCTS,
    DAYS,
    DETERMINERS,
    FIRST_PERSON,
    PREPOSITIONS,
    PRONOUNS,
    Tokens,
    adverb,
    stem,
    subject_after,
)
from quotestance.models.rules.content_end import DASHES, content_ends, trimmed
from quotestance.models.rules.report import Report
from quotestance.models.rules.report_cues import MIND, FoundCue
from quotestance.models.rules.report_sources import source_of

WH = frozenset(["how", "what", "why", "whether", "who", "when", "where", "if", "which"])
OBJECTS = word_set("""
    him her them me us it himself herself themselves reporters voters supporters viewers you lawmakers people
    everyone
""")
LOOKAHEAD = 18  # tokens in which an adjunct ("in a statement on Tuesday") may stand between cue and content


def report_forward(tokens: Tokens, one: FoundCue, taken: list[bool], made: list[Report]) -> Report | None:
    """'Source cue content'; None where the cue takes no such content here, or nobody is there to say it."""
    follow = content_begins(tokens, one)
    if follow is None or (one.kind != "verb" and _weak(tokens, one)):
        return None
    first, cue_end = follow
    source, start = source_of(tokens, one, made)
    if source is None and one.cue.form in ("base", "state"):
        return None
    if (
        source is not None
        and one.cue.lemma in MIND
        and source[1] - source[0] == 1
        and stem(tokens[source[0]]) in FIRST_PERSON
    ):
        return None
    if first < len(tokens) and taken[first]:
        return None
    end = content_ends(tokens, first, one, taken)
    content = trimmed(tokens, first, end)
    if content is None or (
        content[1] - content[0] < 2
        and tokens[content[0]].region < 0
        and not tokens[content[0]].capital
        and "n" not in one.cue.frame
        and not one.cue.phrases
    ):
        return None
    contents = [content]
    if (
        source
        and source[1] - source[0] > 2
        and tokens[source[0]].low in ("a", "an")
        and tokens[source[0] + 2].capital
        and not tokens[source[0] + 1].capital
        and tokens[source[0] - 1].text == ","
        and not any(taken[source[0] : source[1]])
    ):
        contents = [(source[0], source[0] + 2), content]  # "a move *Ann Lee* called …": the move is what she speaks of
        source = (source[0] + 2, source[1])
    return Report(tuple(contents), (start, max(cue_end, one.group[1])), source, one.cue.speech)


def _weak(tokens: Tokens, one: FoundCue) -> bool:
    j = one.group[1]
    return j < len(tokens) and tokens[j].text in ",.:;"


def content_begins(tokens: Tokens, one: FoundCue) -> tuple[int, int] | None:
    """(first token of the content, end of the cue) behind the cue, as its frame allows; None where nothing fits."""
    frame, j = one.cue.frame, one.group[1]
    n = len(tokens)
    if one.group[0] == 0 and one.cue.speech and one.cue.form == "past":  # "Said Lee: …"
        named = subject_after(tokens, j)
        return (named[1] + 1, j) if named and named[1] + 1 < n and tokens[named[1]].text in (":", ",") else None
    cue_end = j
    while j < n and tokens[j].region < 0 and (adverb(tokens[j]) or tokens[j].low == "also") and j - cue_end < 2:
        j += 1
    if j >= n:
        return None
    token = tokens[j]
    if token.mark:
        return (j, cue_end)
    if token.text == ":" and j + 1 < n:
        return (j + 1, cue_end)
    if token.text == "," and j + 1 < n and tokens[j + 1].mark:
        return (j + 1, cue_end)
    if token.low in one.cue.phrases and j + 1 < n and tokens[j + 1].low not in ("which", "whom"):
        if tokens[j + 1].low == "that" and token.low in ("out", "up", "in"):
            return (j + 2, j + 1) if j + 2 < n else None
        if tokens[j + 1].word or tokens[j + 1].mark:
            return (j + 1, j + 1)
    if token.text in (",", ".", ";", "?", "!", ")") or token.text in DASHES:
        return None
    if token.low == "that" and ("t" in frame or "c" in frame) and j + 1 < n:
        return (j + 1, cue_end)
    if token.low == "to" and "i" in frame and j + 1 < n and tokens[j + 1].word:
        return (j, cue_end)
    if token.low in WH and ("w" in frame or "n" in frame):
        return (j, cue_end)
    if "o" in frame:
        place = _behind_addressee(tokens, j, one)
        if place is not None:
            return (place, cue_end)
        if (
            one.cue.lemma
            not in ("urge", "encourage", "ask", "persuade", "convince", "press", "challenge", "order", "advise")
            and "n" not in frame
        ):
            return None
        return (j, cue_end) if "n" in frame or one.cue.lemma != "ask" else None
    if one.cue.speech and (token.low in ADJUNCTS or token.low in DAYS):
        place = _behind_adjunct(tokens, j)
        if place is not None:
            return (place, cue_end)
        if token.low not in DETERMINERS:
            return None
    if (
        ("c" in frame or "n" in frame)
        and token.low not in PREPOSITIONS
        and token.low not in ("and", "or", "but", "up", "out")
    ):
        return (j, cue_end)
    if "c" in frame and token.low in ("in", "for", "under", "as", "despite") and one.cue.speech:
        return (j, cue_end)
    return None


def _behind_adjunct(tokens: Tokens, j: int) -> int | None:
    """'said *in a statement on Tuesday that* …': the token behind "that", a colon or an opening mark."""
    for k in range(j, min(j + LOOKAHEAD, len(tokens) - 1)):
        token = tokens[k]
        if token.mark and k > j:
            closing = next((m for m in range(k + 1, len(tokens)) if tokens[m].region != token.region), len(tokens))
            if (
                closing - k < 8
                and tokens[k - 1].text != ","
                and closing < len(tokens)
                and tokens[closing].text not in "."
            ):
                continue
            return k
        if token.low == "that" and token.region < 0:
            return k + 1
        if token.text == ":" and token.region < 0:
            return k + 1
        if token.text in (".", ";") and token.region < 0:
            return None
        if token.text == "," and token.region < 0 and not (tokens[k + 1].mark or tokens[k + 1].low == "that"):
            return None
        if token.low in PRONOUNS and k > j and tokens[k - 1].low in DAYS and token.low != "that":
            return k
        if tokens[k - 1].low in DAYS and k > j and token.low in DETERMINERS:
            return k
    return None


def _behind_addressee(tokens: Tokens, j: int, one: FoundCue) -> int | None:
    """'told *a crowd in Ohio that* …', 'told *CNN* he would', 'urged *voters to* …': the first token of the content."""
    k = j
    if tokens[k].low in OBJECTS:
        k += 1
    else:
        if tokens[k].low in DETERMINERS:
            k += 1
        while (
            k < len(tokens)
            and k - j < 8
            and (tokens[k].capital or tokens[k].text in (".", "&"))
            and tokens[k].region < 0
        ):
            k += 1
        if k < len(tokens) and k - j <= 1 and tokens[k].word and tokens[k].region < 0 and tokens[j].low in DETERMINERS:
            k += 1
    limit = min(k + LOOKAHEAD, len(tokens) - 1)
    for m in range(max(k, j + 1), limit):
        token = tokens[m]
        if token.low == "that" and token.region < 0 and tokens[m + 1].word:
            return m + 1
        if token.mark or (token.text == ":" and token.region < 0):
            return m if token.mark else m + 1
        if token.low in ("how", "what", "why", "whether", "if") and token.region < 0:
            return m
        if token.text in (",", ".", ";") and token.region < 0 and not (token.text == "," and tokens[m + 1].mark):
            break
        if "i" in one.cue.frame and token.low == "to":
            return j
    if (
        k < len(tokens)
        and k > j
        and (tokens[k].low in PRONOUNS or tokens[k].low in DETERMINERS)
        and tokens[k].region < 0
    ):
        return k
    if k < len(tokens) and k > j and tokens[k].low == "to" and one.cue.lemma == "tell":
        return k
    return None
