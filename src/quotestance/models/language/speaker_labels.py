"""Labels of speakers at the head of a line: those of transcripts ("Q:", "SMITH:"), and of a headline ("Trump: We will win")."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from quotestance.models.language.cue_verbs import VERBS
from quotestance.models.language.word_tables import word_set

Chars = tuple[int, int]

# 'SMITH: No', 'SMITH :  No', '**SMITH:** No', 'TRUMP (on video): No', 'ANNA SMITH, CNN HOST: No', '@annasmith: No'
LABEL = re.compile(
    r"[“\"]?\*{0,2}(?P<name>@?[^\W\d_][\w.’'\-]*(?: [\w.’'\-]+){0,5})"
    r"(?:, [A-Z][A-Z.&’'\- ]{1,40})?(?: [(\[][^()\[\]:]{1,40}[)\]])?\*{0,2}[ \u00a0]?(?P<colon>:)\*{0,2}(?!\S)"
)
Q_AND_A = re.compile(r"[“\"]?(?P<name>[QA])(?P<colon>\.)(?!\S)")
LONGEST = 80  # characters
NO_SPEAKERS = word_set("""
    photo photos image images image credit credits picture update updated note related read watch video source sources
    by caption correction clarification warning published tags topics more see also follow listen exclusive breaking
    editor author byline contact email phone location date time subject re fact facts claim verdict rating score price
    pros cons opinion analysis part chapter question answer here this the these share advertisement top what where when
    why how weather sports sport news politics business transcript
""")
SMALL = frozenset(("of", "de", "van", "von", "al"))
SPEAKS = re.compile(r"\b(?:I|[WwMm]e|[Mm]y|us|[Oo]urs?|[Yy]ou(?:rs?)?|[Yy]es|[Yy]eah)\b")
REPORTS = re.compile(r"\b(?:said|says|told|added|asked|according to)\b", re.I)
IN_MARKS = re.compile(r"“[^“”]*”|\"[^\"]*\"")
LEAST_SPOKEN = 0.5  # of a transcript's labelled lines say I, we or you, or ask: all of PolNeAR's have .6 and more
LONGEST_INITIALS = 4  # "AP:", "NATO:"
SHORT_GAP = 3  # lines without a label that need not say I, we or you


@dataclass(frozen=True)
class SpeakerLabel:
    """A label: the characters of the name, of its colon and of what is said, paragraph by paragraph; `lines` are all that these stand in."""

    name: Chars
    colon: Chars
    said: tuple[Chars, ...]
    lines: tuple[Chars, ...]


@dataclass(frozen=True)
class HeadlineLabel:
    """The characters of a headline's label and of its colon, and where the words behind them begin."""

    name: Chars
    colon: Chars
    body: int


@dataclass(frozen=True)
class _Candidate:
    name: Chars
    colon: Chars
    key: str  # the same for "JAKE TAPPER" and "TAPPER"
    capitals: bool
    body: int
    first: int  # the numbers of the label's line and of the one where speech begins: one below where the label stands alone
    begins: int

    @property
    def handle(self) -> bool:
        return _is_handle(self.key)


def speaker_labels(text: str, lines: Sequence[Chars]) -> list[SpeakerLabel]:
    """The labels of a text that is a transcript, or holds one, in order; none where it is not.

    A transcript has two labelled lines or more, one label comes again or most lines have one, and half of what is said has an I, we or
    you or is a question: so the place before a report ("NEW DELHI: The government …") and a rubric ("WEATHER: Rain") are no speakers.
    Names in capitals and handles ("@annasmith:", which only posts have) count, others where they come again. Lines without a label
    between two, or that go on with I, we or you behind the last one, belong to the label before them.
    """
    candidates = _candidates(text, lines)
    times = Counter(one.key for one in candidates)
    counted = [one for one in candidates if one.capitals or one.handle or times[one.key] > 1]
    if len(counted) > 1 and _heads(counted[0], counted[1]):
        counted = counted[1:]
    repeated = any(times[one.key] > 1 for one in counted)
    most = sum(1 + one.begins - one.first for one in counted) * 2 >= len(lines)
    spoken = sum(one.handle or _spoken(text[one.body : lines[one.begins][1]]) for one in counted)
    if len(counted) < 2 or not (repeated or most) or spoken < LEAST_SPOKEN * len(counted):
        return []
    labels = [
        one
        for one in counted
        if one.handle or times[one.key] > 1 or not _narrates(text[one.body : lines[one.begins][1]])
    ]
    if len({one.key for one in labels}) == 1:  # the lines between are another's, whose label is missing
        return [_label(text, lines, one, one.begins + 1) for one in labels]
    nexts = [*(one.first for one in labels[1:]), None]
    return [_label(text, lines, one, behind) for one, behind in zip(labels, nexts, strict=True)]


