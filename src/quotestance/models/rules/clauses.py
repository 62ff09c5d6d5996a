"""Where a reporting clause has its subject, and where what it reports begins and ends. Closed word lists, no parser."""

from __future__ import annotations

from quotestance.models.language.cue_verbs import VERBS
from quotestance.models.language.sentences import Token
from quotestance.models.language.word_tables import word_set

Tokens = tuple[Token, ...]
Place = tuple[int, int]  # token numbers, half-open

PRONOUNS = word_set("""
    he she they it who i we you which one that
""")
LOOSE = word_set("""
    many some both others most few several critics those these all none everyone everybody nobody someone
    another
""")
BE = word_set("""
    is are was were be been being am isn't aren't wasn't weren't
""")
HAVE = frozenset(["has", "have", "had", "hasn't", "haven't", "hadn't", "having"])
MODALS = word_set("""
    will would can could should may might must shall won't wouldn't can't couldn't shouldn't do does did don't
    doesn't didn't cannot
""")
AUXILIARIES = BE | HAVE | MODALS | {"not", "never", "n't"}
ADVERBS = word_set("""
    also later now then once again still even just often always ever never first further sometimes soon thus
    reportedly only long far twice already recently
""")
DETERMINERS = word_set("""
    the a an his her its their our my your this that these those some any no every each such another
""")
POSSESSIVES = frozenset(["his", "her", "its", "their", "our", "my", "your"])
PREPOSITIONS = word_set("""
    of for in on at by with from to about over under against between among through during before after since
    into near within without across amid despite like toward towards behind beyond via per upon including than
    outside inside around off throughout until alongside as
""")
ADJUNCTS = word_set("""
    in on at during to via by through after before last this early late from over for when as while earlier
    while
""")
SUBORDINATORS = word_set("""
    that if when because while although though whether where how why since until unless what but so yet than as
    after before once or nor
""")
DAYS = word_set("""
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december today yesterday tonight recently earlier later last
""")
COMMON_VERBS = word_set("""
    is are was were has had have did does do went came got made took gave became began won lost met left kept
    ran said says said put set led seems came goes gets makes takes gives comes leads won't includes included
    held spent sent stood fell rose grew drew felt told knew broke chose
""")
ROLE_ENDS = ("man", "woman", "er", "or", "ist", "ant", "ent", "ian", "head", "chief", "ee")
FIRST_PERSON = frozenset(["i", "we", "you"])


def stem(token: Token) -> str:
    """The word without a contracted verb: he's → he."""
    for tail in ("'s", "'d", "'ve", "'ll", "'re", "'m"):
        if token.low.endswith(tail):
            return token.low[: -len(tail)]
    return token.low


def verb_group_start(tokens: Tokens, i: int) -> int:
    """The first token of the auxiliaries and adverbs that belong to the verb at i."""
    while i > 0 and tokens[i - 1].region < 0 and (tokens[i - 1].low in AUXILIARIES or adverb(tokens[i - 1])):
        i -= 1
    return i


def adverb(token: Token) -> bool:
    return token.low in ADVERBS or (
        token.low.endswith("ly") and len(token.low) > 4 and not token.capital and token.low not in ("family", "ally")
    )


def finite(tokens: Tokens, i: int) -> bool:
    """Is the token a verb that would have a subject of its own? A guess from word lists and endings."""
    token = tokens[i]
    if token.low in BE or token.low in HAVE or token.low in MODALS or token.low in COMMON_VERBS:
        return True
    cue = VERBS.get(token.low)
    before = tokens[i - 1] if i else None
    if token.capital or not token.word:
        return False
    modified = (
        before is None
        or before.low in DETERMINERS
        or before.low.endswith("'s")
        or before.low in PREPOSITIONS
        or not before.word
    )
    if (cue and cue.form == "past") or token.low.endswith("ed"):
        following = tokens[i + 1].low if i + 1 < len(tokens) else ""
        return not modified and following != "by"
    return bool(cue and cue.form == "s" and not modified and before and (before.capital or before.low in PRONOUNS))


def subject_before(tokens: Tokens, i: int) -> Place | None:
    """The noun phrase that ends right before token i, with its apposition; None where there is none."""
    if i == 0:
        return None
    last = tokens[i - 1]
    if last.region >= 0:
        return None
    if stem(last) in PRONOUNS:
        return (i - 1, i)
    if last.text in (",", "—", "–", "--"):
        return _with_apposition(tokens, i - 1)
    if last.text in (")", "]"):
        opening = _opening(tokens, i - 1)
        core = _core(tokens, opening) if opening else None
        return (core[0], i) if core else None
    if not last.word:
        return None
    return _core(tokens, i)


def _opening(tokens: Tokens, i: int) -> int:
    k = i - 1
    while k > 0 and i - k < 12:
        if tokens[k].text in "([":
            return k
        k -= 1
    return 0


def _with_apposition(tokens: Tokens, comma: int) -> Place | None:
    """'Ann Lee, head of the centre,': the name before the first comma and what stands between the two."""
    dash = tokens[comma].text
    k = comma - 1
    while k > 0 and comma - k < 40 and tokens[k].text != dash and tokens[k].text not in (";", ":"):
        k -= 1
    if k <= 0 or tokens[k].text != dash or k + 1 >= comma:
        return None
    inner = tokens[k + 1 : comma]
    if any(token.region >= 0 for token in inner):
        return None
    core = subject_before(tokens, k)
    if core is None and tokens[k - 1].word:
        return None
    if core is None:
        return None
    head = inner[0]
    renames = (
        head.low in DETERMINERS
        or head.text.isdigit()
        or head.low in ("who", "whose", "which", "himself", "herself", "former", "himself", "of")
        or head.low.endswith(ROLE_ENDS)
        or (head.capital and len(inner) <= 3)
    )
    if len(inner) >= 2 and inner[-1].text.isdigit():
        return core
    return (core[0], comma) if renames or (len(inner) == 1 and head.text.isdigit()) else core


