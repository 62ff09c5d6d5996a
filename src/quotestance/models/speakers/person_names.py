"""The words of a speaker mention into what they name: a person's name without honorifics, a role, an organisation, a pronoun."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from quotestance.models.language.word_tables import word_set
from quotestance.models.speakers.first_names import FIRST, gender_of
from quotestance.models.speakers.mention_tails import without_tail
from quotestance.models.speakers.person_words import (
    COUNTRIES_TOO,
    COUNTRY_ADJECTIVES,
    FEMALE_TITLES,
    GROUPS,
    MALE_TITLES,
    NOT_NAMES,
    ORGANISATIONS,
    PARTICLES,
    PARTIES,
    PEOPLES,
    PERSON_NOUNS,
    PRONOUNS,
    ROLE_HEADS,
    SUFFIXES,
    SURNAMES_TOO,
    TITLES,
)
from quotestance.models.speakers.spelling import WORD, family, folded, is_capital, unpossessive

MentionKind = Literal["person", "role", "organisation", "pronoun", "group", "empty"]

LONGEST_NAME = 4  # words
NEXT_WORDS = 3  # behind the head in which a title still tells the gender: "Lee, chairwoman of …"
# words before a mention that are no part of it
FOCUS = re.compile(
    r"^(?:(?:even|only|also|just|not|not even|including|perhaps|especially|particularly|like|how many|there (?:is|are)(?: no)?"
    r"|[\w-]+-year-old|according to|while|when|as|but|and|on|by|from|in|with|for|to)\s+)+(?=\S)",
    re.IGNORECASE,
)
CALLED = re.compile(r"\b(?:called|named|dubbed|known as)\s+(?:the\s+)?[\"“‘']?[A-Z]")
PRIZED = re.compile(r"[A-Z]\w+ [Oo]f [A-Z]\w+ (\w+)$")
MARKS = "“”\"‘’'`,;:()[]!?—–-"
ENDS = MARKS.replace("’", "").replace("'", "")  # an apostrophe may belong to the word: "the teachers’ union"
DOTTED = re.compile(r"(?:[A-Z]\.)+$")
HEAD_END = re.compile(r",| [—–(]|\(| (?:who|which|that|whom|whose) ")
STATES = frozenset(["virginia", "georgia", "carolina"])  # first names that are more often states
POSSESSED = re.compile(rf"{WORD.pattern}['’]?")  # a word with the apostrophe behind it
QUESTION_AND_ANSWER = frozenset("QA")  # labels of transcripts
UNNAMED = ("unidentified", "unknown", "unnamed")  # "UNIDENTIFIED MALE": whoever is called so next is another
FIRM = re.compile(r"(?:[Tt]he )?((?:[A-Z][\w’'.\-]* )+& [A-Z][\w’'.\-]*(?: [A-Z][\w’'.\-]*)*)")  # "Johnson & Johnson"
# words that make an organisation of what stands before them, and may stand before a person, too: "Amnesty International"
LAST_OF_ORGANISATIONS = word_set(
    "international holdings industries partners motors airlines airways technologies systems pictures"
)
HONORIFICS = frozenset(["mr", "mrs", "ms", "dr"])
BEFORE_OWNERS = word_set("about against behind between like around of for at from in the by with to on and") | {"&"}
BETWEEN_OWNERS = frozenset(TITLES) | ROLE_HEADS | {"former", "then", "democratic", "republican", "late"}
QUANTITIES = word_set("many some most several few two three all both other these those young older")
OF_ORGANISATIONS = word_set("black white new north south east west national federal international first")
NOUNS_IN_LY = word_set("tally family rally ally assembly supply reply bully monopoly anomaly weekly monthly")
DAYS = word_set("monday tuesday wednesday thursday friday saturday sunday")
DESCRIBING = ROLE_HEADS | PERSON_NOUNS
ENDS_OF_DESCRIBING = DESCRIBING | {"born", "elect", "turned"}
BEHIND_NOUNS = word_set("of for at from in with on to by about against among within representing")


@dataclass(frozen=True)
class Mention:
    """What a mention says: the name's words, the title's role nouns, a role head with the other words of the description, the gender."""

    kind: MentionKind
    name: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    words: frozenset[str] = field(default=frozenset())
    gender: str = ""

    @property
    def surname(self) -> str:
        return folded(family(self.name)) if self.name else ""


def read_mention(text: str) -> Mention:
    """What `text`, the words of a speaker mention, names. Never raises."""
    text = FOCUS.sub("", text.strip())
    words = [unpossessive(word) for word in WORD.findall(text)]
    if not words:
        return Mention("empty")
    lows = [word.lower().rstrip(".") for word in words]
    if (len(words) == 1 and words[0] in QUESTION_AND_ANSWER) or (words[0].isupper() and lows[0] in UNNAMED):
        return Mention("empty")
    if len(words) == 1 and lows[0] in PRONOUNS:
        return Mention("pronoun", gender=PRONOUNS[lows[0]])
    head = HEAD_END.split(text, maxsplit=1)[0]
    if firm := FIRM.match(head):
        return Mention("organisation", tuple(map(unpossessive, firm[1].split())))
    gender = _gender_of_title(lows[: len(WORD.findall(head)) + NEXT_WORDS])
    roles = frozenset(role for low in lows if low in TITLES for role in TITLES[low].split()) | (
        frozenset(lows) & ROLE_HEADS
    )
    content = described_by(lows)
    name = _name_before_preposition(head) or _name(head) or _name_in_apposition(text, head)
    if len(name) > 1 and not gender:
        gender = gender_of(folded(name[0]))
    if len(name) == 1 and lows[0] in QUANTITIES and name[0].endswith("s"):  # "Many Millennials"
        return Mention("group", words=content)
    if name:
        return Mention("person", name, roles, content, gender if gender != "thing" else "")
    if any(low in GROUPS for low in lows[:2]) or _role_head(head) in GROUPS:
        return Mention("group", words=content)
    if role := _role(head):
        return Mention("role", (), frozenset([role]), content, gender)
    body = _without_article(_written(without_tail(head.strip())) or words)
    if _only_described(head, body):
        return Mention("group", words=content)
    if match := CALLED.search(head):
        body = _written(head[match.end() - 1 :])
    body = _without_adverbs(body)
    if any(word[0].isupper() for word in body[1:]) or (
        body[0][0].isupper() and (body[0].lower() not in NOT_NAMES or DOTTED.match(body[0]))
    ):
        return Mention("organisation", _from_first_capital(body), words=content)
    return Mention("group", words=content)


def surname_alone(text: str) -> str:
    """The surname that a mention of one word in capitals may be, folded: "May", "TRUMP"; "" for pronouns and other mentions."""
    words = [unpossessive(word) for word in WORD.findall(FOCUS.sub("", text.strip()))]
    alone = len(words) == 1 and is_capital(words[0]) and words[0].lower() not in PRONOUNS
    return folded(words[0]) if alone else ""


def described_by(lows: Iterable[str]) -> frozenset[str]:
    """The words of a description that tell its bearer from another."""
    told = (COUNTRY_ADJECTIVES.get(low.rstrip("."), low) for low in lows)
    return frozenset(low for low in told if (len(low) > 2 and low not in NOT_NAMES) or low in PARTIES)


def best_name(variants: list[tuple[str, ...]]) -> str:
    """The fullest of a person's names, without middle initials and honorifics."""

    def weight(name: tuple[str, ...]) -> tuple[int, int]:
        plain = _plain(name)
        bare = sum(word.lower().rstrip(".") not in SUFFIXES for word in plain)
        return (min(bare, 3), -len(plain))

    return " ".join(_plain(max(variants, key=weight))) if variants else ""


