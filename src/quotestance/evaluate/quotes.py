"""Found quotes against gold ones into scores: contents, their cue and source, their speakers, with intervals by article.

What counts, in plain sentences. A content is the characters of a quote's spans, without quotation marks and white space
at the spans' ends. Gold and predicted contents of an article are paired one to one, as many as can be; for the soft scores, so that
they overlap most in sum (`quote_matching.matched`). What stays alone is missed (gold) or spurious (predicted).

- exact: a pair counts where both have the same spans.
- overlap 0.3, 0.8: a pair counts where the characters in both are at least that share of the characters in either.
- covered 0.3, 0.8: the same, with the share of the gold characters alone, as Asr et al. (PLoS ONE 2021) count; it does not
  punish quotes that are found too long.
- soft: a pair counts, for precision, the share of the predicted characters that are gold, and for recall the share of the gold
  characters that are found (after Johansson & Moschitti, CL 2013, one to one).
- by kind: recall over the gold quotes of the kind, whatever kind they are found as; precision over the predicted ones of the kind.
- cue, source: over pairs of contents with overlap 0.3 or more. Right where both mentions overlap by 0.3 or more, or where both
  sides have none. `exact`: the same characters, or both none. What is annotated in pieces counts with its first piece.
- speaker: over the same pairs, in articles whose gold declares speakers. Right where the names are the same
  (`speaker_names.name_is_right`); gold quotes with an unresolved mention are left out.
- b3: B³ over the same pairs whose gold speaker is resolved; a predicted quote without a speaker id is a cluster of its own.

Measures are ratios of sums over all articles; an interval is over samples of whole articles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from quotestance.data.errors import QuotestanceError
from quotestance.data.records import Article, Quote, QuoteKind
from quotestance.evaluate.intervals import Interval, interval, no_interval, resampled
from quotestance.evaluate.quote_matching import (
    MATCHED,
    Places,
    agree,
    covered,
    matched,
    mention_place,
    overlaps,
    shared,
    size,
    with_places,
)
from quotestance.evaluate.speaker_names import b_cubed, name_is_right

KINDS: tuple[str, ...] = ("all", *get_args(QuoteKind))
CRITERIA = {"exact": 1.0, "overlap 0.3": 0.3, "overlap 0.8": 0.8, "covered 0.3": 0.3, "covered 0.8": 0.8, "soft": 0.0}
LEAST_SHARE = 1e-9  # 'soft' pairs share at least a character
GIVEN = ("source", "source exact", "cue", "cue exact", "speaker", "b3 precision", "b3 recall")

Counts = dict[str, float]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """A score with what it is over and its 95 % interval by article; `value` is None where there is nothing to score."""

    value: float | None
    support: int
    interval: Interval | None = None

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        around = f" [{self.interval[0]:.3f}, {self.interval[1]:.3f}]" if self.interval else ""
        return f"{self.value:.3f}{around}"


@dataclass(frozen=True)
class ContentScores:
    """Precision over predicted contents, recall over gold ones, and F1 (support: both)."""

    precision: Measure
    recall: Measure
    f1: Measure


@dataclass(frozen=True)
class QuoteScores:
    """`contents[criterion][kind]` and `given[what]`; the criteria and what is given are explained at the top of the module."""

    articles: int
    gold: int
    predicted: int
    contents: dict[str, dict[str, ContentScores]]
    given: dict[str, Measure]
    b3_f1: Measure

    def __getitem__(self, criterion: str) -> ContentScores:
        """All contents under a criterion: `scores["exact"].f1.value`."""
        return self.contents[criterion]["all"]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, for a file."""
        kinds = {
            criterion: {
                kind: {"precision": _plain(s.precision), "recall": _plain(s.recall), "f1": _plain(s.f1)}
                for kind, s in by_kind.items()
            }
            for criterion, by_kind in self.contents.items()
        }
        given = {name: _plain(measure) for name, measure in {**self.given, "b3 f1": self.b3_f1}.items()}
        return {
            "articles": self.articles,
            "gold": self.gold,
            "predicted": self.predicted,
            "contents": kinds,
            "given": given,
        }

    def to_markdown(self) -> str:
        """The tables that the command prints."""
        lines = [
            f"{self.articles} articles, {self.gold} gold quotes, {self.predicted} predicted.",
            "",
            "| contents | kind | gold | predicted | precision | recall | F1 |",
            "|---|---|---|---|---|---|---|",
        ]
        for criterion, by_kind in self.contents.items():
            for kind, s in by_kind.items():
                lines.append(
                    f"| {criterion} | {kind} | {s.recall.support} | {s.precision.support} | {s.precision} | {s.recall} | {s.f1} |"
                )
        lines += ["", "| given a matched content | pairs | right |", "|---|---|---|"]
        lines += [
            f"| {name} | {measure.support} | {measure} |"
            for name, measure in {**self.given, "b3 f1": self.b3_f1}.items()
        ]
        return "\n".join(lines)


