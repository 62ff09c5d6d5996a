"""The annotation format as typed records: one `Article` is one record, unlabelled, gold or predicted alike.

The format is specified in `data/README.md`; `data/schema/article.schema.json` is published from these classes.
Records are frozen: a stage returns a new one (`article.replace(quotes=...)`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_serializer, field_validator, model_validator

from quotestance.data.labels import CODEBOOK, LabelSet

FORMAT: Literal["quotestance/1"] = "quotestance/1"
BETWEEN_PARTS = " … "  # how the words of an interrupted quote are joined
VISIBLE = r"[^\s\x1c-\x1f]"  # more than what str.split() takes for white space
REPAIR_HINT = "Run 'quotestance validate --repair'."

QuoteKind = Literal["direct", "indirect", "mixed"]
TargetKind = Literal["person", "organisation", "country", "policy", "event", "claim", "other"]


class Record(BaseModel):
    """What all records share: frozen, strict about types, and unknown keys are kept (`extra`)."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    @property
    def extra(self) -> dict[str, Any]:
        """Keys of the file that the format does not know. They are written back where they stood."""
        return dict(self.model_extra or {})

    def replace(self, **changes: Any) -> Self:
        """A copy with `changes`, checked again as if it were read from a file."""
        fields = {
            name: getattr(self, name)
            for name in self.model_fields_set | set(changes)
            if name in type(self).model_fields
        }
        return type(self)(**{**fields, **self.extra, **changes})