def _plain(name: tuple[str, ...]) -> tuple[str, ...]:
    plain = tuple(word for i, word in enumerate(name) if not (0 < i < len(name) - 1 and len(word.rstrip(".")) == 1))
    return plain or name


def names_organisation(run: list[str]) -> bool:
    """Whether a run of capitals has a word of organisations; a first name before another word ("Bill", "Virginia") is none."""
    first, last = run[0].lower(), run[-1].lower()
    if len(run) > 1 and first in FIRST:
        run = run[1:] if last not in COUNTRIES_TOO or first in STATES else run[1:-1]
    return any(_of_organisation(word) for word in run) or (len(run) > 1 and last in LAST_OF_ORGANISATIONS)


def _of_organisation(word: str) -> bool:
    """Whether a word makes capitals an organisation; letters such as "UN" only as capitals: not in 'Kim Jong Un'."""
    return word.lower() in ORGANISATIONS and (len(word) > 2 or word.isupper())


def person_start(run: list[str]) -> int:
    """Where the person begins in a run of capitals such as 'Writers Union Ann Lee': behind the organisation's last word.

    In a run too long for a name, at the last first name.
    """
    last = max((i for i, word in enumerate(run) if _of_organisation(word) and word.lower() not in FIRST), default=-1)
    behind = run[last + 1 :]
    if len(behind) > 1 and folded(behind[0]) in FIRST:
        return last + 1
    named = next((i for i in range(last + 1, len(run) - 1) if folded(run[i]) in FIRST), 0)
    if last >= 0 and named and all(describes(word) or word.lower() in NOT_NAMES for word in run[last + 1 : named]):
        return named  # 'House Republican Ann Lee'
    if last < 0 and len(run) >= LONGEST_NAME and folded(run[0]) not in FIRST:  # 'Ku Klux Klan Grand Wizard Ann Lee'
        return next((i for i in range(len(run) - 3, len(run) - 1) if folded(run[i]) in FIRST), 0)
    return 0


