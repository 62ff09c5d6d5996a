"""One sentence into what it reports: content, cue and source as token places. Cue verbs, frames and closed lists, no parser."""

from __future__ import annotations

from dataclasses import dataclass

from quotestance.models.clauses import (
    ADJUNCTS,
    AUXILIARIES,
    BE,
    DAYS,
    DETERMINERS,
    FIRST_PERSON,
    HAVE,
    LOOSE,
    MODALS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUNS,
    Place,
    Tokens,
    adverb,
    finite,
    stem,
    subject_after,
    subject_before,
    verb_group_start,
)
from quotestance.models.cue_verbs import NOUNS, OFTEN_NOUNS, STATES, VERBS, Cue
from quotestance.models.word_tables import word_set

WH = frozenset(["how", "what", "why", "whether", "who", "when", "where", "if", "which"])
DASHES = frozenset(["—", "–", "--", "―"])
REPORTERS = word_set("""
    poll survey study report ad letter memo statement editorial video spot website campaign bill lawsuit
    document analysis email official adviser candidate nominee senator governor president leader mayor pollster
    lawyer strategist aide group committee
""")
NAMING = frozenset(["called", "named", "dubbed", "labeled", "titled", "listed"])
OBJECTS = word_set("""
    him her them me us it himself herself themselves reporters voters supporters viewers you lawmakers people
    everyone
""")
LEADING = word_set("""
    while if although though when as because after since before despite even
""")
CUTTING = frozenset(["but", "while", "although", "though", "whereas"])
MIND = word_set("""
    think believe know want hope wish love hate like see feel guess understand remember doubt wonder need
    consider prefer
""")
LOOKAHEAD = 18  # tokens in which an adjunct ("in a statement on Tuesday") may stand between cue and content


@dataclass(frozen=True)
class Report:
    """Token places in one sentence. `contents` may be several; `source` is None where the sentence has no subject for the cue."""

    contents: tuple[Place, ...]
    cue: Place
    source: Place | None
    speech: bool  # a word of saying, beside which words in marks are direct speech


@dataclass(frozen=True)
class _Found:
    at: int
    cue: Cue
    group: Place  # auxiliaries, adverbs, verb
    kind: str  # verb, state, noun


def reports(tokens: Tokens) -> list[Report]:
    """What the sentence reports, in the order of the contents. Contents do not overlap."""
    found = [one for i in range(len(tokens)) if (one := _cue_at(tokens, i))]
    taken = [False] * len(tokens)
    made: list[Report] = []
    for one in found:  # first those whose content stands before them: "…, she said."
        if one.kind == "verb" and one.cue.speech and not taken[one.at]:
            report = _backward(tokens, one, taken)
            if report:
                _take(taken, report)
                made.append(report)
    for i in range(len(tokens) - 1):
        if tokens[i].low == "according" and tokens[i + 1].low == "to" and tokens[i].region < 0 and not taken[i]:
            report = _according(tokens, i, taken)
            if report:
                _take(taken, report)
                made.append(report)
    for one in found:
        if not taken[one.at]:
            report = _forward(tokens, one, taken, found, made)
            if report:
                _take(taken, report)
                made.append(report)
    return sorted(made, key=lambda report: report.contents[0])


def _take(taken: list[bool], report: Report) -> None:
    for start, end in [*report.contents, report.cue]:
        for k in range(start, end):
            taken[k] = True


# --- cues


def _cue_at(tokens: Tokens, i: int) -> _Found | None:
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
            return _Found(i, Cue(token.low, "state", letters, frozenset(preposition.split())), (start, i + 1), "state")
    cue = VERBS.get(token.low)
    if cue and _is_verb(tokens, i, cue):
        return _Found(i, cue, (verb_group_start(tokens, i), i + 1), "verb")
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
        return _Found(i, Cue(singular, "noun", letters, frozenset(preposition.split())), (i, i + 1), "noun")
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


TO_CUES = word_set("""
    say announce discuss endorse criticize denounce condemn warn declare suggest argue explain urge defend
    praise
""")


# --- content before the cue


