"""Where a content ends: at a second cue, a turn of the sentence or a closing mark, trimmed of signs."""

from __future__ import annotations

from quotestance.models.language.cue_verbs import OFTEN_NOUNS, VERBS
from quotestance.models.language.word_tables import word_set
from quotestance.models.rules.clauses import DAYS, DETERMINERS, HAVE, PRONOUNS, Place, Tokens, adverb, stem
from quotestance.models.rules.report_cues import FoundCue
from quotestance.models.rules.report_sources import subject_behind_comma

DASHES = frozenset(["—", "–", "--", "―"])
LEADING = word_set("""
    while if although though when as because after since before despite even
""")
CUTTING = frozenset(["but", "while", "although", "though", "whereas"])


def content_ends(tokens: Tokens, first: int, one: FoundCue | None, taken: list[bool]) -> int:
    """The token behind the content that begins at `first`; `one` is its cue, None for "according to"."""
    end = _stop(tokens, first, one, taken)
    if one is not None and one.cue.form == "ing" and one.group[0] == 0:  # "Hailing the plan, the mayor said"
        source = subject_behind_comma(tokens, one.at)
        if source:
            end = min(end, source[0] - 1)
    return end


def _stop(tokens: Tokens, first: int, one: FoundCue | None, taken: list[bool]) -> int:
    """Where a content that begins at `first` ends: a taken token, a coordinated cue, 'but', a dash, a participle of saying."""
    objects = one is not None and (one.cue.lemma == "call" or not {"c", "t", "q"} & set(one.cue.frame))
    clausal = one is not None and first and tokens[first - 1].low == "that"
    subordinate = (
        one is not None and tokens[0].low in LEADING and not any(token.text == "," for token in tokens[: one.at])
    )
    for k in range(first, len(tokens)):
        token = tokens[k]
        if taken[k]:
            return k
        if token.region >= 0:
            if token.mark and k + 1 < len(tokens) and tokens[k + 1].region != token.region and k > first:
                if tokens[first].region == token.region and _ends_with_region(tokens, first, k):
                    return k + 1
                if closed_by_comma(tokens, k) and tokens[k + 1].low in CUTTING | {"adding", "saying", "according"}:
                    return k + 1
            continue
        after = tokens[k + 1] if k + 1 < len(tokens) else None
        if token.text == ";" and not (after and after.low in ("otherwise", "therefore", "thus", "hence")):
            return k
        if after is None or k == first:
            continue
        if token.text == ",":
            if subordinate and (after.low in PRONOUNS or after.capital or after.low in DETERMINERS):
                return k
            if after.low in CUTTING or after.low == "according":
                return k
            cue = VERBS.get(after.low)
            if cue and cue.form == "ing" and ("t" in cue.frame or "n" in cue.frame) and after.region < 0:
                return k
            if objects and (
                after.low in ("and", "who", "which", "as", "after", "when", "a", "the", "in", "on") or adverb(after)
            ):
                return k
            if after.low in ("and", "or") and _coordinated(tokens, k + 2, one):
                return k
        if token.low in ("and", "but", "or") and _coordinated(tokens, k + 1, one):
            return k
        if token.text in DASHES and not clausal and objects:
            return k
        if (
            objects
            and k > first + 1
            and (
                token.low in ("after", "when", "while", "during", "before", "because", "since")
                or (token.low in ("on", "in", "at") and after.low in DAYS)
                or (token.low in DAYS and token.low != "may" and token.low != "march")
            )
        ):
            return k
    return len(tokens)


def _ends_with_region(tokens: Tokens, first: int, k: int) -> bool:
    """A content that begins with a mark ends with it, unless the words behind complete its clause."""
    inner = next((token for token in tokens[first:k] if token.word), None)
    following = tokens[k + 1]
    if following.text == ",":
        return not (k + 2 < len(tokens) and tokens[k + 2].mark)
    if inner is not None and inner.capital and closed_by_comma(tokens, k):
        return True
    return following.low in (
        "and",
        "when",
        "as",
        "during",
        "in",
        "on",
        "at",
        "after",
        "before",
        "while",
        "but",
        "—",
        "–",
        "--",
        "because",
        "if",
    )


def _coordinated(tokens: Tokens, k: int, one: FoundCue | None) -> bool:
    """'… and *has vowed* to', '… and *he said*': a second cue with the same subject or a pronoun begins at k."""
    while k < len(tokens) and (adverb(tokens[k]) or tokens[k].low in HAVE):
        k += 1
    if k >= len(tokens) or tokens[k].region >= 0 or one is None:
        return False
    cue = VERBS.get(tokens[k].low)
    if (
        cue
        and k + 1 < len(tokens)
        and (
            (cue.form == one.cue.form and cue.form in ("past", "s", "ing"))
            or (cue.form in ("past", "s") and cue.speech and one.cue.form != "base")
        )
    ):
        return cue.form != "s" or tokens[k].low not in OFTEN_NOUNS or tokens[k + 1].low in ("that", "for", "to")
    following = VERBS.get(tokens[k + 1].low) if k + 2 < len(tokens) else None
    return bool(
        stem(tokens[k]) in ("he", "she", "they")
        and following
        and following.form == one.cue.form
        and following.form == "past"
    )


def closed_by_comma(tokens: Tokens, k: int) -> bool:
    """Is token k a comma, or the end of a marked region whose last sign is one, or a stop? A marked fragment has none."""
    while k > 0 and tokens[k].mark:
        k -= 1
    return tokens[k].text in (",", "?", "!", ".", "…", "...") or tokens[k].text in DASHES


def trimmed(tokens: Tokens, start: int, end: int) -> Place | None:
    """Without an introducing "that", marks, and stops at the ends; None where no word is left."""
    while start < end and (
        tokens[start].mark
        or (tokens[start].region < 0 and tokens[start].text in (",", ":", ";", ".", ")", "—", "–", "--"))
    ):
        start += 1
    while start < end and (
        tokens[end - 1].mark
        or (tokens[end - 1].region < 0 and (tokens[end - 1].text in (",", ":", ";", ".", "—", "–", "--", "(")))
    ):
        end -= 1
    if end - start > 1 and tokens[start].low == "that" and tokens[start].region < 0:
        start += 1
    return (start, end) if any(token.word for token in tokens[start:end]) else None
