"""One article through all stages: text -> quotes -> speakers -> targets asked about -> stances, on the same record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

from quotestance.data.columns import names_beside
from quotestance.data.errors import FormatError
from quotestance.data.labels import UNCLEAR
from quotestance.data.pairs import article_questions
from quotestance.data.questions import Targets, as_targets, asked_about
from quotestance.data.records import Article, Quote, Stance
from quotestance.models.language.english import is_english
from quotestance.models.protocol import StanceModel
from quotestance.models.speakers import resolve_speakers

READS_AS_ENGLISH = "reads_as_english"  # key of an article's record, there where it is False
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

    def analyze(self, text: str, targets: Targets = (), *, id: str = "article") -> Article:
        """One article's text in; the `Article` with its quotes, speakers and stances out.

        `targets` are names, Targets (such as those of `quotestance.read_targets`), dicts of a target's fields, targets files
        (.toml), or one of these. Raises FormatError where `text` is no text, or a target none of them.
        """
        return next(self.analyze_many([asked_about(article_of(text, id=id), as_targets(targets))]))

    def analyze_many(self, articles: Iterable[Article]) -> Iterator[Article]:
        """Articles with text and targets in, the same filled in out, in order; a few are held at a time."""
        if self.stance is None:
            raise ValueError("this analyst has no stance model: it can extract, but not analyze")
        return answer_questions(self.extract_many(articles), self.stance)

    def extract(self, article: Article | str) -> Article:
        """The article, or the text, with its quotes and resolved speakers. Quotes that it already has are kept as they are."""
        return next(self.extract_many([article if isinstance(article, Article) else article_of(article)]))

    def extract_many(self, articles: Iterable[Article]) -> Iterator[Article]:
        """Articles with their quotes and resolved speakers, in order; a few are read together.

        One whose text is not English gets a key `reads_as_english` that is False: little is found in it. A key of your own
        that is called so is kept as `original_reads_as_english`.

        Raises FormatError for an article without quotes whose text is none.
        """
        waiting = iter(articles)
        while batch := list(islice(waiting, ARTICLES_A_BATCH)):
            found = self.finder.find_many([readable(article) for article in batch if not article.quotes])
            for article in batch:
                yield article if article.quotes else _with_quotes(article, next(found))


def _with_quotes(article: Article, quotes: tuple[Quote, ...]) -> Article:
    found = resolve_speakers(article.replace(quotes=quotes))
    ours = {} if is_english(article.text or "") else {READS_AS_ENGLISH: False}
    same_as_ours = ours and found.extra.get(READS_AS_ENGLISH) is False  # a record that is read again
    return (found if same_as_ours else _without_our_key(found)).replace(**ours)


def _without_our_key(article: Article) -> Article:
    """The article with a key of its user's that is called as ours under another name."""
    own = article.extra
    if READS_AS_ENGLISH not in own:
        return article
    known = {name: getattr(article, name) for name in article.model_fields_set - set(own)}
    names = names_beside(own, {READS_AS_ENGLISH})
    return Article(**known, **{names[name]: value for name, value in own.items()})


def article_of(text: str, *, id: str = "article") -> Article:
    """A text as an article. Raises FormatError where it is no string, or holds half of a character."""
    if not isinstance(text, str):
        raise FormatError(
            f"article {id}: its text should be a string, but is {type(text).__name__}. Pass the text itself."
        )
    article = Article(id=id, text=text)
    readable(article)
    return article


def readable(article: Article) -> str:
    """The text of an article. Raises FormatError where it has none, or one that holds half of a character."""
    if article.text is None:
        raise FormatError(f"article {article.id} has no text to find quotes in. Join it to its corpus (--corpora DIR).")
    try:
        article.text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise FormatError(
            f"article {article.id}: character {problem.start} is half of one ({article.text[problem.start]!r}). "
            "Read the file as UTF-8."
        ) from None
    return article.text


def answer_questions(articles: Iterable[Article], model: StanceModel) -> Iterator[Article]:
    """Articles with every open question answered (`article_questions`); stances that have a label stay as they are.

    Raises FormatError where an article has labels of its own that the model does not answer in.
    """
    waiting = iter(articles)
    while batch := [_in_labels_of(model, article) for article in islice(waiting, ARTICLES_A_BATCH)]:
        answers = iter(model.predict_pairs(list(article_questions(batch))))
        for article in batch:
            yield article.replace(quotes=tuple(_answered(article, quote, answers) for quote in article.quotes))


def _answered(article: Article, quote: Quote, answers: Iterator[Stance]) -> Quote:
    """The quote with the next of `answers` for each of its questions, in the order of `article_questions`."""
    asked = quote.stances or tuple(Stance(target=target.id) for target in article.targets)
    filled = tuple(stance if stance.label is not None else _answer(stance, next(answers)) for stance in asked)
    return quote.replace(stances=filled) if filled else quote


def _answer(question: Stance, answer: Stance) -> Stance:
    return question.replace(label=answer.label, annotator=answer.annotator, probabilities=answer.probabilities)


def _in_labels_of(model: StanceModel, article: Article) -> Article:
    """The article declaring the model's labels, if it does not yet and nothing in it is labelled otherwise."""
    own, answered = article.label_set, tuple(model.labels)
    if set(own) == set(answered) or not article.quotes:
        return article
    labelled = {stance.label for quote in article.quotes for stance in quote.stances} - {None, UNCLEAR}
    if article.labels is not None or not labelled <= set(answered):
        raise FormatError(
            f"article {article.id}: its labels are {', '.join(own)}, but {model.name} answers {', '.join(answered)}. Take a model "
            "of these labels."
        )
    return article.replace(labels=answered)
