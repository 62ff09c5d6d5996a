"""Raw articles into article records, as the work of a run: quotes and speakers only, or stances too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from quotestance.data.files import article_record
from quotestance.data.records import Article
from quotestance.inference.predict import Answering
from quotestance.models.pipeline import READS_AS_ENGLISH, Analyst, QuoteFinder
from quotestance.models.protocol import StanceModel

Work = Callable[[Sequence[Article]], list[dict[str, Any]]]


def article_tally(record: Mapping[str, Any]) -> Mapping[str, int]:
    """What the summary of a run tells of an article: its `quotes`, and whether it is `foreign` (a key of ours: `Analyst.extract_many`)."""
    return {"quotes": len(record.get("quotes") or ()), "foreign": record.get(READS_AS_ENGLISH) is False}


def extracted_records(finder: QuoteFinder) -> Work:
    """Articles in, their records with quotes and resolved speakers out."""
    analyst = Analyst(finder)
    return lambda articles: [article_record(article) for article in analyst.extract_many(articles)]


def analyzed_records(finder: QuoteFinder, model: StanceModel) -> Answering[Article]:
    """Articles with targets in, their records with quotes, speakers and stances out."""
    return Answering(
        model, lambda articles, model: list(map(article_record, Analyst(finder, model).analyze_many(articles)))
    )