def score_quotes(
    gold: Sequence[Article], predicted: Sequence[Article], *, seed: int = 13, rounds: int = 1000
) -> QuoteScores:
    """Score the quotes of `predicted` against those of `gold`; articles are matched by id and must hold the same text.

    Gold articles without a prediction count with all their quotes missed. Raises QuotestanceError where there is no gold, an
    article has no text, the texts differ, or a predicted article is not among the gold ones.
    """
    found = {article.id: article for article in predicted}
    if len(found) < len(predicted):
        raise QuotestanceError("Two predicted articles have the same id. Leave one of them out.")
    if not gold:
        raise QuotestanceError("There are no gold articles to score against.")
    if strangers := sorted(set(found) - {article.id for article in gold}):
        raise QuotestanceError(
            f"{len(strangers)} predicted article(s) are not in gold, the first is {strangers[0]}. Score the same articles."
        )
    counted = [_counts(article, found.get(article.id)) for article in gold]
    names = sorted({name for counts in counted for name in counts})
    table = np.array([[counts.get(name, 0.0) for name in names] for counts in counted]).reshape(len(counted), -1)
    whole = dict(zip(names, table.sum(0, keepdims=True).T, strict=True))
    samples: dict[str, Values] | None = None
    if no_interval(len(counted), rounds) is None and names:
        drawn = resampled(table, seed=seed, rounds=rounds)
        samples = dict(zip(names, drawn.T, strict=True))
    contents = {
        criterion: {kind: _content_scores(criterion, kind, whole, samples) for kind in KINDS} for criterion in CRITERIA
    }
    given = {name: _ratio(f"{name} right", f"{name} of", whole, samples) for name in GIVEN}
    return QuoteScores(
        articles=len(gold),
        gold=sum(len(article.quotes) for article in gold),
        predicted=sum(len(article.quotes) for article in predicted),
        contents=contents,
        given=given,
        b3_f1=_f1(("b3 precision right", "b3 precision of"), ("b3 recall right", "b3 recall of"), whole, samples),
    )


def by_fragments(article: Article) -> Article:
    """The article with every span of a quote as a quote of its own, of the same kind, source and cue.

    Scored so, a quote found in pieces counts piece by piece, whether or not the pieces were joined rightly.
    """
    return article.replace(
        quotes=tuple(
            quote.replace(id=f"{quote.id}.{number}", spans=(span,))
            for quote in article.quotes
            for number, span in enumerate(quote.spans, 1)
        )
    )


def _counts(gold: Article, predicted: Article | None) -> Counts:
    """Everything that the measures are ratios of, for one article."""
    if gold.text is None:
        raise QuotestanceError(
            f"article {gold.id} has no text. Join it from your copy of the corpus first (--corpora DIR)."
        )
    if predicted is not None and predicted.text is not None and predicted.text != gold.text:
        raise QuotestanceError(
            f"article {gold.id}: the predicted article holds another text than gold. Predict on the gold texts."
        )
    text = gold.text
    golds = with_places(gold.quotes, text)
    guesses = with_places(predicted.quotes, text) if predicted else []
    counts: Counts = {}
    _count_contents(golds, guesses, counts)
    _count_given(gold, golds, guesses, counts)
    return counts


def _count_contents(golds: list[tuple[Quote, Places]], guesses: list[tuple[Quote, Places]], counts: Counts) -> None:
    gold_places, guess_places = [places for _, places in golds], [places for _, places in guesses]
    either, share = overlaps(gold_places, guess_places), covered(gold_places, guess_places)
    same = np.array([[float(g == p) for p in guess_places] for g in gold_places]).reshape(either.shape)
    for criterion, least in CRITERIA.items():
        closeness = same if criterion == "exact" else share if criterion.startswith("covered") else either
        soft = criterion == "soft"
        pairs = matched(closeness, max(least, LEAST_SHARE), many=not soft)
        for kind in KINDS:
            of_gold = {row for row, (quote, _) in enumerate(golds) if kind in ("all", quote.kind)}
            of_guess = {row for row, (quote, _) in enumerate(guesses) if kind in ("all", quote.kind)}
            both = {(g, p): shared(gold_places[g], guess_places[p]) for g, p in pairs} if soft else {}
            counts[f"{criterion}/{kind} gold"] = len(of_gold)
            counts[f"{criterion}/{kind} predicted"] = len(of_guess)
            counts[f"{criterion}/{kind} found"] = sum(
                both[g, p] / size(gold_places[g]) if soft else 1.0 for g, p in pairs if g in of_gold
            )
            counts[f"{criterion}/{kind} right"] = sum(
                both[g, p] / size(guess_places[p]) if soft else 1.0 for g, p in pairs if p in of_guess
            )


