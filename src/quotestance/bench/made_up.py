"""Articles and pairs that nobody wrote, to measure speed on: the shape of news, made from a seed, without repeats.

They say nothing about how good a model is. Lengths are spread as in news: most quotes are a sentence, a few run on for five.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from itertools import islice

from quotestance.data.pairs import Pair, article_questions
from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Target

CHARACTERS = 4600  # a news article
TARGETS_AN_ARTICLE = 5
SENTENCES_A_QUOTE = (1,) * 16 + (2, 2, 3, 5)

FIRST = (
    "Amina", "Boris", "Carla", "Daniel", "Elena", "Farid", "Grace", "Hassan", "Ingrid", "Jonas",
    "Kavita", "Lars", "Miriam", "Nadia", "Omar", "Paula", "Quentin", "Rosa", "Samir", "Tessa",
)  # fmt: skip
LAST = (
    "Abadi", "Brandt", "Castillo", "Duarte", "Eriksen", "Fontaine", "Garrow", "Holloway", "Ivanova", "Jensen",
    "Karimi", "Lindqvist", "Moreau", "Novak", "Okafor", "Petrova", "Quinn", "Rahimi", "Santos", "Weller",
)  # fmt: skip
ROLE = (
    "the finance minister", "a member of parliament", "the mayor of the port city", "an economist at the national bank",
    "the union's deputy chair", "a spokeswoman for the ministry", "the opposition leader", "a retired judge",
    "the head of the farmers' association", "a lawyer for the families",
)  # fmt: skip
TARGET = (
    "the new tax on diesel fuel", "talks with the neighbouring government", "the reform of the pension system",
    "the dam on the upper river", "a ban on night flights", "the sale of the state railway", "sanctions on steel exports",
    "the plan for a second airport", "compulsory military service", "the merger of the two universities",
    "higher fees for water", "the referendum on the constitution", "the wind farm off the coast",
    "the amnesty for protesters", "free school meals", "the closure of the coal mine",
)  # fmt: skip
SAID = ("said", "told reporters", "argued", "added", "warned", "insisted", "wrote in a statement", "explained")
STANCE = (
    "We have supported {0} from the first day, and we will vote for it again",
    "Nobody in this country can afford {0}, and everybody in the chamber knows it",
    "There are good reasons for {0}, but I have seen no figures yet",
    "I will not sign anything that has to do with {0}",
    "Without {0} there will be no budget worth the name",
    "What was promised about {0} has been broken three times in {1} years",
    "If {0} comes, {1} thousand people will lose what they have worked for",
    "It is too early to say anything about {0}; the committee meets in {1} days",
    "{0} is the best thing that has happened to this region in {1} years",
    "We were asked about {0} only after everything had been decided",
)
PLAIN = (
    "The committee had met for {1} hours behind closed doors before the vote on {0} was put off once more",
    "Some {1} thousand people gathered in front of the building, according to the police",
    "The ministry published figures on {0} in the spring that were later withdrawn",
    "A similar proposal failed {1} years ago by a single vote",
    "Prices have risen by {1} percent since the beginning of the year, and the central bank expects no relief",
    "The debate over {0} is likely to go on until the autumn session",
)
REASON = (
    "because the costs are carried by those who have least",
    "since the courts have left no other way",
    "although the report came to another conclusion",
    "as long as the provinces are not heard",
    "now that the money from the fund is spent",
    "while the neighbours do the opposite",
)


def made_articles(count: int, *, seed: int = 13, characters: int = CHARACTERS) -> list[Article]:
    """Articles of about `characters` characters with five targets each, every text a different one; the same for a seed."""
    return list(islice(endless_articles(seed=seed, characters=characters), count))


def endless_articles(*, seed: int = 13, characters: int = CHARACTERS) -> Iterator[Article]:
    """The same without end."""
    for number in itertools.count():
        yield _article(random.Random(f"{seed} {number}"), f"made-{number}", characters)[0]


def made_pairs(count: int, *, seed: int = 13) -> list[Pair]:
    """Questions about the quotes of made-up articles, no two alike; the same for a seed."""
    return list(islice(endless_pairs(seed=seed), count))


def endless_pairs(*, seed: int = 13) -> Iterator[Pair]:
    """The same without end."""
    for number in itertools.count():
        article, quotes = _article(random.Random(f"{seed} {number}"), f"made-{number}", CHARACTERS)
        yield from article_questions([article.replace(quotes=quotes)])


def _article(chance: random.Random, id: str, characters: int) -> tuple[Article, tuple[Quote, ...]]:
    """An article without quotes as a record, and the quotes that are in its text."""
    names = chance.sample(TARGET, TARGETS_AN_ARTICLE)
    people = [f"{first} {last}" for first, last in zip(chance.sample(FIRST, 4), chance.sample(LAST, 4), strict=True)]
    text, quotes = "", list[Quote]()
    while len(text) < characters:
        if chance.random() < 0.5:
            text += f"{_sentence(chance, PLAIN, names)}."
        else:
            words = ". ".join(_sentence(chance, STANCE, names) for _ in range(chance.choice(SENTENCES_A_QUOTE)))
            told = f"“{words},” {chance.choice(SAID)} "
            speaker = chance.choice(people)
            span = Span.of(text + told, len(text) + 1, len(text) + 1 + len(words))
            text += f"{told}{speaker}, {chance.choice(ROLE)}."
            mention = Span.of(text, span.start + len(told) - 1, span.start + len(told) - 1 + len(speaker))
            quotes.append(Quote(id=f"q{len(quotes) + 1}", spans=(span,), speaker=QuoteSpeaker(mention=mention)))
        text += "\n\n" if chance.random() < 0.3 else " "
    targets = tuple(Target(id=f"t{number}", name=name) for number, name in enumerate(names, 1))
    return Article(id=id, text=text.rstrip(), targets=targets), tuple(quotes)


def _sentence(chance: random.Random, forms: tuple[str, ...], names: list[str]) -> str:
    """A sentence, with a reason or two more often than not."""
    words = chance.choice(forms).format(chance.choice(names), chance.randint(2, 997))
    reasons = chance.sample(REASON, chance.choice((0, 1, 1, 2)))
    return " ".join([words[0].upper() + words[1:], *reasons])