def describes(word: str) -> bool:
    """Whether a word in capitals before a name is a role: 'Filmmaker', 'Co-moderator', 'Korean-born', 'Oscar-winner'."""
    low = word.lower().removeprefix("co-")
    return low in DESCRIBING or low.split("-")[-1] in ENDS_OF_DESCRIBING


def is_surname_too(before: list[str], word: str) -> bool:
    """Whether a title, role or colour is the surname of the first name before it: 'Ann King', 'Peter T. King'."""
    if not word[0].isupper() or word.lower() not in SURNAMES_TOO:
        return False
    first = before[-2:-1] if before and len(before[-1].rstrip(".")) == 1 else before[-1:]
    return bool(first) and first[0][0].isupper() and folded(first[0]) in FIRST


def _without_article(words: list[str]) -> list[str]:
    return words[1:] if len(words) > 1 and words[0].lower() in ("the", "a", "an") else words


def _only_described(head: str, body: list[str]) -> bool:
    """'A poll from Marquette Law School', 'fellow GOP hopefuls', '31 Latinos': capitals that name no speaker."""
    place = next((i for i, word in enumerate(body) if word in BEHIND_NOUNS and i), len(body))
    if place == 1 and body[0].endswith("s") and body[1:2] and not body[0].isupper():  # "Students at a school in Ohio"
        return True
    if CALLED.search(head) or body[0][0].isupper():
        return False
    noun = body[place - 1]
    low = noun.lower()
    if noun[0].islower() or low in DAYS:  # "a poll released Sunday by …"
        return True
    return low in PEOPLES or (low.endswith("s") and low[:-1] in PEOPLES)


def _dotted(word: str) -> str:
    """'J.J' with the dot that ends it."""
    return f"{word}." if re.fullmatch(r"(?:[A-Z]\.)+[A-Z]", word) else word


def _written(text: str) -> list[str]:
    """The words of an organisation's name as they are written, "U.S.", "NBC/Post", without the marks around them."""
    words = [
        word if DOTTED.match(word) else word.rstrip(".")
        for word in (word.lstrip(MARKS).rstrip(ENDS) for word in text.split())
    ]
    words = [word for word in words if WORD.search(word)]
    return [*words[:-1], unpossessive(words[-1])] if words else []


def _without_adverbs(body: list[str]) -> list[str]:
    """'the Census brazenly' without the word that belongs to the verb."""
    while len(body) > 1 and body[-1].endswith("ly") and body[-1].islower() and body[-1] not in NOUNS_IN_LY:
        body = body[:-1]
    return body


def _from_first_capital(words: list[str]) -> tuple[str, ...]:
    """Without the description before a name: 'event organizer Alliance to Reclaim …'."""
    first = next((i for i, word in enumerate(words) if word[0].isupper()), 0)
    return tuple(words[first:])


def _gender_of_title(lows: list[str]) -> str:
    if any(low in FEMALE_TITLES for low in lows):
        return "female"
    return "male" if any(low in MALE_TITLES for low in lows) else ""


