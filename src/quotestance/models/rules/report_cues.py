"""Which tokens of a sentence are cues: verbs of reporting used as verbs, states ("is sure"), nouns with an owner ("his claim")."""

from __future__ import annotations

from dataclasses import dataclass

from quotestance.models.language.cue_verbs import NOUNS, OFTEN_NOUNS, STATES, VERBS, Cue
from quotestance.models.language.word_tables import word_set
from quotestance.models.rules.clauses import (
    BE,
    DETERMINERS,
    LOOSE,
    MODALS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUNS,
    Place,
    Tokens,
    stem,
    verb_group_start,
)

NAMING = frozenset(["called", "named", "dubbed", "labeled", "titled", "listed"])
MIND = word_set("""
    think believe know want hope wish love hate like see feel guess understand remember doubt wonder need
    consider prefer
""")
TO_CUES = word_set("""
    say announce discuss endorse criticize denounce condemn warn declare suggest argue explain urge defend
    praise
""")


@dataclass(frozen=True)
class FoundCue:
    """A cue at token `at` of a sentence, with its verb group and what kind of word it is."""

    at: int
    cue: Cue
    group: Place  # auxiliaries, adverbs, verb
    kind: str  # verb, state, noun


def cue_at(tokens: Tokens, i: int) -> FoundCue | None:
    """The cue that token i is in this sentence, or None. Words in marks are never one."""
    token = tokens[i]
    if token.region >= 0 or not token.word:
        return None
    before = tokens[i - 1] if i else None
    if token.low in STATES and before is not None:
        start = verb_group_start(tokens, i)
        if any(one.low in BE for one in tokens[start:i]) or (
            stem(tokens[start - 1]) != tokens[start - 1].low and stem(tokens[start - 1]) in PRONOUNS
        ):
            frame = STATES[token.low]
            letters, _, preposition = frame.partition("p:")
            return FoundCue(
                i, Cue(token.low, "state", letters, frozenset(preposition.split())), (start, i + 1), "state"
            )
    cue = VERBS.get(token.low)
    if cue and _is_verb(tokens, i, cue):
        return FoundCue(i, cue, (verb_group_start(tokens, i), i + 1), "verb")
    singular = token.low[:-1] if token.low.endswith("s") else token.low
    frame = NOUNS.get(singular, "")
    if (
        frame
        and before is not None
        and (
            before.low in POSSESSIVES
            or before.low.endswith(("'s", "s'"))
            or (i > 1 and (tokens[i - 2].low in POSSESSIVES or tokens[i - 2].low.endswith("'s")))
        )
    ):
        letters, _, preposition = frame.partition("p:")
        return FoundCue(i, Cue(singular, "noun", letters, frozenset(preposition.split())), (i, i + 1), "noun")
    return None


def _is_verb(tokens: Tokens, i: int, cue: Cue) -> bool:
    start = verb_group_start(tokens, i)
    before = tokens[start - 1] if start else None
    group = [one.low for one in tokens[start:i]]
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if (
        tokens[i].capital
        and i
        and not (
            cue.form in ("s", "past") and tokens[i - 1].capital and tokens[i].low != "states" and _headline(tokens)
        )
    ):
        return False
    if (
        before is not None
        and (
            (before.low in DETERMINERS and before.low not in ("this", "that", "some", "any", "those", "these"))
            or (before.low.endswith("'s") and stem(before) not in PRONOUNS)
            or before.low in ("of", "for", "with", "from")
        )
        and cue.form != "ing"
    ):
        return False
    passive = any(low in BE for low in group)
    if cue.form == "past":
        if passive or (after is not None and after.low == "by"):
            return False
        if (
            tokens[i].low in NAMING
            and before is not None
            and before.word
            and not before.capital
            and stem(before) not in PRONOUNS
            and not group
            and after is not None
            and after.capital
        ):
            return False
        return before is None or before.low not in PREPOSITIONS or before.low in ("after", "as", "before", "since")
    if cue.form == "s":
        if before is None or (not before.word and before.text not in (",", ")", "”", '"', "—", "–")):
            return False
        if tokens[i].low in OFTEN_NOUNS:
            return (
                before.capital
                or stem(before) in PRONOUNS
                or before.text in ",)"
                or before.low.endswith(("poll", "study", "man", "er", "or"))
            ) and before.low not in PREPOSITIONS
        return before.low not in PREPOSITIONS
    if cue.form == "ing":
        if any(low in BE for low in group):
            return True
        if (
            before is None
            or before.text in (",", "—", "–", "--")
            or before.low in ("and", "while", "by", "before", "after", "in", "of", "from")
        ):
            return True
        return cue.speech and cue.lemma == "say"
    if any(low in MODALS for low in group) or (before is not None and before.low.endswith(("'ll", "'d"))):
        return cue.lemma not in MIND or any(low.startswith(("do", "did")) for low in group)
    if before is None:
        return False
    if before.low == "to":
        return cue.lemma in TO_CUES and i > 1
    plural = (
        (before.low.endswith("s") and not before.low.endswith(("ss", "'s", "us")))
        or before.low in LOOSE
        or before.low in ("people", "they")
    )
    if tokens[i].low in OFTEN_NOUNS:
        return (
            stem(before) in ("they", "we", "i", "you", "who")
            or (plural and not before.capital and tokens[i].low not in ("report", "state", "support"))
            or before.low in ("democrats", "republicans")
        )
    if cue.speech or cue.lemma in ("think", "believe", "argue", "hope", "want"):
        return (
            before.word
            and before.low not in DETERMINERS
            and before.low not in PREPOSITIONS
            and before.low not in ("and", "or", "let")
        ) or before.text in (",", ")")
    return plural or stem(before) in ("they", "we", "i", "you", "who") or before.text in (",", ")")


def _headline(tokens: Tokens) -> bool:
    """Are most words capitalised?"""
    words = [token for token in tokens if token.word]
    return len(words) < 30 and sum(token.capital for token in words) * 10 >= 6 * len(words)
