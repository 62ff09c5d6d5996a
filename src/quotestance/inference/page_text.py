"""A web page into its article, by trafilatura (the extra `html`)."""

from __future__ import annotations

from typing import Any

from quotestance.data.errors import FormatError, MissingExtra
from quotestance.data.records import Article
from quotestance.inference.raw_articles import article_of_text

EXTRACTOR = "trafilatura"
MISSING = "Web pages are read by trafilatura, which is not installed. Install it: pip install 'quotestance[html]'"


def page_article(content: bytes, *, id: str) -> Article:
    """The main text of an HTML page with its title, date, address and site. `extraction` records by what it was made.

    Raises FormatError where the page holds no article.
    """
    trafilatura = extractor()
    found = trafilatura.bare_extraction(content, with_metadata=True, include_comments=False)
    if found is None or not (found.text or "").strip():
        raise FormatError("no article text was found in this page.")
    known: dict[str, Any] = {
        "title": found.title,
        "source": found.sitename,
        "url": found.url,
        "published": found.date,
        "language": found.language,
    }
    return article_of_text(
        found.text,
        id=id,
        **{name: str(value) for name, value in known.items() if value},
        extraction={"extractor": EXTRACTOR, "version": str(trafilatura.__version__)},
    )


def extractor() -> Any:
    """The extraction library. Raises MissingExtra where it is not installed."""
    try:
        import trafilatura
    except ImportError as problem:
        raise MissingExtra(f"{MISSING} ({problem}).") from None
    return trafilatura
