"""One article through all stages: text -> quotes -> speakers -> targets asked about -> stances, on the same record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from quotestance.data.errors import FormatError
from quotestance.data.pairs import article_questions, pair_id
from quotestance.data.records import Article, Quote, Stance, Target
from quotestance.data.targets import target_from_name
from quotestance.models.protocol import StanceModel
from quotestance.models.speakers import resolve_speakers

ARTICLES_A_BATCH = 32  # read, asked and answered together: enough for full batches, little enough to stream


class QuoteFinder(Protocol):
    """Texts in, for each its quotes with speaker mention and cue out, in the order of the text."""

    @property
    def name(self) -> str: ...

    @property
    def revision(self) -> str: ...

    def find_many(self, texts: Iterable[str]) -> Iterator[tuple[Quote, ...]]: ...


class Analyst:
    """Reads articles: finds quotes, resolves their speakers and answers where each stands."""

    def __init__(self, finder: QuoteFinder, stance: StanceModel | None = None) -> None:
        self.finder, self.stance = finder, stance

    def analyze(
        self, text: str, targets: str | Target | Sequence[str | Target] = (), *, id: str = "article"
    ) -> Article:
        """One article's text in; the `Article` with its quotes, speakers and stances out. Targets may be plain names, or one name.

        Raises FormatError where `text` is no text.
        """
        asked = (targets,) if isinstance(targets, str | Target) else targets
        article = article_of(text, id=id).replace(targets=tuple(as_target(target) for target in asked))
        return next(self.analyze_many([article]))

    def analyze_many(self, articles: Iterable[Article]) -> Iterator[Article]:
        """Articles with text and targets in, the same filled in out, in order; a few are held at a time."""
        if self.stance is None:
            raise ValueError("this analyst has no stance model: it can extract, but not analyze")
        return answer_questions(self.extract_many(articles), self.stance)

    def extract(self, article: Article | str) -> Article:
        """The article, or the text, with its quotes and resolved speakers. Quotes that it already has are kept as they are."""
        return next(self.extract_many([article if isinstance(article, Article) else article_of(article)]))

    def extract_many(self, articles: Iterable[Article]) -> Iterator[Article]:
        """Articles with their quotes and resolved speakers, in order; a few are read together."""
        waiting = iter(articles)
        while batch := list(islice(waiting, ARTICLES_A_BATCH)):
            found = self.finder.find_many(_text(article) for article in batch if not article.quotes)
            for article in batch:
                yield article if article.quotes else resolve_speakers(article.replace(quotes=next(found)))


def article_of(text: str, *, id: str = "article") -> Article:
    """A text as an article. Raises FormatError where it is no string, or holds half of a character."""
    if not isinstance(text, str):
        raise FormatError(
            f"article {id}: its text should be a string, but is {type(text).__name__}. Pass the text itself."
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise FormatError(
            f"article {id}: character {problem.start} is half of one ({text[problem.start]!r}). Read the file as UTF-8."
        ) from None
    return Article(id=id, text=text)


def _text(article: Article) -> str:
    if article.text is None:
        raise ValueError(f"article {article.id} has no text to find quotes in")
    return article.text


def answer_questions(articles: Iterable[Article], model: StanceModel) -> Iterator[Article]:
    """Articles with every open question answered (`article_questions`); stances that have a label stay as they are."""
    waiting = iter(articles)
    while batch := list(islice(waiting, ARTICLES_A_BATCH)):
        questions = list(article_questions(batch))
        answers = dict(zip((pair.id for pair in questions), model.predict_pairs(questions), strict=True))
        for article in batch:
            yield article.replace(quotes=tuple(_answered(article, quote, answers) for quote in article.quotes))


def _answered(article: Article, quote: Quote, answers: dict[str, Stance]) -> Quote:
    asked = quote.stances or tuple(Stance(target=target.id) for target in article.targets)
    return (
        quote.replace(stances=tuple(_answer(article, quote, stance, answers) for stance in asked)) if asked else quote
    )


def _answer(article: Article, quote: Quote, question: Stance, answers: dict[str, Stance]) -> Stance:
    if question.label is not None:
        return question
    answer = answers[pair_id(article.id, quote.id, question.target)]
    return question.replace(label=answer.label, annotator=answer.annotator, probabilities=answer.probabilities)


def as_target(target: str | Target) -> Target:
    """A target from its plain name; a Target is returned as it is."""
    return target if isinstance(target, Target) else target_from_name(target)
