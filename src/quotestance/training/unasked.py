"""Labelled pairs into the questions nobody asked: a quote with a target of its own article that it carries no label for.

Annotators label a quote for the targets it says something about; for the others of the same article it is neutral, and these
neutrals are hard, since quote and target share their story.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from quotestance.data.files import read_articles
from quotestance.data.labels import LabelSet
from quotestance.data.material import holds_articles, read_material, with_text
from quotestance.data.pairs import Pair, article_pairs


def unasked_pairs(pairs: Sequence[Pair], asked: Iterable[Pair]) -> list[Pair]:
    """Every quote of `pairs` with every target of its group that it was not asked about, labelled neutral, in order.

    `asked` is everything that carries a label, 'unclear' too: a quote of the same words, in whatever article, is never asked again
    about a target of the same name or alias. A target is marked in the text only where its mention is known there.
    """
    answered: dict[str, set[str]] = {}
    for pair in asked:
        answered.setdefault(_words(pair), set()).update(_names(pair))
    quotes: dict[tuple[str, str, tuple[tuple[int, int], ...]], Pair] = {}
    targets: dict[str, dict[str, Pair]] = {}
    mentions: dict[tuple[str, str], tuple[int, int] | None] = {}
    for pair in pairs:
        if pair.group:
            quotes.setdefault((pair.group, pair.text, pair.quote), pair)
            targets.setdefault(pair.group, {}).setdefault(pair.target.casefold(), pair)
            mentions.setdefault((pair.text, pair.target.casefold()), pair.mention)
    return [
        replace(
            quote,
            id=f"{quote.id}#unasked#{name}",
            target=other.target,
            aliases=other.aliases,
            target_kind=other.target_kind,
            label="neutral",
            mention=mentions.get((quote.text, name)),
        )
        for (group, _, _), quote in quotes.items()
        for name, other in targets[group].items()
        if not _names(other) & answered.get(_words(quote), set())
    ]


def questions_of(
    name: str, corpora: str | Path | None, labels: LabelSet | None, columns: Mapping[str, str] | None = None
) -> list[Pair]:
    """Everything a file or folder has a label for, 'unclear' too. A corpus split has nothing to add."""
    if not Path(name).exists():
        return []
    if not holds_articles(name):
        return [
            pair for pair in read_material(name, corpora, labels=labels, unclear=True, columns=columns) if pair.label
        ]
    return list(article_pairs(with_text(read_articles(name), corpora), unclear=True))


def _words(pair: Pair) -> str:
    return " ".join(pair.quote_text.casefold().split())


def _names(pair: Pair) -> set[str]:
    return {name.casefold() for name in (pair.target, *pair.aliases)}
