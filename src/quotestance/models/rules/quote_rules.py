"""Article text into quotes by rules: quotation marks of all styles, words of saying, "according to", labels with a colon.

The baseline of the learned finder. No parser and no model: closed lists, measured on PolNeAR train and dev.
"""

from __future__ import annotations

import logging
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from quotestance.data.records import Quote, QuoteKind, QuoteSpeaker, Span
from quotestance.models.language.cue_verbs import VERBS
from quotestance.models.language.english import is_english
from quotestance.models.language.quote_marks import paragraphs
from quotestance.models.language.sentences import ENDS, Sentence, sentences
from quotestance.models.language.speaker_labels import HeadlineLabel, headline_label, outside_marks, speaker_labels
from quotestance.models.language.word_tables import word_set
from quotestance.models.rules.clauses import Place, Tokens, finite, stem, subject_before, verb_group_start
from quotestance.models.rules.content_end import DASHES
from quotestance.models.rules.report import Report
from quotestance.models.rules.reporting import reports

log = logging.getLogger(__name__)

Chars = tuple[int, int]

# sources without a name, before the colon of a headline
HEADLINE_SOURCES = word_set("""
    poll polls survey study report reports newspaper newspapers police experts officials historians insiders scientists
    researchers lawyers witnesses ap reuters
""")
FIRST_PERSON = re.compile(r"\b(?:I|We|My|Our)\b")
WORD = re.compile(r"\w+")
NEAR = 64  # quotes and spans that may still lie in the sentence at hand; a limit keeps one endless paragraph linear
OF_A_TITLE = word_set("""
    mr mrs ms dr sen rep gov gen col lt sgt rev prof pres sir lord lady senator governor president minister prime vice chief
    secretary general mayor police captain professor doctor chairman chairwoman spokesman spokeswoman of the
""")
NO_NAMES = word_set("he she they it we i you who the a an his her their one")
SPEECH_WORDS = 4  # a marked sentence without any word of saying is speech from this many words; fewer may be a title


@dataclass
class _Draft:
    spans: list[Chars]
    source: Chars | None = None
    cue: Chars | None = None
    follows: bool = field(
        default=False
    )  # its last span is speech in marks: bare marked sentences behind it belong to it


class RuleQuoteFinder:
    """Finds quotes by rules, in time linear in the text. The same text always gives the same quotes."""

    name = "rules"
    revision = "1"

    def find_many(self, texts: Iterable[str]) -> Iterator[tuple[Quote, ...]]:
        """The quotes of each text, in order."""
        return map(self.find_quotes, texts)

    def find_quotes(self, text: str) -> tuple[Quote, ...]:
        """The quotes of `text` in the order of their first words, with ids q1, q2, …; any string is allowed.

        Each quote has its spans (marks outside), its kind by where the marks stand, and, where the text names them, a
        mention of the speaker and the cue. Texts that are not English get their marked speech only, without speakers.
        """
        marked: list[Chars] = []
        english = is_english(text)
        if not english:
            log.warning("this does not read as English, so only marked speech is found: %.60r…", text.strip())
        drafts = _english_drafts(text, marked) if english else _marked_drafts(text, marked)
        ordered = sorted((draft for draft in drafts if draft.spans), key=lambda draft: draft.spans[0])
        return tuple(_quote(text, f"q{number}", draft, marked) for number, draft in enumerate(ordered, 1))


def _quote(text: str, name: str, draft: _Draft, marked: list[Chars]) -> Quote:
    return Quote(
        id=name,
        kind=_kind(text, draft.spans, marked),
        spans=tuple(Span.of(text, *place) for place in sorted(draft.spans)),
        speaker=QuoteSpeaker(mention=Span.of(text, *draft.source)) if draft.source else QuoteSpeaker(),
        cue=Span.of(text, *draft.cue) if draft.cue else None,
    )


def _kind(text: str, spans: list[Chars], marked: list[Chars]) -> QuoteKind:
    """Direct where all words stand in marks, indirect where none does, else mixed."""
    inside = outside = False
    for start, end in spans:
        at = start
        while at < end:
            k = bisect_right(marked, (at, len(text) + 1)) - 1
            if k >= 0 and at < marked[k][1]:
                stop = min(end, marked[k][1])
                inside = inside or bool(WORD.search(text, at, stop))
            else:
                stop = min(end, marked[k + 1][0] if k + 1 < len(marked) else end)
                outside = outside or bool(WORD.search(text, at, stop))
            at = max(stop, at + 1)
    return "mixed" if inside and outside else "direct" if inside else "indirect"


# --- English