def _core(tokens: Tokens, end: int) -> Place | None:
    """The noun phrase that ends before token `end`, prepositional tails included where it starts as a noun phrase."""
    lowest = end
    while lowest > 0 and end - lowest < 40:
        token = tokens[lowest - 1]
        if token.region >= 0 or (
            not token.word and token.text not in ("&", "/", "-", ".", "'", "’", "$", "%", ")", "(", "#", "@")
        ):
            break
        if token.text == "." and not (lowest > 1 and tokens[lowest - 2].end == token.start):
            break
        if token.low in SUBORDINATORS:
            break
        if token.low in PRONOUNS and token.low != "one":
            break
        if token.text == ")":
            opening = _opening(tokens, lowest - 1)
            if not opening:
                break
            lowest = opening
            continue
        if finite(tokens, lowest - 1):
            break
        lowest -= 1
    lowest = _after_conjunction(tokens, lowest, end)
    while lowest < end and (
        tokens[lowest].low in ("and", "yet", "even", "also", "meanwhile", "however", ".", ")")
        or adverb(tokens[lowest])
        or tokens[lowest].low in DAYS
    ):
        lowest += 1
    if lowest < end and tokens[lowest].low in PREPOSITIONS:
        lowest = _past_adjunct(tokens, lowest, end)
    if lowest >= end or not any(token.word for token in tokens[lowest:end]):
        return None
    return (lowest, end)


def _after_conjunction(tokens: Tokens, lowest: int, end: int) -> int:
    """Behind a verb, 'he lost and Trump' is two clauses: the phrase begins after the 'and'."""
    verb_before = lowest > 0 and (finite(tokens, lowest - 1) or tokens[lowest - 1].low in PRONOUNS)
    if verb_before:
        for k in range(end - 1, lowest - 1, -1):
            if tokens[k].low == "and":
                return k + 1
    return lowest


def _past_adjunct(tokens: Tokens, lowest: int, end: int) -> int:
    """'On Sunday Trump': the phrase begins at its last run of names, or nowhere."""
    k = end
    while k > lowest and (tokens[k - 1].capital or tokens[k - 1].text == "."):
        k -= 1
    while k < end and tokens[k].low in DAYS:
        k += 1
    if k < end and k > lowest:
        return k
    for k in range(end - 1, lowest, -1):
        if tokens[k].low in DETERMINERS and tokens[k - 1].low not in PREPOSITIONS:
            return k
    return end


def subject_after(tokens: Tokens, i: int) -> Place | None:
    """The noun phrase that begins at token i, with its apposition: said *Ann Lee, head of the centre*."""
    if i >= len(tokens) or tokens[i].region >= 0:
        return None
    if tokens[i].low in PRONOUNS:
        return (i, i + 1)
    k = i
    while k < len(tokens) and k - i < 40:
        token = tokens[k]
        if token.region >= 0:
            break
        if token.text == "(":
            while k < len(tokens) and tokens[k].text != ")" and k - i < 60:
                k += 1
            k += 1
            continue
        if token.text == "." and k + 1 < len(tokens) and k > i and tokens[k - 1].end == token.start:
            k += 1
            continue
        if not token.word and token.text not in ("&", "/", "-", "'", "’", "$", "%", "#", "@"):
            break
        if k > i and (
            token.low in SUBORDINATORS
            or token.low in DAYS
            or token.low in PRONOUNS
            or finite(tokens, k)
            or _leads_adjunct(tokens, k)
        ):
            break
        k += 1
    if k == i:
        return None
    if tokens[i].low in PREPOSITIONS or tokens[i].low in SUBORDINATORS or adverb(tokens[i]) or tokens[i].low in DAYS:
        return None
    return (i, min(_apposition_after(tokens, k), len(tokens)))


def _leads_adjunct(tokens: Tokens, k: int) -> bool:
    """'said Ann Lee *on* Monday', but 'said the head *of* the centre'."""
    low = tokens[k].low
    if low in ("during", "via", "last", "this", "earlier", "to", "about", "when"):
        return True
    if low in ("in", "on", "at") and k + 1 < len(tokens):
        following = tokens[k + 1]
        return following.low in DAYS or following.low in DETERMINERS or low != "in" or tokens[k - 1].capital
    return False


def _apposition_after(tokens: Tokens, k: int) -> int:
    if k + 1 >= len(tokens) or tokens[k].text != ",":
        return k
    head = tokens[k + 1]
    if not (
        head.low in DETERMINERS
        or head.low in ("who", "former", "head", "of")
        or head.low.endswith(ROLE_ENDS)
        or head.text.isdigit()
    ):
        return k
    if VERBS.get(head.low) and VERBS[head.low].form == "ing":
        return k
    end = k + 1
    while end < len(tokens) and end - k < 30:
        token = tokens[end]
        last_stop = token.text == "." and end + 1 >= len(tokens)
        if token.region >= 0 or last_stop or token.text in (",", ";", ":", "—", "–", "--"):
            break
        if head.low != "who" and finite(
            tokens, end
        ):  # "according to the mayor, the plan is dead": a clause, no apposition
            return k
        end += 1
    return end
