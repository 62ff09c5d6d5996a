"""Articles and pair tables into pairs: the one flat unit that is trained on, predicted and scored.

A pair asks: judging by this quote, where does its speaker stand toward this target?
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from quotestance.data.labels import UNCLEAR
from quotestance.data.records import BETWEEN_PARTS, Article, Quote, Stance

GOLD = "gold"  # the annotator name of an adjudicated label
MODEL = "model:"  # how the annotator name of a model begins, before `name@revision`


@dataclass(frozen=True)
class Pair:
    """A quote and a target, with the words around the quote.

    `text` is the article or passage; `quote` says which characters of it are the quote (empty: all of it).
    `mention` marks the characters of `text` that name the target, for corpora whose targets are mentions.
    `group` is what a split keeps together: the article, or the topic. `aliases`: other words for the target.
    """

    id: str
    text: str
    target: str
    label: str | None = None
    group: str | None = None
    speaker: str | None = None
    quote: tuple[tuple[int, int], ...] = ()
    mention: tuple[int, int] | None = None
    corpus: str | None = None
    target_kind: str | None = None
    quote_kind: str | None = None
    probabilities: Mapping[str, float] | None = None
    annotator: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    @property
    def quote_text(self) -> str:
        """The words of the quote; parts joined by ' … '. The whole text where no quote is marked."""
        return BETWEEN_PARTS.join(self.text[start:end] for start, end in self.quote) or self.text

    @property
    def model(self) -> str | None:
        """The model that wrote the label, `name@revision`, told by the annotator or the columns of `predict`; None where none signed it."""
        if (self.annotator or "").startswith(MODEL):
            return (self.annotator or "").removeprefix(MODEL)
        signed = str(self.extra.get("model") or "")
        answered = self.label is not None and self.probabilities is not None and "predicted" not in self.extra
        return signed if answered and "@" in signed else None

    def with_label(self, label: str | None) -> Pair:
        return replace(self, label=label, probabilities=None, annotator=None)


def settled(pairs: Iterable[Pair]) -> list[Pair]:
    """One pair an id, in order: of several annotators the one called 'gold' counts, else their common label, else 'unclear'."""
    by_id: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_id.setdefault(pair.id, []).append(pair)
    return [_settled(rows) for rows in by_id.values()]


def _settled(rows: list[Pair]) -> Pair:
    decided = next((pair for pair in rows if pair.annotator == GOLD), None)
    if len(rows) == 1 or decided is not None:
        return decided or rows[0]
    labels = {pair.label for pair in rows if pair.label}
    return rows[0].with_label(UNCLEAR) if len(labels) > 1 else next((pair for pair in rows if pair.label), rows[0])


def article_pairs(articles: Iterable[Article], *, unclear: bool = False, corpus: str | None = None) -> Iterator[Pair]:
    """The labelled pairs of gold or predicted articles, one per (quote, target) that has a label.

    Where a pair has several annotators, the one called 'gold' counts, else their common label, else 'unclear'.
    Pairs labelled 'unclear' are left out unless asked for. Articles must have their text.
    """
    for article in articles:
        for quote in article.quotes:
            for target_id, stance in _adjudicated(quote).items():
                if stance.label is not None and (unclear or stance.label != UNCLEAR):
                    yield _pair(article, quote, target_id, stance, corpus)


def article_questions(articles: Iterable[Article]) -> Iterator[Pair]:
    """What is asked of articles: stances without a label, and for a quote that has no stance, every target."""
    for article in articles:
        for quote in article.quotes:
            asked = list(quote.stances) or [Stance(target=target.id) for target in article.targets]
            for stance in asked:
                if stance.label is None:
                    yield _pair(article, quote, stance.target, stance, None)


def _adjudicated(quote: Quote) -> dict[str, Stance]:
    by_target: dict[str, list[Stance]] = {}
    for stance in quote.stances:
        by_target.setdefault(stance.target, []).append(stance)
    return {target: _one_of(stances) for target, stances in by_target.items()}


def _one_of(stances: list[Stance]) -> Stance:
    for stance in stances:
        if stance.annotator == GOLD:
            return stance
    labels = {stance.label for stance in stances if stance.label is not None}
    if len(labels) > 1:
        return Stance(target=stances[0].target, label=UNCLEAR)
    return next((stance for stance in stances if stance.label is not None), stances[0])


def _pair(article: Article, quote: Quote, target_id: str, stance: Stance, corpus: str | None) -> Pair:
    if article.text is None:
        raise ValueError(f"article {article.id} has no text; join it to its corpus first (--corpora DIR)")
    target = article.target(target_id)
    return Pair(
        id=pair_id(article.id, quote.id, target_id),
        text=article.text,
        target=target.name,
        label=stance.label,
        group=article.id,
        speaker=quote.speaker.name,
        quote=tuple((span.start, span.end) for span in quote.spans),
        corpus=corpus or (article.text_ref or {}).get("corpus"),
        target_kind=target.kind,
        quote_kind=quote.kind,
        probabilities=stance.probabilities,
        annotator=stance.annotator,
        aliases=target.aliases,
    )


def pair_id(article_id: str, quote_id: str, target_id: str) -> str:
    """The id of a pair of an article: its three ids with '#' between them."""
    return f"{article_id}#{quote_id}#{target_id}"