@dataclass
class _State:
    """What one paragraph hands to the next."""

    unclosed: _Draft | None = None  # its quote goes on where the next paragraph opens again
    announced: Report | None = None  # "she added:" at the end of a paragraph
    sentence: Sentence | None = None  # the sentence of the announcement
    speaker: Chars | None = None  # of the last marked speech, for a paragraph of nothing but speech


def _english_drafts(text: str, marked: list[Chars]) -> list[_Draft]:
    lines = paragraphs(text)
    labels = speaker_labels(text, lines)
    labelled = {line for label in labels for line in label.lines}
    drafts: list[_Draft] = []
    for label in labels:
        for said in label.said:
            marked.extend(_marked(sentences(text, *said)))
        drafts.append(
            _Draft([span for said in label.said if (span := _stripped(text, *said))], label.name, label.colon)
        )
    headline = headline_label(text, lines) if lines and lines[0] not in labelled else None
    of_headline: list[_Draft] = []
    state = _State()
    for line in lines:
        if line in labelled:
            state = _State()
            continue
        split = sentences(text, *line)
        marked.extend(_marked(split))
        found, state = _paragraph(text, split, state)
        if headline and line == lines[0]:
            of_headline, state = found, _State()
        else:
            drafts.extend(found)
    marked.sort()
    if headline and _names_a_speaker(text, headline, lines[0][1], drafts):
        of_headline = [_headline_draft(text, headline, lines[0][1])]
    return [*of_headline, *drafts]


def _names_a_speaker(text: str, label: HeadlineLabel, end: int, drafts: list[_Draft]) -> bool:
    """Whether the label speaks: it is a source of its kind, says I or we, or speaks in the article, too.

    "Brexit: May faces defeat" has a topic before its colon.
    """
    last = text[slice(*label.name)].split()[-1].casefold()
    return (
        last in HEADLINE_SOURCES
        or bool(FIRST_PERSON.search(outside_marks(text[label.body : end])))
        or any(draft.source and last in WORD.findall(text[slice(*draft.source)].casefold()) for draft in drafts)
    )


def _headline_draft(text: str, label: HeadlineLabel, end: int) -> _Draft:
    span = _stripped(text, label.body, end)
    if span and text[span[1] - 1] == ".":  # a headline's stop is no part of it
        span = _stripped(text, span[0], span[1] - 1)
    return _Draft([span] if span else [], label.name, label.colon)


def _marked(split: list[Sentence]) -> list[Chars]:
    return [(region.start, region.end) for region in split[0].regions] if split else []


def _stripped(text: str, start: int, end: int) -> Chars | None:
    while start < end and (text[start].isspace() or text[start] in "“”\"„«»'‘"):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in '“”"«»’'):
        end -= 1
    return (start, end) if start < end else None


def _paragraph(text: str, split: list[Sentence], before: _State) -> tuple[list[_Draft], _State]:
    drafts: list[_Draft] = []
    state = _State(speaker=None)
    first = split[0].tokens[0]
    waiting: list[_Draft] = []  # bare speech whose speaker may be named in the next sentence
    unclosed = before.unclosed
    if unclosed and (not first.mark or _another_speaks(text, split[0], unclosed)):
        unclosed = None
    if unclosed:  # the quote of the last paragraph goes on
        region = split[0].regions[0]
        place = _stripped(text, region.start, region.end)
        if place:
            unclosed.spans.append(place)
        if not region.closed:
            return [], _State(unclosed=unclosed, speaker=before.speaker)
    announced = _announced_draft(text, split, before)
    if announced:
        drafts.append(announced)
        if not first.mark:
            return drafts, _State(speaker=announced.source)
    for sentence in split:
        if announced and sentence.start < announced.spans[-1][1]:
            done = {0}
        elif unclosed and sentence is split[0]:
            done = {0}
            drafts.append(unclosed)
        else:
            done = set()
        for report in (
            reports(sentence.tokens) if not (done and len({t.region for t in sentence.tokens if t.word}) == 1) else []
        ):
            draft = _draft(text, sentence, report)
            if done and unclosed in drafts and unclosed and draft.spans[0][0] <= split[0].regions[0].start:
                unclosed.source = unclosed.source or draft.source
                unclosed.cue = unclosed.cue or draft.cue
                unclosed.spans.extend(draft.spans[1:])
                continue
            if done and announced and draft.spans[0] == announced.spans[0]:
                continue
            if draft.source is None and drafts:
                draft.source = drafts[-1].source
            drafts.append(draft)
            for one in waiting:
                one.source = draft.source
            waiting = []
        for draft in _bare_speech(text, sentence, drafts, done):
            last = drafts[-1] if drafts else None
            if last and last.follows and last.cue and draft.cue is None:
                last.spans.extend(draft.spans)
                continue
            if draft.source is None and last:
                draft.source = last.source
            if draft.source is None:
                waiting.append(draft)
            drafts.append(draft)
    for one in waiting:
        one.source = before.speaker
    fresh = [draft for draft in drafts if draft is not unclosed]
    if drafts and any(draft.follows for draft in drafts):
        state.speaker = drafts[-1].source
    last_region = split[-1].regions[-1] if split[-1].regions else None
    if last_region and not last_region.closed and drafts and drafts[-1].spans[-1][1] > last_region.start:
        state.unclosed = drafts[-1]
    if split[-1].tokens[-1].text == ":" or (
        len(split[-1].tokens) > 1 and split[-1].tokens[-1].text == "," and len(split[-1].tokens) < 12
    ):
        state.announced, state.sentence = _announcement(split[-1]), split[-1]
    return fresh, state