def _name(text: str) -> tuple[str, ...]:
    """The person's name at the end of a phrase: the capitals behind the last title or lower-case word; () where it names no person."""
    text = re.sub(r"\([^)]*\)?", " ", text)
    text = re.sub(r"[\"“”„«»].*?[\"“”„«»]", " ", text)
    written = POSSESSED.findall(text)
    words = [unpossessive(word) for word in written]
    if not words or (re.search(r"['’]s?\s*$", text) and len(words) > 6):
        return ()
    run: list[str] = []
    titled = False
    for i in range(len(words) - 1, -1, -1):
        word = words[i]
        if run and word != written[i]:  # 'Fox’s Ann Lee'
            break
        low = word.lower().rstrip(".")
        if low in TITLES and not is_surname_too(words[:i], word):
            titled = True
            break
        if not (is_capital(word) or (low in PARTICLES and run)):
            break
        run.append(word)
    run.reverse()
    if len(run) > 1 and len(run[-1]) == 1:
        run.pop()
    if (
        len(run) > 1 and run[0].lower() in OF_ORGANISATIONS and not (titled or folded(run[1]) in FIRST)
    ):  # 'Black Lives Matter'
        return ()
    if run and run[0] in PARTICLES:  # "de Blasio" is looked for by his last word
        run.pop(0)
    title = words[i].lower() if titled else ""
    if len(run) == 1 and (title in HONORIFICS or (TITLES.get(title) and run[0].lower() in SURNAMES_TOO)):
        return tuple(run)  # 'Mr. White', 'Prime Minister May'
    if _behind_of_the(words[: len(words) - len(run)]) and not person_start(run):
        return ()
    while run and (run[0].lower() in NOT_NAMES or (len(run) > 1 and describes(run[0]))):
        run.pop(0)
    if len(run) > 2 and words[: len(words) - len(run)][-1:] == ["of"] and folded(run[1]) in FIRST:
        run.pop(0)  # 'Chief of Staff Ann Lee'
    before = words[: len(words) - len(run)]
    if start := person_start(run):
        run, before = run[start:], []
    if not run or (len(run) > LONGEST_NAME and not titled):
        return ()
    lows = [word.lower() for word in run]
    if lows[-1] in PEOPLES or lows[-1].removesuffix("s") in PEOPLES - {"christian"}:  # 'Asian Americans'
        return ()
    role = lows[-1] in DESCRIBING and not is_surname_too(run[:-1], run[-1])
    if names_organisation(run) or any(low in GROUPS for low in lows) or role:
        return ()
    skipped = len(before)
    while before and before[-1].lower().rstrip(".") in BETWEEN_OWNERS:  # "spokesman for Sen. Ann Lee"
        before = before[:-1]
    bound = before[-1].lower() if before else ""
    if bound in BEFORE_OWNERS and not (skipped > len(before) and (bound == "the" or len(before) == 1)):
        return ()
    if before and before[-1].isdigit():
        return ()
    if all(word.isupper() for word in run) and len(run) == 1 and len(run[0]) <= 5 and not titled:
        return ()
    return tuple(map(_dotted, run[-LONGEST_NAME:]))


def _behind_of_the(before: list[str]) -> bool:
    """'The Leader of the', 'the wife of the late': the capitals that follow are no one who speaks."""
    while before and before[-1].lower() in BETWEEN_OWNERS:
        before = before[:-1]
    return [word.lower() for word in before[-2:]] == ["of", "the"]


def _name_before_preposition(head: str) -> tuple[str, ...]:
    """'Dan McLaughlin at the National Review' names a person: two or more capitals before a preposition."""
    first, *rest = re.split(r" (?:at|of|from|with|for|in|on) ", head, maxsplit=1)
    name = _name(first) if rest else ()
    return name if len(name) > 1 else ()


DETERMINERS = frozenset(("the", "a", "an", "his", "her", "its", "their", "my", "our", "one"))


def _name_in_apposition(text: str, head: str) -> tuple[str, ...]:
    """'Trump's running mate, Indiana Gov. Mike Pence' names Mike Pence; of a description in lower case, whatever name stands behind."""
    parts = text.split(",")[1:]
    if not parts:
        return ()
    if _plural(_head_noun(head)):  # 'supporters of her opponent, Ann Lee'
        return ()
    if not head.strip()[:1].isupper():
        return _name(text)
    first = head.split()[0].lower()  # 'The French minister, Ann Lee', 'Her lawyer, Ann Lee', 'Lee’s lawyer, Bob Ray'
    told = _role(head) and (first in DETERMINERS or first.endswith(("’s", "'s")))
    return next((name for part in parts if len(name := _name(part)) > 1 and (told or folded(name[0]) in FIRST)), ())


def _head_noun(head: str) -> str:
    words = [unpossessive(word).lower() for word in WORD.findall(head)]
    place = next((i for i, word in enumerate(words) if word in BEHIND_NOUNS and i), len(words))
    return words[place - 1] if words else ""


def _plural(noun: str) -> bool:
    return noun in GROUPS or (noun.endswith("s") and not noun.endswith(("ss", "us", "is")))


def _role(head: str) -> str:
    """The role of a description, '' where it has none: its head noun, or the last word of 'Medal of Honor winner'."""
    noun, prized = _role_head(head), PRIZED.search(head)
    if noun in ROLE_HEADS:
        return noun
    last = WORD.findall(head)[-1:]
    titled = last and last[0][0].isupper() and head[:4].lower() == "the "  # 'the Daily Caller'
    roles = (noun, prized[1].lower() if prized else "")
    return next((low for low in roles if low in DESCRIBING and not titled), "")


def _role_head(text: str) -> str:
    """The head noun of a description: the word before its first preposition, or its last."""
    lows = [unpossessive(word).lower() for word in WORD.findall(text)]
    for i, low in enumerate(lows):
        if low in ("of", "for", "at", "from", "in", "with", "who", "on", "to", "and") and i:
            return lows[i - 1]
    return lows[-1] if lows else ""
