"""What a quote finder scores on dev, and the options of decoding that score best there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from quotestance.data.records import Article, Quote
from quotestance.evaluate.quotes import QuoteScores, score_quotes
from quotestance.models.learned.quote_tagger import LINKING, LearnedQuoteFinder

log = logging.getLogger(__name__)
# what is tried on dev when training has ended, one option after another
TRIED: dict[str, tuple[Any, ...]] = {
    "opening": (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0),
    "pointing": tuple(LINKING),
    "link": (-1.0, -0.5, 0.0, 0.5, 1.0),
    "snap": (0.6, 0.8, 0.9, 2.0),
}


def dev_scores(finder: LearnedQuoteFinder, dev: Sequence[Article]) -> dict[str, float]:
    """The scores of a log line, of a finder that reads dev anew."""
    return in_brief(score_quotes(dev, answered(dev, finder.find_many(article.text or "" for article in dev)), rounds=0))


def in_brief(scores: QuoteScores) -> dict[str, float]:
    """The dev scores of a log line; `score` chooses epochs and options: the mean of exact F1 and F1 at 0.3 overlap."""

    def number(value: float | None) -> float:
        return round(value or 0.0, 4)

    exact, loose = number(scores["exact"].f1.value), number(scores["overlap 0.3"].f1.value)
    return {
        "score": round((exact + loose) / 2, 4),
        "exact": exact,
        "overlap 0.3": loose,
        "precision 0.3": number(scores["overlap 0.3"].precision.value),
        "recall 0.3": number(scores["overlap 0.3"].recall.value),
        "covered 0.3": number(scores["covered 0.3"].f1.value),
        "soft": number(scores["soft"].f1.value),
        "direct recall 0.8": number(scores.contents["overlap 0.8"]["direct"].recall.value),
        "source": number(scores.given["source"].value),
        "cue": number(scores.given["cue"].value),
    }


def tuned(finder: LearnedQuoteFinder, dev: Sequence[Article]) -> tuple[LearnedQuoteFinder, list[dict[str, Any]]]:
    """The finder with the options of TRIED that score best on dev, chosen one after another, and everything that was tried.

    What an option decides is what it is chosen by: contents by their score, `pointing` by the mentions'. A tie keeps what was.
    """
    read = [(words, vectors.clone()) for words, vectors in finder.read(article.text or "" for article in dev)]
    tries: list[dict[str, Any]] = []
    for name, values in TRIED.items():
        by_value: dict[Any, float] = {}
        for value in values:
            other = finder.with_options(**{name: value})
            found = answered(dev, (other.decode(words, vectors) for words, vectors in read))
            said = in_brief(score_quotes(dev, found, rounds=0))
            tries.append({"option": name, "value": value, **said})
            log.info("%s = %s: dev %s", name, value, said)
            by_value[value] = said["cue"] + said["source"] if name == "pointing" else said["score"]
        kept = getattr(finder.options, name)
        best = max(by_value, key=lambda value: (by_value[value], value == kept))
        finder = finder.with_options(**{name: best})
    return finder, tries


def answered(articles: Sequence[Article], answers: Iterable[tuple[Quote, ...]]) -> list[Article]:
    return [
        Article(id=article.id, text=article.text, quotes=quotes)
        for article, quotes in zip(articles, answers, strict=True)
    ]