def _another_speaks(text: str, sentence: Sentence, unclosed: _Draft) -> bool:
    """Whether the speech that a sentence begins with has a source of its own, with another name than that of the quote before it."""
    if not unclosed.source:
        return False
    begins = sentence.regions[0].start
    sources = [
        draft.source
        for report in reports(sentence.tokens)
        if (draft := _draft(text, sentence, report)).source and draft.spans[0][0] <= begins
    ]
    return bool(sources) and _other_names(text[slice(*unclosed.source)], text[slice(*sources[0])])


def _other_names(one: str, other: str) -> bool:
    """Are both names, without a word in common but titles? "He" and "the senator" may be anybody."""
    if any(WORD.findall(mention)[0].lower() in NO_NAMES for mention in (one, other)):
        return False
    names, others = (
        {word for word in WORD.findall(mention) if word[0].isupper() and word.lower() not in OF_A_TITLE}
        for mention in (one, other)
    )
    return bool(names) and bool(others) and not names & others


def _draft(text: str, sentence: Sentence, report: Report) -> _Draft:
    tokens = sentence.tokens
    spans = [_chars(tokens, place) for place in report.contents]
    last = tokens[report.contents[-1][0]]
    return _Draft(
        spans,
        _named(tokens, report.source),
        _cue(tokens, report.cue),
        follows=report.speech and (last.region >= 0 or tokens[report.contents[0][0]].region >= 0),
    )


def _chars(tokens: Tokens, place: Place) -> Chars:
    return tokens[place[0]].start, tokens[place[1] - 1].end


def _named(tokens: Tokens, place: Place | None) -> Chars | None:
    """The source's characters: of "he's", the pronoun only."""
    if place is None:
        return None
    start, end = _chars(tokens, place)
    if place[1] - place[0] == 1:
        end = start + len(stem(tokens[place[0]]))
    return start, end


def _cue(tokens: Tokens, place: Place) -> Chars:
    return _chars(tokens, place)


def _bare_speech(text: str, sentence: Sentence, drafts: list[_Draft], done: set[int]) -> Iterator[_Draft]:
    """Marked speech that no word of saying reports: whole sentences in marks, and '"…," she smiled'."""
    tokens = sentence.tokens
    covered = [span for draft in drafts[-NEAR:] for span in draft.spans[-NEAR:] if span[1] > sentence.start]
    numbers = sorted({token.region for token in tokens if token.region >= 0})
    for number in numbers:
        region = sentence.regions[number]
        if (
            done
            and region.start <= (covered[0][1] if covered else -1)
            and number == min(numbers)
            and region.start == sentence.regions[0].start
        ):
            continue
        if any(start < region.end and end > region.start for start, end in covered):
            continue
        inner = [k for k, token in enumerate(tokens) if token.region == number and not token.mark]
        words = [k for k in inner if tokens[k].word]
        if not words or (region.mark in ("'", "‘") and len(words) < SPEECH_WORDS):
            continue
        first, last = inner[0], inner[-1]
        behind = last + 1
        while behind < len(tokens) and tokens[behind].region == number:
            behind += 1
        opens = first == 0 or all(token.mark or not token.word for token in tokens[:first])
        whole = opens and not any(token.word and token.region < 0 for token in tokens[behind:])
        ends = tokens[last].text in ENDS or tokens[last].text == "," or not region.closed
        place = _stripped(text, region.start, region.end)
        if place is None:
            continue
        if whole and (ends or len(words) >= SPEECH_WORDS):
            yield _Draft([place], follows=True)
        elif (
            opens
            and ends
            and len(words) >= 2
            and behind < len(tokens)
            and not (tokens[last].text == "," and not tokens[behind].word)
        ):
            source, cue = _signed(tokens, behind) or _unlisted_cue(tokens, behind)
            yield _Draft([place], source, cue, follows=True)
        elif (
            not opens
            and ends
            and len(words) >= SPEECH_WORDS
            and tokens[words[0]].capital
            and tokens[first - 2 if first > 1 else 0].text in (",", ":")
        ):
            yield _Draft([place], _first_subject(tokens, first - 1), None, follows=True)