class Span(Record):
    """Characters `start` (inclusive) to `end` (exclusive) of the article's text, which hold `text`.

    Offsets count Unicode code points.
    """

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str

    @model_validator(mode="after")
    def _sane(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a span must hold at least one character, but it runs from {self.start} to {self.end}")
        return self

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Span:
        """The span of `text` from `start` to `end`, with its words."""
        return cls(start=start, end=end, text=text[start:end])


class Target(Record):
    """What a stance is toward: a short noun phrase that makes sense without the article."""

    id: str
    name: str = Field(min_length=1)
    kind: TargetKind = "other"
    aliases: tuple[str, ...] = Field(default=(), strict=False)
    description: str | None = None


class Speaker(Record):
    """A person, organisation or document that speaks in the article, under one id and its best name."""

    id: str
    name: str = Field(min_length=1, pattern=VISIBLE)
    aliases: tuple[str, ...] = Field(default=(), strict=False)


class QuoteSpeaker(Record):
    """Who says a quote: an entry of `article.speakers` by id, the mention beside the quote, both, or (unknown) neither."""

    id: str | None = None
    mention: Span | None = None
    _name: str | None = PrivateAttr(default=None)

    @property
    def known(self) -> bool:
        return self.id is not None or self.mention is not None

    @property
    def name(self) -> str | None:
        """The resolved name, else the words of the mention, else None."""
        return self._name or (self.mention.text if self.mention else None)


class Stance(Record):
    """Where the speaker of a quote stands toward a target. `label` None is a question to be answered."""

    target: str = Field(description="the id of one of the article's targets")
    label: str | None = None
    annotator: str | None = None
    probabilities: dict[str, float] | None = None

    @property
    def probability(self) -> float | None:
        """The probability of the label, where the annotator gave one."""
        if self.probabilities is None or self.label is None:
            return None
        return self.probabilities.get(self.label)


class Quote(Record):
    """Words of one speaker, directly, indirectly or mixed. An interrupted quote has several spans."""

    id: str
    kind: QuoteKind | None = None
    spans: tuple[Span, ...] = Field(default=(), strict=False)
    speaker: QuoteSpeaker = Field(default_factory=QuoteSpeaker)
    cue: Span | None = None
    stances: tuple[Stance, ...] = Field(default=(), strict=False)

    @property
    def text(self) -> str:
        """The words of the quote; the parts of an interrupted one are joined by ' … '."""
        return BETWEEN_PARTS.join(span.text for span in self.spans)

    @field_validator("speaker", mode="before")
    @classmethod
    def _null_is_unknown(cls, value: Any) -> Any:
        return QuoteSpeaker() if value is None else value

    @field_serializer("speaker", mode="wrap")
    def _unknown_is_null(self, speaker: QuoteSpeaker, handler: Any) -> Any:
        return handler(speaker) if speaker.known or speaker.extra else None


class Article(Record):
    """One news article with what is known and asked about it.

    `text` is None in records whose text may not be shipped; they carry `text_ref` and `text_sha256`
    and get their text from the reader's own copy of the corpus (`quotestance.data.corpora.join_text`).
    Raises pydantic.ValidationError where a span does not hold its words, an id is used twice or is
    not declared, or a label is outside the label set. Readers turn that into a FormatError with its place.
    """

    format: Literal["quotestance/1"] = FORMAT
    id: str = Field(min_length=1)
    text: str | None
    text_sha256: str | None = None
    text_ref: dict[str, Any] | None = None
    title: str | None = None
    source: str | None = None
    url: str | None = None
    published: str | None = None
    language: str | None = None
    labels: tuple[str, ...] | None = Field(
        default=None, strict=False, description="the label set, where it is not the codebook's"
    )
    targets: tuple[Target, ...] = Field(default=(), strict=False)
    speakers: tuple[Speaker, ...] = Field(default=(), strict=False)
    quotes: tuple[Quote, ...] = Field(default=(), strict=False)

    @property
    def label_set(self) -> LabelSet:
        return LabelSet(self.labels) if self.labels else CODEBOOK

    def target(self, target_id: str) -> Target:
        """The target with this id. Raises KeyError."""
        found = next((target for target in self.targets if target.id == target_id), None)
        if found is None:
            raise KeyError(
                f"article {self.id} has no target '{target_id}' ({_listed({one.id for one in self.targets})})"
            )
        return found

    def spans(self) -> Iterator[tuple[str, Span]]:
        """Every span of the article with the name of its place: 'quote q3, span 1', 'quote q3, cue', ..."""
        for quote in self.quotes:
            for number, span in enumerate(quote.spans, 1):
                yield f"quote {quote.id}, span {number}", span
            if quote.speaker.mention:
                yield f"quote {quote.id}, speaker mention", quote.speaker.mention
            if quote.cue:
                yield f"quote {quote.id}, cue", quote.cue

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = [*_span_problems(self), *_id_problems(self), *_label_problems(self)]
        if problems:
            raise ValueError(f"article {self.id}, " + "; ".join(problems))
        names = {speaker.id: speaker.name for speaker in self.speakers}
        named = tuple(_with_speaker_name(quote, names.get(quote.speaker.id or "")) for quote in self.quotes)
        object.__setattr__(self, "quotes", named)
        return self


def _with_speaker_name(quote: Quote, name: str | None) -> Quote:
    """The quote with its speaker's resolved name at hand; a copy, since the record may belong to another article too."""
    if quote.speaker._name == name:
        return quote
    speaker = quote.speaker.model_copy()
    speaker._name = name
    return quote.model_copy(update={"speaker": speaker})


def _span_problems(article: Article) -> Iterator[str]:
    if article.text is None:
        if article.text_ref is None:
            yield "there is no text and no text_ref that says where it is"
        return
    for place, span in article.spans():
        held = article.text[span.start : span.end]
        if held != span.text or span.end > len(article.text):
            yield f"{place}: the span says {span.text!r}, but characters {span.start}..{span.end} hold {held!r}. {REPAIR_HINT}"


def _id_problems(article: Article) -> Iterator[str]:
    declared: Mapping[str, list[str]] = {
        "target": [target.id for target in article.targets],
        "speaker": [speaker.id for speaker in article.speakers],
        "quote": [quote.id for quote in article.quotes],
    }
    for kind, ids in declared.items():
        for twice in sorted(name for name, times in Counter(ids).items() if times > 1):
            yield f"{kind} id '{twice}' is used twice"
    targets, speakers = set(declared["target"]), set(declared["speaker"])
    for quote in article.quotes:
        if quote.speaker.id is not None and quote.speaker.id not in speakers:
            yield f"quote {quote.id}: speaker '{quote.speaker.id}' is not among the article's speakers ({_listed(speakers)})"
        for stance in quote.stances:
            if stance.target not in targets:
                yield f"quote {quote.id}: target '{stance.target}' is not among the article's targets ({_listed(targets)})"


def _label_problems(article: Article) -> Iterator[str]:
    known = article.label_set
    for quote in article.quotes:
        for stance in quote.stances:
            if stance.label is not None:
                try:
                    known.check(stance.label, where=f"quote {quote.id}, target {stance.target}")
                except ValueError as problem:
                    yield str(problem)


def _listed(ids: set[str]) -> str:
    return ", ".join(sorted(ids)) if ids else "it declares none"
