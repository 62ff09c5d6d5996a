"""Text into the regions that stand in quotation marks, in any style, paragraph by paragraph."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from quotestance.data.lines import lines
from quotestance.models.language.cue_verbs import VERBS

# opening mark -> the marks that may close it
PAIRS: dict[str, str] = {
    "“": "”“",
    "„": "“”",
    "‟": "”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "「": "」",
    "『": "』",
    "《": "》",
    '"': '"”',
    "''": "''",
    "``": "''",
    "‘": "’",
    "‚": "‘’",
    "'": "'",
}
SINGLE_MARKS = frozenset("‘‚'")  # marks that are also apostrophes
EITHER = frozenset(['"', "''", "'"])  # the same mark opens and closes: its neighbours decide
CLIPPED = frozenset(
    ["em", "til", "tis", "twas", "cause", "bout", "round", "n", "nuff", "cuz"]
)  # words that begin with an apostrophe
BEHIND_A_CLOSING = ",.;:!?)]…"
DEEPEST = 8  # marks nested deeper than this are rubbish
MARK = re.compile(r"''|``|[“”„‟«»‹›「」『』《》\"‘’‚']")
# the words behind the last comma, if they may name who said it: ", said Mayor Ann Lee."
NAMED_BEHIND = re.compile(r"(?P<said>\w[,?!])\s(?P<clause>(?:[\w’'\-]+\.?\s){1,7}[\w’'\-]+)\.\s?$")
NAMING = frozenset(["he", "she", "they", "it", "the", "a", "an", "his", "her", "their", "one"])
FARTHEST = 90  # characters of these words
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Region:
    """Characters `start` to `end` stand in marks; `opened` and `closed_at` are the same with the marks.

    `closed` is False where the closing mark is missing and the region ends with its paragraph.
    """

    opened: int
    start: int
    end: int
    closed_at: int
    mark: str
    closed: bool = True


@dataclass
class _Open:
    at: int
    mark: str
    inner: list[Region] = field(default_factory=list)


def paragraphs(text: str) -> list[tuple[int, int]]:
    """The places of the lines that hold something, without white space at their ends."""
    found = []
    for start, end in lines(text):
        line = text[start:end]
        left, right = len(line) - len(line.lstrip()), len(line.rstrip())
        if left < right:
            found.append((start + left, start + right))
    return found


def quoted_regions(text: str, start: int = 0, end: int | None = None) -> list[Region]:
    """The outermost regions in marks of one paragraph, `text[start:end]`, in order; marks inside marks belong to their region.

    An apostrophe is no mark; a single mark that is never closed is an apostrophe too. An unclosed double mark ends where the speaker is
    named, if its paragraph or the next mark follows right behind: “I go, he said. “I stay,” she said. Else it ends with the paragraph; but
    within a paragraph, where whole regions follow it, it was a slip and is passed over.
    """
    end = len(text) if end is None else end
    found: list[Region] = []
    stack: list[_Open] = []
    last_single = _last_closing_single(text, start, end)
    for match in MARK.finditer(text, start, end):
        mark, at = match.group(), match.start()
        role = _role(text, mark, at, match.end(), start, end, stack, last_single)
        if role == "close":
            _close(found, stack, mark, at, match.end())
        elif role == "open":
            found.extend(_closed_by_a_speaker(text, stack, at))
            if len(stack) < DEEPEST:
                stack.append(_Open(at, mark))
    found.extend(_closed_by_a_speaker(text, stack, end))
    for unclosed in stack:
        found.extend(_unclosed(text, unclosed, start, end))
    return _outermost(found)


def _role(text: str, mark: str, at: int, after: int, start: int, end: int, stack: list[_Open], last_single: int) -> str:
    before = text[at - 1] if at > start else " "
    next_one = text[after] if after < end else " "
    tight_left, tight_right = not before.isspace(), not next_one.isspace()
    inside = [one.mark for one in stack]
    if mark in EITHER:
        opens = tight_right and (not tight_left or before in "([{—–-/:“‘\"'…")
        closes = tight_left and not (next_one.isalnum() and before.isalnum())
        if mark == "'":
            return _straight_single(
                text, after, before, next_one, opens, closes and any(one in "'" for one in inside), at, last_single
            )
        if any(mark in PAIRS[one] for one in inside) and (closes or not opens) and not (opens and not tight_left):
            return "close"
        return "open" if opens or (not inside and tight_right and not before.isdigit()) else "none"
    if mark == "’":
        if any(one in "‘‚" for one in inside) and not next_one.isalnum() and tight_left:
            owned = before in "sS" and last_single > at
            return "none" if owned else "close"
        return "none"
    if mark == "‘":
        if "‚" in inside:
            return "close"
        return "open" if not before.isalnum() and tight_right and not _clipped(text, after) else "none"
    if mark == "‚":
        return "open" if not tight_left and tight_right else "none"
    spaced = mark in "»«" and next_one in BEHIND_A_CLOSING  # « Non », dit-il: French has blanks inside its marks
    if mark in PAIRS and not (
        mark in "“»«" and inside and mark in PAIRS[inside[-1]] and (tight_left or not tight_right or spaced)
    ):
        return "open"
    return "close"


def _straight_single(
    text: str, after: int, before: str, next_one: str, opens: bool, closes: bool, at: int, last_single: int
) -> str:
    if closes and not next_one.isalnum():
        return "none" if before in "sS" and last_single > at else "close"
    if opens and next_one.isalpha() and not _clipped(text, after):
        return "open"
    return "none"


def _clipped(text: str, after: int) -> bool:
    word = WORD.match(text, after)
    return bool(word) and (word.group().lower() in CLIPPED or word.group()[0].isdigit())  # type: ignore[union-attr]


def _last_closing_single(text: str, start: int, end: int) -> int:
    """Where the paragraph's last single mark behind punctuation stands: an earlier one behind an s is a plural's apostrophe."""
    last = -1
    for match in re.finditer(r"[.,!?;…][’'](?!\w)", text[start:end]):
        last = start + match.end() - 1
    return last


def _close(found: list[Region], stack: list[_Open], mark: str, at: int, after: int) -> None:
    fitting = [i for i, one in enumerate(stack) if mark in PAIRS[one.mark]]
    if not fitting:
        return
    depth = next((i for i in reversed(fitting) if PAIRS[stack[i].mark][0] == mark), fitting[-1])
    opened = stack[depth]
    del stack[depth:]
    start = opened.at + len(opened.mark)
    if start >= at:
        return
    region = Region(opened.at, start, at, after, opened.mark)
    if stack:
        stack[-1].inner.append(region)
    else:
        found.append(region)


def _unclosed(text: str, unclosed: _Open, start: int, end: int) -> list[Region]:
    if unclosed.mark in SINGLE_MARKS:
        return unclosed.inner
    same = [one for one in unclosed.inner if one.mark not in SINGLE_MARKS]
    if same and unclosed.at > start:
        return unclosed.inner
    inside = unclosed.at + len(unclosed.mark)
    if not text[inside:end].strip():
        return unclosed.inner
    return [Region(unclosed.at, inside, end, end, unclosed.mark, closed=False)]


def _closed_by_a_speaker(text: str, stack: list[_Open], end: int) -> list[Region]:
    """The region of the one open double mark, closed at the comma of '…, Ann Lee said.' right before `end`; it leaves the stack."""
    double = [one for one in stack if one.mark not in SINGLE_MARKS]
    if len(double) != 1:
        return []
    inside = double[0].at + len(double[0].mark)
    match = NAMED_BEHIND.search(text, max(inside, end - FARTHEST), end)
    if not match or not _names_a_speaker(match["clause"].split()):
        return []
    stack.clear()
    closed = match.end("said")
    return [Region(double[0].at, inside, closed, closed, double[0].mark)]


def _names_a_speaker(words: list[str]) -> bool:
    """'Ann Lee said on Monday', 'she added', 'said the mayor'; not 'said of the plan'."""
    says = [bool((cue := VERBS.get(word.lower())) and cue.speech and cue.form in ("past", "s")) for word in words]
    name = words[1] if says[0] else words[0]
    return any(says) and (name[0].isupper() or name.lower() in NAMING) and words[0] != "told"


def _outermost(found: list[Region]) -> list[Region]:
    kept: list[Region] = []
    for region in sorted(found, key=lambda one: (one.opened, -one.closed_at)):
        if not kept or region.opened >= kept[-1].closed_at:
            kept.append(region)
    return kept