def _signed(tokens: Tokens, k: int) -> tuple[Chars, None] | None:
    """'"…" — *Ann Lee*': a dash and a name to the end of the sentence."""
    rest = [token for token in tokens[k + 1 :] if token.word]
    if tokens[k].text not in DASHES or not rest or len(rest) > 8 or not rest[0].capital:
        return None
    return (rest[0].start, rest[-1].end), None


def _unlisted_cue(tokens: Tokens, k: int) -> tuple[Chars | None, Chars | None]:
    """'"…," *she smiled*': a pronoun or name and the word behind it."""
    start = k
    while (
        k < len(tokens)
        and k - start < 6
        and tokens[k].region < 0
        and (
            tokens[k].capital
            or tokens[k].text == "."
            or (k == start and stem(tokens[k]) in ("he", "she", "they", "the", "a"))
        )
    ):
        k += 1
        if stem(tokens[k - 1]) in ("he", "she", "they"):
            break
    if start < k < len(tokens) and tokens[k].word and not tokens[k].capital:
        if tokens[start].low in ("the", "a"):
            k += 1
            if k >= len(tokens) or not tokens[k].word:
                return None, None
        return (tokens[start].start, tokens[k - 1].end), (tokens[k].start, tokens[k].end)
    return None, None


def _first_subject(tokens: Tokens, limit: int) -> Chars | None:
    for k in range(1, limit):
        if tokens[k].region < 0 and finite(tokens, k):
            return _named(tokens, subject_before(tokens, verb_group_start(tokens, k)))
    return None


def _announcement(sentence: Sentence) -> Report | None:
    """The word of saying in 'she added:' or 'he made the following comment:' at the end of a paragraph."""
    tokens = sentence.tokens
    for k in range(len(tokens) - 2, max(-1, len(tokens) - 24), -1):
        cue = VERBS.get(tokens[k].low)
        spoken = (cue and cue.speech and cue.form in ("past", "s", "ing")) or tokens[k].low in (
            "made",
            "issued",
            "released",
            "gave",
        )
        if tokens[k].region < 0 and spoken:
            start = verb_group_start(tokens, k)
            source = subject_before(tokens, start)
            if source is None:
                found = _first_subject(tokens, k)
                source = next(
                    ((i, j) for i in range(len(tokens)) for j in (i + 1,) if found and tokens[i].start == found[0]),
                    None,
                )
            return Report(((k, k + 1),), (start, k + 1), source, True)
    return None


def _announced_draft(text: str, split: list[Sentence], before: _State) -> _Draft | None:
    """The paragraph behind an announcement: its marked speech, or all of it."""
    if not before.announced or not before.sentence:
        return None
    tokens = before.sentence.tokens
    source, cue = _named(tokens, before.announced.source), _cue(tokens, before.announced.cue)
    first = split[0].tokens[0]
    if first.mark:
        region = split[0].regions[0]
        place = _stripped(text, region.start, region.end)
        return _Draft([place], source, cue, follows=True) if place else None
    if tokens[-1].text != ":":
        return None
    place = _stripped(text, split[0].start, split[-1].end)
    return _Draft([place], source, cue) if place else None


# --- other languages: marks alone


def _marked_drafts(text: str, marked: list[Chars]) -> list[_Draft]:
    """Speech in marks: what is long enough, or is a sentence, or stands behind a colon or comma."""
    drafts: list[_Draft] = []
    unclosed: _Draft | None = None
    for start, end in paragraphs(text):
        split = sentences(text, start, end)
        marked.extend(_marked(split))
        regions = split[0].regions if split else ()
        for region in regions:
            place = _stripped(text, region.start, region.end)
            if place is None:
                continue
            if unclosed and region.opened == start:
                unclosed.spans.append(place)
                unclosed = unclosed if not region.closed else None
                continue
            words = WORD.findall(text, *place)
            long_enough = (
                len(words) >= SPEECH_WORDS
                or sum(map(len, words)) >= 5 * SPEECH_WORDS
                or (len(words) == 1 and len(words[0]) >= 6 and not words[0].isascii())
            )
            before = text[start : region.opened].rstrip()[-1:]
            reported = before in ("", *ENDS) and text[region.closed_at : region.closed_at + 1] == "," and len(words) > 1
            sentence = text[place[1] - 1] in ".!?…。！？,،؟" or before in (":", "：")
            if long_enough or reported or (sentence and words):
                draft = _Draft([place])
                drafts.append(draft)
                unclosed = None if region.closed else draft
        if not regions:
            unclosed = None
    return drafts
