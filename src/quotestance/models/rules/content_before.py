"""A content that stands before its cue: '…, she said', '…, said Lee, …', and its second half behind the cue."""

from __future__ import annotations

from quotestance.models.language.cue_verbs import VERBS
from quotestance.models.rules.clauses import (
    ADJUNCTS,
    AUXILIARIES,
    BE,
    DAYS,
    DETERMINERS,
    HAVE,
    MODALS,
    PREPOSITIONS,
    Place,
    Tokens,
    adverb,
    finite,
    stem,
    subject_after,
    subject_before,
)
from quotestance.models.rules.content_after import OBJECTS, content_begins
from quotestance.models.rules.content_end import DASHES, closed_by_comma, content_ends, trimmed
from quotestance.models.rules.report import Report
from quotestance.models.rules.report_cues import FoundCue


def report_backward(tokens: Tokens, one: FoundCue, taken: list[bool]) -> Report | None:
    """'Content, source cue' and 'content, cue source'; what follows up to the next comma is an adjunct, a content behind that goes on."""
    start, end = one.group
    inverted = False
    source: Place | None = None
    if start and (tokens[start - 1].text in (",", "—", "–", "--") or tokens[start - 1].mark):
        after = subject_after(tokens, end)
        speaks = (
            after
            and tokens[after[0]].low not in ("that", "which", "it", "you", "one")
            and tokens[after[0]].low not in OBJECTS
        )
        if speaks and one.cue.form in ("past", "s") and closed_by_comma(tokens, start - 1):
            source, inverted = after, True
    if source is None:
        source = subject_before(tokens, start)
        if source is None:
            return None
    left = start if inverted else source[0]
    if left == 0:
        return None
    edge = tokens[left - 1]
    if not (
        edge.text in (",", "—", "–", "--", "?", "!")
        or (edge.mark and (closed_by_comma(tokens, left - 1) or _is_one_region(tokens, left)))
    ):
        return None
    closing = source[1] if inverted else end
    if (
        not inverted
        and content_begins(tokens, one) is not None
        and not (closing < len(tokens) and tokens[closing].text == ",")
    ):
        return None
    tail = _adjunct_end(tokens, closing)
    if tail is None:
        return None
    content_end = left - 1 if not edge.mark else left
    content_start = 0
    for k in range(content_end - 1, -1, -1):
        if taken[k] or (tokens[k].text == ";" and tokens[k].region < 0):
            content_start = k + 1
            break
    if edge.mark:
        opening = next((k for k in range(left - 1, -1, -1) if tokens[k].region != edge.region), -1)
        if opening > content_start and tokens[opening].text == ":":
            content_start = opening + 1
    content = trimmed(tokens, content_start, content_end)
    if content is None or (content[1] - content[0] < 2 and tokens[content[0]].region < 0):
        return None
    rest = trimmed(tokens, tail, len(tokens))
    goes_on = bool(rest and (tokens[rest[0]].low in BE or tokens[rest[0]].low in MODALS or tokens[rest[0]].low in HAVE))
    if not goes_on and _introduces_nothing(tokens, content):
        return None
    contents = [content]
    if rest and tail < len(tokens) and tokens[tail - 1].text in (",", ":", "—", "–", "--"):
        first = tokens[rest[0]]
        if (first.region >= 0 or _goes_on(tokens, rest, content)) and not any(taken[rest[0] : rest[1]]):
            if first.region >= 0 and first.mark:
                rest = (rest[0], content_ends(tokens, rest[0], one, taken))
                rest = trimmed(tokens, *rest) or rest
            contents.append(rest)
    return Report(tuple(contents), (start, end), source, True)


def _is_one_region(tokens: Tokens, left: int) -> bool:
    """Do all tokens before `left` stand in one pair of marks?"""
    return all(token.region == tokens[left - 1].region for token in tokens[:left])


def _introduces_nothing(tokens: Tokens, content: Place) -> bool:
    """'On Sunday, Trump said …', 'Asked about it, she said': what stands before the source is an adjunct, no content."""
    words = tokens[content[0] : content[1]]
    if any(token.region >= 0 for token in words):
        return False
    first = words[0]
    if first.low in ("but", "and", "so", "if", "yet") and len(words) > 3:
        first = words[1]
    if first.low == "if":
        return not any(finite(tokens, k) for k in range(content[0] + 4, content[1])) or not any(
            token.text == "," for token in words
        )
    if (
        first.low in PREPOSITIONS
        or first.low in ADJUNCTS
        or first.low in ("while", "though", "although", "because", "when", "asked", "pressed")
    ):
        comma = next((k for k in range(content[0], content[1]) if tokens[k].text == ","), None)
        return comma is None or not any(finite(tokens, k) for k in range(comma, content[1]))
    if first.low in VERBS and VERBS[first.low].form == "ing":
        return True
    return not any(
        finite(tokens, k) or tokens[k].low in VERBS or tokens[k].low in AUXILIARIES or stem(tokens[k]) != tokens[k].low
        for k in range(*content)
    )


def _adjunct_end(tokens: Tokens, k: int) -> int | None:
    """Behind a closed reporting clause: the token after its adjunct and comma; None where the clause goes on with a content."""
    if k >= len(tokens):
        return k
    if tokens[k].text in (",", ":", ".", ";", "!", "?") or tokens[k].text in DASHES:
        return k + 1
    if tokens[k].mark:
        return None
    low = tokens[k].low
    if not (
        low in PREPOSITIONS
        or low in DAYS
        or low in ADJUNCTS
        or adverb(tokens[k])
        or low in OBJECTS
        or tokens[k].capital
        or low in DETERMINERS
        or low in ("and", "as", "referring", "adding", "noting")
    ):
        return None
    while k < len(tokens):
        if tokens[k].region < 0 and (tokens[k].text in (",", ":", ";") or tokens[k].text in DASHES):
            return k + 1
        if tokens[k].low == "that" and tokens[k].region < 0:
            return None
        k += 1
    return k


def _goes_on(tokens: Tokens, rest: Place, content: Place) -> bool:
    """Is 'rest' the second half of an interrupted indirect quote, as in '…, Lee said, is full'?"""
    first = tokens[rest[0]]
    if first.low in (
        "who",
        "adding",
        "and",
        "but",
        "while",
        "according",
        "citing",
        "noting",
        "referring",
        "saying",
        "calling",
        "as",
        "in",
        "on",
        "at",
    ):
        return False
    complete = any(finite(tokens, k) for k in range(*content))
    if first.low in BE or first.low in MODALS or first.low in HAVE:
        return True
    return (not complete and finite(tokens, rest[0])) or first.low in (
        "because",
        "since",
        "if",
        "until",
        "unless",
        "even",
    )
