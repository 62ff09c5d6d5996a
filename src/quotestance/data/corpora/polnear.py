"""PolNeAR: US political news of 2016 with every attribution's source, cue and content, from brat standoff files.

Newell, Margolin & Ruths (LREC 2018). Contents carry their quotation marks and an introducing "that" there;
here spans leave both outside. Some articles have several annotators: the first in alphabetical order is read,
unless a record's `text_ref` names another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quotestance.data.corpora import corpus_file
from quotestance.data.errors import CorpusError
from quotestance.data.records import Article, Quote, QuoteKind, QuoteSpeaker, Span

OPENING, CLOSING, STRAIGHT = "“„«", "”»", '"'
TRIMMED = OPENING + CLOSING + STRAIGHT + " \t\r\n\u00a0"
MARK = re.compile(
    r"(T\d+)\t\S+ (\d+ \d+(?:;\d+ \d+)*)\t"
)  # a mark's text may run over lines of its own: those match nothing
EVENT = re.compile(r"(E\d+)\t(.+)")
PLACE = re.compile(r"(\d+) (\d+)")
ROLE = re.compile(r"(\S+?):(T\d+)")
INTRODUCING = re.compile(r"that\s+(?=\S)", re.IGNORECASE)

Fragments = list[tuple[int, int]]


def read(root: Path, split: str) -> Iterator[Article]:
    """Every article of a split in the order of file names, with its quotes; stances are not part of the corpus."""
    folder = corpus_file(root, "polnear", "data", split, "text")
    for path in sorted(folder.glob("*.txt")):
        annotations = sorted((folder.parent / "attributions").glob(f"{path.stem}_*.ann"))
        annotated = [one for one in annotations if one.stem.rpartition("_")[0] == path.stem]
        text = _text(path)
        quotes = tuple(_quotes(text, annotated[0]).values()) if annotated else ()
        source, published = path.stem.split("_")[:2]
        yield Article(
            id=f"polnear/{path.stem}",
            text=text,
            source=source,
            published=published,
            language="en",
            quotes=quotes,
            text_ref={
                "corpus": "polnear",
                "split": split,
                "article": path.stem,
                "annotator": annotated[0].stem.rpartition("_")[2] if annotated else None,
            },
        )


def join(article: Article, root: Path) -> Article:
    """The record with text, spans, kinds, mentions and cues; a quote's id is the event's id in the annotator's file."""
    ref: dict[str, Any] = article.text_ref or {}
    folder = Path("polnear", "data", str(ref.get("split")))
    path = corpus_file(root, *folder.parts, "text", f"{ref.get('article')}.txt")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if article.text_sha256 and digest != article.text_sha256:
        raise CorpusError(
            f"article {article.id}: {path} has SHA-256 {digest[:12]}…, but the labels were made on {article.text_sha256[:12]}…. "
            "Get the corpus version that data/corpora/polnear.md names."
        )
    text = _text(path)
    found = _quotes(
        text, corpus_file(root, *folder.parts, "attributions", f"{ref.get('article')}_{ref.get('annotator')}.ann")
    )
    missing = [quote.id for quote in article.quotes if quote.id not in found]
    if missing:
        raise CorpusError(f"article {article.id}: the annotation file has no quote {', '.join(missing)}.")
    quotes = tuple(_joined(quote, found[quote.id]) for quote in article.quotes)
    return article.replace(text=text, quotes=quotes)


def _joined(quote: Quote, found: Quote) -> Quote:
    """The labels of `quote` on the place that the corpus gives; a resolved speaker id is kept."""
    speaker = QuoteSpeaker(id=quote.speaker.id, mention=found.speaker.mention) if quote.speaker.id else found.speaker
    return quote.replace(kind=found.kind, spans=found.spans, speaker=speaker, cue=found.cue)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _quotes(text: str, annotation: Path) -> dict[str, Quote]:
    """The attributions of a brat file by event id, in the order of their place in the text."""
    marks: dict[str, Fragments] = {}
    events: dict[str, list[tuple[str, str]]] = {}
    for line in annotation.read_text(encoding="utf-8").split("\n"):
        if mark := MARK.match(line):
            marks[mark[1]] = [(int(start), int(end)) for start, end in PLACE.findall(mark[2])]
        elif event := EVENT.match(line):
            events[event[1]] = [(role.rstrip("0123456789"), mark) for role, mark in ROLE.findall(event[2])]
    quoted = _inside_marks(text)
    quotes = (_quote(text, name, roles, marks, quoted) for name, roles in events.items())
    ordered = sorted((quote for quote in quotes if quote), key=lambda quote: (quote.spans[0].start, quote.id))
    return {quote.id: quote for quote in ordered}


def _quote(
    text: str, name: str, roles: list[tuple[str, str]], marks: dict[str, Fragments], quoted: list[bool]
) -> Quote | None:
    def fragments(wanted: str) -> Fragments:
        return sorted(place for role, mark in roles if role == wanted for place in marks[mark])

    contents = _without_blank_gaps(text, fragments("Content"))
    spans = [span for number, place in enumerate(contents) if (span := _trimmed(text, *place, first=number == 0))]
    if not spans:
        return None
    source, cue = fragments("Source"), fragments("Cue")
    return Quote(
        id=name,
        kind=_kind(text, spans, quoted),
        spans=tuple(spans),
        speaker=QuoteSpeaker(mention=Span.of(text, *source[0])) if source else QuoteSpeaker(),
        cue=Span.of(text, *cue[0]) if cue else None,
    )


def _without_blank_gaps(text: str, fragments: Fragments) -> Fragments:
    """brat breaks a span at each line end; parts with only white space between them are one."""
    merged: Fragments = []
    for start, end in fragments:
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _trimmed(text: str, start: int, end: int, *, first: bool) -> Span | None:
    while start < end and text[start] in TRIMMED:
        start += 1
    while start < end and text[end - 1] in TRIMMED:
        end -= 1
    introducing = INTRODUCING.match(text, start, end) if first else None
    if introducing:
        return _trimmed(text, introducing.end(), end, first=False)
    return Span.of(text, start, end) if start < end else None


def _kind(text: str, spans: list[Span], quoted: list[bool]) -> QuoteKind:
    """Direct where all words stand in quotation marks, indirect where none does, else mixed."""
    inside = [quoted[i] for span in spans for i in range(span.start, span.end) if text[i].isalnum()]
    if inside and all(inside):
        return "direct"
    return "mixed" if any(inside) else "indirect"


def _inside_marks(text: str) -> list[bool]:
    """For each character whether it stands in quotation marks; an unclosed mark ends with its paragraph."""
    inside, flags = False, []
    for character in text:
        if character == "\n" or character in CLOSING:
            inside = False
        elif character in OPENING:
            inside = True
        elif character == STRAIGHT:
            inside = not inside
        flags.append(inside)
    return flags