def _backward(tokens: Tokens, one: _Found, taken: list[bool]) -> Report | None:
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
        if speaks and one.cue.form in ("past", "s") and _closed_by_comma(tokens, start - 1):
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
        or (edge.mark and (_closed_by_comma(tokens, left - 1) or _is_one_region(tokens, left)))
    ):
        return None
    closing = source[1] if inverted else end
    if (
        not inverted
        and _follow(tokens, one) is not None
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
    content = _trimmed(tokens, content_start, content_end)
    if content is None or (content[1] - content[0] < 2 and tokens[content[0]].region < 0):
        return None
    rest = _trimmed(tokens, tail, len(tokens))
    goes_on = bool(rest and (tokens[rest[0]].low in BE or tokens[rest[0]].low in MODALS or tokens[rest[0]].low in HAVE))
    if not goes_on and _introduces_nothing(tokens, content):
        return None
    contents = [content]
    if rest and tail < len(tokens) and tokens[tail - 1].text in (",", ":", "—", "–", "--"):
        first = tokens[rest[0]]
        if (first.region >= 0 or _goes_on(tokens, rest, content)) and not any(taken[rest[0] : rest[1]]):
            if first.region >= 0 and first.mark:
                rest = (rest[0], _content_end(tokens, rest[0], one, taken))
                trimmed = _trimmed(tokens, *rest)
                rest = trimmed or rest
            contents.append(rest)
    return Report(tuple(contents), (start, end), source, True)


def _is_one_region(tokens: Tokens, left: int) -> bool:
    """Do all tokens before `left` stand in one pair of marks?"""
    return all(token.region == tokens[left - 1].region for token in tokens[:left])


def _closed_by_comma(tokens: Tokens, k: int) -> bool:
    """Is token k a comma, or the end of a marked region whose last sign is one, or a stop? A marked fragment has none."""
    while k > 0 and tokens[k].mark:
        k -= 1
    return tokens[k].text in (",", "?", "!", ".", "…", "...") or tokens[k].text in DASHES


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


# --- "according to"


def _according(tokens: Tokens, i: int, taken: list[bool]) -> Report | None:
    source = subject_after(tokens, i + 2)
    if source is None:
        return None
    cue = (i, i + 2)
    before = _trimmed(tokens, _clause_start(tokens, i, taken), i)
    if i > 1 and before and before[1] - before[0] >= 2 and tokens[i - 1].low not in ("but", "and"):
        return Report((before,), cue, source, True)
    end = source[1]
    if end < len(tokens) and tokens[end].text == ",":
        stop = _stop(tokens, end + 1, taken, None)
        after = _trimmed(tokens, end + 1, stop)
        if after and after[1] - after[0] >= 2:
            return Report((after,), cue, source, True)
    return None


def _clause_start(tokens: Tokens, i: int, taken: list[bool]) -> int:
    for k in range(i - 1, -1, -1):
        if taken[k]:
            return k + 1
        if tokens[k].region < 0 and tokens[k].text == ";":
            return k + 1
        if (
            tokens[k].region < 0
            and tokens[k].low in ("but", "while", "although", "though")
            and k
            and tokens[k - 1].text == ","
        ):
            return k + 1
    return 0


# --- content after the cue


def _follow(tokens: Tokens, one: _Found) -> tuple[int, int] | None:
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


def _behind_addressee(tokens: Tokens, j: int, one: _Found) -> int | None:
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


def _forward(tokens: Tokens, one: _Found, taken: list[bool], found: list[_Found], made: list[Report]) -> Report | None:
    follow = _follow(tokens, one)
    if follow is None or (one.kind != "verb" and _weak(tokens, one)):
        return None
    first, cue_end = follow
    source, start = _source(tokens, one, made)
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
    end = _content_end(tokens, first, one, taken)
    content = _trimmed(tokens, first, end)
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


def _weak(tokens: Tokens, one: _Found) -> bool:
    j = one.group[1]
    return j < len(tokens) and tokens[j].text in ",.:;"


def _source(tokens: Tokens, one: _Found, made: list[Report]) -> tuple[Place | None, int]:
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
            return _subject_behind_comma(tokens, one.at), one.at
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


def _subject_behind_comma(tokens: Tokens, at: int) -> Place | None:
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


def _content_end(tokens: Tokens, first: int, one: _Found, taken: list[bool]) -> int:
    end = _stop(tokens, first, taken, one)
    if one.cue.form == "ing" and one.group[0] == 0:  # "Hailing the plan, the mayor said"
        source = _subject_behind_comma(tokens, one.at)
        if source:
            end = min(end, source[0] - 1)
    return end


def _stop(tokens: Tokens, first: int, taken: list[bool], one: _Found | None) -> int:
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
                if _closed_by_comma(tokens, k) and tokens[k + 1].low in CUTTING | {"adding", "saying", "according"}:
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
    if inner is not None and inner.capital and _closed_by_comma(tokens, k):
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


def _coordinated(tokens: Tokens, k: int, one: _Found | None) -> bool:
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


def _trimmed(tokens: Tokens, start: int, end: int) -> Place | None:
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