def _count_given(
    article: Article, golds: list[tuple[Quote, Places]], guesses: list[tuple[Quote, Places]], counts: Counts
) -> None:
    text = article.text or ""
    pairs = matched(overlaps([places for _, places in golds], [places for _, places in guesses]), MATCHED)
    quotes = [(golds[g][0], guesses[p][0]) for g, p in pairs]
    mentions = {
        "cue": [(mention_place(g.cue, text), mention_place(p.cue, text)) for g, p in quotes],
        "source": [(mention_place(g.speaker.mention, text), mention_place(p.speaker.mention, text)) for g, p in quotes],
    }
    for name, places in mentions.items():
        counts[f"{name} of"] = counts[f"{name} exact of"] = len(places)
        counts[f"{name} right"] = sum(agree(one, other) for one, other in places)
        counts[f"{name} exact right"] = sum(one == other for one, other in places)
    if not article.speakers:
        return
    named = [(g, p) for g, p in quotes if g.speaker.id or not g.speaker.known]
    counts["speaker of"] = len(named)
    counts["speaker right"] = sum(
        name_is_right(g.speaker.name, p.speaker.name if p.speaker.id else None) for g, p in named
    )
    clustered = [(number, g, p) for number, (g, p) in enumerate(quotes) if g.speaker.id]
    cubes = b_cubed(
        [g.speaker.id for _, g, _ in clustered],
        [p.speaker.id or f"alone {number}" for number, _, p in clustered],
    )
    for place, name in enumerate(("b3 precision", "b3 recall")):
        counts[f"{name} of"] = len(cubes)
        counts[f"{name} right"] = sum(cube[place] for cube in cubes)


def _content_scores(
    criterion: str, kind: str, whole: dict[str, Values], samples: dict[str, Values] | None
) -> ContentScores:
    at = f"{criterion}/{kind}"
    precision, recall = (f"{at} right", f"{at} predicted"), (f"{at} found", f"{at} gold")
    return ContentScores(
        precision=_ratio(*precision, whole, samples),
        recall=_ratio(*recall, whole, samples),
        f1=_f1(precision, recall, whole, samples),
    )


def _ratio(part: str, of: str, whole: dict[str, Values], samples: dict[str, Values] | None) -> Measure:
    value = _divided(part, of, whole)
    around = None if samples is None else interval(_divided(part, of, samples))
    return _measure(value, whole.get(of), around)


def _f1(
    precision: tuple[str, str], recall: tuple[str, str], whole: dict[str, Values], samples: dict[str, Values] | None
) -> Measure:
    """The harmonic mean; 0 where one of the two is 0, or undefined while the other is defined."""

    def mean(counts: dict[str, Values]) -> Values:
        p, r = _divided(*precision, counts), _divided(*recall, counts)
        neither = np.isnan(p) & np.isnan(r)
        p, r = np.nan_to_num(p), np.nan_to_num(r)
        with np.errstate(invalid="ignore", divide="ignore"):
            f1 = np.where(p + r > 0, 2 * p * r / (p + r), 0.0)
        return np.where(neither, np.nan, f1)

    around = None if samples is None else interval(mean(samples))
    support = sum(float(whole[name][0]) for name in {precision[1], recall[1]} if name in whole)
    return _measure(mean(whole), np.array([support]), around)


def _divided(part: str, of: str, counts: dict[str, Values]) -> Values:
    if part not in counts or of not in counts:
        return np.array([np.nan])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts[of] > 0, counts[part] / counts[of], np.nan)


def _measure(value: Values, support: Values | None, around: Interval | None) -> Measure:
    known = None if np.isnan(value[0]) else float(value[0])
    return Measure(known, int(support[0]) if support is not None else 0, around if known is not None else None)


def _plain(measure: Measure) -> dict[str, Any]:
    value = None if measure.value is None else round(measure.value, 4)
    around = None if measure.interval is None else [round(end, 4) for end in measure.interval]
    return {"value": value, "support": measure.support, "interval": around}