def headline_label(text: str, lines: Sequence[Chars]) -> HeadlineLabel | None:
    """What stands before a colon at the head of the first of several lines, as a name does in "Trump: We will win" and a topic elsewhere.

    A place in capitals and what a report stands behind are none: "Karachi: The police said …".
    """
    match = _matched(text, lines[0]) if len(lines) > 1 else None
    if match is None or match.end() >= lines[0][1] or _narrates(text[match.end() : lines[0][1]]):
        return None
    if match["name"].isupper() and len(match["name"]) > LONGEST_INITIALS:
        return None
    return HeadlineLabel(match.span("name"), match.span("colon"), _behind_blanks(text, match.end()))


def _heads(first: _Candidate, second: _Candidate) -> bool:
    """Is the first label that of a headline, not of a transcript that begins with the text?"""
    return first.first == 0 and not first.capitals and second.first > first.begins + 1


def _candidates(text: str, lines: Sequence[Chars]) -> list[_Candidate]:
    found = []
    short = {
        match["name"]: None for start, end in lines if (match := Q_AND_A.match(text, start, min(end, start + LONGEST)))
    }
    number = 0
    while number < len(lines):
        line = lines[number]
        match = _matched(text, line) or (Q_AND_A.match(text, *line) if len(short) == 2 else None)
        if match:
            begins, body = number, _behind_blanks(text, match.end())
            if body >= line[1] and number + 1 < len(lines) and _matched(text, lines[number + 1]) is None:
                begins, body = number + 1, lines[number + 1][0]
            if body < lines[begins][1]:
                name = match["name"]
                key = name.split()[-1].casefold()
                found.append(
                    _Candidate(match.span("name"), match.span("colon"), key, name.isupper(), body, number, begins)
                )
                number = begins
        number += 1
    return found


def _matched(text: str, line: Chars) -> re.Match[str] | None:
    start, end = line
    match = LABEL.match(text, start, min(end, start + LONGEST))
    if not match:
        return None
    words = match["name"].split()
    if {words[0].lower(), words[0].lower().rstrip("s’'")} & NO_SPEAKERS or any(
        word.lower() in VERBS for word in words[1:]
    ):
        return None
    named = _is_handle(match["name"]) or all(word[0].isupper() or word in SMALL for word in words)
    return match if named else None


def _is_handle(name: str) -> bool:
    """'@annasmith': it stands before what is posted in its name, whatever that is."""
    return name.startswith("@") and " " not in name


def _behind_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _label(text: str, lines: Sequence[Chars], one: _Candidate, behind: int | None) -> SpeakerLabel:
    """The label with the lines that go on with it, up to the line `behind`, where the next label stands."""
    gap = [line for line in lines[one.begins + 1 : behind] if not _stage_direction(text[slice(*line)])]
    if behind is None:
        going_on = []
        for line in gap:
            if not SPEAKS.search(outside_marks(text[slice(*line)])):
                break
            going_on.append(line)
    else:
        speaking = sum(_spoken(text[slice(*line)]) for line in gap)
        long = len(gap) > SHORT_GAP and speaking < LEAST_SPOKEN * len(gap)
        going_on = [] if long or any(_narrates(text[slice(*line)]) for line in gap) else gap
    said = (one.body, lines[one.begins][1])
    return SpeakerLabel(one.name, one.colon, (said, *going_on), (*lines[one.first : one.begins + 1], *going_on))


def _stage_direction(line: str) -> bool:
    """'(CROSSTALK)' and '…'."""
    return line.strip('“”"* ')[:1] in ("(", "[") or not any(character.isalnum() for character in line)


def _spoken(line: str) -> bool:
    words = outside_marks(line)
    return "?" in words or bool(SPEAKS.search(words))


def _narrates(line: str) -> bool:
    return not _spoken(line) and bool(REPORTS.search(outside_marks(line)))


def outside_marks(line: str) -> str:
    """What a line says itself: of a line that is one speech in marks, all of it."""
    return IN_MARKS.sub(" ", line.strip('“”" '))
